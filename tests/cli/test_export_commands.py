"""``export``, ``validate``, ``rows`` and ``review --rows``, as a person types them; and the page about them."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest
from support.export_samples import RUN, dozen, keep, pair, sft

from tutorkit.lab import Lab

DOCS = Path(__file__).resolve().parents[2] / "docs" / "exports.md"
REVIEW = ["--rows", "--by", "Ada", "--why", "read them"]


def said(shown) -> str:
    return " ".join((shown.out + shown.err).split())


@pytest.fixture
def here(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def kept() -> None:
    with Lab() as lab:
        keep(lab.store, *dozen(audit="pending"), sft(13, audit="pending", flags=("harmful",)))


def test_from_refusal_through_review_to_a_checked_file(tutorkit, kept, here):
    refused = tutorkit("export", RUN, "--as", "openai-sft")
    assert refused.code == 1 and "12 that nobody approved, 1 flagged harmful" in said(refused)
    assert f"tutorkit review {RUN} --rows --to approved --by YOU --why REASON" in said(refused)
    assert "13 sft rows are approved by Ada." in said(tutorkit("review", RUN, *REVIEW, "--to", "approved"))
    one = tutorkit("review", "sft-002", *REVIEW, "--to", "rejected")
    assert one.code == 0 and "1 sft rows are rejected by Ada." in said(one)
    done = tutorkit("export", RUN[:4], "--as", "openai-sft", "--to", "data/train.jsonl")
    assert done.code == 0 and "data/train.jsonl: 11 sft rows for openai-sft, of a student" in said(done)
    assert "Left out: 1 rejected, 1 flagged harmful (--with-flag harmful)." in said(done)
    assert sorted(path.name for path in (here / "data").iterdir()) == [
        "README.md",
        "train.jsonl",
        "train.lineage.jsonl",
    ]
    checked = tutorkit("validate", "data/train.jsonl", "--as", "openai-sft")
    assert checked.code == 0 and "11 rows, nothing would be refused as openai-sft" in said(checked)


def test_approving_a_run_again_leaves_what_was_rejected(tutorkit, kept):
    tutorkit("review", "sft-002", *REVIEW, "--to", "rejected")
    shown = tutorkit("review", RUN, *REVIEW, "--to", "approved")
    assert "12 sft rows are approved by Ada. 1 rows stay rejected; each is approved by its own id." in said(shown)
    assert tutorkit("review", RUN, *REVIEW, "--to", "pending", "--json").json["decided"] == {"sft": 13}


def test_a_bad_file_names_lines_and_reasons_and_ends_with_1(tutorkit, here):
    rows = [{"prompt": "Q", "completion": "A"}] * 3 + [{"prompt": "Q"}] * 30 + [{"prompt": "", "completion": "A"}]
    (here / "bad.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    shown = tutorkit("validate", "bad.jsonl", "--as", "trl-sft")
    assert shown.code == 1 and "line 4: completion is missing" in said(shown)
    assert "more: --json lists all" in said(shown) and "line 34" not in said(shown)
    told = tutorkit("validate", "bad.jsonl", "--as", "trl-sft", "--json")
    assert told.code == 1 and told.json["accepted"] is False and told.json["rows"] == 34
    assert told.json["faults"][-1] == {"line": 34, "reason": "prompt is empty"}


def test_rows_are_listed_and_one_is_shown_with_its_decisions(tutorkit, kept):
    with Lab() as lab:
        keep(lab.store, pair(1, audit="pending"))
    tutorkit("review", "sft-002", *REVIEW, "--to", "approved")
    shown = tutorkit("rows", RUN, "--limit", "20")
    assert "sft: 1 approved, 12 pending" in said(shown) and "preference: 1 pending" in said(shown)
    assert "harmful" in said(shown) and "What is 2 + 2?" in said(shown)
    assert [row["id"] for row in tutorkit("rows", RUN, "--state", "approved", "--json").json["rows"]] == ["sft-002"]
    assert len(tutorkit("rows", RUN, "--kind", "preference", "--json").json["rows"]) == 1
    one = tutorkit("rows", "sft-002")
    assert "[assistant] Add. Answer: 4" in said(one) and "pending → approved by Ada: read them" in said(one)
    assert tutorkit("rows", "sft-002", "--json").json["reviews"][0]["why"] == "read them"
    assert "[better] Answer: 2 [worse] Answer: 1" in said(tutorkit("rows", "pair-001"))
    assert "row sft-002, round 0, approved" in said(tutorkit("audit", "sft-002"))


def test_an_export_as_json_says_everything(tutorkit, kept):
    report = tutorkit("export", RUN, "--as", "jsonl", "--unreviewed", "--with-flag", "harmful", "--json").json
    assert (report["rows"], report["not_approved"], report["flags"]) == (13, 13, {"harmful": 1})
    assert report["lineage"] is None and Path(report["path"]).exists() and Path(report["card"]).exists()


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["export", "nothing", "--as", "trl-sft"], 2, "There is no run named 'nothing'"),
        (["export", RUN, "--as", "openai"], 2, "Did you mean openai"),
        (["export", RUN, "--as", "jsonl", "--kind", "poem"], 2, "There are no rows of the kind 'poem'"),
        (["export", RUN, "--as", "trl-dpo"], 1, "has no rows for trl-dpo; it has 13 sft"),
        (["validate", "nothing.jsonl", "--as", "trl-sft"], 2, "There is no file nothing.jsonl"),
        (["rows", "nothing"], 2, "There is no run named 'nothing'"),
        (["rows", RUN, "--state", "lost"], 2, "No row is 'lost'"),
        (["review", "nothing", *REVIEW, "--to", "approved"], 1, "There is no row and no run 'nothing'"),
        (["review", RUN, *REVIEW, "--to", "lost"], 2, "Nothing can be 'lost'"),
        (["review", "sft-001", "--by", "A", "--why", "b", "--to", "approved"], 1, "are decided about with --rows"),
    ],
)
def test_a_wrong_request_is_told_what_is_wrong(tutorkit, kept, here, arguments, code, words):
    shown = tutorkit(*arguments)
    assert shown.code == code and words in said(shown) and "Traceback" not in said(shown)


def test_the_page_about_exports_runs(tutorkit, kept, here, capsys):
    page = DOCS.read_text(encoding="utf-8")
    (block,) = re.findall(r"```sh\n(.*?)```", page, flags=re.DOTALL)
    commands = [line.replace("RUN", RUN) for line in block.splitlines()]
    assert len(commands) == 5
    for command in commands:
        shown = tutorkit(*shlex.split(command)[1:])
        assert shown.code == 0, f"{command}\n{shown.err}"
    (code,) = re.findall(r"```python\n(.*?)```", page, flags=re.DOTALL)
    exec(compile(code, "docs/exports.md", "exec"), {})
    assert capsys.readouterr().out.startswith("12 ")

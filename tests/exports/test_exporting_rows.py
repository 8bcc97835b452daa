"""What goes out, what stays, what is said about it; and the file is there whole or not at all."""

from __future__ import annotations

import errno
import hashlib
import importlib
import json
import os
import re
import tracemalloc
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from support.export_samples import RUN, attempt, call, dozen, keep, pair, problem, rl, run, sft

from tutorkit.errors import BadSetting, DiskFull, ExportError, MissingExtra, NothingToExport, TooFewRows, UnknownName
from tutorkit.exports import FORMATS, Selection, export_rows
from tutorkit.lab import Lab
from tutorkit.store import StoreSink, training_rows
from tutorkit.tasks.planted import mark
from tutorkit.teachers.purposes.base import cue
from tutorkit.types import Message


def ids(report) -> list[str]:
    """The rows of a file, by what stands beside or in it."""
    path = Path(report.lineage or report.path)
    return [json.loads(line)["id"] for line in path.read_text(encoding="utf-8").splitlines()]


def card(report) -> str:
    return " ".join(Path(report.card).read_text(encoding="utf-8").split())


TARGETS = [
    *(("openai-sft", sft), ("openai-dpo", pair), ("trl-sft", sft), ("trl-dpo", pair), ("rl", rl)),
    *((name, make) for name in ("jsonl", "parquet") for make in (sft, pair, rl)),
]


@pytest.mark.parametrize(("name", "make"), TARGETS)
def test_what_is_written_passes_its_check(lab: Lab, name, make):
    keep(lab.store, *dozen(make, flags=("leak",), data={"item": {"a": 1}, "odd": [None, 1.5]}), *dozen(problem))
    report = lab.export(RUN, name)
    checked = lab.validate(report.path, name)
    assert checked.accepted and checked.rows == report.rows == 12, checked.faults
    assert report.digest == hashlib.sha256(Path(report.path).read_bytes()).hexdigest()
    assert report.bytes == Path(report.path).stat().st_size and report.digest in card(report)


def test_only_approved_rows_go_out_and_the_card_says_how_many_were_not(lab: Lab):
    states = {1: "approved", 2: "pending", 3: "draft", 4: "rejected", 5: "approved"}
    keep(lab.store, *(sft(number, audit=state) for number, state in states.items()))
    report = lab.export(RUN, "trl-sft")
    assert ids(report) == ["sft-001", "sft-005"] and report.not_approved == 0
    assert (report.left_out.not_approved, report.left_out.rejected) == (2, 1)
    assert "2 of 2 rows are approved by a person. 2 more rows of the run were not approved" in card(report)
    everything = lab.export(RUN, "trl-sft", unreviewed=True)
    assert ids(everything) == ["sft-001", "sft-002", "sft-003", "sft-005"] and everything.not_approved == 2
    assert "2 of 4 rows are approved by a person. **2 are not**" in card(everything)


def test_harmful_rows_go_out_only_when_asked_for_by_name(lab: Lab):
    keep(lab.store, sft(1), sft(2, flags=("leak", "harmful")), sft(3, flags=("leak",)))
    report = lab.export(RUN, "jsonl")
    assert ids(report) == ["sft-001", "sft-003"]
    assert report.left_out.flagged == {"harmful": 1} and report.flags == {"leak": 1}
    assert "1 that are flagged `harmful`" in card(report)
    asked = lab.export(RUN, "jsonl", with_flags=["harmful"], unreviewed=True)
    assert ids(asked) == ["sft-001", "sft-002", "sft-003"] and "**1 rows flagged `harmful` are in the file**" in card(
        asked
    )


def test_nothing_of_the_test_split_goes_out_whatever_it_says_of_itself(lab: Lab):
    measured = problem(9, split="test")
    same_words = sft(5, problem_id=None, split="train", messages=sft(9).messages)
    spaced = (Message(role="user", content="What  is 9 +\n9?"), Message(role="assistant", content="18"))
    keep(
        lab.store,
        measured,
        attempt(9, split="test", phase="test"),
        sft(1),
        sft(2, split="test"),
        sft(3, source_attempt_ids=("a-1", "a-9")),
        sft(4, problem_id="p-9"),
        same_words,
        sft(6, messages=spaced),
    )
    keep(lab.store, pair(1), pair(2, prompt="What is 9 + 9?"), rl(1), rl(2, split="test"))
    for options in ({}, {"unreviewed": True, "with_flags": ["harmful", "test"]}):
        report = lab.export(RUN, "trl-sft", **options)
        assert ids(report) == ["sft-001"] and report.left_out.held_out == 5
        assert "5 that belong to problems that students are measured on" in card(report)
        assert ids(lab.export(RUN, "trl-dpo", **options)) == ["pair-001"]
        assert ids(lab.export(RUN, "rl", **options)) == ["rl-001"]


def test_a_row_that_the_target_would_refuse_stays_and_is_named(lab: Lab):
    nothing_said = (Message(role="user", content="Q"), Message(role="assistant", content=" "))
    half = (Message(role="user", content="Q"), Message(role="assistant", content="\ud800"))
    keep(lab.store, sft(1), sft(2, messages=nothing_said), sft(3, messages=()), sft(4, messages=half))
    report = lab.export(RUN, "trl-sft")
    assert ids(report) == ["sft-001"] and report.left_out.unusable == 3
    assert report.examples == (
        "sft-002: completion[0].content is empty",
        "sft-003: prompt is empty",
        "sft-004: a text holds half a surrogate pair",
    )
    assert "3 that trl-sft would refuse" in card(report) and "sft-002: completion[0].content is empty" in card(report)
    keep(lab.store, pair(1), pair(2, chosen="same", rejected="same"))
    assert lab.export(RUN, "trl-dpo").examples == ("pair-002: chosen and rejected are the same: nothing is preferred",)


@pytest.mark.parametrize(
    ("row", "reason", "remedy"),
    [
        (sft(audit="pending"), "1 that nobody approved", f"`tutorkit review {RUN} --rows --to approved --by YOU"),
        (sft(audit="rejected"), "1 rejected", f"`tutorkit rows {RUN}`"),
        (sft(flags=("harmful",)), "1 flagged harmful", "--with-flag harmful"),
        (sft(split="test"), "1 held out", f"`tutorkit rows {RUN}`"),
        (sft(messages=()), "1 that trl-sft would refuse", "sft-001: prompt is empty"),
    ],
)
def test_an_empty_export_is_refused_with_what_to_do(lab: Lab, row, reason, remedy):
    keep(lab.store, row)
    with pytest.raises(NothingToExport, match=re.escape(reason)) as caught:
        lab.export(RUN, "trl-sft")
    assert remedy in caught.value.remedy
    assert [path for path in (lab.settings.home / "exports").rglob("*") if path.is_file()] == []


def test_a_run_without_such_rows_says_which_it_has(lab: Lab):
    keep(lab.store)
    with pytest.raises(NothingToExport, match="no rows for openai-sft or any format") as caught:
        lab.export(RUN, "openai-sft")
    assert "methods that train a student do" in caught.value.remedy
    keep(lab.store, pair(1), pair(2))
    with pytest.raises(NothingToExport, match="it has 2 preference"):
        lab.export(RUN, "openai-sft")


def test_openai_wants_ten_rows_and_gets_no_file_of_fewer(lab: Lab, tmp_path):
    keep(lab.store, *dozen()[:9], sft(10, audit="pending"))
    with pytest.raises(TooFewRows, match="Only 9 rows may go out, and openai-sft wants at least 10") as caught:
        lab.export(RUN, "openai-sft", to=tmp_path / "train.jsonl")
    assert caught.value.data["not_approved"] == 1 and not (tmp_path / "train.jsonl").exists()
    assert lab.export(RUN, "openai-sft", to=tmp_path / "train.jsonl", unreviewed=True).rows == 10


def test_the_kind_is_asked_for_where_there_are_several(lab: Lab):
    keep(lab.store, sft(), rl(), pair())
    with pytest.raises(BadSetting, match="several kinds: sft, preference, rl"):
        lab.export(RUN, "jsonl")
    with pytest.raises(BadSetting, match="takes no rows of the kind rl"):
        lab.export(RUN, "openai-sft", kind="rl")
    reports = [lab.export(RUN, "jsonl", kind=kind) for kind in ("sft", "preference", "rl")]
    assert len({report.path for report in reports}) == 3
    with pytest.raises(UnknownName, match="export format"):
        lab.export(RUN, "yaml")


def test_a_row_brings_its_lineage(lab: Lab):
    keep(lab.store, sft(2, round=1, flags=("leak",)), sft(1, round=2), call(2))
    report = lab.export(RUN, "trl-sft")
    first, second = (json.loads(line) for line in Path(report.lineage).read_text(encoding="utf-8").splitlines())
    assert (first["line"], first["id"], second["line"], second["id"]) == (1, "sft-002", 2, "sft-001")
    assert first["source_attempt_ids"] == ["a-2"] and first["lesson_ids"] == ["l-1"] and first["flags"] == ["leak"]
    assert first["calls"] == [
        {"id": "call-1", "role": "teacher", "prompt_id": "tpd/write", "prompt_digest": "e" * 64}
        | {"model": "openai/large", "model_served": "large-2026"}
    ]
    assert "messages" not in first and "data" not in first
    (whole, *_) = Path(lab.export(RUN, "jsonl").path).read_text(encoding="utf-8").splitlines()
    assert json.loads(whole)["messages"][0]["role"] == "user" and json.loads(whole)["calls"] == first["calls"]


def test_two_executions_write_the_same_bytes(tmp_path):
    digests = set()
    for name, rows in (("one", dozen()), ("two", dozen()[::-1])):
        with Lab(home=tmp_path / name) as lab:
            keep(lab.store, *rows)
            digests.add(tuple(lab.export(RUN, form).digest for form in ("openai-sft", "jsonl", "parquet")))
    assert len(digests) == 1


def test_the_card_says_who_what_and_with_which_models(lab: Lab):
    keep(lab.store, *dozen(), sft(20, weight=0.5, student="openai/small#2"))
    report = lab.export(RUN, "openai-sft")
    said = card(report)
    for words in (
        "# 13 sft rows of run-x",
        "| Fidelity | variant:by-hand |",
        "| Student | openai/small |",
        "| Made for | 12 openai/small, 1 openai/small#2 |",
        "| teacher | openai/large | large-2026 |",
        "| Splits | 13 val |",
        "The problems of sums: Apache-2.0.",
        "some forbid to train competing models",
        "1 rows have a weight other than 1",
        "`train.lineage.jsonl` says of every line",
        "path: train.jsonl",
    ):
        assert words in said, words
    assert "simulated" not in said.lower() and not report.simulated


def test_of_a_simulated_student_the_card_says_so(lab: Lab):
    StoreSink(lab.store).put(run(student="sim/two-bugs", task="my quiz.csv"), call(), *dozen())
    report = lab.export(RUN, "trl-sft")
    assert report.simulated and "taught the simulated student sim/two-bugs" in card(report)
    assert "The student was **simulated**" in card(
        report
    ) and "The problems of my quiz.csv: the file's owner's" in card(report)


def test_a_readme_of_somebodys_own_is_not_overwritten(lab: Lab, tmp_path):
    keep(lab.store, *dozen())
    (tmp_path / "README.md").write_text("# My project\n", encoding="utf-8")
    with pytest.raises(ExportError, match=r"is not the card of train\.jsonl") as caught:
        lab.export(RUN, "trl-sft", to=tmp_path / "train.jsonl")
    assert "--to FOLDER/train.jsonl" in caught.value.remedy
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["README.md"]
    lab.export(RUN, "trl-sft", to=tmp_path / "a" / "train.jsonl")
    again = lab.export(RUN, "openai-sft", to=tmp_path / "a" / "train.jsonl")
    assert "openai-sft" in card(again)
    with pytest.raises(BadSetting, match=r"Let it end in \.jsonl"):
        lab.export(RUN, "trl-sft", to=tmp_path / "b" / "train.json")


def test_a_full_disk_leaves_what_was_there(lab: Lab, tmp_path, monkeypatch):
    keep(lab.store, *dozen())
    place = tmp_path / "out" / "train.jsonl"
    lab.export(RUN, "trl-sft", to=place)
    before = {path.name: path.read_bytes() for path in place.parent.iterdir()}
    keep(lab.store, sft(13))

    synced = []

    def full(number: int) -> None:
        synced.append(number)
        if len(synced) == 2:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DiskFull, match="nothing was exported"):
        lab.export(RUN, "openai-sft", to=place)
    assert {path.name: path.read_bytes() for path in place.parent.iterdir()} == before


def test_a_place_that_cannot_be_written_is_named(lab: Lab, tmp_path):
    keep(lab.store, *dozen())
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(ExportError, match="cannot be written") as caught:
        lab.export(RUN, "trl-sft", to=tmp_path / "file" / "train.jsonl")
    assert "--to FILE" in caught.value.remedy


def test_a_file_larger_than_the_target_takes_is_not_written(lab: Lab, tmp_path):
    keep(lab.store, *dozen())
    small = replace(FORMATS["openai-sft"], max_bytes=100)
    with pytest.raises(ExportError, match="larger than the 0 MiB that openai-sft takes"):
        export_rows(lab.store, run(), small, tmp_path / "train.jsonl", kind="sft", selection=Selection())
    assert not (tmp_path / "train.jsonl").exists()


def test_parquet_brings_columns_that_other_tools_read(lab: Lab, tmp_path):
    keep(lab.store, *dozen(pair, data={"item": {"a": 1}}), pair(13, margin=None, problem_id=None))
    report = lab.export(RUN, "parquet")
    rows = importlib.import_module("pyarrow.parquet").read_table(report.path).to_pylist()
    assert rows[0]["chosen"] == "Answer: 2" and rows[0]["source_attempt_ids"] == ["a-1"]
    assert json.loads(rows[0]["data"]) == {"item": {"a": 1}} and rows[12]["margin"] is None
    assert rows[0]["calls"][0]["model_served"] == "large-2026"
    assert lab.export(RUN, "parquet", to=tmp_path / "x" / "rows.parquet").digest == report.digest


def test_a_damaged_parquet_row_is_refused_with_its_number(lab: Lab, tmp_path):
    arrow, parquet = (importlib.import_module(name) for name in ("pyarrow", "pyarrow.parquet"))
    keep(lab.store, *dozen())
    table = parquet.read_table(lab.export(RUN, "parquet").path)
    rows = table.to_pylist()
    rows[3]["split"] = "test"
    rows[5]["data"] = "{"
    rows[7]["weight"] = -1.0
    parquet.write_table(arrow.Table.from_pylist(rows, schema=table.schema), tmp_path / "bad.parquet")
    found = lab.validate(tmp_path / "bad.parquet", "parquet").faults
    assert [fault.line for fault in found] == [4, 6, 8]
    assert "measured" in found[0].reason and "JSON" in found[1].reason and "greater than 0" in found[2].reason


TAGS = cue(["carry", "percent"]) + f" {mark('wit')}"


def tagged(make, number: int):
    """A row as the rule-based teacher writes it for a simulated student: tags in every text that it has."""
    said = (Message(role="user", content="Ask." + TAGS), Message(role="assistant", content=f"Add.{TAGS}\nAnswer: 2"))
    texts = {
        sft: {"messages": said},
        pair: {"prompt": f"Ask.{TAGS}", "chosen": f"Answer: 2{TAGS}", "rejected": f"Answer: 3{TAGS}"},
        rl: {"messages": said[:1], "prefix_steps": (f"One.{TAGS}",), "reference_step": TAGS, "bad_step": f"Bad.{TAGS}"},
    }
    return make(number, **texts[make], data={"item": {"a": [1, f"deep{TAGS}"]}})


@pytest.mark.parametrize(("name", "make"), TARGETS)
def test_tags_for_simulated_students_stay_in_the_store(lab: Lab, name, make):
    rows = [tagged(make, number) for number in range(1, 13)]
    keep(lab.store, *rows, make(13), run(student="sim/two-bugs"))
    report = lab.export(RUN, name)
    written = Path(report.path).read_bytes()
    assert report.rows == 13 and b"[[" not in written and lab.validate(report.path, name).accepted
    if report.lineage:
        assert "[[" not in Path(report.lineage).read_text(encoding="utf-8")
    assert "12 rows held tags in double brackets that only simulated students read" in card(report)
    kept = {row.id: row for batch in training_rows(lab.store, report.kind, run_id=RUN) for row in batch.rows}
    assert [kept[row.id] for row in rows] == rows


def test_what_is_left_without_tags_reads_as_if_there_had_been_none(lab: Lab):
    keep(lab.store, tagged(sft, 1), sft(2))
    report = lab.export(RUN, "trl-sft")
    first, _ = map(json.loads, Path(report.path).read_text(encoding="utf-8").splitlines())
    assert (first["prompt"][0]["content"], first["completion"][0]["content"]) == ("Ask.", "Add.\nAnswer: 2")
    assert "1 rows held tags" in card(report)


def test_two_outputs_that_differ_in_tags_alone_are_no_pair(lab: Lab):
    keep(lab.store, pair(1), pair(2, chosen=f"Same.{TAGS}", rejected="Same."))
    assert lab.export(RUN, "trl-dpo").examples == ("pair-002: chosen and rejected are the same: nothing is preferred",)


def test_other_double_brackets_are_nobodys_tags(lab: Lab):
    said = (Message(role="user", content="What is [[1, 2], [3]] and [[wiki]]?"), Message(role="assistant", content="x"))
    keep(lab.store, sft(1, messages=said))
    report = lab.export(RUN, "trl-sft")
    assert said[0].content in Path(report.path).read_text(encoding="utf-8") and report.notes == ()


def test_without_pyarrow_parquet_says_what_to_install(lab: Lab, monkeypatch):
    keep(lab.store, *dozen())
    monkeypatch.setitem(importlib.import_module("sys").modules, "pyarrow", None)
    with pytest.raises(MissingExtra, match="pip install 'tutorkit\\[parquet\\]'"):
        lab.export(RUN, "parquet")


def test_memory_does_not_grow_with_the_rows(lab: Lab, monkeypatch):
    monkeypatch.setattr("tutorkit.exports.exporting.training_rows", partial(training_rows, at_once=50))
    long = "x" * 4_000
    said = (Message(role="user", content=long), Message(role="assistant", content=long))
    for run_id, size in (("run-few", 200), ("run-many", 1_000)):
        keep(
            lab.store, run(id=run_id), *(sft(n, id=f"{run_id}-{n}", run_id=run_id, messages=said) for n in range(size))
        )
    peaks = {}
    lab.export("run-few", "trl-sft")
    for run_id in ("run-few", "run-many"):
        tracemalloc.start()
        lab.export(run_id, "trl-sft")
        peaks[run_id] = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peaks["run-many"] < 1.3 * peaks["run-few"], peaks

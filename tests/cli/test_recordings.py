"""``replay`` and ``cassette``, as a person types them and as a program reads them; and the page about them."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from tutorkit.cli import options, recordings

DOCS = Path(__file__).resolve().parents[2] / "docs" / "recordings.md"
TEACH = ["teach", "tpd", "--task", "chains", "--student", "sim/two-bugs", "--teacher", "rules"]
SIZES = ["--val", "10", "--test", "12"]


@pytest.fixture
def here(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def taught(tutorkit):
    return tutorkit(*TEACH, *SIZES, "--controls", "free", "--json").json


def said(shown) -> str:
    return " ".join((shown.out + shown.err).split())


def test_replay_takes_the_newest_experiment_and_says_that_it_is_the_same(tutorkit, taught):
    shown = tutorkit("replay")
    assert shown.code == 0, shown.err
    assert f"{taught['run_id']}: the same. rules teaches sim/two-bugs on chains." in said(shown)
    as_data = tutorkit("replay", taught["arms"][1]["run_id"], "--json")
    assert as_data.code == 0 and as_data.json["same"] and as_data.json["run_id"] == taught["run_id"]
    assert [(arm["name"], arm["gain"]) for arm in as_data.json["arms"]] == [
        (arm["name"], arm["gain"]) for arm in taught["arms"]
    ]
    # It leaves no run behind.
    assert len(tutorkit("runs", "--json").json) == 2


def test_a_cassette_goes_to_another_machine(tutorkit, taught, here, monkeypatch):
    exported = tutorkit("cassette", "export", taught["run_id"][:9], "calls.jsonl.gz")
    assert exported.code == 0 and "tutorkit replay calls.jsonl.gz" in said(exported)
    assert f"0 calls of {taught['run_id']} (taught, silent), requests and replies" in said(exported)
    monkeypatch.setenv("TUTORKIT_HOME", str(here / "elsewhere"))
    assert tutorkit("replay", "calls.jsonl.gz").code == 0
    imported = tutorkit("cassette", "import", "calls.jsonl.gz")
    assert "0 calls, 0 of them new to the cache" in said(imported)
    command = tutorkit("cassette", "import", "calls.jsonl.gz", "--json").json["teach"]
    assert command in said(imported)
    again = tutorkit(*shlex.split(command)[1:], "--json").json
    assert (again["run_id"], again["arms"]) == (taught["run_id"], taught["arms"])


def test_the_command_that_import_prints_says_the_whole_plan(tutorkit, here):
    rows = [{"q": f"What is {n} + {n + 1}?", "a": str(2 * n + 1)} for n in range(40)]
    (here / "my quiz.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    given = [
        *TEACH, *SIZES, "--task", "my quiz.jsonl", "--map", "text=q", "--map", "gold=a", "--scorer", "number",
        "--seed", "3", "--repeat", "2", "--set", "mode=both", "--set", "k_demos=2", "--controls", "none", "--json",
    ]  # fmt: skip
    report = tutorkit(*given).json
    tutorkit("cassette", "export", report["run_id"], "calls.jsonl", "--without-requests")
    imported = tutorkit("cassette", "import", "calls.jsonl", "--json").json
    assert imported["plan"]["task"] == "my quiz.jsonl" and imported["arms"] == {"taught": "finished"}
    again = tutorkit(*shlex.split(imported["teach"])[1:], "--json").json
    assert again["run_id"] == report["run_id"]


def test_every_value_is_written_so_that_the_command_line_reads_it_again():
    values = {"a": True, "b": "5", "c": None, "d": [1, "x"], "e": 0.5, "f": "plain words", "g": "null", "h": {"i": 1}}
    words = list(recordings._pairs("--set", values))
    assert words[::2] == ["--set"] * len(values) and "f=plain words" in words
    assert options.pairs(words[1::2], "--set") == values


def test_what_differs_is_shown_and_the_exit_code_is_1(tutorkit, taught, here):
    tutorkit("cassette", "export", taught["run_id"], "calls.jsonl")
    (here / "calls.jsonl").write_text(
        (here / "calls.jsonl").read_text(encoding="utf-8").replace('"demos": ', '"demos": 1'), encoding="utf-8"
    )
    shown = tutorkit("replay", "calls.jsonl")
    assert shown.code == 1 and "NOT THE SAME" in shown.out
    assert "The report differs: demos: recorded 1" in said(shown)
    assert tutorkit("replay", "calls.jsonl", "--json").json["differences"][0]["kind"] == "report"


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["replay"], 2, "There is no run named 'the newest'"),
        (["replay", "tpd-nothing"], 2, "There is no run named 'tpd-nothing'"),
        (["replay", "nothing.jsonl"], 2, "There is no cassette nothing.jsonl"),
        (["cassette", "import", "nothing.jsonl.gz"], 2, "There is no cassette nothing.jsonl.gz"),
        (["cassette", "export", "tpd-nothing", "calls.jsonl"], 2, "There is no run named 'tpd-nothing'"),
    ],
)
def test_a_wrong_request_is_told_what_is_wrong(tutorkit, here, arguments, code, words):
    shown = tutorkit(*arguments)
    assert shown.code == code and words in said(shown) and "Traceback" not in said(shown)


def test_a_file_of_another_ending_is_refused(tutorkit, taught, here):
    shown = tutorkit("cassette", "export", taught["run_id"], "calls.json")
    assert shown.code == 2 and "end in .jsonl" in said(shown) and not (here / "calls.json").exists()


def test_an_unfinished_run_is_refused_with_what_to_do(tutorkit, here):
    assert tutorkit(*TEACH, *SIZES, "--controls", "none", "--max-calls", "8").code == 4
    shown = tutorkit("replay")
    assert shown.code == 2 and "is stopped: only a finished experiment can be replayed" in said(shown)
    assert "`tutorkit teach` command again" in said(shown)
    run_id = tutorkit("runs", "--json").json[0]["id"]
    assert "Not finished: taught." in said(tutorkit("cassette", "export", run_id, "half.jsonl"))


def test_the_help_says_what_is_in_a_file(tutorkit):
    words = said(tutorkit("cassette", "export", "--help"))
    assert "every request, with the problems and the student's answers" in words and "keys and headers" in words


def test_the_page_about_recordings_runs(tutorkit, taught, here, monkeypatch):
    page = DOCS.read_text(encoding="utf-8")
    shown = re.findall(r"```sh\n(.*?)```", page, flags=re.DOTALL)
    commands = [line.replace("RUN", taught["run_id"]) for block in shown for line in block.splitlines()]
    assert len(commands) == 4
    for command in commands:
        assert tutorkit(*shlex.split(command)[1:]).code == 0, command
    (code,) = re.findall(r"```python\n(.*?)```", page, flags=re.DOTALL)
    exec(compile(code, "docs/recordings.md", "exec"), {})

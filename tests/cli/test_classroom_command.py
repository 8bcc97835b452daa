"""``classroom create``, as a person types it; and the page about simulated learners."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs" / "simulated-learners.md"


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def said(shown) -> str:
    return " ".join((shown.out + shown.err).split())


def test_a_class_is_made_and_said_to_be_simulated(tutorkit, here):
    shown = tutorkit("classroom", "create", "--size", "12", "--seed", "7", "--domains", "sub, frac", "--items", "8")
    assert shown.code == 0 and "A simulated class of 12 pupils, seed 7: 8 items each of sub, frac" in said(shown)
    assert "of 96 answers are right" in said(shown) and "None of these pupils exists." in said(shown)
    assert sorted(path.name for path in (here / "simulated-class-7").iterdir()) == [
        "answers.csv",
        "roster.csv",
        "truth.json",
    ]


def test_as_json_it_says_where_everything_is(tutorkit, here):
    shown = tutorkit("classroom", "create", "--size", "5", "--domains", "add", "--out", "x/y", "--working", "--json")
    report = shown.json
    assert (report["simulated"], report["pupils"], report["items"], report["answers"]) == (True, 5, 20, 100)
    assert report["folder"] == "x/y" and sum(report["holding"].values()) == 5 and report["domains"] == ["add"]
    assert (here / "x/y/answers.csv").read_text(encoding="utf-8").startswith("pupil,item,answer,working\n")
    assert json.loads((here / "x/y/truth.json").read_text(encoding="utf-8"))["seed"] == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--domains", "subs"], "There is no domain named 'subs'. Did you mean sub"),
        (["--domains", ","], "Name at least one domain"),
        (["--size", "0"], "There is no class with 0 pupils."),
        (["--items", "9999"], "There is no class with 9,999 items."),
    ],
)
def test_a_wrong_wish_is_told_what_is_wrong(tutorkit, here, arguments, words):
    shown = tutorkit("classroom", "create", *arguments)
    assert shown.code == 2 and words in said(shown) and "Traceback" not in said(shown)
    assert list(here.iterdir()) == []


def test_a_second_class_does_not_write_over_the_first(tutorkit, here):
    command = ["classroom", "create", "--size", "3", "--domains", "sub", "--json"]
    assert tutorkit(*command).code == 0
    before = (here / "simulated-class-0" / "answers.csv").read_bytes()
    again = tutorkit(*command)
    assert again.code == 2 and again.json["error"]["code"] == "bad-setting" and "--out" in again.json["error"]["remedy"]
    assert (here / "simulated-class-0" / "answers.csv").read_bytes() == before


def test_the_page_about_simulated_learners_runs(tutorkit, capsys):
    page = DOCS.read_text(encoding="utf-8")
    commands = [line for block in re.findall(r"```sh\n(.*?)```", page, flags=re.DOTALL) for line in block.splitlines()]
    assert commands
    for command in commands:
        assert tutorkit(*shlex.split(command)[1:]).code == 0
    blocks = re.findall(r"```python\n(.*?)```\n\n```text\n(.*?)```", page, flags=re.DOTALL)
    assert blocks
    for code, printed in blocks:
        exec(compile(code, str(DOCS), "exec"), {})
        assert capsys.readouterr().out == printed

"""``tutorkit compare`` as its users see it."""

from __future__ import annotations

import json

import pytest
from support.terminal import Shown

TPD = ["compare", "tpd", "tpd:mode=instruction_only", "--task", "chains", "--student", "sim/two-bugs"]
SMALL = ["--teacher", "rules", "--val", "30", "--test", "40", "--seeds", "1"]


def words(shown: Shown) -> str:
    """What was said, without line breaks."""
    return " ".join((shown.out + shown.err).split())


def test_it_says_who_gained_what_beyond_which_controls(tutorkit):
    shown = tutorkit(*TPD, *SMALL, "--teacher-calls", "60", "--at", "0.1,1")
    assert shown.code == 0 and shown.err == ""
    said = words(shown)
    for needed in (
        "tpd gained most: +0.",
        "Budget of one run's teaching: teacher 60 calls.",
        "(simulated)",
        "constant",
        "tpd: first significant gain at",
        "tpd:mode=instruction_only: no significant gain at any level.",
        "│ deranged │",
        "│ tpd is better │",
        "1 seed: what differs from seed to seed does not show.",
    ):
        assert needed in said, needed


def test_pairs_that_do_not_differ_are_named_in_one_line_and_json_has_them_all(tutorkit):
    task = ["--task", "chains", "--student", "sim/two-bugs", *SMALL, "--controls", "none"]
    draft, twin = "tpd:mode=instruction_only", "tpd:k_demos=3"
    shown = tutorkit("compare", "tpd", draft, twin, *task)
    drawn, _, below = shown.out.rpartition("└")
    ties = " ".join(below.split())
    assert shown.code == 0 and f"Ties: 1 of 3 pairs. tpd with {twin}." in ties
    pairs = drawn.partition("Methods against each other")[2]
    assert pairs.count("is better") == 2 and "tie" not in pairs
    report = json.loads(tutorkit("compare", "tpd", draft, twin, *task, "--json").out)
    named = [(pair["first"], pair["second"]) for pair in report["pairs"]]
    assert named == [("tpd", draft), ("tpd", twin), (draft, twin)]


def test_where_no_pair_differs_there_is_no_table_of_them(tutorkit):
    twins = ["compare", "tpd", "tpd:k_demos=3", *TPD[3:], *SMALL, "--controls", "none"]
    said = words(tutorkit(*twins))
    assert "Ties: 1 of 1 pair. tpd with tpd:k_demos=3." in said and "against each other" not in said


@pytest.mark.parametrize("command", ["teach", "compare"])
def test_help_names_the_students_that_can_be_trained(command, tutorkit):
    assert "transformers/MODEL can be trained" in words(tutorkit(command, "--help")).replace("│", "").replace("  ", " ")


def test_as_json_it_is_the_report(tutorkit, tmp_path):
    picture = tmp_path / "gains.svg"
    shown = tutorkit(*TPD, *SMALL, "--controls", "none", "--plot", str(picture), "--json")
    report = json.loads(shown.out)
    assert [each["name"] for each in report["standings"]] == ["tpd", "tpd:mode=instruction_only"]
    assert report["simulated"] and picture.stat().st_size > 1000


def test_a_draft_alone_is_no_gain_and_is_called_so(tutorkit):
    shown = tutorkit(*TPD[:1], *TPD[2:], *SMALL, "--controls", "none")
    assert "No method gained more than chance explains" in words(shown)


def test_the_estimate_calls_nobody(tutorkit):
    shown = tutorkit(*TPD, *SMALL, "--teacher-calls", "10", "--estimate")
    assert shown.code == 0 and "Nothing was called. The comparison takes" in words(shown)
    assert tutorkit("runs", "--json").out.strip() == "[]"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (["--at", "half"], "is no list of fractions"),
        (["--at", "0.5,1"], "levels are fractions of a budget, and none is given"),
        (["--at", "0.5"], "with 1 among them"),
    ],
)
def test_what_cannot_be_compared_is_refused_with_a_remedy(tutorkit, wrong, said):
    shown = tutorkit(*TPD, *SMALL, *wrong)
    assert shown.code == 2 and said in words(shown)

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

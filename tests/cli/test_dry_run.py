"""``teach … --dry-run`` and ``prices``: what a person sees before paying, and what a program reads."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tutorkit.models.prices import PRICES_DATE

TEACH = ["teach", "tpd", "--task", "chains", "--val", "30", "--test", "40", "--dry-run"]
PAID = [*TEACH, "--student", "openai/gpt-4.1-nano", "--teacher", "anthropic/claude-sonnet-4-5"]
FREE = [*TEACH, "--student", "sim/two-bugs", "--teacher", "rules"]


def words(shown) -> str:
    return " ".join(shown.out.split())


def test_it_says_what_an_experiment_will_take_without_a_key(tutorkit):
    shown = tutorkit(*PAID, "--controls", "none", "--max-usd", "1")
    assert shown.code == 0 and shown.err == ""
    said = words(shown)
    for needed in (
        "Dry run, nothing was called: 71 – 184 calls, $0.00",
        "│ taught │ teacher │ 1 – 74 │",
        "│ taught │ student │ 70 – 110 │",
        "│ all │ together │ 71 – 184 │",
        "Wrong answers among the 30 validation problems, on which the cost depends: 0 – 30;",
        "share of wrong answers on this task is not known",
        "--max-usd 1 does not cover the most that can come, $",
        "estimated",
        "the text's characters ÷ 4",
        f"the built-in table of {PRICES_DATE}",
        "Not counted: asking the teacher again for a reply that does not fit, at most 2 times each (148 calls more",
        "OPENAI_API_KEY is not set. The estimate needs no key, the run will.",
    ):
        assert needed in said, needed
    assert "about" not in said
    assert "covers the most that can come" in words(tutorkit(*PAID, "--max-usd", "1000"))


def test_nothing_is_kept_of_it(tutorkit):
    tutorkit(*PAID)
    assert not list(Path(os.environ["TUTORKIT_HOME"]).iterdir())
    assert "There is no run yet" in tutorkit("runs").out


def test_a_program_reads_the_same(tutorkit):
    shown = tutorkit(*PAID, "--json")
    assert shown.code == 0
    report = shown.json
    assert report["total"]["calls"]["low"] == 72 and report["total"]["usd"]["expected"] is None
    assert [line["arm"] for line in report["lines"]][::2] == ["taught", "silent", "deranged", "random"]
    assert sum(role["usd"]["high"] for role in report["roles"].values()) == pytest.approx(
        report["total"]["usd"]["high"]
    )
    assert {size["n"] for size in report["sizes"]} == {0}


def test_who_costs_nothing_is_said_to(tutorkit):
    said = words(tutorkit(*FREE))
    assert "calls, no cost." in said and "Prices" not in said and "÷" not in said


def test_an_unknown_price_is_unknown_and_no_limit_can_be_kept(tutorkit):
    stranger = ["--student", "openai/never-heard-of", "--teacher", "anthropic/claude-sonnet-4-5"]
    said = words(tutorkit(*TEACH, *stranger))
    assert "cost unknown (at least $0.00" in said
    assert tutorkit(*TEACH, *stranger, "--json").json["total"]["usd"] is None
    refused = tutorkit(*TEACH, *stranger, "--max-usd", "5")
    assert refused.code == 2 and "The price of openai/never-heard-of is unknown" in refused.err


def test_a_person_is_told_what_waits(tutorkit, tmp_path):
    said = words(tutorkit(*TEACH, "--student", "sim/two-bugs", "--teacher", f"inbox/{tmp_path / 'requests'}"))
    assert "waits in the inbox" in said and not (tmp_path / "requests").exists()


def test_what_earlier_runs_showed_is_expected(tutorkit):
    run = [argument for argument in FREE if argument != "--dry-run"]
    report = tutorkit(*run, "--controls", "none", "--json").json
    said = words(tutorkit(*FREE, "--controls", "none", "--repeat", "1"))
    share = 1 - report["arms"][0]["untaught"]["value"]
    assert f"about {round(share * 30)}: untaught, this student got {share:.0%} wrong on 40 problems" in said
    assert "Dry run, nothing was called: 0 calls, no cost." in words(tutorkit(*FREE, "--controls", "none"))


def test_prices_are_listed_with_their_date_and_ones_own_marked(tutorkit, tmp_path, monkeypatch):
    path = tmp_path / "prices.json"
    path.write_text(json.dumps({"openai/gpt-4o": [1, 2.5], "mine/model": [7, 8]}))
    monkeypatch.setenv("TUTORKIT_PRICES", str(path))
    said = words(tutorkit("prices"))
    assert f"│ anthropic/claude-opus-5 │ 5 │ 25 │ table of {PRICES_DATE} │" in said
    assert "│ openai/gpt-4o │ 1 │ 2.5 │ your file │" in said and "│ mine/model │ 7 │ 8 │ your file │" in said
    (one,) = tutorkit("prices", "openai/gpt-4o-mini", "--json").json
    assert one == {
        "model": "openai/gpt-4o-mini",
        "usd_per_million_in": 0.15,
        "usd_per_million_out": 0.6,
        "source": "table",
        "date": PRICES_DATE,
    }


def test_an_unknown_price_is_said_with_what_to_do(tutorkit):
    said = words(tutorkit("prices", "openai/never-heard-of"))
    assert "│ openai/never-heard-of │ unknown │ unknown │ │" in said and "TUTORKIT_PRICES" in said
    assert "this machine" in words(tutorkit("prices", "openai/tiny@http://127.0.0.1:1/v1"))
    assert tutorkit("prices", "nothing").code == 2

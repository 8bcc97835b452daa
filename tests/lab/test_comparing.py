"""Methods at equal budget: pooled over seeds, paired by problem, corrected for their number, resumed."""

from __future__ import annotations

import pytest
from pydantic import ValidationError
from support.bench import SIZES

from tutorkit.errors import BadSetting, UnknownName
from tutorkit.graphs.allowance import Share
from tutorkit.lab import Allowance, Contest, Entrant, Gain, Lab, Limits
from tutorkit.lab.comparing.figures import corrected
from tutorkit.lab.comparing.report import CorrectedGain, Pair
from tutorkit.types import Attempt

SMALL = {"val": 30, "test": 40}
BOTH = Entrant(name="both", method="tpd")
DRAFT = Entrant(name="draft", method="tpd", params={"mode": "instruction_only"})


def contest(*entrants: Entrant, **over) -> Contest:
    given = {"task": "chains", "student": "sim/two-bugs", "teacher": "rules", "sizes": SMALL, "seeds": (0, 1)}
    return Contest(entrants=entrants or (BOTH, DRAFT), **{**given, **over})


@pytest.fixture(scope="module")
def compared(tmp_path_factory):
    with Lab(home=tmp_path_factory.mktemp("compared")) as lab:
        budget = Allowance(teacher=Share(calls=60), student=Share(calls=40))
        report = lab.compare(contest(allowance=budget, levels=(0.1, 1.0)))
        runs = {run.id: run for run in lab.runs()}
        right = {run.id: [a.grade.outcome == "right" for a in _attempts(lab, run.id)] for run in runs.values()}
        yield report, runs, right


def _attempts(lab: Lab, run_id: str) -> list[Attempt]:
    from tutorkit.store import StoreSink

    return [a for a in StoreSink(lab.store).find(Attempt, run_id=run_id) if a.phase == "test-taught"]


def test_a_standing_pools_the_seeds_and_pairs_the_problems(compared):
    report, runs, right = compared
    first = report.standings[0]
    assert [each.name for each in report.standings] == ["both", "draft"]
    assert [point.level for point in first.points] == [0.1, 1.0]
    whole = [runs[name] for name in first.run_ids if runs[name].params["plan"]["allowance"]["teacher"]["calls"] == 60]
    assert sorted(run.seed for run in whole) == [0, 1]
    pooled = [ok for run in whole for ok in right[run.id]]
    assert first.whole.taught.n == first.whole.gain.n == len(pooled) == 80
    assert first.whole.taught.value == sum(pooled) / len(pooled)
    assert first.whole.gain.value == pytest.approx(first.whole.taught.value - first.whole.untaught.value)


def test_what_was_taken_is_the_teaching_alone_and_within_the_budget(compared):
    report, _, _ = compared
    both, draft = report.standings
    assert both.whole.student.calls == SMALL["val"] and both.whole.teacher.calls <= 60
    assert (both.points[0].teacher.calls, both.points[0].student.calls) == (6, 4)
    assert both.points[0].left_out > 0 and both.whole.left_out == 0
    assert (draft.whole.teacher.calls, draft.whole.student.calls) == (1, 0)
    assert both.whole.teacher.usd == 0


def test_the_controls_stand_beside_every_method_and_a_draft_alone_ties_with_them(compared):
    report, _, _ = compared
    both, draft = report.standings
    assert [control.name for control in both.controls] == ["silent", "deranged", "random"]
    for control in both.controls[:2]:
        assert control.gain.low <= 0 <= control.gain.high and control.beyond.significant
    assert not any(control.beyond.significant for control in draft.controls)
    assert draft.first_gain is None and not draft.whole.gain.significant


def test_pairs_say_who_is_better_and_that_it_is_a_tie_otherwise(compared):
    report, _, _ = compared
    (pair,) = report.pairs
    assert (pair.first, pair.second, pair.verdict) == ("both", "draft", "both")
    even = pair.model_copy(update={"difference": pair.difference.model_copy(update={"p_holm": 0.06})})
    assert even.verdict == "tie"
    worse = pair.model_copy(update={"difference": pair.difference.model_copy(update={"value": -0.5})})
    assert worse.verdict == "draft"


def test_many_tests_are_corrected_together():
    def gain(p: float) -> Gain:
        return Gain(value=0.1, low=0, high=0.2, n=10, method="m", p=p)

    assert [each.p_holm for each in corrected([gain(0.03), gain(0.01), gain(0.04)])] == [0.06, 0.03, 0.06]
    assert not CorrectedGain(**gain(0.03).model_dump(), p_holm=0.06).significant
    assert Pair(first="a", second="b", difference=corrected([gain(0.9)])[0]).verdict == "tie"


def test_a_stopped_comparison_goes_on_and_ends_as_an_undisturbed_one(tmp_path):
    chosen = contest(BOTH, seeds=(0,))
    with Lab(home=tmp_path / "whole") as lab:
        whole = lab.compare(chosen)
    with Lab(home=tmp_path / "halted") as lab:
        halted = lab.compare(chosen, limits=Limits(max_calls=50))
        (left,) = halted.unfinished
        assert halted.standings == () and (left.status, left.stop_reason) == ("stopped", "budget")
        assert "Raise the limit" in left.message
        assert lab.compare(chosen) == whole


def test_a_comparison_that_cannot_be_run_is_refused_before_anything_is(tmp_path):
    with Lab(home=tmp_path) as lab:
        with pytest.raises(UnknownName):
            lab.compare(contest(BOTH, Entrant(name="x", method="tdp")))
        with pytest.raises(BadSetting):
            lab.compare(contest(Entrant(name="x", method="tpd", params={"k": 1})))
        assert lab.runs() == []


@pytest.mark.parametrize(
    "faulty",
    [
        {"entrants": (BOTH, BOTH)},
        {"seeds": (0, 0)},
        {"levels": (0.5,)},
        {"levels": (0.0, 1.0)},
        {"levels": (0.5, 1.0)},
    ],
)
def test_a_contest_makes_sense(faulty):
    with pytest.raises(ValidationError):
        Contest.model_validate({**contest(BOTH).model_dump(), **faulty})


def test_the_estimate_is_within_the_budget_and_the_runs_are_within_the_estimate(tmp_path):
    budget = Allowance(teacher=Share(calls=20), student=Share(calls=10))
    chosen = contest(BOTH, seeds=(0,), allowance=budget, controls="none", sizes=SIZES)
    with Lab(home=tmp_path) as lab:
        before = lab.estimate_comparison(chosen)
        assert before.entrants[0].roles["teacher"].requests.high == 20
        assert before.entrants[0].roles["student"].requests.high == 10 + 2 * SIZES["test"]
        report = lab.compare(chosen)
        after = lab.estimate_comparison(chosen)
    taken = report.standings[0].whole
    assert 0 < taken.teacher.calls <= 20 and taken.student.calls == 10
    assert after.total.requests.high == 0


def test_the_picture_is_the_same_for_the_same_report(compared, tmp_path):
    report, _, _ = compared
    with Lab(home=tmp_path) as lab:
        for name in ("one.svg", "two.svg"):
            lab.plot_comparison(report, tmp_path / name)
        drawn = (tmp_path / "one.svg").read_text(encoding="utf-8")
        assert drawn == (tmp_path / "two.svg").read_text(encoding="utf-8") and "simulated" in drawn
        with pytest.raises(BadSetting, match=r"\.svg"):
            lab.plot_comparison(report, tmp_path / "one.gif")
        with pytest.raises(BadSetting, match="nothing to draw"):
            lab.plot_comparison(report.model_copy(update={"standings": ()}), tmp_path / "one.svg")

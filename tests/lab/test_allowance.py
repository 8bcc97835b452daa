"""The equal budget at which methods are compared: kept exactly, no stop, and measuring takes nothing of it."""

from __future__ import annotations

import pytest
from support.bench import export, plan
from support.participants import call

from tutorkit.errors import AllowanceSpent, UnknownPrice
from tutorkit.graphs.allowance import Meter, Share
from tutorkit.lab import Lab, Limits
from tutorkit.lab.plan import Allowance
from tutorkit.types import Call


def taken(lab: Lab, run_id: str) -> dict[str, int]:
    calls = lab.calls(run_id)
    counts = {role: sum(each.role == role for each in calls) for role in ("teacher", "student")}
    measuring = sum(each.node.startswith("evaluate") for each in calls)
    return {"teacher": counts["teacher"], "student": counts["student"] - measuring}


def allowed(teacher: int | None = None, student: int | None = None) -> Allowance:
    return Allowance(teacher=Share(calls=teacher), student=Share(calls=student))


@pytest.mark.parametrize("share", [0, 1, 20, 40])
def test_a_method_goes_on_with_what_its_teachers_share_bought(share, tmp_path):
    with Lab(home=tmp_path) as lab:
        report = lab.teach_plan(plan(allowance=allowed(teacher=share)))
        assert report.status == "finished"
        assert taken(lab, report.run_id) == {"teacher": share, "student": 40}


def test_a_larger_share_buys_more(tmp_path):
    with Lab(home=tmp_path) as lab:
        gains = [lab.teach_plan(plan(allowance=allowed(teacher=share))).arms[0].gain.value for share in (0, 30, 200)]
        free = lab.teach_plan(plan())
    assert gains[0] == 0 < gains[2] == free.arms[0].gain.value and gains[0] <= gains[1] <= gains[2]


def test_the_students_share_bounds_its_practice_and_not_its_measurement(tmp_path):
    with Lab(home=tmp_path) as lab:
        report = lab.teach_plan(plan(allowance=allowed(student=10)))
        assert report.status == "finished" and taken(lab, report.run_id)["student"] == 10
        assert report.arms[0].untaught.n == report.arms[0].taught.n == 40


def test_an_interrupted_run_ends_as_an_undisturbed_one(tmp_path):
    chosen = plan(allowance=allowed(teacher=30))
    with Lab(home=tmp_path / "whole") as lab:
        whole = lab.teach_plan(chosen)
        complete = export(lab, whole.run_id)
    with Lab(home=tmp_path / "halted") as lab:
        for limit in (20, 60):
            assert lab.teach_plan(chosen, limits=Limits(max_calls=limit)).stop_reason == "budget"
        again = lab.teach_plan(chosen)
        assert taken(lab, again.run_id)["teacher"] == 30
        assert again.arms == whole.arms and export(lab, again.run_id) == complete


def test_it_makes_a_run_of_its_own_and_its_absence_does_not(tmp_path):
    with Lab(home=tmp_path) as lab:
        free, bounded = lab.teach_plan(plan()), lab.teach_plan(plan(allowance=allowed(teacher=200)))
    assert free.run_id != bounded.run_id and free.arms[0].gain == bounded.arms[0].gain


def priced(usd: float | None) -> Meter:
    return Meter(shares={"teacher": Share(usd=1.0), "student": Share(tokens=100)}, price=lambda _: usd)


def spent(role: str, **changes) -> Call:
    return call(role, "answer").model_copy(update=changes)


def test_money_is_counted_at_its_price_whoever_paid():
    meter = priced(0.6)
    for _ in range(2):
        meter.admit("judge")
        meter.leave("judge")
        meter.add([spent("judge", cache_hit=True, cost_usd=0.0)])
    with pytest.raises(AllowanceSpent, match=r"\$1"):
        meter.admit("teacher")
    meter.admit("student")


def test_an_unknown_price_under_a_money_limit_is_refused():
    with pytest.raises(UnknownPrice):
        priced(None).add([spent("teacher")])


def test_tokens_are_passed_by_the_calls_under_way_at_most():
    meter = priced(0.0)
    meter.admit("student")
    meter.admit("student")
    meter.add([spent("student", tokens_in=90, tokens_out=30)])
    with pytest.raises(AllowanceSpent, match="100 tokens"):
        meter.admit("student")


def test_calls_under_way_count():
    meter = Meter(shares={"student": Share(calls=2)}, price=lambda _: 0.0)
    meter.admit("student")
    meter.admit("student")
    with pytest.raises(AllowanceSpent):
        meter.admit("student")
    meter.leave("student")
    meter.admit("student")

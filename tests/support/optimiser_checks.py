"""What every optimiser's arm must show, whatever it searches."""

from __future__ import annotations

from collections import Counter

from support.bench import export
from tutorkit.lab import Allowance, Lab, Limits, Plan
from tutorkit.methods.registry import find_method, read_params
from tutorkit.methods.vocabulary import Sizes
from tutorkit.store import StoreSink
from tutorkit.types import Attempt


def asked_by_role(lab: Lab, run_id: str) -> Counter:
    """Count what the optimiser asked, by role."""
    return Counter(call.role for call in lab.calls(run_id) if call.purpose == "optimise")


def check_it_asks_at_most_what_the_estimate_says(plan: Plan, folder) -> None:
    method = find_method(plan.method)
    most = method.cost(read_params(method, plan.params), Sizes(**plan.sizes))
    with Lab(home=folder) as lab:
        asked = asked_by_role(lab, lab.teach_plan(plan).run_id)
    for role, bound in (("teacher", most.teacher + most.again), ("student", most.student + most.student_again)):
        assert asked[role] <= bound
        assert (asked[role] > 0) == (bound > 0)


def check_where_the_allowance_ends_the_best_so_far_stays(plan: Plan, share: dict, folder) -> None:
    with Lab(home=folder) as lab:
        report = lab.teach_plan(plan.model_copy(update={"allowance": Allowance(**share)}))
        asked = asked_by_role(lab, report.run_id)
        (lesson,) = lab.lessons(report.run_id)
        taught = StoreSink(lab.store).find(Attempt, run_id=report.run_id, phase="test-taught")
    ((role, given),) = share.items()
    assert report.status == "finished" and len(taught) == plan.sizes["test"]
    assert lesson.data["ended"] == "allowance" and asked[role] == given.calls


def check_a_stopped_run_goes_on_to_the_same_end(plan: Plan, folder, *, stopped_at: int) -> None:
    with Lab(home=folder / "whole") as lab:
        complete = export(lab, lab.teach_plan(plan).run_id)
    with Lab(home=folder / "halted") as lab:
        assert lab.teach_plan(plan, limits=Limits(max_calls=stopped_at)).stop_reason == "budget"
        assert export(lab, lab.teach_plan(plan).run_id) == complete

"""What is said is decided by rule: pure functions over records, so no sandbox is needed here."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutorkit.tutoring.policy import HelpPolicy
from tutorkit.tutoring.programming.diagnosing import CodeDiagnosis, diagnose, is_starter
from tutorkit.tutoring.programming.exercises import exercise_named
from tutorkit.tutoring.programming.lints import Finding
from tutorkit.tutoring.programming.localising import Localisation, Suspect
from tutorkit.tutoring.programming.planning import (
    STAFF_AFTER,
    HelpGiven,
    plan_help,
    situation_of,
    snapshot_of,
)
from tutorkit.tutoring.programming.results import CaseResult, Fault, RunReport

ABOUT = exercise_named("even-total")
HIDDEN = [index for index, case in enumerate(ABOUT.cases) if case.hidden]
WRONG = CodeDiagnosis(verdict="wrong", hypothesis="wrong_value", lines=(4, 4))


def report(*wrong: int, **fields) -> RunReport:
    results = tuple(
        CaseResult(index=index, outcome="failed" if index in wrong else "passed") for index in range(len(ABOUT.cases))
    )
    return RunReport(results=results, **fields)


def planned(code="def even_total(n): return 1", *, wrong=(0,), history=(), diagnosis=WRONG, **how):
    return plan_help(ABOUT, snapshot_of(ABOUT, code), report(*wrong), diagnosis, history, **how)


def rounds(*, codes, wrong=(0,), **how) -> list:
    """Ask for help once with each program, all of them with the same error."""
    history: list[HelpGiven] = []
    plans = []
    for code in codes:
        plan = planned(code, wrong=wrong, history=history, **how)
        plans.append(plan)
        history.append(
            HelpGiven(
                snapshot_id=snapshot_of(ABOUT, code).id,
                signature=report(*wrong).signature(),
                move=plan.move,
                rung=plan.rung,
                passed=not wrong,
            )
        )
    return plans


DIFFERENT = [f"def even_total(n): return {n}" for n in range(12)]


def test_help_climbs_one_rung_at_a_time_and_ends_with_the_staff():
    moves = [plan.move for plan in rounds(codes=DIFFERENT)]
    assert moves[:6] == ["focus", "concept", "name_step", "analogy", "next_step", "solution"]
    assert [plan.stop for plan in rounds(codes=DIFFERENT)][STAFF_AFTER - 1 : STAFF_AFTER + 1] == [None, "staff"]


def test_asking_again_with_the_same_program_opens_no_wrong_step_and_no_solution():
    plans = rounds(codes=[DIFFERENT[0]] * 12, staff_after=99)
    assert {plan.move for plan in plans} == {"focus", "concept"}
    assert max(plan.ceiling for plan in plans) == 3


def test_comments_and_spaces_are_no_new_try():
    code = "def even_total(n):\n    return 1\n"
    same = [code, code + "# please\n", code.replace("return 1", "return  (1)"), code.replace("    ", "  ")]
    assert len({snapshot_of(ABOUT, each).id for each in same}) == 1
    assert snapshot_of(ABOUT, code.replace("1", "2")).id not in {snapshot_of(ABOUT, code).id}
    assert {plan.ceiling for plan in rounds(codes=same)} == {3}
    broken = ["def f(:\n  x", "def f(:\n  x  \n\n"]
    assert len({snapshot_of(ABOUT, each).id for each in broken}) == 1


def test_tries_are_counted_by_change():
    given_ = [
        HelpGiven(snapshot_id=each, signature="", move="focus", rung=2)
        for each in (snapshot_of(ABOUT, "a = 1").id, snapshot_of(ABOUT, "a = 2").id, snapshot_of(ABOUT, "a = 1").id)
    ]
    situation = situation_of(snapshot_of(ABOUT, "a = 1"), given_)
    assert (situation.attempts, situation.distinct_attempts, situation.hints_asked) == (3, 2, 3)


def test_another_error_begins_the_ladder_anew():
    plans = rounds(codes=DIFFERENT[:3])
    history = [
        HelpGiven(snapshot_id=f"{n}", signature=report(0).signature(), move=plan.move, rung=plan.rung)
        for n, plan in enumerate(plans)
    ]
    assert planned(wrong=(0,), history=history).move == "analogy"
    assert planned(wrong=(1, 2), history=history).move == "focus"


def test_a_program_that_passes_is_asked_about_once_and_then_let_go():
    first, second = rounds(codes=["def even_total(n): pass"] * 2, wrong=(), diagnosis=CodeDiagnosis(verdict="right"))
    assert (first.move, first.stop, second.move) == ("elicit", "passed", "confirm")


def test_who_wants_to_leave_may_leave():
    snapshot = snapshot_of(ABOUT, "x", wants_exit=True)
    assert plan_help(ABOUT, snapshot, report(0), WRONG).stop == "exit"


def test_a_program_that_was_not_run_is_not_judged():
    refused = RunReport(results=(CaseResult(index=0, outcome="not_run"),), refused="too large")
    diagnosis = diagnose(ABOUT, "x", refused, Localisation(suspects=(), findings=()))
    plan = plan_help(ABOUT, snapshot_of(ABOUT, "x"), refused, diagnosis)
    assert (plan.stop, plan.diagnosis.verdict) == ("refused", None)


def test_whoever_has_not_begun_is_asked_what_is_known():
    plan = planned(ABOUT.starter, diagnosis=CodeDiagnosis(verdict="wrong", hypothesis="starter"))
    assert plan.move == "orient"


def test_hidden_cases_are_kept_for_rung_four():
    plans = rounds(codes=DIFFERENT[:4], wrong=(HIDDEN[0],))
    assert [plan.case for plan in plans] == [None, None, HIDDEN[0], HIDDEN[0]]
    assert all(plan.hidden_only for plan in plans)
    # A visible case goes first at every rung.
    assert {plan.case for plan in rounds(codes=DIFFERENT[:4], wrong=(HIDDEN[0], 1))} == {1}


policies = st.builds(
    HelpPolicy, max_rung=st.integers(0, 7), solution_unlocked=st.booleans(), max_attempts=st.integers(1, 6)
)
programs = st.lists(st.sampled_from(DIFFERENT[:4]), min_size=1, max_size=10)


@given(policies, programs, st.booleans(), st.sampled_from(["starter", "wrong_value"]))
def test_no_move_is_above_the_ceiling_and_none_tells_in_a_test(policy, codes, assessment, hypothesis):
    diagnosis = CodeDiagnosis(verdict="wrong", hypothesis=hypothesis)
    for plan in rounds(codes=codes, policy=policy, assessment=assessment, diagnosis=diagnosis):
        assert plan.rung <= plan.ceiling <= policy.max_rung
        assert not (assessment and plan.move == "solution")


@given(policies, programs)
def test_a_failing_program_is_never_confirmed_and_a_passing_one_never_corrected(policy, codes):
    right = CodeDiagnosis(verdict="right")
    for plan in rounds(codes=codes, wrong=(), policy=policy, diagnosis=right):
        assert plan.move in ("elicit", "confirm") and plan.stop == "passed"
    for plan in rounds(codes=codes, policy=policy):
        assert plan.move != "confirm" and plan.stop in (None, "staff")


def located(*lines, findings=()):
    suspects = tuple(Suspect(line=line, score=10 - n, evidence=("test",)) for n, line in enumerate(lines))
    return Localisation(suspects=suspects, findings=findings)


def test_the_verdict_is_the_tests_whatever_a_lint_says():
    finding = Finding(kind="return_in_loop", line=1, sureness=0.9)
    right = diagnose(ABOUT, "x", report(), Localisation(suspects=(), findings=(finding,)))
    assert (right.verdict, right.hypothesis, right.lines) == ("right", None, None)


@pytest.mark.parametrize(
    ("finding_line", "sureness", "hypothesis"),
    [(4, 0.9, "return_in_loop"), (5, 0.9, "return_in_loop"), (9, 0.9, "wrong_value"), (4, 0.3, "wrong_value")],
)
def test_a_finding_counts_where_the_program_is_suspect_and_if_it_is_sure(finding_line, sureness, hypothesis):
    finding = Finding(kind="return_in_loop", line=finding_line, sureness=sureness)
    assert diagnose(ABOUT, "x", report(0), located(4, 5, 9, findings=(finding,))).hypothesis == hypothesis


@pytest.mark.parametrize(
    ("outcome", "got", "hypothesis"),
    [
        ("timed_out", None, "endless"),
        ("output_cut", None, "too_much_output"),
        ("killed", None, "killed"),
        ("out_of_memory", None, "killed"),
        ("raised", None, "error"),
        ("failed", "None", "nothing_back"),
        ("failed", "3", "wrong_value"),
    ],
)
def test_without_a_finding_the_tests_say_what_it_looks_like(outcome, got, hypothesis):
    run = RunReport(results=(CaseResult(index=0, outcome=outcome, got=got),))
    assert diagnose(ABOUT, "x", run, located(1)).hypothesis == hypothesis


def test_the_confidence_is_the_share_of_the_first_line():
    assert diagnose(ABOUT, "x", report(0), located(4)).confidence == 1.0
    assert diagnose(ABOUT, "x", report(0), located(4, 5, 9)).confidence == pytest.approx(10 / 27)
    assert diagnose(ABOUT, "x", report(0), located()).confidence == 0.0


def test_a_fault_of_grammar_is_where_python_says():
    run = RunReport(results=(), fault=Fault(kind="SyntaxError", line=3))
    found = diagnose(ABOUT, "x", run, located(1))
    assert (found.lines, found.hypothesis) == ((3, 3), "unreadable")


def test_what_was_given_is_known_again():
    assert is_starter(ABOUT, ABOUT.starter) and is_starter(ABOUT, "  \n") and is_starter(ABOUT, ABOUT.starter + "\n\n")
    assert not is_starter(ABOUT, ABOUT.reference)

"""What every method must show (U1 to U12), for every method that is registered."""

from __future__ import annotations

import pytest
from support.bench import SIZES, TWO_BUGS, accuracy, bench, chains, control, export, plan

from tutorkit.graphs.events import NodeFinished
from tutorkit.lab import Lab, Limits
from tutorkit.methods.registry import find_method, method_names, read_params
from tutorkit.ports import Answer
from tutorkit.types import Attempt, Call, Diagnosis, Lesson, Problem

METHODS = method_names()
every_method = pytest.mark.parametrize("name", METHODS)


@every_method
@pytest.mark.parametrize("teacher", ["rules", "leaky", "verbose"])
async def test_u1_gold_never_reaches_a_student(name, teacher, tmp_path):
    made = bench(tmp_path, method=name, teacher=teacher)
    await made.run()
    golds = {problem.id: problem.gold for problem in made.records(Problem)}
    assert made.student.shown
    for question, lessons in made.student.shown:
        assert set(question.model_dump()) == {"id", "text", "choices", "item"}
        for lesson in lessons:
            assert golds[question.id] not in lesson.text


@every_method
async def test_u1_lessons_come_from_problems_that_are_not_measured(name, tmp_path):
    made = bench(tmp_path, method=name)
    await made.run()
    test_ids = {problem.id for problem in made.cast.problems["test"]}
    assert made.records(Lesson)
    for lesson in made.records(Lesson):
        assert lesson.source_split != "test"
        sources = {made.sink.get(Attempt, attempt_id).problem_id for attempt_id in lesson.source_attempt_ids}
        assert not sources & test_ids and lesson.data.get("problem_id") not in test_ids


@every_method
async def test_u2_no_teacher_takes_part_in_the_measurement(name, tmp_path):
    made = bench(tmp_path, method=name)
    ending = await made.run()
    measured = {made.sink.get(Attempt, attempt_id).id for attempt_id in ending.state["test"]["taught"]}
    nodes = {call.node for call in made.records(Call) if any(a in measured for a in call.about)}
    attempt_calls = {name for a in measured for name in made.sink.get(Attempt, a).call_ids}
    nodes |= {made.sink.get(Call, call_id).node for call_id in attempt_calls}
    assert nodes
    assert [call for call in made.records(Call) if call.role == "teacher" and call.node in nodes] == []


@every_method
async def test_u3_a_perfect_student_is_taught_nothing(name, tmp_path):
    made = bench(tmp_path, method=name, student="sim/perfect")
    await made.run()
    assert made.records(Diagnosis) == []
    assert [lesson for lesson in made.records(Lesson) if lesson.kind != "instruction"] == []
    params = read_params(made.method, {})
    assert len(made.teacher.asked) == made.method.cost(params, SIZES["val"], 0).teacher


@every_method
async def test_u4_only_a_good_teacher_gains(name, tmp_path):
    gains, precision = {}, {}
    for teacher in ("rules", "silent", "deranged"):
        made = bench(tmp_path / teacher, method=name, teacher=teacher)
        ending = await made.run()
        state, sink = ending.state, made.sink
        gains[teacher] = accuracy(sink, state, "taught") - accuracy(sink, state, "untaught")
        named = {lesson.skill for lesson in made.records(Lesson) if lesson.kind == "principle" and lesson.verified}
        precision[teacher] = len(named & set(TWO_BUGS)) / len(named) if named else None
    assert gains["rules"] > 0.3
    assert gains["silent"] == gains["deranged"] == 0
    assert precision == {"rules": 1.0, "silent": None, "deranged": 0.0}


@every_method
def test_u5_the_same_seed_gives_the_same_bytes(name, tmp_path):
    exports = []
    for home in ("one", "two"):
        with Lab(home=tmp_path / home) as lab:
            report = lab.teach_plan(plan(name, seed=5))
            exports.append((export(lab, report.run_id), report.model_copy(update={"pack": None})))
    assert exports[0] == exports[1]


class Died(BaseException):
    """Stands for a process that was killed: nothing in tutorkit catches it."""


@every_method
async def test_u6_a_crash_after_any_node_repeats_no_call(name, tmp_path):
    whole = bench(tmp_path / "whole", method=name)
    await whole.run()
    crashed: set[str] = set()

    def die_once(event):
        if isinstance(event, NodeFinished) and event.node not in crashed:
            crashed.add(event.node)
            raise Died

    made = bench(tmp_path / "crashed", method=name, listen=die_once)
    for _ in range(50):
        try:
            ending = await made.run()
            break
        except Died:
            continue
    assert ending.status == "finished" and len(crashed) >= len(made.method.nodes) - 3
    assert [ask.prompt_id for ask in made.teacher.asked] == [ask.prompt_id for ask in whole.teacher.asked]
    assert len(made.student.shown) == len(whole.student.shown)
    assert made.sink.records == whole.sink.records


@every_method
async def test_u7_the_ledger_is_the_calls_and_equals_the_cost_formula(name, tmp_path):
    made = bench(tmp_path, method=name)
    ending = await made.run()
    rows = made.records(Call)
    assert len(rows) == len(made.teacher.asked) + len(made.student.shown)
    wrong = sum(a.phase == "val-0" and a.grade.outcome == "wrong" for a in made.records(Attempt))
    expected = made.method.cost(read_params(made.method, {}), SIZES["val"], wrong)
    assert sum(row.role == "teacher" for row in rows) == expected.teacher
    measured = len(set(ending.state["test"]["taught"]) | set(ending.state["test"]["untaught"]))
    assert sum(row.role == "student" for row in rows) - measured == expected.student


@every_method
@pytest.mark.parametrize("limit", [0, 1, 30, 60, 100])
def test_u8_an_exhausted_budget_keeps_everything_and_the_run_goes_on(name, limit, tmp_path):
    with Lab(home=tmp_path / "whole") as lab:
        whole = lab.teach_plan(plan(name))
        complete = export(lab, whole.run_id)
    with Lab(home=tmp_path / "halted") as lab:
        halted = lab.teach_plan(plan(name), limits=Limits(max_calls=limit))
        assert (halted.status, halted.stop_reason) == ("stopped", "budget")
        assert "limit" in halted.message and "Raise the limit" in halted.message
        assert len(lab.calls(halted.run_id)) == limit
        again = lab.teach_plan(plan(name))
        assert again.status == "finished" and again.arms == whole.arms
        assert export(lab, again.run_id) == complete


@every_method
async def test_u9_a_reply_that_breaks_its_schema_is_set_aside_and_never_bent(name, tmp_path):
    made = bench(tmp_path, method=name, teacher="malformed")
    ending = await made.run()
    assert ending.status == "finished"
    broken = [call for call in made.records(Call) if call.outcome == "invalid"]
    assert broken and max(call.attempt for call in broken) <= 2


class Unfinished:
    """A student that is always cut off."""

    ref = "cut-off"

    async def answer(self, question, lessons, *, sample=0):
        return Answer(raw="First I", steps=("First I",), finished=False)


@every_method
async def test_u10_unfinished_is_not_wrong(name, tmp_path):
    made = bench(tmp_path, method=name, student=Unfinished())
    await made.run()
    assert {attempt.grade.outcome for attempt in made.records(Attempt)} == {"unfinished"}
    assert made.records(Diagnosis) == []


@every_method
async def test_u11_every_lesson_can_be_followed_back(name, tmp_path):
    made = bench(tmp_path, method=name)
    await made.run()
    for lesson in made.records(Lesson):
        assert lesson.run_id == made.cast.run_id and lesson.author and lesson.call_ids
        for call_id in lesson.call_ids:
            call = made.sink.get(Call, call_id)
            assert call.run_id == made.cast.run_id and call.node and len(call.prompt_digest) == 64
        if lesson.kind not in ("instruction",):
            assert lesson.source_attempt_ids
    for diagnosis in made.records(Diagnosis):
        attempt = made.sink.get(Attempt, diagnosis.attempt_id)
        assert diagnosis.evidence in attempt.raw and diagnosis.call_ids


@every_method
def test_u12_the_figure_stands_next_to_its_controls(name, tmp_path):
    with Lab(home=tmp_path) as lab:
        report = lab.teach_plan(plan(name, controls="all"))
    arms = {arm.name: arm for arm in report.arms}
    assert {"taught", "silent", "deranged"} <= set(arms)
    assert report.baseline is not None and report.simulated
    assert arms["taught"].gain.low > 0
    for control_arm in ("silent", "deranged"):
        assert arms[control_arm].gain.low <= 0 <= arms[control_arm].gain.high
        assert arms[control_arm].taught_beyond.low > 0
    assert arms["deranged"].precision == 0


async def test_a_method_says_its_cost_for_every_way_of_using_it():
    for name in METHODS:
        method = find_method(name)
        assert method.cost(read_params(method, {}), 10, 4).teacher >= 0
        assert method.paper.title and method.summary.endswith(".")


def test_the_fixture_is_what_the_controls_need():
    task = chains()
    assert control("silent", task=task).ref == "control/silent"
    assert {skill for problem in task.problems for skill in problem.skills} >= set(TWO_BUGS)

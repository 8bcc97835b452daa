"""What every method must show (U1 to U12), for every method that is registered."""

from __future__ import annotations

from collections import Counter

import pytest
from support.bench import TWO_BUGS, accuracy, bench, chains, control, export, plan
from support.fixtures import FIXTURES, method_of, sizes_of

from tutorkit.graphs.events import NodeFinished
from tutorkit.lab import Lab, Limits
from tutorkit.methods.registry import find_method, method_names, read_params
from tutorkit.methods.vocabulary import Sizes
from tutorkit.ports import Answer
from tutorkit.tasks import load_task
from tutorkit.types import Attempt, Call, Diagnosis, Lesson, Problem

METHODS = method_names()
every_method = pytest.mark.parametrize("name", [*METHODS, *(name for name in FIXTURES if name not in METHODS)])


def tried(folder, name, *, teacher="rules", student=None, **more):
    """Set a method up on its own fixture."""
    fixture = FIXTURES[name]
    task = load_task(fixture.task, data_dir=None, seed=0, sizes=fixture.sizes)
    student = student or fixture.student
    return bench(
        folder, method=method_of(name), task=task, student=student, teacher=teacher, params=fixture.params, **more
    )


def planned(name, **over):
    """Plan a run of a method on its own fixture."""
    fixture = FIXTURES[name]
    given = {"task": fixture.task, "student": fixture.student, "params": fixture.params, "sizes": fixture.sizes}
    return plan(method_of(name), **{**given, **over})


@every_method
@pytest.mark.parametrize("teacher", ["rules", "leaky", "verbose"])
async def test_u1_gold_never_reaches_a_student(name, teacher, tmp_path):
    made = tried(tmp_path, name, teacher=teacher)
    await made.run()
    golds = {problem.id: problem.gold for problem in made.records(Problem)}
    assert made.student.shown
    for question, lessons in made.student.shown:
        assert set(question.model_dump()) == {"id", "text", "choices", "item"}
        for lesson in lessons:
            assert golds[question.id] is None or golds[question.id] not in lesson.text


@every_method
async def test_u1_lessons_come_from_problems_that_are_not_measured(name, tmp_path):
    made = tried(tmp_path, name)
    await made.run()
    test_ids = {problem.id for problem in made.cast.problems["test"]}
    assert made.records(Lesson) or not FIXTURES[name].lessons
    for lesson in made.records(Lesson):
        assert lesson.source_split != "test"
        sources = {made.sink.get(Attempt, attempt_id).problem_id for attempt_id in lesson.source_attempt_ids}
        assert not sources & test_ids and lesson.data.get("problem_id") not in test_ids


@every_method
async def test_u2_no_teacher_takes_part_in_the_measurement(name, tmp_path):
    made = tried(tmp_path, name)
    ending = await made.run()
    if FIXTURES[name].asks_at_test:
        return
    measured = {made.sink.get(Attempt, attempt_id).id for attempt_id in ending.state["test"]["taught"]}
    nodes = {call.node for call in made.records(Call) if any(a in measured for a in call.about)}
    attempt_calls = {name for a in measured for name in made.sink.get(Attempt, a).call_ids}
    nodes |= {made.sink.get(Call, call_id).node for call_id in attempt_calls}
    assert nodes
    assert [call for call in made.records(Call) if call.role == "teacher" and call.node in nodes] == []


@every_method
async def test_u3_a_perfect_student_is_taught_nothing(name, tmp_path):
    made = tried(tmp_path, name, student=FIXTURES[name].perfect)
    await made.run()
    assert made.records(Diagnosis) == []
    assert [lesson for lesson in made.records(Lesson) if lesson.kind not in FIXTURES[name].always] == []
    cost = made.method.cost(made.cast.params, sizes_of(made))
    assert len(made.teacher.asked) == cost.teacher + cost.judge


@every_method
async def test_u4_only_a_good_teacher_gains(name, tmp_path):
    gains, precision = {}, {}
    for teacher in ("rules", "silent", "deranged"):
        made = tried(tmp_path / teacher, name, teacher=teacher)
        ending = await made.run()
        state, sink = ending.state, made.sink
        gains[teacher] = accuracy(sink, state, "taught") - accuracy(sink, state, "untaught")
        named = {lesson.skill for lesson in made.records(Lesson) if lesson.verified and lesson.skill}
        precision[teacher] = len(named & set(TWO_BUGS)) / len(named) if named else None
    wanted = FIXTURES[name].gain
    assert wanted is None or gains["rules"] > wanted
    assert gains["silent"] == gains["deranged"] == 0
    assert (precision["silent"], precision["deranged"]) in ((None, None), (None, 0.0))


@every_method
def test_u5_the_same_seed_gives_the_same_bytes(name, tmp_path):
    exports = []
    for home in ("one", "two"):
        with Lab(home=tmp_path / home) as lab:
            report = lab.teach_plan(planned(name, seed=5))
            exports.append((export(lab, report.run_id), report.model_copy(update={"pack": None})))
    assert exports[0] == exports[1]


class Died(BaseException):
    """Stands for a process that was killed: nothing in tutorkit catches it."""


@every_method
async def test_u6_a_crash_after_any_node_repeats_no_call(name, tmp_path):
    whole = tried(tmp_path / "whole", name)
    await whole.run()
    crashed: set[str] = set()

    def die_once(event):
        if isinstance(event, NodeFinished) and event.node not in crashed:
            crashed.add(event.node)
            raise Died

    made = tried(tmp_path / "crashed", name, listen=die_once)
    for _ in range(50):
        try:
            ending = await made.run()
            break
        except Died:
            continue
    assert ending.status == "finished" and len(crashed) >= len(made.method.nodes) - FIXTURES[name].left_out
    assert [ask.prompt_id for ask in made.teacher.asked] == [ask.prompt_id for ask in whole.teacher.asked]
    assert len(made.student.shown) == len(whole.student.shown)
    assert made.sink.records == whole.sink.records


@every_method
async def test_u7_the_ledger_is_the_calls_and_equals_the_cost_formula(name, tmp_path):
    made = tried(tmp_path, name)
    ending = await made.run()
    rows = made.records(Call)
    student = made.student
    assert len(rows) == len(made.teacher.asked) + len(student.shown) + len(student.asked)
    expected = made.method.cost(made.cast.params, sizes_of(made))
    by_role = Counter(row.role for row in rows)
    assert (by_role["teacher"], by_role["judge"]) == (expected.teacher, expected.judge)
    measured = len(set(ending.state["test"]["taught"]) | set(ending.state["test"]["untaught"]))
    assert by_role["student"] - measured == expected.student


@every_method
@pytest.mark.parametrize("limit", [0, 1, 30, 60, 100])
def test_u8_an_exhausted_budget_keeps_everything_and_the_run_goes_on(name, limit, tmp_path):
    with Lab(home=tmp_path / "whole") as lab:
        whole = lab.teach_plan(planned(name))
        complete = export(lab, whole.run_id)
    with Lab(home=tmp_path / "halted") as lab:
        halted = lab.teach_plan(planned(name), limits=Limits(max_calls=limit))
        assert (halted.status, halted.stop_reason) == ("stopped", "budget")
        assert "limit" in halted.message and "Raise the limit" in halted.message
        assert len(lab.calls(halted.run_id)) == limit
        again = lab.teach_plan(planned(name))
        assert again.status == "finished" and again.arms == whole.arms
        assert export(lab, again.run_id) == complete


@every_method
async def test_u9_a_reply_that_breaks_its_schema_is_set_aside_and_never_bent(name, tmp_path):
    made = tried(tmp_path, name, teacher="malformed")
    ending = await made.run()
    assert ending.status == "finished"
    broken = [call for call in made.records(Call) if call.outcome == "invalid"]
    assert broken and max(call.attempt for call in broken) <= 2


class Unfinished:
    """A student that is always cut off."""

    ref = "cut-off"

    async def answer(self, question, lessons, *, sample=0):
        return Answer(raw="First I", steps=("First I",), finished=False)

    async def go_on(self, question, lessons, *, begun, sample=0):
        return Answer(raw="Then I", steps=("Then I",), finished=False)

    async def trained(self, rows, *, folder):
        return self


@every_method
async def test_u10_unfinished_is_not_wrong(name, tmp_path):
    made = tried(tmp_path, name, student=Unfinished())
    await made.run()
    assert {attempt.grade.outcome for attempt in made.records(Attempt)} == {"unfinished"}
    assert made.records(Diagnosis) == []


@every_method
async def test_u11_every_lesson_can_be_followed_back(name, tmp_path):
    made = tried(tmp_path, name)
    await made.run()
    for lesson in made.records(Lesson):
        assert lesson.run_id == made.cast.run_id and lesson.author and lesson.call_ids
        for call_id in lesson.call_ids:
            call = made.sink.get(Call, call_id)
            assert call.run_id == made.cast.run_id and call.node and len(call.prompt_digest) == 64
        if lesson.kind not in FIXTURES[name].always:
            assert lesson.source_attempt_ids
    for diagnosis in made.records(Diagnosis):
        attempt = made.sink.get(Attempt, diagnosis.attempt_id)
        assert diagnosis.evidence in attempt.raw and diagnosis.call_ids


@every_method
def test_u12_the_figure_stands_next_to_its_controls(name, tmp_path):
    with Lab(home=tmp_path) as lab:
        report = lab.teach_plan(planned(name, controls="all"))
    arms = {arm.name: arm for arm in report.arms}
    assert {"taught", "silent", "deranged"} <= set(arms)
    assert (report.baseline is not None) == FIXTURES[name].gold and report.simulated
    if FIXTURES[name].gain is None:
        return
    assert arms["taught"].gain.low > 0
    for control_arm in ("silent", "deranged"):
        assert arms[control_arm].gain.low <= 0 <= arms[control_arm].gain.high
        assert arms[control_arm].taught_beyond.low > 0
    assert not arms["deranged"].precision


async def test_a_method_says_its_cost_for_every_way_of_using_it():
    for name in METHODS:
        method = find_method(name)
        assert method.cost(read_params(method, {}), Sizes(train=10, probe=10, val=10, test=10, wrong=(4,))).teacher >= 0
        assert method.paper.title and method.summary.endswith(".")


def test_the_fixture_is_what_the_controls_need():
    task = chains()
    assert control("silent", task=task).ref == "control/silent"
    assert {skill for problem in task.problems for skill in problem.skills} >= set(TWO_BUGS)

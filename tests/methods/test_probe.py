"""The probe: what a lesson makes students do when it is all that they are given."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.bench import bench, chains

from tutorkit.graphs.deps import deps_for
from tutorkit.methods._nodes.probe import probe, probe_untaught
from tutorkit.ports import Answer
from tutorkit.students.buggy import parse_sim
from tutorkit.types import Attempt, Call, Lesson, Score

CARRY = Lesson(id="lesson-carry", run_id="r", kind="demo", text="Carry. [[skill:carry]]")
NOTHING = Lesson(id="lesson-nothing", run_id="r", kind="demo", text="Work with care.")


@pytest.fixture(scope="module")
def task():
    return chains(sizes={"train": 20, "val": 2, "test": 2})


def deps_and_bench(folder, task, *, student="sim/add.drops_carry", panel=()):
    made = bench(folder, task=task, student=student)
    cast = replace(made.cast, panel=tuple(parse_sim(ref) for ref in panel))
    return deps_for(cast, "node#0"), replace(made, cast=cast)


async def test_it_is_what_the_lesson_does_to_the_answers(tmp_path, task):
    deps, made = deps_and_bench(tmp_path, task)
    problems = task.split("train")
    found = await probe(deps, [CARRY, NOTHING], problems, phase="p", kind="icl_accuracy")
    before = await probe_untaught(deps, problems, phase="p")
    share = sum("carry" not in problem.skills for problem in problems) / 20
    assert [found[lesson.id].accuracy for lesson in (CARRY, NOTHING)] == [1.0, share] and 0 < share < 1
    assert before.accuracy == share and before.n == 20
    scores = {score.subject_id: (score.kind, score.value, score.n, score.probe_set) for score in made.records(Score)}
    assert scores[CARRY.id] == ("icl_accuracy", 1.0, 20, "p")


async def test_each_answer_is_given_with_exactly_one_lesson(tmp_path, task):
    deps, made = deps_and_bench(tmp_path, task)
    await probe(deps, [CARRY, NOTHING], task.split("train"), phase="p", kind="lbt", repeats=2)
    assert [len(lessons) for _, lessons in made.student.shown] == [1] * 80
    attempts = made.records(Attempt)
    assert len(attempts) == 80 == len(made.records(Call))
    assert {(a.phase, a.sample) for a in attempts} == {(f"p/{name.id}", k) for name in (CARRY, NOTHING) for k in (0, 1)}


async def test_every_student_of_a_panel_answers_once(tmp_path, task):
    deps, made = deps_and_bench(tmp_path, task, panel=("sim/perfect", "sim/add.drops_carry"))
    found = await probe(
        deps, [NOTHING], task.split("train"), phase="p", kind="lbt", students=(deps.student, *deps.panel)
    )
    assert {a.student for a in made.records(Attempt)} == {"sim/add.drops_carry", "sim/perfect"}
    share = sum("carry" not in problem.skills for problem in task.split("train")) / 20
    assert found[NOTHING.id].n == 40 and found[NOTHING.id].accuracy == (share + 1) / 2


async def test_a_problem_of_the_lessons_own_family_is_left_out(tmp_path, task):
    deps, _ = deps_and_bench(tmp_path, task)
    first, *others = task.split("train")
    lesson = CARRY.model_copy(update={"data": {"group": first.group}})
    found = await probe(deps, [lesson], task.split("train"), phase="p", kind="lbt")
    assert found[lesson.id].n == 19
    asked = {deps.sink.get(Attempt, name).problem_id for name in found[lesson.id].attempt_ids}
    assert asked == {problem.id for problem in others}


async def test_each_lesson_may_have_problems_of_its_own(tmp_path, task):
    deps, _ = deps_and_bench(tmp_path, task)
    problems = task.split("train")
    of = {CARRY.id: problems[:3], NOTHING.id: problems[3:8]}
    found = await probe(deps, [CARRY, NOTHING], lambda lesson: of[lesson.id], phase="p", kind="lbt")
    assert [found[lesson.id].n for lesson in (CARRY, NOTHING)] == [3, 5]


async def test_an_unfinished_answer_says_nothing(tmp_path, task):
    class Cut:
        ref = "cut"

        async def answer(self, question, lessons, *, sample=0):
            if question.id in cut:
                return Answer(raw="First I", finished=False)
            return await parse_sim("sim/perfect").answer(question, lessons)

    problems = task.split("train")
    cut = {problem.id for problem in problems[:15]}
    deps, made = deps_and_bench(tmp_path, task, student=Cut())
    found = await probe(deps, [NOTHING], problems, phase="p", kind="lbt")
    assert (found[NOTHING.id].accuracy, found[NOTHING.id].n, len(found[NOTHING.id].attempt_ids)) == (1.0, 5, 20)
    cut |= {problem.id for problem in problems}
    none = await probe(deps, [CARRY], problems, phase="q", kind="lbt")
    assert none[CARRY.id].accuracy is None
    assert CARRY.id not in {score.subject_id for score in made.records(Score)}


async def test_it_goes_on_where_it_stopped(tmp_path, task):
    deps, made = deps_and_bench(tmp_path, task)
    problems = task.split("train")
    first = await probe(deps, [CARRY], problems, phase="p", kind="lbt")
    again = await probe(deps_for(made.cast, "node#0"), [CARRY], problems, phase="p", kind="lbt")
    assert first == again and len(made.student.shown) == 20

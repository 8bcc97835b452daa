"""Simulated students of small worlds: what they lack, what a lesson does for once, what training does for good."""

from __future__ import annotations

from pathlib import Path

import pytest

from tutorkit.errors import BadSetting, UnknownName
from tutorkit.ports import Ask, ContinuingStudent, TrainableStudent, WritingStudent
from tutorkit.students.buggy import BuggyStudent
from tutorkit.students.simulated import build_simulated
from tutorkit.students.worlds import WORLDS, WorldStudent, is_world, parse_world
from tutorkit.tasks import TaskScorer, load_task
from tutorkit.types import Lesson, Question, SFTExample

LESSON = Lesson(id="l", run_id="r", kind="strategy", text="Do it. [[skill:late]]")


def problems(world: str):
    return load_task(world, sizes={"val": 20, "test": 60}).problems


def row(problem, answer) -> SFTExample:
    return SFTExample(id=problem.id, run_id="r", messages=(), data={"item": problem.item, "answer": answer})


async def outcomes(student, pool, lessons=()) -> dict[str, bool]:
    said = {problem.id: await student.answer(problem.question(), lessons) for problem in pool}
    return {p.id: TaskScorer().grade(p, said[p.id].raw).outcome == "right" for p in pool}


@pytest.mark.parametrize("world", WORLDS)
async def test_it_is_wrong_exactly_where_a_skill_is_lacking(world):
    pool = problems(world)
    assert all((await outcomes(parse_world(f"sim/{world}"), pool)).values())
    for skill in WORLDS[world].skills:
        right = await outcomes(parse_world(f"sim/{world}?lacks={skill}"), pool)
        assert {p.id: skill not in p.skills for p in pool} == right


async def test_a_cue_helps_for_once_and_only_with_its_skill():
    pool = problems("service")
    student = parse_world("sim/service?lacks=late+angry")
    right = await outcomes(student, pool, [LESSON])
    assert right == {p.id: p.skills != ("angry",) for p in pool}
    assert student.live_skills == ("angry", "late")


async def test_right_exercises_teach_and_wrong_ones_do_not(tmp_path):
    late = [problem for problem in problems("service") if problem.skills == ("late",)]
    student = parse_world("sim/service?lacks=late")

    async def after(count, answer="trace"):
        trained = await student.trained([row(problem, answer) for problem in late[:count]], folder=tmp_path)
        return trained.lacks

    assert await after(2) == ("late",) and await after(3) == () and await after(5, "resend") == ("late",)
    both = [row(problem, "trace") for problem in late[:3]]
    assert (await student.trained(both, folder=tmp_path)) == (await student.trained(both, folder=Path("/nowhere")))
    assert student.lacks == ("late",)


async def test_an_exercise_of_another_world_teaches_nothing(tmp_path):
    words = [row(problem, problem.gold) for problem in problems("strings")[:9]]
    assert await parse_world("sim/service?lacks=late").trained(words, folder=tmp_path) == parse_world(
        "sim/service?lacks=late"
    )


async def test_what_it_does_not_understand_it_says():
    said = await parse_world("sim/service").answer(Question(id="q", text="1 + 1?", item={"domain": "add"}), ())
    assert said.steps == () and "do not know" in said.raw
    assert (await parse_world("sim/strings").answer(Question(id="q", text="?"), ())).steps == ()


async def test_given_steps_are_not_done_again():
    problem = next(problem for problem in problems("strings") if len(problem.skills) == 3)
    student = parse_world("sim/strings")
    whole = await student.answer(problem.question(), ())
    rest = await student.go_on(problem.question(), (), begun=whole.steps[:2])
    assert rest.steps == whole.steps[2:] and rest.calls[0].purpose == "go_on"
    assert rest.calls[0].key != whole.calls[0].key


async def test_it_can_do_all_that_a_method_may_ask_for_but_writes_nothing():
    student = parse_world("sim/service")
    assert all(isinstance(student, kind) for kind in (ContinuingStudent, WritingStudent, TrainableStudent))
    with pytest.raises(UnknownName):
        await student.call(Ask(prompt_id="m/rate", inputs={}, schema=Lesson, role="student"))


@pytest.mark.parametrize("ref", ["sim/service", "sim/strings?lacks=first+last", "sim/service?lacks=late&learn_after=5"])
def test_a_name_builds_the_student_that_has_it(ref):
    assert is_world(ref) and build_simulated(ref).ref == parse_world(ref).ref == ref
    assert isinstance(build_simulated(ref), WorldStudent)


def test_other_simulated_students_are_built_as_before():
    assert not is_world("sim/two-bugs") and isinstance(build_simulated("sim/two-bugs"), BuggyStudent)


@pytest.mark.parametrize(
    ("ref", "error"),
    [
        ("sim/shop", UnknownName),
        ("sim/service?lacks=carry", UnknownName),
        ("sim/service?slip=0.1", UnknownName),
        ("sim/service?learn_after=0", BadSetting),
        ("sim/service?learn_after=soon", BadSetting),
    ],
)
def test_what_there_is_not_is_refused(ref, error):
    with pytest.raises(error):
        parse_world(ref)

"""Data writing: orders become exercises, and an exercise that passes its checks becomes a datum."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import Field, JsonValue

from tutorkit.canonical import text_digest
from tutorkit.methods._dataenvgym.data_orders import Order, inputs_of
from tutorkit.methods._nodes.author import keep_lesson
from tutorkit.methods._nodes.exercises import (
    ExerciseDraft,
    HeldOut,
    Solved,
    disagreement,
    exercise_faults,
    exercise_problem,
    held_out,
    unsolved_view,
)
from tutorkit.methods._nodes.practise import load_lessons
from tutorkit.methods._nodes.verify import gold_text
from tutorkit.methods._nodes.views import task_view
from tutorkit.methods.vocabulary import Deps, StudentDesk, Wire
from tutorkit.types import Lesson, LessonKind, Problem

_WORD = re.compile(r"[^\W_]+")

Verdict = Literal["kept", "faulty", "solved", "unconfirmed"]


class DataSpecs(Wire):
    """New problems with their solutions."""

    specs: list[ExerciseDraft] = Field(max_length=64)


class SkillDataSpecs(Wire):
    """What a student lacks within a skill, and new problems that train it."""

    skill: str = Field(max_length=80, description="The weakness that you infer, as the name of what is lacking.")
    specs: list[ExerciseDraft] = Field(max_length=64)


@dataclass(frozen=True, kw_only=True)
class Datum:
    """One drafted exercise on its way through the checks; ``source`` is the problem that it was written after."""

    problem: Problem
    draft: ExerciseDraft
    order: Order
    source: Problem
    call_ids: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Checking:
    """What a datum must pass, and by whom.

    ``by_student``: the student must not get it right already. ``by_judge``: a second solution must agree.
    ``student`` and ``lesson_ids`` are the student as it is in this cycle.
    """

    by_student: bool
    by_judge: bool
    student: StudentDesk
    lesson_ids: Callable[[Problem], Sequence[str]]
    kind: LessonKind
    cycle: int


async def write_data(deps: Deps, orders: Sequence[Order]) -> list[Datum]:
    """Have the orders written, one call each. What is written beyond the number asked for is left out."""

    async def write(order: Order) -> JsonValue:
        weakness, specs, call_ids = await _written(deps, order)
        drafts = [
            draft.model_copy(update={"skill": draft.skill or weakness or order.skill or None})
            for draft in specs[: order.count]
        ]
        return {"calls": [*call_ids], "drafts": [draft.model_dump() for draft in drafts]}

    result = await deps.map(write, orders, key=lambda order: f"write:{order.place}")
    by_key = {f"write:{order.place}": order for order in orders}
    return [datum for key, reply in result.done.items() for datum in _data_of(deps, by_key[key], reply)]


async def _written(deps: Deps, order: Order) -> tuple[str, list[ExerciseDraft], tuple[str, ...]]:
    """Ask for the data of an order: the weakness that was inferred, if one was asked for, the drafts and the calls."""
    inputs = inputs_of(deps, order)
    if order.purpose == "write_skill_data":
        said = await deps.teacher.call(order.purpose, inputs, SkillDataSpecs, about=order.sources, sample=order.place)
        return said.value.skill.strip(), said.value.specs, said.call_ids
    plain = await deps.teacher.call(order.purpose, inputs, DataSpecs, about=order.sources, sample=order.place)
    return "", plain.value.specs, plain.call_ids


def _data_of(deps: Deps, order: Order, reply: JsonValue) -> list[Datum]:
    if not isinstance(reply, dict) or not isinstance(reply["calls"], list) or not isinstance(reply["drafts"], list):
        return []
    call_ids = tuple(str(name) for name in reply["calls"])
    # An error is nearer to what is wanted than an example, and its scorer and options are taken.
    like = next((each for each in order.shown if each.attempt_id), order.shown[0])
    source = deps.sink.get(Problem, like.problem_id)
    drafts = [ExerciseDraft.model_validate(draft) for draft in reply["drafts"]]
    return [
        Datum(
            problem=exercise_problem(deps, draft, source, split="train"),
            draft=draft,
            order=order,
            source=source,
            call_ids=call_ids,
        )
        for draft in drafts
    ]


def unseen(data: Sequence[Datum], seen: Sequence[str]) -> tuple[list[Datum], list[str]]:
    """Leave out what says the same as an earlier datum.

    Args:
        data: what was written, in order.
        seen: the traces of all that was written before, kept or not.

    Returns:
        What is new, and the traces with it.
    """
    traces = dict.fromkeys(seen)
    fresh: list[Datum] = []
    for datum in data:
        trace = text_digest(" ".join(datum.problem.question().as_text().casefold().split()))[:16]
        if trace not in traces:
            traces[trace] = None
            fresh.append(datum)
    return fresh, list(traces)


async def check_data(deps: Deps, data: Sequence[Datum], checking: Checking) -> list[Lesson]:
    """Check every datum and keep it as a lesson, those too that fail: ``data['verdict']`` says how it came out.

    The cheapest check comes first: what can be seen in the text, then what the student can do already, then what a
    second solution comes to. Who fails one is not put to the next.

    Returns:
        The lessons in the order of the data; one whose check failed for good has none.
    """
    closed = held_out(deps) if data else HeldOut({}, {})

    async def check(datum: Datum) -> JsonValue:
        return (await _checked(deps, datum, checking, closed)).id

    result = await deps.map(check, data, key=lambda datum: datum.problem.id)
    return load_lessons(deps, [str(name) for name in result.done.values()])


async def _checked(deps: Deps, datum: Datum, checking: Checking, closed: HeldOut) -> Lesson:
    problem, calls = datum.problem, datum.call_ids
    verdict: Verdict = "kept"
    faults = _faults(deps, datum, closed)
    if faults:
        verdict = "faulty"
    elif checking.by_student and await _solves(deps, problem, checking):
        verdict, faults = "solved", ("the student solves it already",)
    elif checking.by_judge:
        said = await deps.judge.call(
            "solve_exercise",
            {"task": task_view(deps.task), "problem": unsolved_view(problem)},
            Solved,
            about=(problem.id,),
        )
        calls = (*calls, *said.call_ids)
        faults = disagreement(problem, said.value.answer, deps.scorer)
        verdict = "unconfirmed" if faults else "kept"
    return _kept(deps, datum, checking, faults=faults, calls=calls, verdict=verdict)


def _faults(deps: Deps, datum: Datum, closed: HeldOut) -> tuple[str, ...]:
    """Look for what is wrong with the text itself; an answer to a problem of ``val`` that stands in it is a leak."""
    problem = datum.problem
    found = exercise_faults(problem, datum.draft.solution, closed=closed, scorer=deps.scorer)
    others = [each for each in deps.problems("val") if each.gold != problem.gold]
    leak = _told_gold(f"{problem.text}\n{datum.draft.solution}", others)
    return (*found, leak) if leak else found


def _told_gold(text: str, problems: Sequence[Problem]) -> str | None:
    """Tell whether a text says a problem's gold; numbers are met by chance, and count after "answer is" alone."""
    said = f" {' '.join(_WORD.findall(text.casefold()))} "
    numbers = [problem for problem in problems if any(character.isdigit() for character in problem.gold or "")]
    for problem in numbers:
        if f" answer is {' '.join(_WORD.findall((problem.gold or '').casefold()))} " in said:
            return f"states the gold of {problem.id}"
    return gold_text(text, [problem for problem in problems if problem not in numbers])


async def _solves(deps: Deps, problem: Problem, checking: Checking) -> bool:
    lessons = load_lessons(deps, checking.lesson_ids(problem))
    attempt = await checking.student.answer(problem, lessons, phase=f"check-{checking.cycle}")
    return attempt.grade.outcome == "right"


def _kept(
    deps: Deps, datum: Datum, checking: Checking, *, faults: Sequence[str], calls: Sequence[str], verdict: Verdict
) -> Lesson:
    problem, order = datum.problem, datum.order
    shown: dict[str, JsonValue] = {
        "problem": problem.question().as_text(),
        "solution": datum.draft.solution.strip(),
        "answer": problem.gold,
    }
    return keep_lesson(
        deps,
        kind=checking.kind,
        text="\n".join(f"{part.capitalize()}: {words}" for part, words in shown.items()),
        faults=faults,
        call_ids=calls,
        skill=datum.draft.skill,
        sources=order.sources,
        source_split=datum.source.split,
        data={
            "problem_id": problem.id,
            "group": problem.group,
            **shown,
            "applies_to": shown["problem"],
            "skill": order.skill,
            "subskill": order.subskill,
            "cycle": checking.cycle,
            "verdict": verdict,
        },
    )

"""Drafts: new questions of a teacher, and worked solutions of each in different ways of explaining."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from random import Random

from pydantic import Field, JsonValue

from tutorkit.methods._nodes.author import keep_lesson
from tutorkit.methods._nodes.exercises import (
    ExerciseDraft,
    HeldOut,
    exercise_faults,
    exercise_problem,
    held_out,
    unsolved_view,
)
from tutorkit.methods._nodes.practise import load_lessons
from tutorkit.methods._nodes.verify import demo_faults, gold_text
from tutorkit.methods._nodes.views import problem_view, task_view
from tutorkit.methods.vocabulary import Deps, Params, Wire
from tutorkit.types import Lesson, Problem

_TRIES = 20


class Technique(Params):
    """A way of explaining."""

    name: str = Field(min_length=1, max_length=40, description="A short name.")
    description: str = Field(min_length=1, max_length=600, description="How somebody explains who uses it.")


TECHNIQUES = (
    Technique(
        name="plain steps",
        description="Solve it step by step. Each step is one line that says what is done and what comes out.",
    ),
    Technique(
        name="simple words",
        description="Explain it as to a beginner: short everyday sentences, one small step each, nothing left out and "
        "no term that the problem does not use.",
    ),
    Technique(
        name="equations",
        description="Put it into symbols: name what is unknown, write what the problem says as equations or formal "
        "statements, and transform them until the answer stands there. Words only where symbols cannot say it.",
    ),
    Technique(
        name="rule first",
        description="First state the general rule or rules that such problems follow, then apply them to this problem "
        "one after the other.",
    ),
)
"""The first is the plain one: the prompt that stands with both sides of a pair of solutions."""


class QuestionDraft(Wire):
    """A new problem, not solved yet."""

    problem: str = Field(max_length=4000, description="The problem alone, complete, without its solution.")
    options: list[str] = Field(
        default_factory=list, max_length=26, description="The options in order, without letters; empty if it has none."
    )
    answer: str = Field(max_length=400, description="The correct final answer alone.")
    skill: str | None = Field(default=None, max_length=80, description="The skill that it takes, if it has a name.")


class QuestionDrafts(Wire):
    """Several new problems."""

    questions: list[QuestionDraft] = Field(max_length=32)


class RationaleDraft(Wire):
    """A worked solution in one way of explaining."""

    rationale: str = Field(max_length=4000, description="The solution, step by step, without the answer's line.")
    answer: str = Field(max_length=400, description="The final answer alone.")
    level: int | None = Field(
        default=None,
        ge=1,
        le=9,
        description="What it asks of a reader: 1 where a beginner can follow, higher the more must be known already;"
        " null when you cannot say.",
    )


@dataclass(frozen=True)
class Examples:
    """Drafts that the student learnt most and least from, as the teacher gets to see them; none at first."""

    liked: tuple[JsonValue, ...] = ()
    disliked: tuple[JsonValue, ...] = ()


NO_EXAMPLES = Examples()


@dataclass(frozen=True)
class _Order:
    number: int
    count: int
    seeds: tuple[Problem, ...]


async def draft_questions(
    deps: Deps, *, wanted: int, per_call: int, seeds: int, examples: Examples = NO_EXAMPLES
) -> list[str]:
    """Have new questions written after some seeds, which are drawn for each call, and keep those that pass their gates.

    A question passes when its answer can be graded, when it does not give an answer away, and when it repeats no
    problem that is measured or probed with.

    Returns:
        The ids of the lessons, of the kind ``exercise``; their ``data`` names the problem.
    """
    pool = deps.problems("train") or deps.problems("val")
    drawn = _seeds(deps.rng, pool, size=seeds, times=-(-wanted // per_call))
    orders = [_Order(i, min(per_call, wanted - i * per_call), chosen) for i, chosen in enumerate(drawn)]
    closed = held_out(deps)

    async def one(order: _Order) -> JsonValue:
        shown: list[JsonValue] = [problem_view(seed) for seed in order.seeds]
        said = await deps.teacher.call(
            "draft_questions",
            {
                "task": task_view(deps.task),
                "seeds": shown,
                "liked": [*examples.liked],
                "disliked": [*examples.disliked],
                "count": order.count,
            },
            QuestionDrafts,
            about=[seed.id for seed in order.seeds],
            sample=order.number,
        )
        made = [
            _question(deps, draft, order.seeds[0], closed=closed, call_ids=said.call_ids)
            for draft in said.value.questions[: order.count]
        ]
        return [lesson.id for lesson in made if lesson.verified]

    result = await deps.map(one, orders, key=lambda order: f"questions-{order.number}")
    made = [str(name) for names in result.done.values() if isinstance(names, list) for name in names]
    return list(dict.fromkeys(made))


async def draft_rationales(
    deps: Deps, questions: Sequence[str], techniques: Sequence[Technique], *, examples: Examples = NO_EXAMPLES
) -> dict[str, dict[str, str]]:
    """Have every question solved in every technique, and keep the solutions as demos.

    A solution is verified when its answer is the one that was stated with the question, which the solver did not see.

    Returns:
        The ids of the lessons by question and technique, also of those that are not verified. Techniques that came to
        the very same text share a lesson.
    """
    orders = [*product(load_lessons(deps, questions), techniques)]

    async def one(order: tuple[Lesson, Technique]) -> JsonValue:
        question, technique = order
        problem = deps.sink.get(Problem, str(question.data["problem_id"]))
        said = await deps.teacher.call(
            "draft_rationale",
            {
                "task": task_view(deps.task),
                "problem": unsolved_view(problem),
                "technique": technique.model_dump(mode="json"),
                "liked": [*examples.liked],
                "disliked": [*examples.disliked],
            },
            RationaleDraft,
            about=(problem.id,),
        )
        return _rationale(deps, said.value, question, problem, technique=technique, call_ids=said.call_ids).id

    result = await deps.map(one, orders, key=_key)
    found: dict[str, dict[str, str]] = {}
    for order in orders:
        if _key(order) in result.done:
            found.setdefault(order[0].id, {})[order[1].name] = str(result.done[_key(order)])
    return found


def tried_view(deps: Deps, lesson_id: str, marks: str) -> dict[str, JsonValue]:
    """Return a draft as the teacher gets to see it, with what the student did: see ``draft_marks``."""
    lesson = deps.sink.get(Lesson, lesson_id)
    return {
        "text": str(lesson.data["problem"]),
        "solution": str(lesson.data["solution"]),
        "right": marks.count("1"),
        "asked": len(marks) - marks.count("-"),
        "item": deps.sink.get(Problem, str(lesson.data["problem_id"])).item,
    }


def _key(order: tuple[Lesson, Technique]) -> str:
    return f"{order[0].id}:{order[1].name}"


def _seeds(rng: Random, pool: Sequence[Problem], *, size: int, times: int) -> list[tuple[Problem, ...]]:
    """Draw seeds for each call, another choice or order each time as long as one is found."""
    drawn: list[tuple[Problem, ...]] = []
    for _ in range(times if pool else 0):
        tries = (tuple(rng.sample(pool, min(size, len(pool)))) for _ in range(_TRIES))
        last: tuple[Problem, ...] = ()
        for last in tries:
            if last not in drawn:
                break
        drawn.append(last)
    return drawn


def _question(deps: Deps, draft: QuestionDraft, seed: Problem, *, closed: HeldOut, call_ids: Sequence[str]) -> Lesson:
    # The skills of one of the seeds say nothing of a question that was written after several.
    source = seed.model_copy(update={"skills": ()})
    exercise = ExerciseDraft(**draft.model_dump(), solution="")
    problem = exercise_problem(deps, exercise, source, split="train")
    faults = [*exercise_faults(problem, draft.answer, closed=closed, scorer=deps.scorer)]
    faults += [fault for fault in [gold_text(problem.text, deps.problems("val"))] if fault]
    return keep_lesson(
        deps,
        kind="exercise",
        text=f"Problem: {problem.question().as_text()}\nAnswer: {problem.gold}",
        faults=faults,
        call_ids=call_ids,
        source_split=seed.split,
        data={"problem_id": problem.id, "group": problem.group},
    )


def _rationale(
    deps: Deps,
    draft: RationaleDraft,
    question: Lesson,
    problem: Problem,
    *,
    technique: Technique,
    call_ids: Sequence[str],
) -> Lesson:
    faults = [*demo_faults(draft.rationale, draft.answer, problem, deps.scorer)]
    # The answer of this problem may be that of another one as well, and must be stated.
    others = [other for other in deps.problems("val") if other.gold != problem.gold]
    faults += [fault for fault in [gold_text(draft.rationale, others)] if fault]
    shown = {
        "problem": problem.question().as_text(),
        "solution": draft.rationale.strip(),
        "answer": draft.answer.strip(),
    }
    return keep_lesson(
        deps,
        kind="demo",
        text="\n".join(f"{part.capitalize()}: {words}" for part, words in shown.items()),
        faults=faults,
        call_ids=call_ids,
        source_split=question.source_split,
        data={
            **shown,
            "problem_id": problem.id,
            "group": problem.group,
            "question": question.id,
            "technique": technique.name,
            "level": draft.level,
        },
    )

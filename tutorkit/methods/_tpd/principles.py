"""Principles: rules made of batches of errors, each rule once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import Field, JsonValue

from tutorkit.methods._nodes.author import keep_lesson
from tutorkit.methods._nodes.practise import load_attempts, load_lessons
from tutorkit.methods._nodes.seen_items import SeenItems
from tutorkit.methods._nodes.verify import principle_faults
from tutorkit.methods._nodes.views import lesson_view, task_view
from tutorkit.methods.vocabulary import Deps, Wire
from tutorkit.types import Attempt, Diagnosis, Lesson, Problem


class DraftPrinciple(Wire):
    """One principle and the errors it would have prevented."""

    text: str = Field(max_length=600, description="An imperative rule that holds for every problem of the task.")
    covers_error_ids: list[str] = Field(description="Ids of the errors that it would have prevented.")
    skill: str | None = Field(default=None, max_length=80, description="The skill that it teaches, if it has a name.")


class Principles(Wire):
    """The rules behind a batch of errors, without those that are there already."""

    principles: list[DraftPrinciple] = Field(max_length=12)


async def principles_of(
    deps: Deps, batches: Sequence[list[Diagnosis]], *, known: Sequence[str], seen: SeenItems
) -> list[str]:
    """Have batches of errors abstracted into rules, all at once.

    Args:
        deps: what the node was handed.
        batches: the errors.
        known: the principles so far, which the teacher is shown; of these, the ones that were set aside it is not.
        seen: the items that a principle may not quote.

    Returns:
        The ids of the new principles, those included that were set aside.
    """
    problems = {problem.id: problem for problem in deps.problems("val")}
    shown = shown_principles([lesson for lesson in load_lessons(deps, known) if lesson.verified])

    async def one(batch: list[Diagnosis]) -> JsonValue:
        names = {f"E{place}": diagnosis.attempt_id for place, diagnosis in enumerate(batch, start=1)}
        attempts = load_attempts(deps, list(names.values()))
        errors: list[JsonValue] = [
            _error_view(name, diagnosis, attempt, problems[attempt.problem_id])
            for name, diagnosis, attempt in zip(names, batch, attempts, strict=True)
        ]
        said = await deps.teacher.call(
            "generate_principles",
            {"task": task_view(deps.task), "errors": errors, "principles": shown},
            Principles,
            about=list(names.values()),
        )
        return [
            _keep_principle(deps, draft, names, seen=seen, call_ids=said.call_ids) for draft in said.value.principles
        ]

    result = await deps.map(one, batches, key=lambda batch: batch[0].id)
    return [str(name) for names in result.done.values() if isinstance(names, list) for name in names]


def _error_view(name: str, diagnosis: Diagnosis, attempt: Attempt, problem: Problem) -> dict[str, JsonValue]:
    """Return an error with its problem: without it a rule could not say when it applies."""
    return {
        "id": name,
        "problem": problem.question().as_text(),
        "gold": problem.gold,
        "answer": attempt.grade.normalised,
        "evidence": diagnosis.evidence,
        "summary": diagnosis.summary,
        "cause": diagnosis.cause,
        "skill": diagnosis.skill,
    }


def _keep_principle(
    deps: Deps, draft: DraftPrinciple, attempts: Mapping[str, str], *, seen: SeenItems, call_ids: Sequence[str]
) -> str:
    return keep_lesson(
        deps,
        kind="principle",
        text=draft.text.strip(),
        faults=principle_faults(draft.text, seen),
        call_ids=call_ids,
        skill=draft.skill,
        sources=[attempts[name] for name in draft.covers_error_ids if name in attempts],
        source_split="val",
    ).id


def shown_principles(principles: Sequence[Lesson]) -> list[JsonValue]:
    """Show principles under the names P1, P2, …, by which a teacher refers to them."""
    return [lesson_view(f"P{place}", lesson) for place, lesson in enumerate(principles, start=1)]

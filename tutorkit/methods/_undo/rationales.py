"""Rationales: a problem's solution that a student learns from, each new one as the last one's next version."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field, JsonValue

from tutorkit.methods._nodes.author import keep_lesson
from tutorkit.methods._nodes.rows import keep_sft
from tutorkit.methods._nodes.verify import demo_faults, plain
from tutorkit.methods.vocabulary import Deps, Wire
from tutorkit.ports import Scorer
from tutorkit.types import Attempt, Lesson, Problem


class Rationale(Wire):
    """A problem's solution, written to be learnt from."""

    rationale: str = Field(max_length=4000, description="The solution, step by step, without the answer's line.")
    answer: str = Field(max_length=400, description="The final answer alone.")


def keep_rationale(
    deps: Deps,
    problem: Problem,
    *,
    rationale: str,
    answer: str,
    round: int,
    call_ids: Sequence[str],
    trained: bool,
    parent: Lesson | None = None,
    attempt: Attempt | None = None,
    changed: str = "",
) -> JsonValue:
    """Check a rationale and keep it.

    Args:
        deps: the run's participants.
        problem: what it solves.
        rationale: the working.
        answer: the final answer alone.
        round: the round in which it is used first.
        call_ids: the calls that it took.
        trained: whether a student is trained on it; else it is an example to be shown.
        parent: the version that it replaces.
        attempt: what the student wrote.
        changed: what is different from the version before.

    Returns:
        The id of the lesson and, for training, that of its row; nothing where it was rejected.
    """
    solution, final = rationale.strip(), answer.strip()
    question = problem.question().as_text()
    lesson = keep_lesson(
        deps,
        kind="rationale" if trained else "demo",
        text=f"Problem: {question}\nSolution: {solution}\nAnswer: {final}",
        faults=rationale_faults(solution, final, problem, deps.scorer),
        call_ids=call_ids,
        skill=problem.skills[0] if len(problem.skills) == 1 else None,
        sources=(attempt.id,) if attempt else (),
        source_split=problem.split,
        parent=parent,
        about=problem.id,
        data={
            "problem_id": problem.id,
            "group": problem.group,
            "problem": question,
            "applies_to": question,
            "solution": solution,
            "answer": final,
            "round": round,
            "characters": len(plain(solution)),
            "changed": changed,
        },
    )
    if not lesson.verified:
        return None
    return [lesson.id, _row(deps, problem, lesson)] if trained else [lesson.id]


def _row(deps: Deps, problem: Problem, lesson: Lesson) -> str:
    return keep_sft(
        deps,
        problem,
        rationale=str(lesson.data["solution"]),
        answer=str(lesson.data["answer"]),
        round=int(str(lesson.data["round"])),
        student=deps.student.ref,
        lesson_ids=(lesson.id,),
        sources=lesson.source_attempt_ids,
        call_ids=lesson.call_ids,
        data={"version": lesson.version},
    ).id


def rationale_faults(rationale: str, answer: str, problem: Problem, scorer: Scorer) -> tuple[str, ...]:
    """Return why a solution is no rationale: it must come to the right answer, and be more than that answer."""
    found = demo_faults(rationale, answer, problem, scorer)
    if not found and plain(rationale).strip(" .").casefold() == answer.strip(" .").casefold():
        return ("is nothing but the answer",)
    return found

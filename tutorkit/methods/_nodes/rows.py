"""Rows: make a row of fine-tuning data of a worked solution."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import JsonValue

from tutorkit.canonical import stable_id
from tutorkit.methods.vocabulary import Deps
from tutorkit.types import Message, Problem, SFTExample


def keep_sft(
    deps: Deps,
    problem: Problem,
    *,
    rationale: str,
    answer: str,
    round: int,
    student: str,
    lesson_ids: Sequence[str] = (),
    sources: Sequence[str] = (),
    call_ids: Sequence[str] = (),
    data: Mapping[str, JsonValue] | None = None,
    flags: Sequence[str] = (),
) -> SFTExample:
    """Put an example into the sink: the question as a student reads it, and the solution that it is to imitate.

    The solution ends with the line in which a student states its answer. The item and the answer go along, so that a
    student that is a program can learn from the example.

    Args:
        deps: the run's participants.
        problem: what is asked.
        rationale: the working, without the answer's line.
        answer: the final answer alone.
        round: the round in which the example was made.
        student: whom it was made for.
        lesson_ids: the lessons that hold the solution.
        sources: the attempts that it was made from.
        call_ids: the calls that it took.
        data: what else is to be kept with it.
        flags: what a reader must know of it.
    """
    solution = f"{rationale.strip()}\nAnswer: {answer.strip()}"
    row = SFTExample(
        id=stable_id("sft", deps.run_id, problem.id, student, solution, [*lesson_ids], round),
        run_id=deps.run_id,
        problem_id=problem.id,
        split=problem.split,
        student=student,
        lesson_ids=tuple(lesson_ids),
        source_attempt_ids=tuple(sources),
        call_ids=tuple(call_ids),
        round=round,
        flags=tuple(flags),
        data={"item": problem.item, "answer": answer.strip(), **(data or {})},
        messages=(
            Message(role="user", content=problem.question().as_text()),
            Message(role="assistant", content=solution),
        ),
    )
    deps.sink.put(row)
    return row

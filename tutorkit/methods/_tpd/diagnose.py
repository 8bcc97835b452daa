"""Diagnose: why one attempt went wrong, with the evidence in the attempt itself."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

from tutorkit.canonical import stable_id
from tutorkit.methods._nodes.views import attempt_view, problem_view, task_view
from tutorkit.methods.vocabulary import Deps, Wire
from tutorkit.types import Attempt, Diagnosis, Problem


class ErrorNote(Wire):
    """What a teacher says of one attempt; of its first error, where it has several."""

    analysis: str = Field(max_length=4000, description="Compare the attempt with the correct solution, step by step.")
    first_wrong_step: Annotated[int, Field(ge=1)] | None = Field(
        description="Number of the first wrong step as shown, counted from 1; null when no step can be named."
    )
    evidence: str = Field(max_length=1000, description="The passage of the first error, word for word.")
    error_summary: str = Field(
        max_length=600,
        description="What was done there and what is right instead, without this problem's numbers or names.",
    )
    cause: str = Field(max_length=80, description="The kind of error, in a few words.")
    skill: str | None = Field(default=None, max_length=80, description="The skill that is lacking, if it has a name.")
    # The name of an executable misconception, which only a rule engine knows: no model is asked for it.
    misconception_id: SkipJsonSchema[str | None] = Field(default=None, max_length=80)
    confidence: Annotated[float, Field(ge=0, le=1)] | None = Field(description="From 0 to 1; null when you cannot say.")


async def diagnose(deps: Deps, attempt: Attempt, problem: Problem, *, purpose: str) -> Diagnosis:
    """Ask the teacher why an attempt went wrong, and keep the diagnosis.

    The step number is counted from 1 where a teacher sees it and from 0 in the record. Evidence that is not in the
    attempt is no evidence: it is dropped, and so is a step number that the attempt does not have, and the name of a
    misconception where no rule found it.
    """
    said = await deps.teacher.call(
        purpose,
        {"task": task_view(deps.task), "problem": problem_view(problem), "attempt": attempt_view(attempt)},
        ErrorNote,
        about=(attempt.id,),
    )
    note = said.value
    step = note.first_wrong_step
    diagnosis = Diagnosis(
        id=stable_id("diagnosis", attempt.id),
        run_id=deps.run_id,
        attempt_id=attempt.id,
        first_wrong_step=step - 1 if step is not None and step <= len(attempt.steps) else None,
        cause=note.cause,
        summary=note.error_summary,
        skill=note.skill,
        misconception_id=note.misconception_id if deps.teacher.diagnoses_as == "rule" else None,
        evidence=note.evidence if _squeezed(note.evidence) in _squeezed(attempt.raw) else "",
        confidence=note.confidence,
        source=deps.teacher.diagnoses_as,
        call_ids=said.call_ids,
    )
    deps.sink.put(diagnosis)
    return diagnosis


def _squeezed(text: str) -> str:
    return " ".join(text.split()).casefold()

"""What an expert is shown, what it finds, and what it must be able to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from pydantic import BaseModel, ConfigDict, JsonValue


class Seen(BaseModel):
    """A part of a prompt's inputs, read as a record; what this teacher has no use for is left out."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class ProblemSeen(Seen):
    """A problem as it stands in a teacher's inputs."""

    id: str = ""
    text: str
    gold: str | None = None
    steps: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    item: dict[str, JsonValue] | None = None

    @property
    def domain(self) -> str:
        """The domain that its item names; empty when there is no item."""
        return str((self.item or {}).get("domain", ""))


class AttemptSeen(Seen):
    """An attempt as it stands in a teacher's inputs. ``answer`` is what the scorer read from it."""

    steps: tuple[str, ...] = ()
    raw: str
    answer: str | None = None

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """The steps, or the non-empty lines where it was not taken apart."""
        return self.steps or tuple(line for line in self.raw.splitlines() if line.strip())

    def span(self, text: str) -> str:
        """Return the text where it stands in the attempt as it is, else nothing: only then is it evidence."""
        return text if text and text in self.raw else ""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One error in an attempt.

    ``step`` counts from 0; None when no step can be named. ``summary`` and ``cause`` speak of the kind of error and
    hold nothing of the problem; ``analysis`` may. ``skill`` is what is lacking, by a name that ``principle`` knows, or
    None. ``confidence`` is in [0, 1].
    """

    step: int | None
    evidence: str
    cause: str
    summary: str
    analysis: str
    skill: str | None = None
    misconception: str | None = None
    confidence: float


@dataclass(frozen=True)
class Advice:
    """How a kind of problem is solved: a short paragraph, and the procedure, one sentence a step."""

    text: str
    steps: tuple[str, ...] = ()


@dataclass(frozen=True)
class Worked:
    """A worked solution, with the skills that it shows."""

    lines: tuple[str, ...]
    answer: str
    skills: tuple[str, ...] = ()


class Expert(Protocol):
    """Knows one kind of problem. The modules of this package are its implementations."""

    def recognises(self, problem: ProblemSeen) -> bool:
        """Tell whether this expert can speak about the problem."""
        ...

    def advice(self, examples: Sequence[ProblemSeen]) -> Advice:
        """Say how such problems are solved, in view of some examples and without quoting them."""
        ...

    def findings(self, problem: ProblemSeen, attempt: AttemptSeen) -> tuple[Finding, ...]:
        """Return the errors of an attempt that was marked wrong, the first one first; at least one."""
        ...

    def principle(self, skill: str, summary: str = "") -> str | None:
        """Return what teaches a skill, in the imperative and for any item; None for a skill of which it knows nothing.

        ``summary`` is that of an error for which the skill was lacking.
        """
        ...

    def worked(self, problem: ProblemSeen) -> Worked | None:
        """Work the problem out; None when this expert cannot."""
        ...


def unexplained(problem: ProblemSeen, attempt: AttemptSeen, *, confidence: float = 0.1) -> Finding:
    """Return what can honestly be said of a wrong attempt of which nothing is understood."""
    answer = attempt.span(attempt.answer or "")
    said = f"The attempt answers {attempt.answer}" if attempt.answer else "No answer can be read from the attempt"
    return Finding(
        step=None,
        evidence=answer,
        cause="unexplained" if attempt.answer else "no answer",
        summary="The answer is wrong and the working does not show why."
        if attempt.answer
        else "The attempt ends without an answer in the form that was asked for.",
        analysis=f"{said}; correct is {problem.gold}. Nothing in the working says where it goes wrong.",
        confidence=confidence,
    )

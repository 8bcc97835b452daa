"""What happens in practice, as records that are kept: everything that is known of a learner is replayed from them."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import AwareDatetime, Field, JsonValue, TypeAdapter

from tutorkit.types import Record

Why: TypeAlias = Literal["review", "practice", "easier"]
"""A review that is due, the skill that is worth most, or something easier after several wrong answers in a row."""

StopReason: TypeAlias = Literal["items", "minutes", "mastered"]


class Opened(Record):
    """A session was opened, for so many questions on one domain, and so many minutes of answering if that is set."""

    type: Literal["opened"] = "opened"
    session: int = Field(ge=1)
    domain: str
    items: int = Field(ge=1)
    minutes: float | None = Field(default=None, gt=0)
    at: AwareDatetime


class Asked(Record):
    """A question was put. ``skill`` is what it is about, ``skills`` all that it takes, ``card`` what it reviews."""

    type: Literal["asked"] = "asked"
    id: str
    session: int
    item: dict[str, JsonValue]
    text: str
    skill: str
    skills: tuple[str, ...] = Field(min_length=1)
    card: str
    why: Why
    expected: float = Field(ge=0, le=1, description="The predicted probability of a right answer.")
    at: AwareDatetime


class Helped(Record):
    """Help was given with a question: ``rung`` 3 is the principle, 5 another item worked out."""

    type: Literal["helped"] = "helped"
    id: str
    rung: int = Field(ge=0, le=7)
    at: AwareDatetime


class Answered(Record):
    """A question was answered. ``answer`` is as it was written; empty for "I do not know"."""

    type: Literal["answered"] = "answered"
    id: str
    answer: str
    correct: bool
    blamed: str | None = Field(default=None, description="The skill that the wrong answer's likeliest malrule lacks.")
    seconds: float | None = Field(default=None, ge=0)
    at: AwareDatetime


class Ended(Record):
    """A session came to its end."""

    type: Literal["ended"] = "ended"
    session: int
    why: StopReason
    at: AwareDatetime


PracticeEvent: TypeAlias = Annotated[Opened | Asked | Helped | Answered | Ended, Field(discriminator="type")]

EVENTS: TypeAdapter[Opened | Asked | Helped | Answered | Ended] = TypeAdapter(PracticeEvent)

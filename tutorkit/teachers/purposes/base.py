"""One thing that the rule-based teacher does, and the same thing done by a teacher who takes one skill for another."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from pydantic import JsonValue

from tutorkit.misconceptions import Item
from tutorkit.ports import SchemaT
from tutorkit.teachers.experts.base import ProblemSeen, Seen

_CUES = re.compile(r"(?:\s*\[\[skill:[^\]]*\]\])+\s*$")

Inputs: TypeAlias = Mapping[str, JsonValue]
Said: TypeAlias = Mapping[str, JsonValue]
"""A reply as JSON: what becomes a value of the ask's schema."""


@dataclass(frozen=True)
class Target:
    """A skill that is taught in place of another, and what is said of somebody who lacks it.

    ``item`` is one of a problem about it, where there is such a problem.
    """

    skill: str
    summary: str
    item: Item | None = field(default=None, compare=False)


class Misdirection(Protocol):
    """Takes one skill for another: what a deranged teacher knows."""

    @property
    def live(self) -> tuple[str, ...]:
        """The skills that the student lacks."""
        ...

    def target(self, problem_id: str, skill: str) -> Target:
        """Return what is taught where this problem shows that this skill is lacking."""
        ...

    def working(self, target: Target, *, apart_from: str) -> tuple[str, str]:
        """Return the working and the answer of a problem about the target, another one than ``apart_from``."""
        ...


@dataclass(frozen=True, kw_only=True)
class Purpose:
    """How one thing is done.

    Args:
        do: makes the reply from the inputs alone, as a model does; its second argument tells whether lessons end with
            the tags that a simulated student reads (``cue``).
        misdirect: makes of the inputs and the right reply the reply of a teacher who takes one skill for another, as
            long and in the same form. None where the reply is about no skill: it stays as it is.
    """

    do: Callable[[Inputs, bool], dict[str, JsonValue]]
    misdirect: Callable[[Inputs, Said, Misdirection], dict[str, JsonValue]] | None = None


class ErrorSeen(Seen):
    """An error summary, as it stands in the inputs."""

    id: str
    summary: str
    cause: str
    skill: str | None = None


class PrincipleSeen(Seen):
    """A principle, as it stands in the inputs."""

    id: str
    text: str
    skill: str | None = None


def cue(skills: Sequence[str]) -> str:
    """Return the tags by which a simulated student knows what a text is about."""
    return "".join(f" [[skill:{skill}]]" for skill in skills)


def split_cues(text: str) -> tuple[str, str]:
    """Split a text into what it says and the cue tags at its end."""
    match = _CUES.search(text)
    return (text[: match.start()], match.group()) if match else (text, "")


def all_seen(kind: type[SchemaT], values: JsonValue) -> list[SchemaT]:
    """Read a list of the inputs as records."""
    return [kind.model_validate(value) for value in values] if isinstance(values, list) else []


def problem_seen(inputs: Inputs) -> ProblemSeen:
    """Read the problem of the inputs."""
    return ProblemSeen.model_validate(inputs["problem"])

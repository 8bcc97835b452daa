"""A task: a problem set that is loaded, split and ready to be taught on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from tutorkit.canonical import digest
from tutorkit.types import Problem, Split

SPLITS: tuple[Split, ...] = ("train", "probe", "val", "test")


@dataclass(frozen=True, kw_only=True)
class TaskInfo:
    """One line of the list of tasks. ``needs_data`` tells whether files must be had first."""

    name: str
    summary: str
    needs_data: bool
    licence: str


@dataclass(frozen=True, kw_only=True)
class Task:
    """Problems of one kind, with what a teacher and a student are told about them.

    ``description`` says what the problems are, ``answer_format`` how an answer is to end. ``fresh`` is True for
    problems that our generator made, which no model can have read before. ``notes`` holds what was decided on the way:
    guessed columns, capped splits, rows left out.
    """

    name: str
    description: str
    answer_format: str
    problems: tuple[Problem, ...]
    source: str
    revision: str
    licence: str
    fresh: bool = False
    notes: tuple[str, ...] = ()

    def split(self, name: Split) -> tuple[Problem, ...]:
        """Return the problems of one split, in the order in which they were drawn."""
        return tuple(problem for problem in self.problems if problem.split == name)

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of the canonical problems: equal digests, equal data."""
        return digest([problem.model_dump(mode="json") for problem in self.problems])

"""Wrong programs with a known place: thirty mutants of right solutions."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from tutorkit.sandbox import Sandbox
from tutorkit.tutoring.programming.exercises import Exercise, exercise_named
from tutorkit.tutoring.programming.results import RunReport
from tutorkit.tutoring.programming.testing import Runner

FILE = Path(__file__).resolve().parent.parent / "tutoring" / "programming" / "mutants.yaml"


@dataclass(frozen=True)
class Mutant:
    """A right solution with one line changed. ``others`` are the right solutions that it was not made of."""

    exercise: Exercise
    kind: str
    code: str
    line: int
    others: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"{self.exercise.id}-{self.kind}"


@cache
def mutants() -> tuple[Mutant, ...]:
    return tuple(_mutant(row) for row in yaml.safe_load(FILE.read_text(encoding="utf-8")))


def mutant(name: str) -> Mutant:
    return next(each for each in mutants() if each.name == name)


def _mutant(row: dict) -> Mutant:
    exercise = exercise_named(row["exercise"])
    lines = exercise.solutions[row["of"]].splitlines()
    assert lines[row["line"] - 1] != row["becomes"]
    lines[row["line"] - 1] = row["becomes"]
    others = tuple(text for index, text in enumerate(exercise.solutions) if index != row["of"])
    return Mutant(exercise, row["kind"], "\n".join(lines) + "\n", row["line"], others)


@cache
def runner() -> Runner:
    return Runner(box=Sandbox.found())


@cache
def traced(name: str) -> RunReport:
    """The traced tests of a mutant: many tests look at the same ones."""
    found = mutant(name)
    return runner().test(found.exercise, found.code, traced=True)

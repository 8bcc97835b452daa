"""Programming exercises: what is asked, which calls decide whether a program does it, what has been taught so far."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Self

import yaml
from pydantic import Field, ValidationError, model_validator

from tutorkit.errors import BadRow, DataNotFound, UnknownName
from tutorkit.types import Record


class Case(Record):
    """One call of a learner's program and what is expected of it: exactly one of the four expectations.

    ``equals`` is a Python literal that the call's value must equal, within ``tolerance`` where it is a number;
    ``raises`` the name of an exception; ``prints`` what is printed. These three are judged outside the sandbox: what is
    expected never gets into the learner's hands. ``holds`` means that the call itself is a condition, which is judged
    inside, where a program could in principle forge it. ``hidden`` cases are shown to no learner below rung 4.
    """

    call: str
    equals: str | None = None
    raises: str | None = None
    prints: str | None = None
    holds: bool = False
    tolerance: float | None = Field(default=None, gt=0)
    hidden: bool = False

    @model_validator(mode="after")
    def _expects_one_thing(self) -> Self:
        given = [self.equals is not None, self.raises is not None, self.prints is not None, self.holds]
        if sum(given) != 1:
            raise ValueError("a case expects one of equals, raises, prints, holds")
        if not _is_expression(self.call):
            raise ValueError(f"{self.call!r} is no Python expression")
        if self.equals is not None and not _is_literal(self.equals):
            raise ValueError(f"{self.equals!r} is no Python literal")
        return self

    def as_text(self) -> str:
        """Return the case as a learner reads it."""
        if self.raises is not None:
            return f"{self.call} raises {self.raises}"
        if self.prints is not None:
            return f"{self.call} prints {self.prints!r}"
        if self.holds:
            return f"{self.call} holds"
        near = f" (within {self.tolerance:g})" if self.tolerance else ""
        return f"{self.call} == {self.equals}{near}"


class Exercise(Record):
    """A programming exercise.

    ``function`` is the function that the learner is to write. ``taught`` are the constructs that the course has had, by
    the names of ``CONSTRUCTS``; empty when everything may be used. ``notes`` are the staff's, for the tutor alone, as
    are ``reference`` and ``pool``, which holds further right solutions. ``concept`` says what the exercise is about.
    ``analogy`` is a worked example of a *different* task, code and all.
    """

    id: str
    text: str
    function: str
    starter: str = ""
    cases: tuple[Case, ...] = Field(min_length=1)
    taught: tuple[str, ...] = ()
    notes: str = ""
    reference: str
    pool: tuple[str, ...] = ()
    concept: str = ""
    analogy: str = ""
    plan: tuple[str, ...] = ()

    @property
    def visible(self) -> tuple[Case, ...]:
        """The cases that a learner may see."""
        return tuple(case for case in self.cases if not case.hidden)

    @property
    def solutions(self) -> tuple[str, ...]:
        """All solutions that are known to be right, the reference first."""
        return (self.reference, *self.pool)


def case_of(line: str, *, hidden: bool = False) -> Case:
    """Read an assert line as a case.

    ``assert f(1) == 2`` becomes a value to be compared outside the sandbox; any other condition one that holds.

    Raises:
        BadRow: when it is no assert statement.
    """
    try:
        statements = ast.parse(line.strip()).body
    except (SyntaxError, ValueError) as error:
        raise BadRow(f"{line!r} is no Python: {error}.", remedy="Write a test as: assert f(1) == 2") from error
    match statements:
        case [ast.Assert(test=ast.Compare(left=left, ops=[ast.Eq()], comparators=[right]))] if _is_literal(
            ast.unparse(right)
        ):
            return Case(call=ast.unparse(left), equals=ast.unparse(right), hidden=hidden)
        case [ast.Assert(test=test)]:
            return Case(call=ast.unparse(test), holds=True, hidden=hidden)
    raise BadRow(f"{line!r} is no assert statement.", remedy="Write a test as: assert f(1) == 2")


def read_exercises(text: str, *, source: str) -> tuple[Exercise, ...]:
    """Read a YAML list of exercises. Tests are assert lines, or mappings with the fields of ``Case``.

    Raises:
        BadRow: when something in it does not fit.
    """
    try:
        rows = yaml.safe_load(text)
        return tuple(_exercise(row) for row in rows)
    except (yaml.YAMLError, ValidationError, TypeError, KeyError, AttributeError) as error:
        raise BadRow(f"The exercises in {source} cannot be read: {error}", data={"source": source}) from error


def load_exercises(path: Path) -> tuple[Exercise, ...]:
    """Read a file of exercises.

    Raises:
        DataNotFound: when there is none.
        BadRow: when something in it does not fit.
    """
    try:
        return read_exercises(path.read_text(encoding="utf-8"), source=str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise DataNotFound(f"{path} cannot be read: {error}.", data={"path": str(path)}) from error


@cache
def built_in_exercises() -> tuple[Exercise, ...]:
    """Return the ten exercises that come along: first functions, with what a first course has had by then."""
    text = resources.files("tutorkit.tutoring.programming").joinpath("data/exercises.yaml").read_text(encoding="utf-8")
    return read_exercises(text, source="exercises.yaml")


def exercise_named(name: str, exercises: Sequence[Exercise] | None = None) -> Exercise:
    """Return one exercise.

    Raises:
        UnknownName: when there is none of that id.
    """
    among = built_in_exercises() if exercises is None else exercises
    found = {exercise.id: exercise for exercise in among}
    if name not in found:
        raise UnknownName("exercise", name, tuple(found))
    return found[name]


def _exercise(row: Mapping[str, Any]) -> Exercise:
    cases = [
        *(_case(each, hidden=False) for each in row.get("tests", ())),
        *(_case(each, hidden=True) for each in row.get("hidden", ())),
    ]
    rest = {name: value for name, value in row.items() if name not in ("tests", "hidden")}
    return Exercise.model_validate({**rest, "cases": cases})


def _case(given: str | Mapping[str, Any], *, hidden: bool) -> Case:
    return case_of(given, hidden=hidden) if isinstance(given, str) else Case.model_validate({**given, "hidden": hidden})


def _is_expression(text: str) -> bool:
    try:
        ast.parse(text, mode="eval")
    except (SyntaxError, ValueError):
        return False
    return True


def _is_literal(text: str) -> bool:
    try:
        ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError):
        return False
    return True

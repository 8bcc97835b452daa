"""What became of a learner's program: a result for each case, and the verdict, which follows from them alone."""

from __future__ import annotations

import ast
import json
import math
from collections.abc import Iterator
from typing import Any, Literal

from pydantic import BaseModel, Field

from tutorkit.sandbox import readable
from tutorkit.tutoring.programming.exercises import Case
from tutorkit.types import Record

_DEEPEST = 40

CaseOutcome = Literal["passed", "failed", "raised", "timed_out", "out_of_memory", "output_cut", "killed", "not_run"]


class Fault(Record):
    """An error as Python reports it: its kind, its message, and the learner's line that it came from, from 1."""

    kind: str
    message: str = ""
    line: int | None = Field(default=None, ge=1)


class CaseResult(Record):
    """What became of one case.

    ``got`` is the value that came out, as a learner would write it; ``printed`` what was printed. ``lines`` are the
    lines that ran, where that was traced.
    """

    index: int = Field(ge=0)
    outcome: CaseOutcome
    got: str | None = None
    printed: str = ""
    fault: Fault | None = None
    lines: tuple[int, ...] = ()


class RunReport(Record):
    """What became of all cases, in their order.

    ``fault`` is what kept the program from being loaded at all. ``loaded`` are the lines that ran while it was loaded.
    ``refused`` says why it was not run. ``printed`` is what was printed while it was loaded.
    """

    results: tuple[CaseResult, ...]
    fault: Fault | None = None
    refused: str = ""
    loaded: tuple[int, ...] = ()
    printed: str = ""

    @property
    def passes(self) -> bool:
        """Whether every case passed: the one and only meaning of *right*."""
        return bool(self.results) and all(result.outcome == "passed" for result in self.results)

    @property
    def failing(self) -> tuple[CaseResult, ...]:
        """The cases that were run and did not pass."""
        return tuple(each for each in self.results if each.outcome not in ("passed", "not_run"))

    @property
    def verdict(self) -> Literal["right", "wrong"] | None:
        """Right or wrong; None where it was not run, which is neither."""
        if self.refused:
            return None
        return "right" if self.passes else "wrong"

    def signature(self) -> str:
        """Return what the error looks like: two tries with one signature have the same error."""
        if self.fault is not None:
            return f"{self.fault.kind}@load"
        return ";".join(f"{each.index}:{each.outcome}:{each.fault.kind if each.fault else ''}" for each in self.failing)


class SaidError(BaseModel):
    """An error, as the box reports it."""

    kinds: list[str] = Field(min_length=1)
    message: str
    line: int | None = Field(ge=1)

    def fault(self) -> Fault:
        """Return it as a record."""
        return Fault(kind=readable(self.kinds[0])[:100], message=readable(self.message)[:300], line=self.line)


class Said(BaseModel):
    """One line of the box's report: a program was loaded (``call`` is None), or a call of it was made."""

    program: int
    call: int | None
    status: Literal["returned", "raised", "timed_out", "output_cut", "out_of_memory"]
    printed: str
    error: SaidError | None
    lines: list[int]
    value: Any = None


def said_in(report: bytes) -> Iterator[Said]:
    """Read what the box reported. What is not of the agreed form was written by somebody else, and is left out."""
    for line in report.splitlines():
        try:
            yield Said.model_validate(json.loads(line.decode("utf-8", "replace")))
        except (ValueError, RecursionError):
            continue


def judged(case: Case, said: Said) -> tuple[CaseOutcome, str | None]:
    """Judge what was reported of a call; return the outcome and the value as it is shown.

    ``said`` comes out of the sandbox and is trusted in nothing: it can claim a value, but not that the value is right.
    """
    if said.status in ("timed_out", "output_cut", "out_of_memory"):
        return said.status, None
    if said.status == "raised":
        expected_error = case.raises is not None and said.error is not None and case.raises in said.error.kinds
        return "passed" if expected_error else "raised", None
    value = decoded(said.value)
    shown = readable(shown_value(value))
    if case.raises is not None:
        return "failed", shown
    if case.prints is not None:
        return ("passed" if _same_text(case.prints, said.printed) else "failed"), shown
    if case.holds:
        return ("passed" if value is True else "failed"), shown
    expected = ast.literal_eval(case.equals or "None")
    return ("passed" if same_value(expected, value, case.tolerance) else "failed"), shown


class Unknown:
    """A value that could not be brought out of the sandbox: equal to nothing, itself included."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __eq__(self, _other: object) -> bool:
        return False

    def __hash__(self) -> int:
        return id(self)

    def __repr__(self) -> str:
        return self.text


def decoded(given: Any, depth: int = 0) -> object:  # noqa: ANN401 - JSON
    """Return the value that ``inside.encoded`` wrote down; whatever is not of that form is unknown."""
    if given is None or isinstance(given, bool | int | float | str):
        return given
    if depth > _DEEPEST:
        return Unknown("…")
    if isinstance(given, list):
        return [decoded(each, depth + 1) for each in given]
    kind, inner = given.get("t"), given.get("v")
    plain = {"tuple": tuple, "set": set, "frozenset": frozenset}
    try:
        if kind in plain:
            return plain[kind](decoded(each, depth + 1) for each in inner)
        if kind == "dict":
            return {decoded(key, depth + 1): decoded(each, depth + 1) for key, each in inner}
        if kind in ("bytes", "complex"):
            return ast.literal_eval(inner)
    except (TypeError, ValueError, SyntaxError):
        return Unknown("<unreadable>")
    return Unknown(str(inner)[:100])


def same_value(expected: object, got: object, tolerance: float | None) -> bool:
    """Tell whether two values are equal as Python has it, numbers within a tolerance, also inside lists and tuples."""
    if tolerance is None:
        return bool(expected == got)
    if isinstance(expected, list | tuple):
        if type(expected) is not type(got) or not isinstance(got, list | tuple) or len(expected) != len(got):
            return False
        return all(same_value(a, b, tolerance) for a, b in zip(expected, got, strict=True))
    if isinstance(expected, int | float) and isinstance(got, int | float):
        return math.isclose(expected, got, rel_tol=0, abs_tol=tolerance)
    return bool(expected == got)


def shown_value(value: object) -> str:
    """Return a value as a learner would write it, cut to what can be read."""
    text = repr(value)
    return text if len(text) <= 200 else text[:200] + "…"


def _same_text(expected: str, printed: str) -> bool:
    return [line.rstrip() for line in expected.rstrip().splitlines()] == [
        line.rstrip() for line in printed.rstrip().splitlines()
    ]

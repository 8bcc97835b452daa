"""What a pupil writes down: the steps of one item's work, and the answer they end in."""

from __future__ import annotations

from dataclasses import dataclass

PLACES = ("ones", "tens", "hundreds", "thousands", "ten thousands", "hundred thousands", "millions")


@dataclass(frozen=True)
class WorkStep:
    """One line of working.

    ``ok`` tells whether the line is right given the lines before it: carrying an earlier error on is not a new error.
    """

    text: str
    result: str
    skill: str | None = None
    ok: bool = True


@dataclass(frozen=True)
class Work:
    """The working on one item. The last step's ``result`` is the ``answer``, a canonical string in raw form."""

    answer: str
    steps: tuple[WorkStep, ...]

    @property
    def first_wrong(self) -> int | None:
        """The index of the first wrong step, from 0; None when every step is right."""
        return next((index for index, step in enumerate(self.steps) if not step.ok), None)


def typeset(text: str) -> str:
    """Write the minus signs of a step's text as the items do; results and answers keep the plain hyphen."""
    return text.replace("-", "−")


def place_name(column: int) -> str:
    """Return the name of a column, counted from 0 at the right."""
    return PLACES[column] if column < len(PLACES) else f"column {column + 1} from the right"


def digits(number: int) -> list[int]:
    """Return the digits of a natural number, ones first."""
    return [int(digit) for digit in reversed(str(number))]

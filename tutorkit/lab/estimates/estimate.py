"""What an experiment will take, as one record: ranges, and where each of their figures comes from."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Literal

from pydantic import BaseModel, ConfigDict

from tutorkit.types import Role, Split

Number = int | float
Origin = Literal["measured", "partly measured", "estimated", "free"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Span(_Part):
    """From the least to the most.

    ``expected`` is None where nothing measured supports it, ``high`` where no limit is known.
    """

    low: Number
    expected: Number | None = None
    high: Number | None

    def __add__(self, other: Span) -> Span:
        """Return the sum, unknown where a part is."""
        return Span(
            low=self.low + other.low,
            expected=_sum(self.expected, other.expected),
            high=_sum(self.high, other.high),
        )

    def times(self, each: Span) -> Span:
        """Return so many of them, each of a size within ``each``; none of an unknown size are none."""
        if self.high == 0:
            return NOTHING
        return Span(
            low=self.low * each.low,
            expected=_product(self.expected, each.expected),
            high=_product(self.high, each.high),
        )

    def less(self, done: int) -> Span:
        """Return what is left when so many are done, never less than none."""
        return Span(
            low=max(0, self.low - done),
            expected=None if self.expected is None else max(0, self.expected - done),
            high=None if self.high is None else max(0, self.high - done),
        )

    def whole(self) -> Span:
        """Return it in whole numbers, rounded outwards."""
        return Span(
            low=math.floor(self.low),
            expected=None if self.expected is None else round(self.expected),
            high=None if self.high is None else math.ceil(self.high),
        )


NOTHING = Span(low=0, expected=0, high=0)


def exactly(number: Number) -> Span:
    """Return the range of a single number."""
    return Span(low=number, expected=number, high=number)


class Figures(_Part):
    """What is asked, and what it takes.

    ``requests`` counts what is asked, ``calls`` what is not answered from the cache; of ``recorded`` requests it is
    known beforehand that they are. ``usd`` is None when a price is unknown; it is then at least ``known_usd``.
    """

    requests: Span
    recorded: int
    calls: Span
    tokens_in: Span
    tokens_out: Span
    usd: Span | None
    known_usd: float


class EstimateLine(Figures):
    """One role in one arm. ``sizes`` says where the tokens of a call come from; ``free`` is who takes none.

    ``state`` tells what is behind the arm; what is done is not in the figures any more.
    """

    arm: str
    role: Role
    who: str
    state: Literal["new", "begun", "finished"]
    sizes: Origin


class CallSize(_Part):
    """The tokens of one call of a kind: the mean of ``n`` earlier calls, or estimated when ``n`` is 0."""

    role: Role
    who: str
    kind: str
    n: int
    tokens_in: Span
    tokens_out: Span


class LimitCheck(_Part):
    """A limit against the most that can come, with what is spent already. ``covered`` is None where that is unknown."""

    name: str
    allowed: float
    spent: float
    most: float | None
    covered: bool | None


class EstimateReport(_Part):
    """What an experiment, or what is left of it, will take.

    ``wrong`` is how many problems of the split ``practice`` the student gets wrong, on which the cost depends;
    ``wrong_share`` is its share of wrong answers untaught, over ``wrong_share_n`` problems of the task, in earlier
    runs. ``prices`` says which prices were used, where any money is shown.
    """

    method: str
    fidelity: str
    task: str
    student: str
    teacher: str
    seed: int
    problems: dict[str, int]
    practice: Split
    cache_mode: str
    wrong: Span
    wrong_share: float | None
    wrong_share_n: int
    lines: tuple[EstimateLine, ...]
    roles: dict[Role, Figures]
    total: Figures
    sizes: tuple[CallSize, ...]
    limits: tuple[LimitCheck, ...]
    prices: str | None
    notes: tuple[str, ...]


def total_of(lines: Iterable[Figures]) -> Figures:
    """Add up; the money is unknown as soon as one part of it is."""
    some = list(lines)
    known = [line.usd for line in some if line.usd is not None]
    return Figures(
        requests=_total(line.requests for line in some),
        recorded=sum(line.recorded for line in some),
        calls=_total(line.calls for line in some),
        tokens_in=_total(line.tokens_in for line in some),
        tokens_out=_total(line.tokens_out for line in some),
        usd=_total(known) if len(known) == len(some) else None,
        known_usd=math.fsum(line.known_usd for line in some),
    )


def _total(spans: Iterable[Span]) -> Span:
    return sum(spans, start=NOTHING)


def _sum(one: Number | None, other: Number | None) -> Number | None:
    return None if one is None or other is None else one + other


def _product(one: Number | None, other: Number | None) -> Number | None:
    return None if one is None or other is None else one * other

"""Decimals as they are written: strings such as ``2.50``, taken apart and put together without rounding."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Annotated, TypeAlias, TypeVar

from pydantic import Field

from tutorkit.misconceptions.work import Work
from tutorkit.types import Record

Decimal: TypeAlias = Annotated[str, Field(pattern=r"^(?:(?:0|[1-9][0-9]{0,8})(?:\.[0-9]{1,9})?|\.[0-9]{1,9})$")]
"""A decimal as it is written: ``3``, ``3.50``, ``.5``; at most nine digits stand on either side of the point."""

ItemT = TypeVar("ItemT", bound=Record)


def split(number: str) -> tuple[int, str]:
    """Return what stands before the point as a number, and what stands after it as it is written."""
    whole, _, decimals = number.partition(".")
    return int(whole or "0"), decimals


def without_point(number: str) -> int:
    """Return the number that all digits make together."""
    return int(number.replace(".", ""))


def with_point(number: int, places: int) -> str:
    """Write a natural number with the point before its last ``places`` digits."""
    text = str(number).zfill(places + 1)
    return f"{text[:-places]}.{text[-places:]}" if places else text


def with_places(number: str, places: int) -> str:
    """Write zeros at the end of a number, until it has as many decimals."""
    _, decimals = split(number)
    return f"{number}{'' if decimals else '.'}{'0' * (places - len(decimals))}" if places else number


def counted(number: int, noun: str) -> str:
    """Write a number and a noun that takes an s."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def unless_right(
    procedure: Callable[[ItemT], Work | None], solve: Callable[[ItemT], Work]
) -> Callable[[ItemT], Work | None]:
    """Make a wrong procedure have nothing to say where its answer has the right value, though in another form."""

    def act(item: ItemT) -> Work | None:
        work = procedure(item)
        return None if work is None or Fraction(work.answer) == Fraction(solve(item).answer) else work

    return act

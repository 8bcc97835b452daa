"""Conversion of units, right and wrong: by which number, and whether to multiply or to divide."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from math import isqrt
from random import Random
from types import MappingProxyType
from typing import Literal

from pydantic import model_validator

from tutorkit.misconceptions.domains.decimal_notation import Decimal, split, with_point
from tutorkit.misconceptions.expressions import show_number
from tutorkit.misconceptions.vocabulary import Domain, Kind, Rule, Skill
from tutorkit.misconceptions.work import Work, WorkStep
from tutorkit.types import Record

Unit = Literal["km", "m", "cm", "mm", "m2", "cm2", "mm2", "kg", "g", "l", "ml", "h", "min"]

FACTORS: Mapping[tuple[str, str], int] = MappingProxyType(
    {
        ("km", "m"): 1000,
        ("m", "cm"): 100,
        ("cm", "mm"): 10,
        ("m2", "cm2"): 10_000,
        ("cm2", "mm2"): 100,
        ("kg", "g"): 1000,
        ("l", "ml"): 1000,
        ("h", "min"): 60,
    }
)
"""How many of the second unit make one of the first."""


class Conversion(Record):
    """A value with its unit, to be given in another unit of the same measure that is the next larger or smaller one."""

    domain: Literal["unit"] = "unit"
    value: Decimal
    unit: Unit
    into: Unit

    @model_validator(mode="after")
    def _units_fit(self) -> Conversion:
        if (self.unit, self.into) not in FACTORS and (self.into, self.unit) not in FACTORS:
            raise ValueError(f"{self.unit} is not converted into {self.into}")
        return self

    @property
    def text(self) -> str:
        """The item as it is written."""
        return f"{self.value} {_shown(self.unit)} in {_shown(self.into)}"

    @property
    def larger(self) -> str:
        """The larger of the two units."""
        return self.unit if self.to_smaller else self.into

    @property
    def smaller(self) -> str:
        """The smaller of the two units."""
        return self.into if self.to_smaller else self.unit

    @property
    def to_smaller(self) -> bool:
        """Whether the wanted unit is the smaller one, so that there are more of it."""
        return (self.unit, self.into) in FACTORS

    @property
    def factor(self) -> int:
        """How many of the smaller unit make one of the larger."""
        return FACTORS[self.larger, self.smaller]

    @property
    def is_area(self) -> bool:
        """Whether the units are squares of lengths."""
        return self.unit.endswith("2")


_FACTOR, _DIRECTION, _AREA, _HOURS = "unit_factor", "unit_direction", "area_units", "decimal_hours"


def _shown(unit: str) -> str:
    return unit.replace("2", "²")


def _decimal(number: Fraction) -> str:
    """Write a number as a decimal without zeros at its end; as a fraction where it has no end."""
    places = next((places for places in range(31) if 10**places % number.denominator == 0), None)
    return show_number(number) if places is None else with_point(int(number * 10**places), places)


def _known(item: Conversion) -> list[WorkStep]:
    """Say how many of the smaller unit make one of the larger; for areas, by way of the lengths."""
    one, many = _shown(item.larger), _shown(item.smaller)
    if not item.is_area:
        return [WorkStep(f"1 {one} = {item.factor} {many}.", str(item.factor), _FACTOR)]
    side = isqrt(item.factor)
    text = f"So 1 {one} = {side} × {side} {many} = {item.factor} {many}."
    return [_side(item), WorkStep(text, str(item.factor), _AREA)]


def _side(item: Conversion) -> WorkStep:
    side = isqrt(item.factor)
    return WorkStep(f"1 {item.larger[:-1]} = {side} {item.smaller[:-1]}.", str(side), _FACTOR)


def _converted(item: Conversion, known: list[WorkStep], factor: int, *, multiplies: bool) -> Work:
    value = Fraction(item.value)
    result = _decimal(value * factor if multiplies else value / factor)
    unit, into = _shown(item.unit), _shown(item.into)
    chosen = "multiply" if multiplies else "divide"
    right = multiplies == item.to_smaller
    reason = f", since 1 {into} is {'smaller' if item.to_smaller else 'larger'}" if right else ""
    hours = _HOURS if item.unit == "h" and value.denominator != 1 else None
    steps = (
        *known,
        WorkStep(f"From {unit} to {into} I {chosen}{reason}.", chosen, _DIRECTION, right),
        WorkStep(f"{item.value} {'×' if multiplies else '÷'} {factor} = {result}.", result, hours),
        WorkStep(f"So {item.value} {unit} = {result} {into}.", result),
    )
    return Work(result, steps)


def solve(item: Conversion) -> Work:
    """Multiply for a smaller unit, and divide for a larger one."""
    return _converted(item, _known(item), item.factor, multiplies=item.to_smaller)


def _wrong_direction(item: Conversion) -> Work:
    return _converted(item, _known(item), item.factor, multiplies=not item.to_smaller)


def _linear_factor(item: Conversion) -> Work | None:
    if not item.is_area:
        return None
    side = isqrt(item.factor)
    text = f"So 1 {_shown(item.larger)} = {side} {_shown(item.smaller)}."
    known = [_side(item), WorkStep(text, str(side), _AREA, ok=False)]
    return _converted(item, known, side, multiplies=item.to_smaller)


def _always_hundred(item: Conversion) -> Work:
    text = f"1 {_shown(item.larger)} = 100 {_shown(item.smaller)}."
    known = [WorkStep(text, "100", _FACTOR, ok=item.factor == 100)]
    return _converted(item, known, 100, multiplies=item.to_smaller)


def _decimals_as_minutes(item: Conversion) -> Work | None:
    """Read the decimals of an hour as minutes, where there are one or two of them: 2.5 h as 2 h 50 min."""
    hours, decimals = split(item.value)
    if item.unit != "h" or not 1 <= len(decimals) <= 2:
        return None
    minutes = int(decimals.ljust(2, "0"))
    answer = str(60 * hours + minutes)
    steps = (
        WorkStep(f"{item.value} h is {hours} h and {minutes} min.", f"{hours} h {minutes} min", _HOURS, ok=not minutes),
        WorkStep(f"{hours} × 60 = {60 * hours}.", str(60 * hours), _FACTOR),
        WorkStep(f"{60 * hours} + {minutes} = {answer}.", answer),
        WorkStep(f"So {item.value} h = {answer} min.", answer),
    )
    return Work(answer, steps)


def _hours(rng: Random) -> str:
    return f"{rng.randrange(0, 6)}.{rng.choice(('5', '5', '25', '75', '1', '2', '4', '8'))}"


def _minutes(rng: Random) -> str:
    return str(15 * rng.randrange(1, 13))


def _small_number(rng: Random) -> str:
    places = rng.choice((0, 0, 1, 2))
    return with_point(rng.randrange(2, 10 ** (places + 1)), places)


def _large_number(rng: Random) -> str:
    return str(rng.randrange(1, 100) * rng.choice((5, 10, 50, 100)))


_DRAWN: tuple[tuple[Unit, Unit, Callable[[Random], str]], ...] = (
    *(("km", "m", _small_number), ("m", "cm", _small_number), ("cm", "mm", _small_number), ("kg", "g", _small_number)),
    *(("m", "km", _large_number), ("cm", "m", _large_number), ("g", "kg", _large_number), ("ml", "l", _large_number)),
    *(("m2", "cm2", _small_number), ("cm2", "m2", _large_number), ("cm2", "mm2", _small_number)),
    *(("h", "min", _hours), ("h", "min", _hours), ("h", "min", _small_number), ("min", "h", _minutes)),
)


def draw(rng: Random) -> Conversion:
    """Lengths, masses and volumes in half of the items, else areas and hours."""
    unit, into, value = rng.choice(_DRAWN)
    return Conversion(value=value(rng), unit=unit, into=into)


DOMAIN = Domain(
    id="unit",
    title="Units",
    kinds=(Kind(Conversion, solve, draw),),
    skills=(
        Skill(
            "unit_direction",
            "Multiplying or dividing when units change",
            "Ask first whether there will be more or fewer of the new unit. A smaller unit is needed more often, so "
            "multiply; a larger one is needed less often, so divide.",
        ),
        Skill(
            "unit_factor",
            "How many of one unit make another",
            "Recall for these very units how many of the smaller make one of the larger. The number differs from "
            "measure to measure, and hours do not go by tens at all.",
        ),
        Skill(
            "area_units",
            "Units of area",
            "A unit of area is a square, so its factor counts in both directions: take the factor of the lengths times "
            "itself.",
        ),
        Skill(
            "decimal_hours",
            "Hours with decimals",
            "The decimals of an hour are a part of the hour, not minutes. Multiply the whole number, decimals and "
            "all, by the minutes of one hour.",
        ),
    ),
    rules=(
        Rule(
            name="wrong_direction",
            kind=Conversion,
            procedure=_wrong_direction,
            skill="unit_direction",
            title="Multiplies where units call for division, and the other way round",
            impasse="a value is to be given in another unit",
            prior=0.2,
        ),
        Rule(
            name="area_uses_linear_factor",
            kind=Conversion,
            procedure=_linear_factor,
            skill="area_units",
            title="Converts areas by the factor of lengths",
            impasse="an area is to be given in another unit",
            prior=0.3,
        ),
        Rule(
            name="always_factor_100",
            kind=Conversion,
            procedure=_always_hundred,
            skill="unit_factor",
            title="Converts every unit by a hundred",
            impasse="one unit is not a hundred of the other",
            prior=0.1,
        ),
        Rule(
            name="decimal_hours_as_minutes",
            kind=Conversion,
            procedure=_decimals_as_minutes,
            skill="decimal_hours",
            title="Reads the decimals of an hour as minutes",
            impasse="hours have decimals",
            prior=0.25,
        ),
    ),
)

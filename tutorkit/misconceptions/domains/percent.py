"""Percent of an amount and price after a discount, right and wrong."""

from __future__ import annotations

from fractions import Fraction
from random import Random
from typing import Annotated, Literal

from pydantic import Field

from tutorkit.misconceptions.expressions import show_number
from tutorkit.misconceptions.numbers import Positive
from tutorkit.misconceptions.vocabulary import Domain, Kind, Rule, Skill
from tutorkit.misconceptions.work import Work, WorkStep, typeset
from tutorkit.types import Record


class Percent(Record):
    """``of``: percent % of the amount. ``off``: what is left of the amount after percent % off."""

    domain: Literal["pct"] = "pct"
    kind: Literal["of", "off"]
    percent: Annotated[int, Field(strict=True, ge=1, le=100)]
    amount: Positive

    @property
    def text(self) -> str:
        """The item as it is written."""
        return f"{self.percent}% of {self.amount}" if self.kind == "of" else f"{self.percent}% off {self.amount}"


def _share(item: Percent) -> tuple[Fraction, list[WorkStep]]:
    product = item.amount * item.percent
    share = Fraction(product, 100)
    return share, [
        WorkStep(f"{item.amount} × {item.percent} = {product}.", str(product), "percent"),
        WorkStep(f"{product} ÷ 100 = {show_number(share)}.", show_number(share), "percent"),
    ]


def _end(item: Percent, share: Fraction, steps: list[WorkStep]) -> Work:
    """Take the share off where a price is asked for."""
    answer = show_number(item.amount - share if item.kind == "off" else share)
    if item.kind == "off":
        text = typeset(f"{item.amount} − {show_number(share)} = {answer}.")
        steps = [*steps, WorkStep(text, answer, "discount")]
    return Work(answer, tuple(steps))


def solve(item: Percent) -> Work:
    """Work the item out rightly."""
    return _end(item, *_share(item))


def _percent_is_amount(item: Percent) -> Work:
    text = f"{item.percent}% of {item.amount} is {item.percent}."
    return _end(item, Fraction(item.percent), [WorkStep(text, str(item.percent), "percent", ok=False)])


def _divides_by_percent(item: Percent) -> Work:
    share = Fraction(item.amount, item.percent)
    text = f"{item.amount} ÷ {item.percent} = {show_number(share)}."
    return _end(item, share, [WorkStep(text, show_number(share), "percent", ok=False)])


def _decimal_slip(item: Percent) -> Work | None:
    if item.percent >= 10:
        return None
    share = Fraction(item.amount * item.percent, 10)
    return _end(
        item,
        share,
        [
            WorkStep(f"{item.percent}% is 0.{item.percent}.", f"0.{item.percent}", "percent", ok=False),
            WorkStep(f"{item.amount} × 0.{item.percent} = {show_number(share)}.", show_number(share), "percent"),
        ],
    )


def _reports_discount(item: Percent) -> Work | None:
    if item.kind != "off":
        return None
    share, steps = _share(item)
    answer = show_number(share)
    return Work(answer, (*steps, WorkStep(f"So the new price is {answer}.", answer, "discount", ok=False)))


def draw(rng: Random) -> Percent:
    """A whole number of the amount, from a percent that has one digit in some four of ten items."""
    percent = rng.randrange(2, 10) if rng.random() < 0.5 else rng.randrange(12, 100)
    amount = rng.randrange(10, 400) * rng.choice((5, 10, 20, 25))
    kind: Literal["of", "off"] = "of" if rng.choice(("of", "off")) == "of" else "off"
    item = Percent(kind=kind, percent=percent, amount=amount)
    return item if solve(item).answer.isdigit() else draw(rng)


DOMAIN = Domain(
    id="pct",
    title="Percentages",
    kinds=(Kind(Percent, solve, draw),),
    skills=(
        Skill(
            "percent",
            "Percent of an amount",
            "To find a percentage of an amount, multiply the amount by the percent and divide by one hundred. "
            "Divide by one hundred however small the percent is, and never by the percent itself.",
        ),
        Skill(
            "discount",
            "Price after a discount",
            "When the new price is asked for, work out the amount of the discount and then subtract it from the "
            "old price. The discount alone is not yet the answer.",
        ),
    ),
    rules=(
        Rule(
            name="percent_is_amount",
            kind=Percent,
            procedure=_percent_is_amount,
            skill="percent",
            title="Takes the percent for the amount",
            impasse="a percentage of an amount is asked for",
            prior=0.15,
        ),
        Rule(
            name="divides_by_percent",
            kind=Percent,
            procedure=_divides_by_percent,
            skill="percent",
            title="Divides by the percent",
            impasse="a percentage of an amount is asked for",
            prior=0.15,
        ),
        Rule(
            name="decimal_slip_x10",
            kind=Percent,
            procedure=_decimal_slip,
            skill="percent",
            title="Divides a one-digit percent by ten",
            impasse="the percent has one digit",
            prior=0.1,
        ),
        Rule(
            name="reports_discount",
            kind=Percent,
            procedure=_reports_discount,
            skill="discount",
            title="Gives the discount for the price",
            impasse="a price after a discount is asked for",
            prior=0.12,
        ),
    ),
)

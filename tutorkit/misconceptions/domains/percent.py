"""Percent of an amount, price after a discount, and changes one after another or undone, right and wrong."""

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


class SuccessivePercent(Record):
    """What an amount comes to that is raised by percent %, and then lowered by percent %."""

    domain: Literal["pct"] = "pct"
    kind: Literal["successive"] = "successive"
    percent: Annotated[int, Field(strict=True, ge=1, le=100)]
    amount: Positive

    @property
    def text(self) -> str:
        """The item as it is written."""
        return f"{self.amount} raised by {self.percent}% and then lowered by {self.percent}%"


class ReversePercent(Record):
    """The old price of what costs the amount after percent % off."""

    domain: Literal["pct"] = "pct"
    kind: Literal["reverse"] = "reverse"
    percent: Annotated[int, Field(strict=True, ge=1, le=99)]
    amount: Positive

    @property
    def text(self) -> str:
        """The item as it is written."""
        return f"the old price of what costs {self.amount} after {self.percent}% off"


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


def _percent_step(percent: int, amount: Fraction, skill: str, *, ok: bool = True) -> tuple[Fraction, WorkStep]:
    share = amount * percent / 100
    text = f"{percent}% of {show_number(amount)} is {show_number(share)}."
    return share, WorkStep(text, show_number(share), skill, ok)


def solve_successive(item: SuccessivePercent) -> Work:
    """Take the second percentage of the raised amount."""
    amount = Fraction(item.amount)
    rise, first = _percent_step(item.percent, amount, "percent")
    raised = amount + rise
    fall, second = _percent_step(item.percent, raised, "successive_percent")
    answer = show_number(raised - fall)
    up = WorkStep(f"{item.amount} + {show_number(rise)} = {show_number(raised)}.", show_number(raised))
    down = WorkStep(typeset(f"{show_number(raised)} − {show_number(fall)} = {answer}."), answer)
    return Work(answer, (first, up, second, down))


def _cancels(item: SuccessivePercent) -> Work:
    answer = str(item.amount)
    text = f"{item.percent}% up and {item.percent}% down cancel, so it is {answer} again."
    return Work(answer, (WorkStep(text, answer, "successive_percent", ok=False),))


def solve_reverse(item: ReversePercent) -> Work:
    """Read the amount as the share of the old price that is left."""
    left = 100 - item.percent
    one, old = Fraction(item.amount, left), Fraction(item.amount * 100, left)
    steps = (
        WorkStep(f"{item.amount} is {left}% of the old price.", f"{left}%", "reverse_percent"),
        WorkStep(f"1% is {item.amount} ÷ {left} = {show_number(one)}.", show_number(one), "percent"),
        WorkStep(f"So the old price is 100 × {show_number(one)} = {show_number(old)}.", show_number(old)),
    )
    return Work(show_number(old), steps)


def _uses_final_base(item: ReversePercent) -> Work:
    share, step = _percent_step(item.percent, Fraction(item.amount), "reverse_percent", ok=False)
    answer = show_number(item.amount + share)
    return Work(answer, (step, WorkStep(f"{item.amount} + {show_number(share)} = {answer}.", answer)))


def draw(rng: Random) -> Percent:
    """A whole number of the amount, from a percent that has one digit in some four of ten items."""
    percent = rng.randrange(2, 10) if rng.random() < 0.5 else rng.randrange(12, 100)
    amount = rng.randrange(10, 400) * rng.choice((5, 10, 20, 25))
    kind: Literal["of", "off"] = "of" if rng.choice(("of", "off")) == "of" else "off"
    item = Percent(kind=kind, percent=percent, amount=amount)
    return item if solve(item).answer.isdigit() else draw(rng)


_ROUND = (5, 10, 20, 25, 30, 40, 50)


def draw_successive(rng: Random) -> SuccessivePercent:
    """A round percent, and an amount of which both changes are whole numbers."""
    while True:
        item = SuccessivePercent(percent=rng.choice(_ROUND), amount=20 * rng.randrange(1, 51))
        if solve_successive(item).answer.isdigit():
            return item


def draw_reverse(rng: Random) -> ReversePercent:
    """A round percent off a whole old price."""
    percent, old = rng.choice(_ROUND), 20 * rng.randrange(1, 51)
    return ReversePercent(percent=percent, amount=old * (100 - percent) // 100)


DOMAIN = Domain(
    id="pct",
    title="Percentages",
    kinds=(
        Kind(Percent, solve, draw),
        Kind(SuccessivePercent, solve_successive, draw_successive),
        Kind(ReversePercent, solve_reverse, draw_reverse),
    ),
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
        Skill(
            "successive_percent",
            "One percentage after another",
            "Take each percentage of the amount that is there when it is taken. After a rise the amount is larger, so "
            "the same percentage of it is larger too, and a fall by it takes away more than the rise has added.",
        ),
        Skill(
            "reverse_percent",
            "From the new price back to the old one",
            "A discount is a percentage of the old price, not of the new one. Subtract the percent from one hundred "
            "to see which share of the old price is left, divide the new price by that share and multiply by one "
            "hundred.",
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
        Rule(
            name="successive_cancel",
            kind=SuccessivePercent,
            procedure=_cancels,
            skill="successive_percent",
            title="Lets a rise and a fall by the same percent cancel",
            impasse="one percentage follows another",
            prior=0.3,
        ),
        Rule(
            name="reverse_uses_final_base",
            kind=ReversePercent,
            procedure=_uses_final_base,
            skill="reverse_percent",
            title="Takes the percentage of the new price to find the old one",
            impasse="the price before a discount is asked for",
            prior=0.3,
        ),
    ),
)

"""Percent of an amount and price after a discount, right and wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

from tutorkit.misconceptions.expressions import show_number
from tutorkit.misconceptions.items import Percent
from tutorkit.misconceptions.work import Work, WorkStep, typeset


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


PROCEDURES: Mapping[str, Callable[[Percent], Work | None]] = {
    "pct.percent_is_amount": _percent_is_amount,
    "pct.divides_by_percent": _divides_by_percent,
    "pct.decimal_slip_x10": _decimal_slip,
    "pct.reports_discount": _reports_discount,
}

"""Double negation, right and wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tutorkit.misconceptions.items import Negation
from tutorkit.misconceptions.work import Work, WorkStep


def solve(item: Negation) -> Work:
    """Work the item out rightly."""
    answer = str(item.a)
    return Work(answer, (WorkStep(f"The two minus signs cancel: {item.text} = {item.a}.", answer, "sign"),))


def _stays_negative(item: Negation) -> Work:
    """Read two minus signs as one.

    This rule is tutorkit's own: the published lists have only its relatives in sums and products.
    """
    answer = f"-{item.a}"
    return Work(answer, (WorkStep(f"There is a minus, so {item.text} = −{item.a}.", answer, "sign", ok=False),))


PROCEDURES: Mapping[str, Callable[[Negation], Work]] = {"neg.double_negative_stays_negative": _stays_negative}

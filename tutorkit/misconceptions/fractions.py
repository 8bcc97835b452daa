"""The four operations on fractions, right and wrong. Answers are left unreduced: ``2/4`` tells more than ``1/2``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import lcm

from tutorkit.misconceptions.items import SIGNS, Fractions
from tutorkit.misconceptions.work import Work, WorkStep, typeset

_ADD, _MULTIPLY, _DIVIDE = "fraction_addition", "fraction_multiplication", "fraction_division"


def _end(item: Fractions, numerator: int, denominator: int, steps: list[WorkStep], skill: str) -> Work:
    answer = f"{numerator}/{denominator}"
    return Work(answer, (*steps, WorkStep(typeset(f"So {item.text} = {answer}."), answer, skill)))


def _signed(item: Fractions, left: int, right: int) -> int:
    return left - right if item.op == "-" else left + right


def _over(item: Fractions, common: int, *, keeps_numerators: bool) -> Work:
    """Add or subtract over a common denominator, with the numerators raised to it or kept."""
    right = (item.a * common // item.b, item.c * common // item.d)
    tops = (item.a, item.c) if keeps_numerators else right
    steps = [WorkStep(f"Common denominator of {item.b} and {item.d}: {common}.", str(common), _ADD)]
    shown = f"{tops[0]}/{common} and {tops[1]}/{common}"
    steps.append(WorkStep(f"{item.a}/{item.b} and {item.c}/{item.d} become {shown}.", shown, _ADD, ok=tops == right))
    return _end(item, _signed(item, *tops), common, steps, _ADD)


def _add(item: Fractions) -> Work:
    return _over(item, lcm(item.b, item.d), keeps_numerators=False)


def _multiply(item: Fractions) -> Work:
    top, bottom = item.a * item.c, item.b * item.d
    steps = [
        WorkStep(f"Numerators: {item.a} × {item.c} = {top}.", str(top), _MULTIPLY),
        WorkStep(f"Denominators: {item.b} × {item.d} = {bottom}.", str(bottom), _MULTIPLY),
    ]
    return _end(item, top, bottom, steps, _MULTIPLY)


def _product(item: Fractions, told: str, left: tuple[int, int], right: tuple[int, int]) -> Work:
    """Divide by way of a product, which is right when it is that with the second fraction turned upside down."""
    ok = (left, right) == ((item.a, item.b), (item.d, item.c))
    product = f"{left[0]}/{left[1]} × {right[0]}/{right[1]}"
    top, bottom = left[0] * right[0], left[1] * right[1]
    steps = [
        WorkStep(f"{told}: {product}.", product, _DIVIDE, ok),
        WorkStep(f"{left[0]} × {right[0]} = {top} and {left[1]} × {right[1]} = {bottom}.", f"{top}/{bottom}", _DIVIDE),
    ]
    return _end(item, top, bottom, steps, _DIVIDE)


def _divide(item: Fractions) -> Work:
    return _product(item, "I turn the second fraction upside down and multiply", (item.a, item.b), (item.d, item.c))


def solve(item: Fractions) -> Work:
    """Work the item out rightly, over the least common denominator where it needs one."""
    return {"+": _add, "-": _add, "*": _multiply, "/": _divide}[item.op](item)


def _adds_both(item: Fractions) -> Work | None:
    if item.op not in "+-":
        return None
    top, bottom = _signed(item, item.a, item.c), _signed(item, item.b, item.d)
    sign = SIGNS[item.op]
    text = f"Numerators: {item.a} {sign} {item.c} = {top}. Denominators: {item.b} {sign} {item.d} = {bottom}."
    return _end(item, top, bottom, [WorkStep(typeset(text), f"{top}/{bottom}", _ADD, ok=False)], _ADD)


def _keeps_numerators(item: Fractions) -> Work | None:
    return _over(item, lcm(item.b, item.d), keeps_numerators=True) if item.op in "+-" else None


def _multiplies_denominators(item: Fractions) -> Work | None:
    return _over(item, item.b * item.d, keeps_numerators=True) if item.op in "+-" else None


def _keeps_common_denominator(item: Fractions) -> Work | None:
    if item.op != "*":
        return None
    common = lcm(item.b, item.d)
    left, right = item.a * common // item.b, item.c * common // item.d
    shown = f"{left}/{common} and {right}/{common}"
    steps = [
        WorkStep(f"{item.a}/{item.b} and {item.c}/{item.d} are {shown}.", shown, _MULTIPLY),
        WorkStep(
            f"Numerators: {left} × {right} = {left * right}. The denominator stays {common}.",
            f"{left * right}/{common}",
            _MULTIPLY,
            ok=common == 1,
        ),
    ]
    return _end(item, left * right, common, steps, _MULTIPLY)


def _inverts_first(item: Fractions) -> Work | None:
    if item.op != "/":
        return None
    return _product(item, "I turn the first fraction upside down and multiply", (item.b, item.a), (item.c, item.d))


def _inverts_nothing(item: Fractions) -> Work | None:
    if item.op != "/":
        return None
    return _product(item, "I work straight across", (item.a, item.b), (item.c, item.d))


PROCEDURES: Mapping[str, Callable[[Fractions], Work | None]] = {
    "frac.adds_num_and_den": _adds_both,
    "frac.common_den_keeps_num": _keeps_numerators,
    "frac.multiplies_dens_adds_nums": _multiplies_denominators,
    "frac.mul_keeps_common_den": _keeps_common_denominator,
    "frac.div_inverts_first": _inverts_first,
    "frac.div_no_invert": _inverts_nothing,
}

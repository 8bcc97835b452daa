"""Equations: work out what a teacher wrote down as a calculation, without asking anybody."""

from __future__ import annotations

from fractions import Fraction

from tutorkit.methods._nodes.calculator import LONGEST, Calculator

_SIGNS = str.maketrans({"×": "*", "÷": "/", "−": "-", "·": "*", ",": ""})


def calculated(equation: str) -> str | None:
    """Return what a calculation comes to: a whole number, a finite decimal, or a fraction ``a/b``.

    Args:
        equation: numbers, ``+ - * / ^`` and parentheses; of an equation ``x = …`` or ``… = x`` the side with a
            calculation counts, and it must be the only one.

    Returns:
        The value, or None where it is no such calculation.
    """
    sides = [side.strip() for side in equation.translate(_SIGNS).split("=")]
    sides = [side for side in sides if any(sign in side for sign in "+-*/^")]
    if len(sides) != 1 or len(sides[0]) > LONGEST:
        return None
    said, _ = Calculator().act(sides[0])
    return None if said.startswith("error") else _shown(Fraction(said))


def _shown(value: Fraction) -> str:
    rest, places = value.denominator, 0
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    if rest > 1:
        return str(value)
    while (value * 10**places).denominator > 1:
        places += 1
    return f"{float(value):.{places}f}" if places else str(value.numerator)

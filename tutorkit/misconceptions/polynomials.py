"""Expressions in x as they stand in an answer: read, compared by value, and written canonically."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import TypeAlias

Polynomial: TypeAlias = tuple[tuple[int, Fraction], ...]
"""The exponents of x with their coefficients, none of them zero, the highest exponent in front."""

_LONGEST = 80
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_SIGNS = str.maketrans({"−": "-", "–": "-", "·": "*", "×": "*"})
_NUMBER = r"(?P<number>\d{1,12}(?:\.\d{1,12})?|\.\d{1,12})(?:/(?P<over>\d{1,12}))?"
_TERM = re.compile(
    rf"(?P<sign>[-+]?)(?:{_NUMBER}(?P<times>\*?)(?=x|$))?(?P<x>x(?:\^(?P<exponent>\d{{1,4}}))?(?:/(?P<below>\d{{1,12}}))?)?"
)


def polynomial(coefficients: Mapping[int, Fraction | int]) -> Polynomial:
    """Make a polynomial of coefficients by their exponent; those that are zero are left out."""
    return tuple(
        (exponent, Fraction(coefficients[exponent]))
        for exponent in sorted(coefficients, reverse=True)
        if coefficients[exponent]
    )


def read_polynomial(text: str) -> Polynomial | None:
    """Read a sum of terms in x, such as ``x^2+6x+9``, ``4 + 3x``, ``x/4 + 1`` or ``−1.5x²``; like terms are added up.

    An expression in brackets or a product of two powers is None, as is all else: it is the exercise, not its answer.
    """
    plain = re.sub(
        f"[{''.join(map(chr, _SUPERSCRIPTS))}]+", lambda found: "^" + found[0].translate(_SUPERSCRIPTS), text
    )
    plain = plain.translate(_SIGNS).lower()
    if len(plain) > _LONGEST or re.search(r"[\dx]\s+[\d]", plain):
        return None
    coefficients: dict[int, Fraction] = {}
    for term in re.split(r"(?<=[\dx])(?=[-+])", re.sub(r"\s+", "", plain)):
        read = _read_term(term)
        if read is None:
            return None
        exponent, coefficient = read
        coefficients[exponent] = coefficients.get(exponent, Fraction(0)) + coefficient
    return polynomial(coefficients)


def _read_term(text: str) -> tuple[int, Fraction] | None:
    term = _TERM.fullmatch(text)
    if term is None or not (term["number"] or term["x"]) or (term["times"] and not term["x"]):
        return None
    divisor = int(term["over"] or 1) * int(term["below"] or 1)
    if not divisor:
        return None
    coefficient = Fraction(term["number"] or 1) / divisor
    return int(term["exponent"] or 1) if term["x"] else 0, -coefficient if term["sign"] == "-" else coefficient


def write_polynomial(terms: Polynomial) -> str:
    """Write a polynomial canonically: ``x^2+6x+9``, ``-x+8``, ``x/4+1``, ``0``."""
    written = "".join(_write_term(exponent, coefficient) for exponent, coefficient in terms)
    return written.removeprefix("+") or "0"


def _write_term(exponent: int, coefficient: Fraction) -> str:
    top, bottom = abs(coefficient.numerator), coefficient.denominator
    power = "" if exponent == 0 else "x" if exponent == 1 else f"x^{exponent}"
    number = str(top) if top != 1 or not power else ""
    return f"{'-' if coefficient < 0 else '+'}{number}{power}{'' if bottom == 1 else f'/{bottom}'}"

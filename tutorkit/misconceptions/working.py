"""Shown working as evidence: which of a pupil's lines a procedure's own working holds."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from tutorkit.misconceptions.work import Work

_NUMBER = r"[-]?\d[\d./]*"
_EQUATION = re.compile(rf"(?:{_NUMBER}[-+*/^])+\(?{_NUMBER}\)?=\(?{_NUMBER}\)?")
_SIGNS = str.maketrans({"−": "-", "–": "-", "×": "*", "·": "*", "÷": "/"})


def shares(lines: Sequence[str], works: Mapping[str, Work]) -> dict[str, float]:
    """Return how much of some shown working each procedure has in its own, from 0 to 1, by the procedure's name.

    A line agrees when it stands in the procedure's working word for word, or when all equations in it do. A line that
    agrees with no procedure says nothing about which one it was and is left out; when no line is left, the result is
    empty.
    """
    held = {name: _marks([step.text for step in work.steps]) for name, work in works.items()}
    found = [marks for line in lines if (marks := _marks([line]))]
    telling = [marks for marks in found if any(_agrees(marks, own) for own in held.values())]
    if not telling:
        return {}
    return {name: sum(_agrees(marks, own) for marks in telling) / len(telling) for name, own in held.items()}


def _marks(lines: Sequence[str]) -> frozenset[str]:
    """Return what can be recognised of lines: each whole line, and every equation in them."""
    compact = [re.sub(r"\s+", "", line.translate(_SIGNS)).strip(".").lower() for line in lines]
    equations = {equation for line in compact for equation in _EQUATION.findall(line)}
    return frozenset({f"={line}" for line in compact if line} | {equation.rstrip(".") for equation in equations})


def _agrees(line: frozenset[str], own: frozenset[str]) -> bool:
    whole = {mark for mark in line if mark.startswith("=")}
    equations = line - whole
    return bool(whole & own) or (bool(equations) and equations <= own)

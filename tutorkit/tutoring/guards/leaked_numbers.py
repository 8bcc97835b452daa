"""Whether a text gives a numeric answer away: as a number, in a calculation that hides nothing, or in pieces."""

from __future__ import annotations

import re
from fractions import Fraction

from tutorkit.tutoring.guards.assertions import is_alone, is_asserted, is_incidental
from tutorkit.tutoring.guards.disguises import revealed
from tutorkit.tutoring.guards.expressions import Side, calculations
from tutorkit.tutoring.guards.mentions import Form, Mention, mentions
from tutorkit.tutoring.guards.protected import Answer, Visible

_NEGATED = re.compile(r"\b(?:negative|minus|below zero|unter null|negativ)\b", re.IGNORECASE)
_BETWEEN = re.compile(
    r"\b(?:between|zwischen|more than|bigger than|larger than|above|over|after|größer als|mehr als)\s+(-?\d+)"
    r"\s+(?:and|und|but|aber)\s+"
    r"(?:less than |smaller than |below |under |before |kleiner als |weniger als )?(-?\d+)(?![\d.,/]\d)",
    re.IGNORECASE,
)
_NEIGHBOUR = re.compile(
    r"\b(?:just|right|directly|immediately|one|1|direkt|genau|gleich)\s+(?:over|above|under|below|before|after|vor|nach|über|unter)\s+(-?\d+)(?![\d.,/]\d)",
    re.IGNORECASE,
)
_ADDENDS = re.compile(r"(?<![\w.,/])(\d{1,6}0)\s(?:and|und|&)\s(\d{1,6})(?![\w/]|[.,]\d)")
_NEAR = 2
_SMALL = 12
_LEAST_PLACES = 2


def leaked_number(text: str, answer: Answer, seen: Visible) -> str | None:
    """Return the passage of a plain text that gives a numeric answer away, or None.

    A value that the learner sees anyway may be mentioned, but not said to be the answer. An answer of several numbers
    is given away by each one.
    """
    for value, form in answer.numbers:
        if answer.exact:
            return next((text[at.start : at.end] for at in mentions(text) if (value, form) in at.forms), None)
        place = _mentioned(text, value, form, seen)
        if place is None and (value, form) in seen.forms:
            openly = _calculated(text, value, seen, openly=True) or _as_pair(text, value, openly=True)
            place = _hidden(text, value, seen) or openly
        if place is not None or (value, form) in seen.forms:
            return place
        place = (
            _signless(text, value, seen)
            or _hidden(text, value, seen)
            or _calculated(text, value, seen)
            or _in_addends(text, value, seen)
            or _bounded(text, value)
            or _as_pair(text, value)
        )
        if place is not None:
            return place
    return None


def _mentioned(text: str, wanted: Fraction, form: str, seen: Visible) -> str | None:
    for mention in mentions(text):
        read = [read for read in mention.forms if is_value(read, wanted, form)]
        if not read:
            continue
        same = any(each in seen.forms for each in read)
        known = same or (wanted, form) in seen.forms
        asserted = is_asserted(text, mention.start, mention.end, strongly=same, equals=not known)
        asserted = asserted or is_alone(text, mention.start, mention.end)
        if asserted and not (same and _stands_in(text, mention, seen)):
            return text[mention.start : mention.end]
        if not asserted and not known and not _is_incidental(text, mention, wanted, seen):
            return text[mention.start : mention.end]
    return None


def is_value(read: Form, wanted: Fraction, form: str) -> bool:
    """Tell whether a reading is the wanted value, also where an endless decimal was rounded to two places or more."""
    value, how = read
    if value == wanted:
        return True
    if how != "decimal" or "/" not in form or value.denominator < 10:
        return False
    places = len(str(_power_of_ten(value.denominator))) - 1
    return places >= _LEAST_PLACES and abs(value - wanted) <= Fraction(1, 10**places)


def _power_of_ten(denominator: int) -> int:
    power = 1
    while power % denominator:
        power *= 10
    return power


def _stands_in(text: str, mention: Mention, seen: Visible) -> bool:
    """Tell whether the very words around a value stand in the problem: it is a quotation then."""
    around = text[max(0, mention.start - 6) : mention.end].strip()
    return len(around) > mention.end - mention.start and around in seen.problem


def _is_incidental(text: str, mention: Mention, value: Fraction, seen: Visible) -> bool:
    if value in seen.shown and abs(value) <= _SMALL and text[mention.start : mention.end].strip().isdigit():
        return True
    return is_incidental(text, mention.start, mention.end, value=value, visible=seen.text)


def _signless(text: str, wanted: Fraction, seen: Visible) -> str | None:
    """Find the size of a negative answer where its sign is told apart from it."""
    if wanted >= 0 or not _NEGATED.search(text) or -wanted in seen.values():
        return None
    return next((text[each.start : each.end] for each in mentions(text) if -wanted in each.values), None)


def _hidden(text: str, wanted: Fraction, seen: Visible) -> str | None:
    """Find the answer under a disguise; a single digit may stand in the problem, and then be anything."""
    for hidden in revealed(text):
        for mention in mentions(hidden):
            if wanted not in mention.values or _is_incidental(hidden, mention, wanted, seen):
                continue
            if not (len(hidden) == 1 and hidden in seen.problem):
                return hidden
    return None


def _calculated(text: str, wanted: Fraction, seen: Visible, *, openly: bool = False) -> str | None:
    """Find a calculation that comes to the answer and hides nothing, or, if it must be ``openly``, is said to be it."""
    read = calculations(text)
    for side in read.sides:
        if not side.is_compound or wanted not in side.values or _is_visible(side, seen):
            continue
        place = read.text[side.start : side.end]
        # What was said in words (``twice 17``) stands in brackets now.
        worded = place.startswith("(") or "of" in side.operators
        hides_nothing = not openly and (worded or _is_transparent(side, wanted, seen))
        if hides_nothing or is_asserted(read.text, side.start, side.end, strongly=True):
            return place
    return None


def _in_addends(text: str, wanted: Fraction, seen: Visible) -> str | None:
    """Find the answer as its tens and ones, without a sign between them: ``30 and 4``."""
    for match in _ADDENDS.finditer(text):
        parts = [Fraction(part) for part in match.groups()]
        if sum(parts) == wanted and not set(parts) <= seen.asked():
            return match[0]
    return None


def _is_visible(side: Side, seen: Visible) -> bool:
    """Tell whether a calculation is made of what the problem says: to name it is no more than to repeat that."""
    return all(operand in seen.asked() for operand in side.operands)


def _is_transparent(side: Side, wanted: Fraction, seen: Visible) -> bool:
    """Tell whether a calculation is the answer in all but name: ``30 + 4``, ``33 + 1``, ``2 × 17``."""
    if any(abs(operand - wanted) <= _NEAR for operand in side.operands) and abs(wanted) > _NEAR * 3:
        return True
    if len(side.operators) == 1 and side.operators[0] in ("×", "÷") and not set(side.operands) & seen.asked():
        return True
    leading = [str(abs(operand)).rstrip("0") for operand in side.operands]
    sizes = {len(str(abs(operand))) for operand in side.operands}
    single = all(len(digit) == 1 for digit in leading) and len(sizes) == len(side.operands)
    return set(side.operators) == {"+"} and single and all(operand.denominator == 1 for operand in side.operands)


def _bounded(text: str, wanted: Fraction) -> str | None:
    if wanted.denominator != 1:
        return None
    for match in _BETWEEN.finditer(text):
        low, high = sorted((int(match[1]), int(match[2])))
        if low < wanted < high and high - low == _NEAR:
            return match[0]
    for match in _NEIGHBOUR.finditer(text):
        if abs(int(match[1]) - wanted) == 1 and abs(wanted) > _NEAR * 3:
            return match[0]
    return None


_PAIRS = (
    re.compile(
        r"\b(?:numerator|top(?: number)?)\b\D{0,25}(\d+)\D{1,40}\b(?:denominator|bottom(?: number)?)\b\D{0,25}(\d+)",
        re.I,
    ),
    re.compile(
        r"(\d+)\s+(?:in|as|for|on|at)\s+the\s+(?:numerator|top)\D{1,25}(\d+)\s+(?:in|as|for|on|at)\s+the\s+(?:denominator|bottom)",
        re.I,
    ),
    re.compile(r"\bzähler\b\D{0,25}(\d+)\D{1,40}\bnenner\b\D{0,25}(\d+)", re.I),
    re.compile(r"(\d+)\s+(?:im|als|in den|in der)\s+zähler\D{1,25}(\d+)\s+(?:im|als|in den)\s+nenner", re.I),
)


def _as_pair(text: str, wanted: Fraction, *, openly: bool = False) -> str | None:
    """Find a fraction whose two parts are told one after the other."""
    if wanted.denominator == 1:
        return None
    for pattern in _PAIRS:
        for match in pattern.finditer(text):
            same = int(match[2]) and Fraction(int(match[1]), int(match[2])) == wanted
            if same and (not openly or is_asserted(text, match.start(), match.end())):
                return match[0]
    return None

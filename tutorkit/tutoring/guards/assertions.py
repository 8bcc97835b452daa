"""Whether a value in a text is said to be the result, is only mentioned, or is no result at all."""

from __future__ import annotations

import re
from fractions import Fraction

from tutorkit.tutoring.guards.lexicon import words_at_end, words_at_start

_DRESSED = (
    r"[\s:*\"'“„(=≈]*"
    r"(?:(?:exactly|just|only|simply|about|the number|number|genau|einfach|die zahl|a|an)\s+)?[\s\"'“„(]*"
)
_SENTENCE = re.compile(r"[.!?](?:\s|$)|\n")
_LIST_MARK = re.compile(r"(?:^|\n)\s*(?:[*-]\s*)?$")
_EQUALS = re.compile(r"(?:=|≈|→|->|=>|⇒)\s*$")
_COUNTED_BEFORE = r"\s*(?:more |other |different |whole |given |first |last )?"
_AT_END = re.compile(
    r"[\s\"'”“)*%]*(?:[.!?,;]|$|(?:and|und)\s(?![-\d(])|as (?:the|your) answer|als (?:antwort|ergebnis))", re.IGNORECASE
)
_OPENING = re.compile(r"(?:^|[.!?:\n])[\s*\"'”“($]*$")
_CLOSING = re.compile(r"[\s*\"'”“)$]*(?:[.!]|$|\n)")
_SMALL = 12
_REACH = 70


def is_asserted(text: str, start: int, end: int, *, strongly: bool = False, equals: bool = True) -> bool:
    """Tell whether the value at a place of a text is said to be a result.

    Args:
        text: in the plain form.
        start: where the value begins.
        end: where it ends.
        strongly: only by words that can mean nothing else: for values that the learner sees anyway.
        equals: by an equals sign in front, too.
    """
    before, after = _before(text, start), _after(text, end)
    name = "asserts_strongly" if strongly else "asserts_answer"
    if words_at_end(name, after=_DRESSED).search(before):
        return True
    if _AT_END.match(after) and words_at_end("asserts_at_end", after=_DRESSED).search(before):
        return True
    if equals and not strongly and _EQUALS.search(before):
        return True
    return bool(words_at_start("asserts_after", before=r"[\s*\"'”“)%,]*").search(after))


def is_alone(text: str, start: int, end: int) -> bool:
    """Tell whether a sentence that is no question is nothing but the value at a place, as in ``34.`` is."""
    return bool(_OPENING.search(text[:start]) and _CLOSING.match(text, end))


def is_incidental(text: str, start: int, end: int, *, value: Fraction, visible: str) -> bool:
    """Tell whether a small number only counts or labels something: ``step 2``, ``the 2 numbers``, ``2.`` in a list.

    What the problem itself counts (apples, say) is no such thing.
    """
    if not text[start:end].strip().isdigit() or not 0 <= value <= _SMALL:
        return False
    before, after = text[max(0, start - _REACH) : start], _after(text, end)
    if _LIST_MARK.search(before) and re.match(r"[.)]\s", after):
        return True
    if words_at_end("labels", after=r"s?\s*#?\s*").search(before):
        return True
    counted = words_at_start("counted", before=_COUNTED_BEFORE, whole=True).match(after)
    if counted is None:
        return False
    noun = counted[0].split()[-1].rstrip("s")
    return len(noun) < 4 or noun.lower() not in visible.lower()


def _before(text: str, start: int) -> str:
    before = text[max(0, start - _REACH) : start]
    ends = list(_SENTENCE.finditer(before))
    # "i.e. 34" and "hint: 34" stay together; an answer on a line of its own belongs to the line before.
    cut = ends[-1].end() if ends and before[ends[-1].end() :].strip() else 0
    return before[cut:]


def _after(text: str, end: int) -> str:
    after = text[end : end + _REACH]
    stop = _SENTENCE.search(after)
    return after[: stop.start() + 1] if stop else after

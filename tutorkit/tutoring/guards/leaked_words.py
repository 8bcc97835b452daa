"""Whether a text gives away an answer that is no number: words, an expression, a time of day."""

from __future__ import annotations

import codecs
import re
from functools import lru_cache

from tutorkit.tutoring.guards.algebra import Expression, Placed, expressions
from tutorkit.tutoring.guards.assertions import is_asserted
from tutorkit.tutoring.guards.disguises import revealed
from tutorkit.tutoring.guards.mentions import mentions
from tutorkit.tutoring.guards.plain import plain
from tutorkit.tutoring.guards.protected import Answer, Visible

_WORD = re.compile(r"[^\W_]+")
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
_STOP_WORDS = """
    a an the of to in on and or is are was were be been it its that this these those for with as at by from so
    because der die das ein eine einen einem und oder ist sind war von zu in im auf mit für es dass den dem des
"""
_STOP = frozenset(_STOP_WORDS.split())
_FEW = 3
_SAME = 0.8
_COVERED = 0.9
_LEAST_COVERED = 5
_WINDOW = 3
_YES_NO_WORDS = """
    yes no true false ja nein wahr falsch right wrong
"""
_YES_NO = frozenset(_YES_NO_WORDS.split())


def leaked_expression(text: str, answer: Answer, seen: Visible) -> str | None:
    """Return an expression that equals the answer and is as far worked out as it.

    The problem's own may be mentioned, but not said to be the answer.
    Of an answer of one term its coefficient and its power must not be told as results either.
    """
    gold = answer.expression
    if gold is None:
        return None
    for at in expressions(text):
        visible = at.expression.text in seen.expressions
        if _is_worked_out(at.expression, gold) and (not visible or _is_told(at)):
            return at.expression.text
    if gold.terms > 1:
        return None
    parts = {value for number in mentions(re.sub(r"[a-zA-Z^()]+", " ", gold.text)) for value in number.values}
    for mention in mentions(text):
        strongly = bool(mention.values & seen.values())
        if mention.values & parts and is_asserted(text, mention.start, mention.end, strongly=strongly):
            return text[mention.start : mention.end]
    return None


def _is_told(at: Placed) -> bool:
    return is_asserted(at.text, at.start, at.end, strongly=True)


def _is_worked_out(found: Expression, gold: Expression) -> bool:
    same = found.values == gold.values and found.variables == gold.variables
    return same and found.terms <= gold.terms and (gold.bracketed or not found.bracketed)


def leaked_time(text: str, answer: Answer, seen: Visible) -> str | None:
    """Return the passage that tells a time of day or a span of hours and minutes, or None."""
    if answer.time is None:
        return None
    hours, minutes = answer.time
    pattern = _time_pattern(hours, minutes)
    for match in pattern.finditer(text):
        around = seen.text
        if match[0] not in around or is_asserted(text, match.start(), match.end(), strongly=True):
            return match[0]
    return None


@lru_cache(maxsize=64)
def _time_pattern(hours: int, minutes: int) -> re.Pattern[str]:
    after = {0: ["o'clock", "uhr"], 15: ["quarter past"], 30: ["half past"], 45: ["quarter to"]}.get(minutes, [])
    following = hours % 12 + 1
    forms = [
        rf"0?{hours}\s?[:.h]\s?{minutes:02d}",
        rf"{hours}\s?(?:h|hrs?|hours?|stunden?|std\.?|uhr)\s?(?:,|and|und)?\s?{minutes}\s?(?:m|min\w*)?",
        rf"{minutes}\s(?:minutes\s)?(?:past|after|nach)\s{hours}",
        rf"{60 - minutes}\s(?:minutes\s)?(?:to|before|vor)\s{following}",
        *([rf"{60 * hours + minutes}\s?(?:min\w*|m)?"] if minutes or hours else []),
        *([rf"{hours}\s{minutes}"] if minutes >= 10 else []),
        *(f"{words} {following if words == 'quarter to' else hours}" for words in after if words[-1] != "k"),
        *([rf"{hours}\s?(?:o'clock|uhr)"] if minutes == 0 else []),
    ]
    return re.compile(rf"(?<![\w.,:/])(?:{'|'.join(forms)})(?![\w/:]|[.,]\d)", re.IGNORECASE)


def leaked_text(text: str, answer: Answer, seen: Visible) -> str | None:
    """Return the passage that says an answer in words, or a sentence or three that say as much, or None."""
    if answer.kind != "text":
        return None
    gold = _words(plain(answer.written))
    if not gold:
        return None
    if len(gold) <= _FEW:
        return _phrase(text, gold, seen)
    gold_set = frozenset(gold) - _STOP or frozenset(gold)
    for window in _windows(text):
        said = frozenset(_words(window)) - _STOP
        shared = len(said & gold_set)
        alike = said and shared / len(said | gold_set) >= _SAME
        if alike or (len(gold_set) >= _LEAST_COVERED and shared / len(gold_set) >= _COVERED):
            return window
    return None


def _phrase(text: str, gold: list[str], seen: Visible) -> str | None:
    """Find a short answer, said in one piece, backwards, or rotated by thirteen letters."""
    joined = r"[\W_]{1,3}".join(map(re.escape, gold))
    pattern = re.compile(rf"(?<!\w){joined}(?!\w)", re.IGNORECASE)
    known = bool(pattern.search(seen.text)) or bool(set(gold) & _YES_NO)
    for match in pattern.finditer(text):
        if not known or is_asserted(text, match.start(), match.end(), strongly=True):
            return match[0]
    if known or len("".join(gold)) <= _FEW:
        return None
    others = (text[::-1], codecs.encode(text, "rot13"), *revealed(text))
    found = (pattern.search(other) for other in others)
    return next((match[0] for match in found if match is not None), None)


def _windows(text: str) -> list[str]:
    sentences = [sentence for sentence in _SENTENCE.split(text) if sentence.strip()]
    sizes = range(1, _WINDOW + 1)
    return [" ".join(sentences[at : at + size]) for size in sizes for at in range(len(sentences) - size + 1)]


def _words(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(text)]

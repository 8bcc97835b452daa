"""What a learner's typed words come to: an answer, reasons, a wish for help, a wish to stop. By rule, and cautious.

English and German are understood. A learner that is a program says all of this itself, in ``Turn.said``.
"""

from __future__ import annotations

import re

from tutorkit.tasks.scorers.answers import marked_spans
from tutorkit.types import LearnerSaid

_VALUE = r"(?:[-−+]?\s?\d[\d\s.,:/−+*^()xX%-]*|[a-zA-Z]\s?=\s?[-−\d./]+|[-−]?\d*x(?:\^\d)?(?:\s?[-−+]\s?\d+)?)"
_GIVEN = re.compile(
    rf"\b(?:i\s+(?:(?:still|now|just|only)\s+)?(?:get|got|have|think|say|made|found|came\s+to)|"
    rf"it(?:'s|\s+is)|that(?:'s|\s+is)|is\s+it|maybe|so|"
    rf"ich\s+(?:habe|hab|bekomme|denke|glaube)|es\s+ist|das\s+ist|ist\s+es|vielleicht|also)\b"
    rf"(?:\s+(?:it|it's|that|the\s+answer|is|dass|es|ist|das|die|lösung|now|just|jetzt)\b)*\s*:?\s*({_VALUE})",
    re.IGNORECASE,
)
_HEDGE = re.compile(r"^\s*(?:just|now|probably|maybe|about|simply|jetzt|wohl|einfach)\b", re.IGNORECASE)
_EQUALS = re.compile(rf"=\s*({_VALUE})")
_ALONE = re.compile(rf"\s*({_VALUE})\s*[.!?]*\s*")
_REASONED = re.compile(rf"\s*({_VALUE}),?\s+(?:because|since|as|weil|denn|da)\b", re.IGNORECASE)
_HELP = re.compile(
    r"\b(?:help|hint|clue|stuck|confused|no idea|don'?t (?:know|get|understand)|do not (?:know|understand)|"
    r"not sure how|what (?:do|should) i do|how do i|show me|tell me|can you explain|hilfe|tipp|hinweis|"
    r"wei(?:ß|ss) (?:es )?nicht|keine ahnung|verstehe? (?:es|das|ich)? ?nicht|zeig mir|sag mir|wie geht)\b",
    re.IGNORECASE,
)
_EXIT = re.compile(
    r"\b(?:bye|quit|good ?night|i(?:'m| am) done|i want to stop|can (?:we|i) stop|let'?s stop|enough for today|"
    r"stop now|tschüss|aufhören|schluss für heute|ich bin fertig)\b",
    re.IGNORECASE,
)
_REASON = re.compile(
    r"\b(?:because|since|so that|first|then|i (?:took|borrowed|added|subtracted|multiplied|divided|carried|changed|"
    r"turned|swapped|wrote|moved)|weil|denn|zuerst|dann|ich habe .{1,30}(?:genommen|gerechnet|addiert|geliehen))\b",
    re.IGNORECASE,
)
_LONGEST = 4_000


def heard(text: str) -> LearnerSaid:
    """Read what a learner typed.

    The answer is what is said to be the answer, or the value after the last equals sign, or the whole message where it
    is nothing but a value. A value that is only mentioned is none: what cannot be read as an answer is not graded.
    """
    read = text[:_LONGEST]
    lines = tuple(line.strip() for line in read.splitlines() if line.strip())
    answer = _answer(read, lines)
    equations = len(_EQUALS.findall(read))
    return LearnerSaid(
        text=text,
        answer=answer,
        steps=lines if len(lines) > 1 else (),
        explains=bool(_REASON.search(read)) or equations > 1 or len(lines) > 2,
        asks_help=bool(_HELP.search(read)),
        wants_exit=answer is None and bool(_EXIT.search(read)),
    )


def _answer(text: str, lines: tuple[str, ...]) -> str | None:
    if alone := _ALONE.fullmatch(text):
        return _tidy(alone[1])
    for span in marked_spans(text):
        if found := _ALONE.match(_HEDGE.sub("", span.text)):
            return _tidy(found[1])
    for line in reversed(lines):
        if found := _ALONE.fullmatch(line) or _REASONED.match(line):
            return _tidy(found[1])
        if asserted := [*_EQUALS.finditer(line), *_GIVEN.finditer(line)]:
            return _tidy(max(asserted, key=lambda match: match.start(1))[1])
    return None


def _tidy(value: str) -> str | None:
    tidied = value.strip().rstrip(".,:;!?-−+*(/ ").replace("−", "-")
    return tidied if re.search(r"[\dx]", tidied) else None

"""Whether a text judges a program otherwise than its tests do."""

from __future__ import annotations

import re

_BAD = re.compile(
    r"\b(?:bugs?|errors?|mistakes?|wrong|incorrect(?:ly)?|broken|buggy|faulty|fails?|failing|failed|"
    r"off[- ]by[- ]one|infinite loop|needs? (?:fixing|to be (?:fixed|changed|corrected))|"
    r"(?:doesn'?t|does not|won'?t|will not|isn'?t|is not|not) (?:quite |yet |fully |always )*"
    r"(?:work(?:ing)?|right|correct)|"
    r"(?:should|must|have to|need to) (?:be )?(?:fix|change|correct|replace)\w*|forgot|you(?:'re| are) missing|"
    r"fehler(?:haft)?|falsch|stimmt (?:so |noch )?nicht|funktioniert (?:so |noch )?nicht|kaputt|korrigier\w*|"
    r"nicht (?:ganz )?(?:richtig|korrekt))\b",
    re.IGNORECASE,
)
_GOOD = re.compile(
    r"\b(?:(?:your |the |this |whole )*(?:code|program|solution|function|answer|everything|it|this|that|all)"
    r"(?:'s| is| are| looks?| seems?)(?: now| already| all| completely| perfectly| absolutely| totally| basically)*"
    r" (?:correct|right|fine|perfect|good to go|bug[- ]free|done)|"
    r"works? (?:correctly|perfectly|fine|now|as expected)|all (?:of )?(?:the |your )?(?:visible |hidden )?tests pass|"
    r"passes all|well done|great job|good job|perfect|exactly right|that'?s it|nailed it|you(?:'ve| have)? solved|"
    r"nothing (?:is |to )?(?:wrong|fix|change)|no (?:bugs?|errors?|mistakes?|problems?)|bug[- ]free|"
    r"(?:ist|sieht|läuft) (?:jetzt |schon )?(?:alles )?(?:richtig|korrekt|fehlerfrei|gut)|"
    r"alles (?:richtig|gut|korrekt)|keine fehler|super gemacht|gut gemacht|stimmt so)\b",
    re.IGNORECASE,
)
_DENIED = re.compile(
    r"\b(?:no|not|\w+n't|never|without|nothing|none|isn'?t|aren'?t|doesn'?t|don'?t|free of|rather than|"
    r"kein\w*|nicht|ohne|nie)\W+(?:\w+\W+){0,3}$",
    re.IGNORECASE,
)
_CONDITION = re.compile(
    r"\b(?:if|when|once|until|whether|before|so that|what|which|how|why|"
    r"wenn|sobald|bis|ob|bevor|was|welche\w*|wie|warum)\b[^.!?;]*$",
    re.IGNORECASE,
)


def finds_fault(text: str) -> str | None:
    """Return the passage in which a text says that something is wrong with a program; None when there is none."""
    return _said(_BAD, text)


def finds_right(text: str) -> str | None:
    """Return the passage in which a text says that a program is right; None when there is none."""
    return _said(_GOOD, text, conditions=True)


def _said(pattern: re.Pattern[str], text: str, *, conditions: bool = False) -> str | None:
    for found in pattern.finditer(text):
        before = text[max(0, found.start() - 60) : found.start()]
        if _DENIED.search(before) or (conditions and _CONDITION.search(before)):
            continue
        return found[0]
    return None

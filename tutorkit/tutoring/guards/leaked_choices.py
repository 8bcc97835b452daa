"""Whether a text tells which option of a multiple-choice problem is right."""

from __future__ import annotations

import re
from functools import lru_cache

from tutorkit.types import Problem

_CHOSEN = (
    r"(?:answer|solution|option|choice|letter|choose|pick|select|take|tick|circle|go (?:with|for)|try|correct one|"
    r"right one|it's|it is|that's|that is|must be|should be|antwort|lösung|wähle|nimm|buchstabe|es ist|das ist|kreuze?)"
)
_BETWEEN = r"\W{0,3}(?:is |ist |simply |just |einfach )?(?:the )?(?:option |letter |answer )?\W{0,3}"
_RIGHT = r"\W{0,3} (?:is|ist) (?:the |die |das )?(?:right|correct|answer|best|one\b|it\b|richtig|korrekt|lösung)"
_DENIED_BEFORE = r"\b(?:not|neither|nor|eliminate|rule out|cross out|exclude|weder|noch|nicht|streiche?)\b[^.!?]{0,40}"
_DENIED_AFTER = r"[^.!?]{0,25}\b(?:wrong|out|not|false|falsch)\b"
_ORDINALS = ("first|erste", "second|zweite", "third|dritte", "fourth|vierte", "fifth|fünfte", "sixth|sechste")
_PRONOUNS = "AI"


def leaked_choice(text: str, problem: Problem, learner_said: tuple[str, ...]) -> str | None:
    """Return the passage that tells which option is right, or None.

    An option is told by its letter, by its place, by being the only one that is named (unless the learner named it
    first), or by ruling out all the others.
    """
    labels = tuple(choice.label for choice in problem.choices)
    gold = problem.gold or ""
    if gold not in labels or len(labels) < 2:
        return None
    if (match := _telling(gold).search(text)) is not None:
        return match[0]
    others = [label for label in labels if label != gold]
    if (match := _naming(gold).search(text)) is not None:
        alone = not any(_naming(label).search(text) for label in others)
        if alone and not any(_naming(gold).search(said) or said.strip() == gold for said in learner_said):
            return match[0]
    if (match := _placing(labels.index(gold), len(labels)).search(text)) is not None:
        return match[0]
    return "all others ruled out" if all(_denying(label).search(text) for label in others) else None


@lru_cache(maxsize=64)
def _telling(label: str) -> re.Pattern[str]:
    escaped = re.escape(label)
    return re.compile(rf"(?i:\b{_CHOSEN}{_BETWEEN}){escaped}(?![\w'-]| [a-z]{{2}})|(?<!\w){escaped}(?i:{_RIGHT})")


@lru_cache(maxsize=64)
def _naming(label: str) -> re.Pattern[str]:
    escaped = re.escape(label)
    marked = rf"\({escaped}\)|(?<!\w){escaped}\)|(?i:\b(?:option|choice|answer|letter|antwort)s?)\W{{1,3}}{escaped}\b"
    alone = rf"|(?<![\w'-]){escaped}(?![\w'-])" if len(label) == 1 and label not in _PRONOUNS else ""
    return re.compile(marked + alone)


@lru_cache(maxsize=64)
def _placing(index: int, count: int) -> re.Pattern[str]:
    ordinal = _ORDINALS[index] if index < len(_ORDINALS) else f"{index + 1}th"
    ordinal = f"{ordinal}|last|letzte" if index == count - 1 else ordinal
    return re.compile(rf"\b(?:{ordinal}) (?:option|choice|answer|one|antwort)\b", re.IGNORECASE)


@lru_cache(maxsize=64)
def _denying(label: str) -> re.Pattern[str]:
    escaped = re.escape(label)
    return re.compile(rf"(?i:{_DENIED_BEFORE})(?<!\w){escaped}(?!\w)|(?<!\w){escaped}(?!\w)(?i:{_DENIED_AFTER})")

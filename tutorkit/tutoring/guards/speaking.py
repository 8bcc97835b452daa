"""Nothing reaches a learner that a guard objects to: it is worded anew once, and then replaced."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Literal

import yaml

from tutorkit.tutoring.guards.checking import check
from tutorkit.tutoring.guards.lexicon import LEXICONS, folder_text
from tutorkit.tutoring.guards.seen import Seen, Violation, ViolationKind
from tutorkit.types import Record, TutorAct

_WORDINGS = 2


class GuardEvent(Record):
    """A wording that did not pass: what was objected to, the wording, and what was done about it."""

    kind: ViolationKind
    what: str
    where: str
    original: str
    action: Literal["asked_again", "template", "last_resort"]


class Safe(Record):
    """What may be said. ``blocked`` names the kinds of objection to earlier wordings, each once, in their order."""

    text: str
    blocked: tuple[str, ...] = ()
    events: tuple[GuardEvent, ...] = ()


async def said_safely(
    word: Callable[[Sequence[Violation]], Awaitable[str]], *, seen: Seen, fallback: Callable[[], str]
) -> Safe:
    """Have something said that every guard lets pass.

    Args:
        word: words it, given the objections to the wording before; asked at most twice.
        seen: what the guards may know.
        fallback: a template for the same act, for when both wordings were objected to. It is checked too; where it
            does not pass, a sentence is taken that holds nothing of the problem.
    """
    events: list[GuardEvent] = []
    violations: tuple[Violation, ...] = ()
    for turn in range(_WORDINGS):
        text = await word(violations)
        violations = check(text, seen)
        if not violations:
            return _safe(text, events)
        events += _events(violations, text, "asked_again" if turn + 1 < _WORDINGS else "template")
    text = fallback()
    violations = check(text, seen)
    if not violations:
        return _safe(text, events)
    events += _events(violations, text, "last_resort")
    return _safe(last_resort(seen.act, verdict=seen.verdict, language=seen.language), events)


def last_resort(act: TutorAct, *, verdict: Literal["right", "wrong"] | None, language: str) -> str:
    """Return a sentence for an act that holds nothing of the problem and judges nothing; English where it must be.

    To confirm an answer that is not right is no such act: the learner is asked for its work instead.
    """
    templates = _templates(language if language in LEXICONS else "en")
    move = "elicit" if act.move == "confirm" and verdict != "right" else act.move
    return str(templates["right" if verdict == "right" and move != "close" else "move"][move])


def _safe(text: str, events: Sequence[GuardEvent]) -> Safe:
    return Safe(text=text, blocked=tuple(dict.fromkeys(event.kind for event in events)), events=tuple(events))


def _events(
    violations: Sequence[Violation], text: str, action: Literal["asked_again", "template", "last_resort"]
) -> list[GuardEvent]:
    return [
        GuardEvent(kind=each.kind, what=each.what, where=each.where, original=text, action=action)
        for each in violations
    ]


@lru_cache(maxsize=len(LEXICONS))
def _templates(language: str) -> Mapping[str, Any]:
    return MappingProxyType(yaml.safe_load(folder_text(f"fallbacks.{language}.yaml")))

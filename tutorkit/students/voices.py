"""What simulated learners say: wordings as data, chosen by persona, kept within the persona's words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib import resources
from types import MappingProxyType
from typing import Literal

import yaml

from tutorkit.canonical import digest
from tutorkit.misconceptions import WorkStep
from tutorkit.students.personas import Persona

SpeechAct = Literal[
    "answer",
    "guesses",
    "lost",
    "keeps",
    "changes",
    "told",
    "explains",
    "cannot_explain",
    "guessed",
    "copied",
    "asks",
    "off_task",
    "gives_up",
    "pleased",
    "goodbye",
]
"""What a learner does in a turn, apart from how it is worded."""

ASSERTING: frozenset[SpeechAct] = frozenset(
    {"answer", "guesses", "keeps", "changes", "told", "explains", "cannot_explain", "guessed", "copied"}
)
"""The acts in which it says what its answer is."""

_WITH_WORK = "_with_work"
_CLOSING = ("So ", "In order")
_GRAIN = 16**12


def chance(*parts: object) -> float:
    """Return a number in [0, 1) that is a function of the parts: the same wherever and whenever it is asked for."""
    return int(digest(list(parts))[:12], 16) / _GRAIN


def worded(
    persona: Persona,
    act: SpeechAct,
    *,
    answer: str | None,
    steps: Sequence[WorkStep] = (),
    at: float = 0.0,
    nth: int = 0,
) -> str:
    """Word an act as a persona does, in at most ``persona.verbosity`` words.

    Args:
        persona: whose words.
        act: what is said.
        answer: the answer that is asserted, where the act asserts one.
        steps: working of which as much is said as there is room for: the first wrong step comes before all others.
        at: chooses among the wordings, in [0, 1).
        nth: how often something like it was said before: the wordings after that one come in turn.
    """
    if steps and (told := _with_work(persona, act, answer=answer or "", steps=steps, at=at, nth=nth)):
        return told
    # What asks for working and has no room for any is said like an answer.
    lists = wordings(persona.name, "answer" if act == "explains" else act)
    fitting = [text for text in lists if len(text.split()) <= persona.verbosity] or [min(lists, key=len)]
    return _picked(fitting, at, nth).format(answer=answer or "")


def wordings(persona: str, act: str) -> tuple[str, ...]:
    """Return the wordings of an act, a persona's own if it has any."""
    lists = _voices().get(persona, {}).get(act) or _voices()["common"].get(act, ())
    return tuple(lists)


def _with_work(
    persona: Persona, act: SpeechAct, *, answer: str, steps: Sequence[WorkStep], at: float, nth: int
) -> str | None:
    template = _picked(wordings(persona.name, act if act == "explains" else act + _WITH_WORK), at, nth)
    if not template:
        return None
    around = template.format(work="", answer=answer)
    work = fragment(steps, room=persona.verbosity - len(around.split()))
    return template.format(work=work, answer=answer) if work else None


def fragment(steps: Sequence[WorkStep], *, room: int) -> str:
    """Return the lines of a working that fit into so many words, in their order; none is cut.

    The first wrong step is taken first, then from the beginning. A last line that only says the answer is left out.
    """
    lines = list(steps[:-1]) if steps[-1].text.startswith(_CLOSING) else list(steps)
    wrong = next((index for index, step in enumerate(lines) if not step.ok), None)
    order = sorted(range(len(lines)), key=lambda index: index != wrong)
    kept: list[int] = []
    for index in order:
        words = len(lines[index].text.split())
        if words <= room:
            kept.append(index)
            room -= words
    return " ".join(lines[index].text for index in sorted(kept))


def _picked(texts: Sequence[str], at: float, nth: int) -> str:
    return texts[(int(at * len(texts)) + nth) % len(texts)] if texts else ""


@lru_cache(maxsize=1)
def _voices() -> Mapping[str, Mapping[str, Sequence[str]]]:
    text = resources.files("tutorkit.students").joinpath("data", "voices.en.yaml").read_text(encoding="utf-8")
    return MappingProxyType(yaml.safe_load(text))

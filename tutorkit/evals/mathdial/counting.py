"""When a learner first has the answer in a talk, and when the tutor first says it.

Utterances are counted by role, from 0. Two ways to see the answer in an utterance:

``compat`` is the published one (eth-nlped/mathdial, interactivetutoring): any number in it, commas dropped, within 1e-7
of the answer. It takes an intermediate value for the answer, and a first, wrong explanation for a success.

``strict`` takes what an utterance asserts last, numbers in brackets and in side clauses passed over, and takes it only
after the tutor has reacted to something that the learner said. A number that stands in the problem or in the wrong
solution, or for the tutor in what the learner said before, counts only where it is stated as a result (``is 20``,
``= 20``). So far the published figures know ``compat`` alone: only these are comparable.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Literal

from tutorkit.evals.mathdial.talks import Talk
from tutorkit.types import Turn

Matching = Literal["compat", "strict"]

_DIGITS = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_EXACT = re.compile(r"(?:(?<![\w.)\]])[-−])?(?<![\w.])[0-9]+(?:\.[0-9]+)?(?:\s?[/⁄]\s?[0-9]+)?(?![A-Za-z_])")
_CLOSE = 1e-7
_BRACKETS = re.compile(r"\([^()]*\)")
_SIDE_CLAUSE = re.compile(
    r"\b(?:since|because|in order to|along with|instead of|rather than|not|if)\b(?:[^.?!;\n]|\.(?=\d))*", re.IGNORECASE
)
_STATED = re.compile(
    r"(?:=|\b(?:is|are|be|was|were|equals?|gets?|got|gives?|makes?|made|has|have|had|costs?|needs?|takes?|pays?|paid|"
    r"saves?|spent|left|earns?|won|total(?:s|\s+of)?|only|answer)\b)[^.?!=\d]{0,40}$",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True)
class Hits:
    """The index of the learner's and of the tutor's first utterance with the answer, by role from 0; None is never.

    ``told_first`` tells that the tutor's came before the learner's.
    """

    success: int | None
    telling: int | None
    told_first: bool


def hits(talk: Talk, *, matching: Matching) -> Hits:
    """Look for the answer in a talk.

    Of ``compat`` it is taken over as published that the tutor's utterance of an index comes before the learner's of
    the same one; ``strict`` goes by the order in the talk.
    """
    if matching == "compat":
        success, telling = _first_compat(talk, "learner"), _first_compat(talk, "tutor")
        return Hits(success=success, telling=telling, told_first=_at_most(telling, success))
    learner, tutor = next(_strict_successes(talk), None), next(_strict_tellings(talk), None)
    return Hits(
        success=None if learner is None else learner[0],
        telling=None if tutor is None else tutor[0],
        told_first=tutor is not None and (learner is None or tutor[1] < learner[1]),
    )


def asserted(text: str, *, unless_stated: frozenset[Fraction] = frozenset()) -> Fraction | None:
    """Return the number that a text asserts last, if it asserts one.

    Args:
        text: an utterance.
        unless_stated: numbers that are taken only where they are stated as a result.
    """
    whole = _BRACKETS.sub(" ", text.replace(",", ""))
    for part in (_SIDE_CLAUSE.sub(" ", whole), whole):
        if found := list(_EXACT.finditer(part)):
            value = _value(found[-1][0])
            stated = _STATED.search(part[: found[-1].start()]) is not None
            return None if value in unless_stated and not stated else value
    return None


# A talk's texts are looked at once for each of its later turns.
@lru_cache(maxsize=4096)
def numbers_in(text: str) -> frozenset[Fraction]:
    """Return the numbers of a text, fractions among them, commas dropped."""
    found = (_value(match[0]) for match in _EXACT.finditer(text.replace(",", "")))
    return frozenset(value for value in found if value is not None)


def contains_answer(text: str, gold: Fraction) -> bool:
    """Tell whether a text holds the answer in the published way."""
    wanted = float(gold)
    return any(abs(float(number) - wanted) < _CLOSE for number in _DIGITS.findall(text.replace(",", "")))


def tells(talk: Talk, turn: Turn, *, before: tuple[Turn, ...]) -> bool:
    """Tell whether a tutor's turn says the answer, by ``strict``.

    Args:
        talk: what the turn is part of.
        turn: the tutor's turn.
        before: the turns before it.
    """
    gold = talk.value
    said = frozenset[Fraction]().union(*(numbers_in(earlier.text) for earlier in before if earlier.role == "learner"))
    if gold in _known(talk) | said:
        return asserted(turn.text, unless_stated=frozenset({gold})) == gold
    return gold in numbers_in(turn.text)


def _first_compat(talk: Talk, role: Literal["tutor", "learner"]) -> int | None:
    texts = [turn.text for turn in talk.turns if turn.role == role]
    return next((index for index, text in enumerate(texts) if contains_answer(text, talk.value)), None)


def _strict_successes(talk: Talk) -> Iterator[tuple[int, int]]:
    """Yield index among the learner's turns and place in the talk of every turn that asserts the answer."""
    gold, known = talk.value, _known(talk)
    index, spoken, answered = -1, False, False
    for place, turn in enumerate(talk.turns):
        if turn.role == "tutor":
            answered = answered or spoken
        elif turn.role == "learner":
            index, spoken = index + 1, True
            if answered and asserted(turn.text, unless_stated=known) == gold:
                yield index, place


def _strict_tellings(talk: Talk) -> Iterator[tuple[int, int]]:
    index = -1
    for place, turn in enumerate(talk.turns):
        if turn.role == "tutor":
            index += 1
            if tells(talk, turn, before=talk.turns[:place]):
                yield index, place


def _known(talk: Talk) -> frozenset[Fraction]:
    return numbers_in(talk.problem) | numbers_in(talk.wrong)


def _value(written: str) -> Fraction | None:
    top, _, bottom = written.replace("⁄", "/").replace("−", "-").replace(" ", "").partition("/")
    if not bottom:
        return Fraction(top)
    return Fraction(top) / Fraction(bottom) if Fraction(bottom) else None


def _at_most(first: int | None, second: int | None) -> bool:
    return first is not None and (second is None or first <= second)

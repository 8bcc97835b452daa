"""How a simulated learner comes to an answer: by a misconception, rightly, by guessing, and now and then by a slip."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from tutorkit.canonical import digest
from tutorkit.misconceptions import (
    Item,
    Work,
    WorkStep,
    malrule,
    parts_of,
    perform,
    same_answer,
    skills_of,
    solve,
    split_answer,
)
from tutorkit.misconceptions.work import typeset

Cause = Literal["knows", "bug", "guess", "slip", "told", "lost"]
"""What an answer came of: ``lost`` is no answer, ``told`` one that the tutor gave away on this very item."""


@dataclass(frozen=True, kw_only=True)
class Chances:
    """What is drawn for one item, each in [0, 1): the same whenever the learner meets the item."""

    slip: float
    guess: float
    pick: float


@dataclass(frozen=True, kw_only=True)
class Tried:
    """A try at one item.

    ``followed`` are the misconceptions that it went by, the more urgent first; ``acting`` is the first of them that
    made the answer other than it would have been. ``missing`` are the skills of the item for want of which it guessed.
    ``right`` tells whether the answer has the right value.
    """

    item: Item
    key: str
    answer: str | None
    right: bool
    cause: Cause
    followed: tuple[str, ...] = ()
    acting: str | None = None
    missing: tuple[str, ...] = ()
    steps: tuple[WorkStep, ...] = ()

    @property
    def first_wrong(self) -> WorkStep | None:
        """The first wrong line of the working."""
        return next((step for step in self.steps if not step.ok), None)


def item_key(item: Item) -> str:
    """Return what tells one item from another."""
    return digest(dict(item))


def lost(item: Item | None) -> Tried:
    """Return the try at something that the learner cannot read."""
    return Tried(item=item or {}, key=item_key(item or {}), answer=None, right=False, cause="lost")


def recalled(item: Item) -> Tried:
    """Return the try at an item whose solution the learner was told: the answer without a working of its own."""
    return Tried(item=item, key=item_key(item), answer=solve(item).answer, right=True, cause="told")


def by_urgency(misconception_ids: Collection[str]) -> list[str]:
    """Order misconceptions: the commoner one goes first where two would act; equals by their ids."""
    return sorted(misconception_ids, key=lambda each: (-malrule(each).prior, each))


def worked(
    item: Item,
    *,
    followed: Sequence[str],
    lacks: Collection[str],
    slip: float,
    guess: float,
    chances: Chances,
) -> Tried:
    """Work an item out.

    Args:
        item: an item that can be read.
        followed: the misconceptions that act on this item, the most urgent first.
        lacks: the skills without which the learner can only guess, where no misconception acts.
        slip: the probability to write one digit wrong at the end.
        guess: the probability that a guess is right.
        chances: what was drawn for this item.

    Raises:
        DataError: when the item cannot be read.
    """
    right = solve(item)
    work = perform(item, [malrule(each).procedure for each in followed])
    acting = None
    if work.answer != right.answer:
        acting = next(each for each in followed if malrule(each).run(item).answer != right.answer)
    elif missing := tuple(skill for skill in skills_of(item) if skill in lacks):
        return replace(_guessed(item, right, guess=guess, chances=chances), missing=missing)
    tried = Tried(
        item=item,
        key=item_key(item),
        answer=work.answer,
        right=is_right(item, work.answer),
        cause="knows" if acting is None else "bug",
        followed=tuple(followed),
        acting=acting,
        steps=work.steps,
    )
    if chances.slip >= slip:
        return tried
    misses = [each for each in near_misses(item, work.answer) if not is_right(item, each)]
    return _slipped(tried, _pick(misses, chances.pick)) if misses else tried


def is_right(item: Item, answer: str) -> bool:
    """Tell whether an answer has the right value, part by part in a chain.

    Raises:
        DataError: when the item cannot be read.
    """
    right, given = split_answer(item, solve(item).answer), split_answer(item, answer)
    return right is not None and given is not None and all(map(same_answer, given, right))


def near_misses(item: Item, answer: str) -> list[str]:
    """Return what an answer becomes by one digit off by one, or by two neighbouring digits exchanged.

    An answer that is one of the item's own numbers was chosen, not written out digit by digit: it has none.
    """
    if any(answer in re.split(r"[^\d./]+", part.text) for part in parts_of(item)):
        return []
    found: list[str] = []
    for place, character in enumerate(answer):
        if not (character.isascii() and character.isdigit()):
            continue
        found += [f"{answer[:place]}{off}{answer[place + 1 :]}" for off in _off_by_one(int(character))]
        after = answer[place + 1 : place + 2]
        if after.isdigit() and after != character:
            found.append(f"{answer[:place]}{after}{character}{answer[place + 2 :]}")
    return [text for text in dict.fromkeys(found) if not _LEADING_ZERO.search(text) and text != answer]


_LEADING_ZERO = re.compile(r"(?<![\d.:])0\d|/0+(?!\d)")
"""What no pupil writes: a number that begins with a zero, a fraction of zeroths."""


def _off_by_one(digit: int) -> list[int]:
    return [digit + off for off in (-1, 1) if 0 <= digit + off <= 9]


def _guessed(item: Item, right: Work, *, guess: float, chances: Chances) -> Tried:
    misses = [each for each in near_misses(item, right.answer) if not is_right(item, each)]
    hits = chances.guess < guess or not misses
    answer = right.answer if hits else _pick(misses, chances.pick)
    return Tried(item=item, key=item_key(item), answer=answer, right=hits, cause="guess")


def _slipped(tried: Tried, answer: str) -> Tried:
    """Let the last line of a working, and with it the answer, come out wrong by a digit."""
    last = tried.steps[-1]
    before, meant, after = last.text.rpartition(typeset(tried.answer or ""))
    text = f"{before}{typeset(answer)}{after}" if meant else last.text
    steps = (*tried.steps[:-1], WorkStep(text, answer, last.skill, ok=False))
    return replace(tried, answer=answer, right=False, cause="slip" if tried.acting is None else "bug", steps=steps)


def _pick(texts: Sequence[str], at: float) -> str:
    return texts[int(at * len(texts))]

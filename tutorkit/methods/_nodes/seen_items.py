"""The items that a teacher has seen, looked up by what a text may not take from them: made once for many texts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import TypeVar

from tutorkit.types import Problem

NGRAM = 8
"""So many words in a row, shared with an item, are taken for copied."""

_NUMBER = re.compile(r"\d+(?:[.,/:]\d+)*")
_WORD = re.compile(r"[^\W_]+")
_T = TypeVar("_T")


class SeenItems:
    """Finds the first item that a text quotes. What is asked for the first time is looked up in all items once.

    Args:
        problems: the items, in the order in which they are named.
        n: words in a row that count as copied.
    """

    def __init__(self, problems: Sequence[Problem], *, n: int = NGRAM) -> None:
        self._problems = problems
        self._n = n

    def copied(self, text: str) -> Problem | None:
        """Return the first item that shares ``n`` words in a row with the text, in its own text or its worked steps."""
        mine = ngrams(text, self._n)
        places = sorted({self._runs[run] for run in map(hash, mine) if run in self._runs})
        found = (self._problems[place] for place in places)
        # Two runs of words may have one hash, so what was found is looked at.
        return next((problem for problem in found if not mine.isdisjoint(_runs_of(problem, self._n))), None)

    def quoted(self, found: set[str]) -> Problem | None:
        """Return the first item in whose text or gold one of these numbers stands."""
        return self._first(found, self._numbers)

    def quoted_gold(self, found: set[str]) -> Problem | None:
        """Return the first item in whose gold one of these numbers stands."""
        return self._first(found, self._gold_numbers)

    def given_away(self, text: str) -> Problem | None:
        """Return the first item whose gold the text states, as ``verify.gold_text`` says."""
        folded = f" {' '.join(words(text))} "
        place = next((place for needle, place in self._golds.items() if needle in folded), None)
        return None if place is None else self._problems[place]

    def _first(self, found: Iterable[str], places: dict[str, int]) -> Problem | None:
        known = [places[one] for one in found if one in places]
        return self._problems[min(known)] if known else None

    @cached_property
    def _runs(self) -> dict[int, int]:
        """By hash: the runs themselves would take ten times the memory."""
        return self._by(lambda problem: map(hash, _runs_of(problem, self._n)))

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return self._by(lambda problem: numbers(f"{problem.text} {problem.gold or ''}"))

    @cached_property
    def _gold_numbers(self) -> dict[str, int]:
        return self._by(lambda problem: numbers(problem.gold or ""))

    @cached_property
    def _golds(self) -> dict[str, int]:
        return self._by(_needles)

    def _by(self, traits: Callable[[Problem], Iterable[_T]]) -> dict[_T, int]:
        """Return the place of the first item that has each trait, the first item's traits first."""
        places: dict[_T, int] = {}
        for place, problem in enumerate(self._problems):
            for trait in traits(problem):
                places.setdefault(trait, place)
        return places


def numbers(text: str) -> set[str]:
    """Return the numbers that stand in the text in digits, each whole."""
    return set(_NUMBER.findall(text))


def words(text: str) -> list[str]:
    """Return the words of the text in lower case, without what stands between them."""
    return _WORD.findall(text.casefold())


def ngrams(text: str, n: int) -> set[tuple[str, ...]]:
    """Return every run of ``n`` words of the text."""
    found = words(text)
    return {tuple(found[i : i + n]) for i in range(len(found) - n + 1)}


def _runs_of(problem: Problem, n: int) -> set[tuple[str, ...]]:
    return {run for part in (problem.text, *(step.text for step in problem.steps)) for run in ngrams(part, n)}


def _needles(problem: Problem) -> list[str]:
    gold = words(problem.gold or "")
    if not gold:
        return []
    return [f" {' '.join(gold)} " if len(gold) > 1 else f" answer is {gold[0]} "]

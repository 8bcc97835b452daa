"""Answers that are words: the scorers ``exact``, ``exact_case``, ``list`` and ``set``."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Hashable
from dataclasses import dataclass
from itertools import takewhile
from typing import Literal

from tutorkit.tasks.scorers.answers import Ambiguous, Found, Reading, first_sentence, last_line, undressed
from tutorkit.tasks.scorers.base import Verdict, verdict
from tutorkit.tasks.scorers.numbers import Number, as_written, parse_number
from tutorkit.types import Problem

Separator = Literal["comma", "space"]

_PART_LABEL = re.compile(r"^(?:\([a-z\d]\)|[a-z]\)|\d{1,2}\)|\d{1,2}\.(?=\s)|[-*•](?=\s))\s{0,4}")
_NUMERIC = re.compile(r"[-−–+]?[\d.,/ %]+")


@dataclass(frozen=True)
class ExactRule:
    """The same text: white space counts as one space, quotes and a closing full stop do not count.

    ``case`` keeps upper and lower case apart; ``spaces="ignore"`` takes no notice of white space at all.
    """

    case: bool = False
    spaces: Literal["one", "ignore"] = "one"

    def read(self, problem: Problem, text: str) -> Found[frozenset[str]]:
        """Read the line, and its first sentence as the other form it may mean."""
        forms = {form for form in map(self._form, (text, first_sentence(text))) if form}
        return Reading(frozenset(forms), self._form(text)) if forms else None

    def search(self, problem: Problem, raw: str) -> Found[frozenset[str]]:
        """Read the last line."""
        return self.read(problem, last_line(raw))

    def compare(self, gold: Reading[frozenset[str]], answer: Reading[frozenset[str]]) -> Verdict:
        """Compare the whole gold text with each form of the answer."""
        how = "same text" + ("" if self.case else ", case ignored")
        return verdict(gold.shown in answer.value, how)

    def _form(self, text: str) -> str:
        text = undressed(unicodedata.normalize("NFKC", text))
        text = ("" if self.spaces == "ignore" else " ").join(text.split())
        return text if self.case else text.casefold()


@dataclass(frozen=True)
class ItemsRule:
    """Several answers in one. Numbers compare by value, words without case; ``ordered`` is what tells list from set.

    With ``sep="space"`` white space parts the items as commas do.
    """

    ordered: bool
    sep: Separator = "comma"

    def read(self, problem: Problem, text: str) -> Found[tuple[tuple[str, ...], ...]]:
        """Read the items, in each of the ways in which the separators can be meant."""
        readings = tuple(dict.fromkeys(filter(None, (self._items(text, pattern) for pattern in self._patterns()))))
        if not readings:
            return None
        clear = next((items for items in readings if not any(map(_is_ambiguous, items))), readings[0])
        return Reading(readings, ", ".join(map(_shown, clear)))

    def search(self, problem: Problem, raw: str) -> Found[tuple[tuple[str, ...], ...]]:
        """Read the numbered or bulleted lines that close the text, else its last line."""
        lines = [line.strip() for line in raw.splitlines() if line.strip()]
        closing = list(takewhile(_PART_LABEL.match, reversed(lines)))
        return self.read(problem, "; ".join(reversed(closing)) if len(closing) > 1 else last_line(raw))

    def compare(
        self, gold: Reading[tuple[tuple[str, ...], ...]], answer: Reading[tuple[tuple[str, ...], ...]]
    ) -> Verdict:
        """Compare item by item."""
        wanted = {self._key(items) for items in gold.value[:1]}
        same = any(self._key(items) in wanted for items in answer.value)
        return verdict(same, "item by item, in order" if self.ordered else "item by item, in any order")

    def _patterns(self) -> tuple[str, ...]:
        if self.sep == "space":
            return (r"[\s,;]+",)
        # "1,234, 5" is two numbers to most writers and three to some: both are tried, the common one first.
        return (r";|,\s|,?\s+(?:and|&)\s", r"[;,]|\s(?:and|&)\s")

    def _items(self, text: str, pattern: str) -> tuple[str, ...]:
        text = undressed(text.strip())
        if len(text) > 1 and text[0] + text[-1] in {"[]", "{}", "()"} and not _PART_LABEL.match(text):
            text = text[1:-1]
        parts = (undressed(part) for part in re.split(pattern, text))
        return tuple(item for item in (_PART_LABEL.sub("", part).strip() for part in parts) if item)

    def _key(self, items: tuple[str, ...]) -> Hashable:
        keys = [_item_key(item) for item in items]
        return tuple(keys) if self.ordered else frozenset(keys)


def _item_key(item: str) -> Hashable:
    number = _item_number(item)
    if isinstance(number, Number):
        return number.value
    return " ".join(unicodedata.normalize("NFKC", item).casefold().split())


def _shown(item: str) -> str:
    number = _item_number(item)
    return as_written(number) if isinstance(number, Number) else item


def _is_ambiguous(item: str) -> bool:
    return isinstance(_item_number(item), Ambiguous)


def _item_number(item: str) -> Number | Ambiguous | None:
    return parse_number(item) if _NUMERIC.fullmatch(item) else None

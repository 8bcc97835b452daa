"""Verify: the gates that a lesson passes before a student may see it. Each says what it found, or nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypeAlias

from tutorkit.methods._nodes.seen_items import NGRAM, SeenItems, numbers, words
from tutorkit.ports import Scorer
from tutorkit.types import Problem

Items: TypeAlias = Sequence[Problem] | SeenItems
"""Whoever checks many texts against the same items makes the ``SeenItems`` once."""

_CUE = re.compile(r"\[\[skill:[^\]]*\]\]")


def principle_faults(text: str, items: Items) -> tuple[str, ...]:
    """Return why a text is no principle: it must hold of any item, so it may quote none.

    Args:
        text: the principle.
        items: all that the teacher has seen.
    """
    items = _seen(items)
    found = [copied_ngram(text, items), quoted_number(text, items), gold_text(text, items)]
    if not plain(text):
        found.append("empty")
    return tuple(fault for fault in found if fault)


def instruction_faults(text: str, items: Items) -> tuple[str, ...]:
    """Return why a text is no instruction for a whole task: empty, copied from an item, or giving an answer away.

    A small number may stand in it ("in 3 steps"); a gold of two or more digits may not.
    """
    items = _seen(items)
    found = [copied_ngram(text, items), gold_text(text, items), quoted_gold_number(text, items)]
    if not plain(text):
        found.append("empty")
    return tuple(fault for fault in found if fault)


def demo_faults(solution: str, answer: str, problem: Problem, scorer: Scorer) -> tuple[str, ...]:
    """Return why a worked solution is no demo: its final answer must pass the problem's own scorer."""
    if not plain(solution):
        return ("empty",)
    grade = scorer.grade(problem, f"{solution}\nAnswer: {answer}")
    return () if grade.outcome == "right" else (f"answer {grade.outcome}: {grade.how}",)


def copied_ngram(text: str, items: Items) -> str | None:
    """Tell whether the text shares eight words in a row with a problem or its worked steps."""
    found = _seen(items).copied(text)
    return f"copies {NGRAM} words in a row from {found.id}" if found else None


def quoted_number(text: str, items: Items) -> str | None:
    """Tell whether the text, its cue tags apart, holds a number in digits that an item or its gold holds."""
    mine = numbers(plain(text))
    found = _seen(items).quoted(mine)
    if found is None:
        return None
    return f"quotes the number {min(mine & (numbers(found.text) | numbers(found.gold or '')))} of {found.id}"


def quoted_gold_number(text: str, items: Items) -> str | None:
    """Tell whether the text holds the gold of an item where that is a number of two or more digits."""
    mine = {number for number in numbers(plain(text)) if len(number) > 1}
    found = _seen(items).quoted_gold(mine)
    return f"holds the gold {min(mine & numbers(found.gold or ''))} of {found.id}" if found else None


def gold_text(text: str, items: Items) -> str | None:
    """Tell whether the text states the gold of an item.

    A gold of several words, or one that holds a digit next to other characters, counts where it stands whole. A gold of
    one short word ("yes", "B") is part of the language of the task and counts only after "answer is".
    """
    found = _seen(items).given_away(plain(text))
    return f"states the gold of {found.id}" if found else None


def plain(text: str) -> str:
    """Return the text without its cue tags and outer white space."""
    return _CUE.sub("", text).strip()


def likeness(left: str, right: str) -> float:
    """Return the Jaccard index of the two texts' words, in [0, 1]."""
    a, b = set(words(left)), set(words(right))
    return len(a & b) / len(a | b) if a | b else 1.0


def _seen(items: Items) -> SeenItems:
    return items if isinstance(items, SeenItems) else SeenItems(items)

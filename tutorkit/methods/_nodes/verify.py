"""Verify: the gates that a lesson passes before a student may see it. Each says what it found, or nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from tutorkit.ports import Scorer
from tutorkit.types import Problem

NGRAM = 8
"""So many words in a row, shared with an item, are taken for copied."""

_NUMBER = re.compile(r"\d+(?:[.,/:]\d+)*")
_WORD = re.compile(r"[^\W_]+")
_CUE = re.compile(r"\[\[skill:[^\]]*\]\]")


def principle_faults(text: str, problems: Sequence[Problem]) -> tuple[str, ...]:
    """Return why a text is no principle: it must hold of any item, so it may quote none.

    Args:
        text: the principle.
        problems: all items that the teacher has seen.
    """
    found = [copied_ngram(text, problems), quoted_number(text, problems), gold_text(text, problems)]
    if not plain(text):
        found.append("empty")
    return tuple(fault for fault in found if fault)


def instruction_faults(text: str, problems: Sequence[Problem]) -> tuple[str, ...]:
    """Return why a text is no instruction for a whole task: empty, copied from an item, or giving an answer away.

    A small number may stand in it ("in 3 steps"); a gold of two or more digits may not.
    """
    found = [copied_ngram(text, problems), gold_text(text, problems), quoted_gold_number(text, problems)]
    if not plain(text):
        found.append("empty")
    return tuple(fault for fault in found if fault)


def demo_faults(solution: str, answer: str, problem: Problem, scorer: Scorer) -> tuple[str, ...]:
    """Return why a worked solution is no demo: its final answer must pass the problem's own scorer."""
    if not plain(solution):
        return ("empty",)
    grade = scorer.grade(problem, f"{solution}\nAnswer: {answer}")
    return () if grade.outcome == "right" else (f"answer {grade.outcome}: {grade.how}",)


def copied_ngram(text: str, problems: Iterable[Problem], *, n: int = NGRAM) -> str | None:
    """Tell whether the text shares ``n`` words in a row with a problem or its worked steps."""
    mine = _ngrams(text, n)
    for problem in problems:
        parts = (problem.text, *(step.text for step in problem.steps))
        if any(mine & _ngrams(part, n) for part in parts):
            return f"copies {n} words in a row from {problem.id}"
    return None


def quoted_number(text: str, problems: Iterable[Problem]) -> str | None:
    """Tell whether the text, its cue tags apart, holds a number in digits that an item or its gold holds."""
    mine = set(_NUMBER.findall(plain(text)))
    for problem in problems if mine else ():
        if shared := mine & (set(_NUMBER.findall(problem.text)) | set(_NUMBER.findall(problem.gold or ""))):
            return f"quotes the number {min(shared)} of {problem.id}"
    return None


def quoted_gold_number(text: str, problems: Iterable[Problem]) -> str | None:
    """Tell whether the text holds the gold of an item where that is a number of two or more digits."""
    mine = {number for number in _NUMBER.findall(plain(text)) if len(number) > 1}
    for problem in problems if mine else ():
        if shared := mine & set(_NUMBER.findall(problem.gold or "")):
            return f"holds the gold {min(shared)} of {problem.id}"
    return None


def gold_text(text: str, problems: Iterable[Problem]) -> str | None:
    """Tell whether the text states the gold of an item.

    A gold of several words, or one that holds a digit next to other characters, counts where it stands whole. A gold of
    one short word ("yes", "B") is part of the language of the task and counts only after "answer is".
    """
    folded = f" {' '.join(_WORD.findall(plain(text).casefold()))} "
    for problem in problems:
        gold = " ".join(_WORD.findall((problem.gold or "").casefold()))
        needle = f" {gold} " if len(gold.split()) > 1 else f" answer is {gold} "
        if gold and needle in folded:
            return f"states the gold of {problem.id}"
    return None


def plain(text: str) -> str:
    """Return the text without its cue tags and outer white space."""
    return _CUE.sub("", text).strip()


def likeness(left: str, right: str) -> float:
    """Return the Jaccard index of the two texts' words, in [0, 1]."""
    a, b = set(_WORD.findall(left.casefold())), set(_WORD.findall(right.casefold()))
    return len(a & b) / len(a | b) if a | b else 1.0


def _ngrams(text: str, n: int) -> set[tuple[str, ...]]:
    words = _WORD.findall(text.casefold())
    return {tuple(words[i : i + n]) for i in range(len(words) - n + 1)}

"""Answers to items of every domain that has misconceptions: numbers, fractions, expressions in x, times of day."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tutorkit.misconceptions import same_answer
from tutorkit.tasks.scorers.answers import Found, Reading, first_sentence, undressed
from tutorkit.tasks.scorers.base import Verdict, verdict
from tutorkit.types import Problem

_ANSWER = re.compile(
    r"(?:[a-z]\s?=\s?)?[-+−]?\d+:\d\d"
    r"|(?:[a-z]\s?=\s?)?[-+−]?\d+\s+\d+/\d+"
    r"|(?:[a-z]\s?=\s?)?[-+−]?(?:\d+(?:[.,]\d+)*|\.\d+)?(?:[a-z](?:\^\d+|[²³])?(?:/\d+)?|/\d+|%)?"
    r"(?:\s?[-+−]\s?(?:\d+(?:\.\d+)?)?(?:[a-z](?:\^\d+|[²³])?(?:/\d+)?|\d))*",
    re.IGNORECASE,
)
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_LONGEST = 60


@dataclass(frozen=True)
class WorkedRule:
    """Equal by ``same_answer``: 2/4 is 1/2, and 3 + 4x is 4x + 3. What is compared keeps the form that was written."""

    def read(self, problem: Problem, text: str) -> Found[str]:
        """Read an answer from a text that holds nothing else."""
        candidate = undressed(first_sentence(text)).strip(" .")
        found = _ANSWER.match(candidate)
        if not found or not re.search(r"[\dx]", found[0]):
            return None
        value = _tidied(found[0])
        return Reading(value, value)

    def search(self, problem: Problem, raw: str) -> Found[str]:
        """Read the last thing in a text that looks like an answer."""
        found = [match[0] for match in _ANSWER.finditer(raw[-4_000:]) if re.search(r"[\dx]", match[0])]
        if not found or len(found[-1]) > _LONGEST:
            return None
        value = _tidied(found[-1])
        return Reading(value, value)

    def compare(self, gold: Reading[str], answer: Reading[str]) -> Verdict:
        """Compare by value; say when the form differs."""
        same = same_answer(answer.value, gold.value)
        return verdict(same, "by value, in another form" if same and answer.value != gold.value else "by value")


def _tidied(text: str) -> str:
    plain = _THOUSANDS.sub("", text.strip()).replace("−", "-").replace("²", "^2").replace("³", "^3").rstrip(" +-%")
    return re.sub(r"^[a-z]\s?=\s?", "", plain, flags=re.IGNORECASE)

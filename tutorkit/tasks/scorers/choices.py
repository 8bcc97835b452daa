"""One out of several: the scorers ``choice`` (by letter or text), ``yes_no`` and ``labels`` (by word)."""

from __future__ import annotations

import re
import string
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from tutorkit.tasks.scorers.answers import Ambiguous, Found, Reading, first_sentence, last_line, undressed
from tutorkit.tasks.scorers.base import Verdict, verdict
from tutorkit.types import Problem

_SEVERAL = Ambiguous("more than one of the choices is named")
_TOKEN = re.compile(r"\d+(?:[.,]\d+)*|\w+|[-+%/<>=^]")
_NEGATIONS = frozenset({"not", "isn't", "isnt", "doesn't", "never", "neither"})


@dataclass(frozen=True)
class ChoiceRule:
    """The label of an option in any usual form, or the option's own text. Without listed options any letter will do."""

    def read(self, problem: Problem, text: str) -> Found[str]:
        """Read a label that opens the text, else an option's text, whole or within it."""
        labels = [choice.label for choice in problem.choices] or list(string.ascii_uppercase)
        for part in dict.fromkeys((text, first_sentence(text))):
            found = _leading_label(part, labels) or _by_text(problem, part, whole=True)
            if found is not None:
                return found
        return _inner_label(text, labels) or _by_text(problem, text, whole=False)

    def search(self, problem: Problem, raw: str) -> Found[str]:
        """Read the last label in brackets or beside the word *option*; else what the last line says."""
        labels = [choice.label for choice in problem.choices] or list(string.ascii_uppercase)
        line = last_line(raw)
        found = _leading_label(line, labels) or _by_text(problem, line, whole=True)
        return found or _inner_label(raw, labels) or _by_text(problem, line, whole=False)

    def compare(self, gold: Reading[str], answer: Reading[str]) -> Verdict:
        """Compare the labels."""
        return verdict(gold.value == answer.value, "by label")


def _leading_label(text: str, labels: list[str]) -> Found[str]:
    text = undressed(text)
    any_label = "|".join(re.escape(label) for label in labels)
    bracketed = rf"[(\[]\s?({any_label})\s?[)\]]"
    bare = rf"({any_label})(?=$|\s?[).:\]]|,?\s(?:or|and)\b|,)"
    form = rf"(?:(?:option|choice|letter)\s)?(?:{bracketed}|{bare})"
    match = re.match(form, text, re.IGNORECASE)
    if match is None:
        return None
    # "a." may open a sentence of its own; a small letter counts when nothing but the bracket or point is beside it.
    label = match[1] or match[2]
    if label not in labels and match[1] is None and len(text) > len(label) + 1:
        return None
    more = re.match(
        rf"[)\].]?\s?(?:,|/|\bor\b|\band\b|&)\s?(?:option\s)?[(\[]?({any_label})(?![\w'])", text[match.end() :]
    )
    if more and more[1].upper() != label.upper():
        return _SEVERAL
    known = next(known for known in labels if known.upper() == label.upper())
    return Reading(known, known, "a label")


def _inner_label(text: str, labels: list[str]) -> Found[str]:
    """Find the last ``(B)``, ``option B`` or ``B is correct`` of a longer text; as written, since ``a`` is a word."""
    any_label = "|".join(re.escape(label) for label in labels)
    verdicts = r"\s(?:is|was)\s(?:the\s)?(?:correct|right|best)\b"
    form = rf"\(({any_label})\)|\b(?:[Oo]ption|[Cc]hoice)\s({any_label})\b|\b({any_label}){verdicts}"
    last = deque(re.finditer(form, text), maxlen=1)
    if not last:
        return None
    label = next(group for group in last[0].groups() if group)
    return Reading(label, label, "the last label named")


def _by_text(problem: Problem, text: str, *, whole: bool) -> Found[str]:
    said = _folded(text)
    if not said:
        return None
    options = {choice.label: _folded(choice.text) for choice in problem.choices}
    if whole:
        named = [label for label, option in options.items() if option and option == said]
    else:
        padded = f" {said} "
        held = {label: option for label, option in options.items() if option and f" {option} " in padded}
        named = [
            label
            for label, option in held.items()
            if not any(option != other and f" {option} " in f" {other} " for other in held.values())
        ]
    if len(named) > 1:
        return _SEVERAL
    return Reading(named[0], named[0], "the option's text") if named else None


def _folded(text: str) -> str:
    return " ".join(_TOKEN.findall(text.casefold()))


@dataclass(frozen=True)
class LabelsRule:
    """One word of a fixed set. ``synonyms`` maps further words to their labels; of two, *not* means the other."""

    labels: tuple[str, ...]
    synonyms: tuple[tuple[str, str], ...] = ()

    @cached_property
    def _words(self) -> dict[str, str]:
        return {label.casefold(): label for label in self.labels} | dict(self.synonyms)

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        longest_first = sorted(self._words, key=len, reverse=True)
        return re.compile(rf"(?<![\w'])(?:{'|'.join(map(re.escape, longest_first))})(?![\w'])", re.IGNORECASE)

    def read(self, problem: Problem, text: str) -> Found[str]:
        """Read the one label that the first sentence names, else the one that the line names."""
        for part in (first_sentence(text), text):
            named = dict.fromkeys(self._labels_in(part))
            if len(named) > 1:
                return self._opening(part) or _SEVERAL
            for label in named:
                return Reading(label, label, "a label")
        return None

    def search(self, problem: Problem, raw: str) -> Found[str]:
        """Read a label that opens the text, else the last label in it."""
        opening = self._opening(raw)
        if opening is not None:
            return opening
        last = deque(self._labels_in(raw), maxlen=1)
        return Reading(last[0], last[0], "the last label named") if last else None

    def compare(self, gold: Reading[str], answer: Reading[str]) -> Verdict:
        """Compare the labels."""
        return verdict(gold.value == answer.value, "by label")

    def _opening(self, text: str) -> Found[str]:
        """Read ``Yes, because …``; a second label right behind makes it ambiguous."""
        start = undressed(text)
        match = self._pattern.match(start)
        if match is None:
            return None
        label = self._words[match[0].casefold()]
        more = re.match(r"\W{0,3}(?:or\b|and\b|/)\W{0,3}(\w{1,40})", start[match.end() :])
        if more and self._words.get(more[1].casefold(), label) != label:
            return _SEVERAL
        return Reading(label, label, "the opening word")

    def _labels_in(self, text: str) -> Iterable[str]:
        for match in self._pattern.finditer(text):
            label = self._words[match[0].casefold()]
            before = text[max(0, match.start() - 12) : match.start()].casefold().split()
            negated = bool(before) and before[-1] in _NEGATIONS and len(self.labels) == 2
            yield self._other(label) if negated else label

    def _other(self, label: str) -> str:
        return self.labels[1 - self.labels.index(label)]

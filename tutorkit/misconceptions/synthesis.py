"""Malrules found from examples: which formula makes these wrong answers of these items?

All formulas of a small grammar are tried, the simplest first: up to four letters and constants joined by operators, a
fraction of two such, or two rows of digits joined column by column. Two formulas that come to the same on the examples
and on other items of the form are one and the same. Where another one of nearly the same size fits the examples too,
they do not say which it is, and the answer says so, with an item that would tell.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import TypeAlias

from pydantic import JsonValue

from tutorkit.errors import DataError
from tutorkit.misconceptions.diagnosis import same_answer
from tutorkit.misconceptions.items import Part, parts_of
from tutorkit.misconceptions.own_rules import ItemPattern, OwnRule, answer_of, compiled, made_rule, read_pattern
from tutorkit.misconceptions.performance import solve_part
from tutorkit.misconceptions.reading import read_answer
from tutorkit.misconceptions.rule_language import (
    FUNCTIONS,
    Applied,
    Formula,
    Letter,
    Number,
    Result,
    bounded,
    show_formula,
)
from tutorkit.types import Record

LEAST_EXAMPLES = 2
_LETTERS = "abcdef"
_CONSTANTS = (1, 2, 10, 100)
_PAIRED = ("+", "-", "*", "//", "%", "gcd", "lcm", "max", "min")
_JOINED = ("+", "-", "*", "//")
_COLUMNS = ("+", "-", "*", "max", "min")
_LETTER, _CONSTANT, _FUNCTION, _ROWS = 2, 3, 1, 4
"""What makes a formula complicated: each letter, each constant, each sign beyond + - *; two rows count as four."""

_RIVAL_WITHIN = 2
_MOST_TERMS = 40

Values: TypeAlias = tuple[int | None, ...]


class Example(Record):
    """An item and the wrong answer that was given to it."""

    item: dict[str, JsonValue]
    answer: str


class Found(Record):
    """A rule that makes all the answers of the examples.

    Where the examples do not settle it, ``rival`` is another one that does too, ``telling`` an item on which the two
    differ, and ``answers`` what they make of it, in this order. ``rival`` is None where it is settled.
    """

    rule: OwnRule
    rival: OwnRule | None = None
    telling: dict[str, JsonValue] | None = None
    telling_text: str = ""
    answers: tuple[str, ...] = ()

    @property
    def ambiguous(self) -> bool:
        """Whether the examples leave it open which rule it is."""
        return self.rival is not None


def synthesised(examples: Sequence[Example], *, title: str = "") -> Found:
    """Find the rule behind wrong answers to items of one form.

    Raises:
        DataError: when there are fewer than two different items, they are not of one form, an answer is right or
            no number, or no formula of the grammar makes all of them.
    """
    parts = [parts_of(example.item)[0] for example in examples]
    if len(set(parts)) < LEAST_EXAMPLES:
        raise DataError(
            "One example fits too many rules.", remedy="Give at least two, with different numbers; three are better."
        )
    answers = [_wrong(part, example.answer) for part, example in zip(parts, examples, strict=True)]
    pattern = read_pattern(_form(parts), domain=parts[0].domain)
    candidates = list(_candidates(pattern, parts, answers))
    if not candidates:
        raise DataError(
            "No simple formula makes all these answers.",
            remedy="Check the answers; or write the formula yourself (--item, --buggy). A slip among them spoils all.",
            data={"items": [part.text for part in parts]},
        )
    return _named(pattern, candidates, _form(parts), title)


def _wrong(part: Part, answer: str) -> str:
    plain = read_answer(answer)
    if plain is None or not re.fullmatch(r"-?\d{1,12}(?:/-?[1-9]\d{0,11})?", plain):
        raise DataError(
            f"The answer {answer[:40]!r} to {part.text} is no whole number and no fraction.",
            remedy="A rule can be found for such answers alone; for others write it yourself.",
        )
    if same_answer(plain, solve_part(part).answer):
        raise DataError(f"{part.text} = {plain} is right.", remedy="Give wrong answers only.")
    return plain


def _form(parts: Sequence[Part]) -> str:
    """Put letters in the place of the numbers, in which the items must not differ otherwise."""
    forms = {re.sub(r"\d+", "#", part.text): part for part in parts}
    if len(forms) > 1 or len({type(part) for part in parts}) > 1:
        shown = " and ".join(part.text for part in list(forms.values())[:2])
        raise DataError(f"The items are not of one form: {shown}.", remedy="Give examples that differ in numbers only.")
    (form,) = forms
    if form.count("#") > len(_LETTERS):
        raise DataError(f"{parts[0].text} has more than {len(_LETTERS)} numbers.", remedy="Write the rule yourself.")
    letters = iter(_LETTERS)
    return re.sub("#", lambda _: next(letters), form)


@dataclass(frozen=True)
class _Candidate:
    """A formula that fits the examples. ``others`` is what it makes of the pattern's own items."""

    formula: Result
    cost: int
    others: tuple[str | None, ...]


def _named(pattern: ItemPattern, candidates: Sequence[_Candidate], form: str, title: str) -> Found:
    best = candidates[0]
    rule = made_rule(form, show_formula(best.formula), title=title, domain=pattern.domain)
    compiled(rule)
    for rival in candidates[1:]:
        if rival.cost > best.cost + _RIVAL_WITHIN:
            break
        shown = zip(pattern.examples, best.others, rival.others, strict=True)
        for part, one, other in sorted(shown, key=lambda each: len(each[0].text)):
            if one is not None and other is not None and not same_answer(one, other):
                return Found(
                    rule=rule,
                    rival=made_rule(form, show_formula(rival.formula), domain=pattern.domain),
                    telling=part.model_dump(),
                    telling_text=part.text,
                    answers=(one, other),
                )
    return Found(rule=rule)


def _candidates(pattern: ItemPattern, parts: Sequence[Part], answers: Sequence[str]) -> Iterator[_Candidate]:
    """Yield every formula that makes the answers, the simplest first, and one of those that differ nowhere."""
    given = [pattern.numbers(part) or {} for part in parts]
    others = [pattern.numbers(part) or {} for part in pattern.examples]
    seen: set[tuple[str | None, ...]] = set()
    tried = (*_numbers(given, others, answers, raw=pattern.domain == "frac"), *_rows(pattern.letters))
    for formula, cost in sorted(tried, key=lambda each: each[1]):
        made = [answer_of(formula, numbers, domain=pattern.domain) for numbers in given]
        if all(one is not None and same_answer(one, wanted) for one, wanted in zip(made, answers, strict=True)):
            elsewhere = tuple(answer_of(formula, numbers, domain=pattern.domain) for numbers in others)
            if elsewhere not in seen:
                seen.add(elsewhere)
                yield _Candidate(formula, cost, elsewhere)


def _numbers(
    given: Sequence[Mapping[str, int]], others: Sequence[Mapping[str, int]], answers: Sequence[str], *, raw: bool
) -> Iterator[tuple[Result, int]]:
    """Yield formulas whose result has the value of the answers; fractions with their very terms, where ``raw``."""
    table = _Table(given, others)
    terms = [(int(top), int(bottom or "1")) for top, _, bottom in (answer.partition("/") for answer in answers)]
    fractions = [Fraction(top, bottom) for top, bottom in terms]
    if all(value.denominator == 1 for value in fractions) and not any("/" in answer for answer in answers):
        for formula, cost in table.making(tuple(int(value) for value in fractions)):
            yield Result(formula), cost
    if raw:
        bottoms = sorted(table.making(tuple(bottom for _, bottom in terms)), key=lambda each: each[1])
        tops = sorted(table.making(tuple(top for top, _ in terms)), key=lambda each: each[1])
        for (top, one), (bottom, other) in product(tops[:_MOST_TERMS], bottoms[:_MOST_TERMS]):
            yield Result(top, bottom), one + other
        return
    for bottom, cost, values in table.small():
        wanted = [value * under for value, under in zip(fractions, values, strict=True)]
        if 0 not in values and all(value.denominator == 1 for value in wanted):
            for top, one in table.making(tuple(int(value) for value in wanted), deep=False):
                yield Result(top, bottom), cost + one


def _rows(letters: Sequence[str]) -> Iterator[tuple[Result, int]]:
    """Yield what can be done to two rows of digits, column by column."""
    for one, other in product(letters, letters):
        if one == other:
            continue
        rows = (Applied("digits", (Letter(one),)), Applied("digits", (Letter(other),)))
        for name in _COLUMNS:
            made = Applied(name, rows)
            yield Result(Applied("abs", (made,)) if name == "-" else made), _ROWS
            yield Result(Applied("%", (made, Number(10)))), _ROWS + _FUNCTION


@dataclass(frozen=True)
class _Entry:
    """A formula of the table. ``values`` is what it comes to on the examples and then on other items."""

    formula: Formula
    cost: int
    size: int
    values: Values


class _Table:
    """All formulas of up to three letters and constants, by what they come to on the examples."""

    def __init__(self, given: Sequence[Mapping[str, int]], others: Sequence[Mapping[str, int]]) -> None:
        inputs = (*given, *others)
        self._given = len(given)
        self._seen: set[Values] = set()
        self._by_values: defaultdict[Values, list[_Entry]] = defaultdict(list)
        leaves = [_Entry(Letter(name), _LETTER, 1, tuple(each[name] for each in inputs)) for name in given[0]]
        leaves += [_Entry(Number(value), _CONSTANT, 1, (value,) * len(inputs)) for value in _CONSTANTS]
        self._ones = self._kept(leaves)
        self._twos = self._kept([each for name in _PAIRED for each in _joined(name, self._ones, self._ones)])
        longer = [each for name in _JOINED for each in _joined(name, self._twos, self._ones)]
        longer += [each for name in _JOINED for each in _joined(name, self._ones, self._twos)]
        self._kept(longer)

    def _kept(self, entries: Sequence[_Entry]) -> list[_Entry]:
        """Keep what has a value on all examples and differs from everything simpler, on them or elsewhere."""
        new = []
        for entry in sorted(entries, key=lambda each: each.cost):
            if None not in entry.values[: self._given] and entry.values not in self._seen:
                self._seen.add(entry.values)
                self._by_values[entry.values[: self._given]].append(entry)
                new.append(entry)
        return new

    def making(self, wanted: tuple[int, ...], *, deep: bool = True) -> list[tuple[Formula, int]]:
        """Return the formulas that come to these values; with ``deep`` also sums and differences of two pairs."""
        found = [(entry.formula, entry.cost) for entry in self._by_values.get(wanted, ())]
        for entry in self._twos if deep else ():
            own = [value or 0 for value in entry.values[: self._given]]
            rest = tuple(value - less for value, less in zip(wanted, own, strict=True))
            more = tuple(value + less for value, less in zip(wanted, own, strict=True))
            for name, needed in (("+", rest), ("-", more)):
                twos = [other for other in self._by_values.get(needed, ()) if other.size == 2]
                pairs = [(entry, other) if name == "+" else (other, entry) for other in twos]
                found += [(Applied(name, (a.formula, b.formula)), a.cost + b.cost) for a, b in pairs]
        return found

    def small(self) -> Iterator[tuple[Formula, int, tuple[int, ...]]]:
        """Yield the formulas of one or two letters and constants."""
        for entry in (*self._ones, *self._twos):
            yield entry.formula, entry.cost, tuple(value or 0 for value in entry.values[: self._given])


def _joined(name: str, ones: Sequence[_Entry], others: Sequence[_Entry]) -> Iterator[_Entry]:
    """Join all formulas of one list with all of another; two constants make nothing new."""
    function = FUNCTIONS[name]
    extra = _FUNCTION if name not in ("+", "-", "*") else 0
    for one, other in product(ones, others):
        if isinstance(one.formula, Number) and isinstance(other.formula, Number):
            continue
        values = tuple(
            None if a is None or b is None else bounded(function(a, b))
            for a, b in zip(one.values, other.values, strict=True)
        )
        made = Applied(name, (one.formula, other.formula))
        cost, size = one.cost + other.cost + extra, one.size + other.size
        yield _Entry(made, cost, size, values)
        if name == "-":
            positive = tuple(None if value is None else abs(value) for value in values)
            yield _Entry(Applied("abs", (made,)), cost + _FUNCTION, size, positive)

"""What must not be said, and what the learner may see anyway."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from typing import Literal, TypeAlias

from tutorkit.misconceptions import malrule, parts_of, solve
from tutorkit.tutoring.guards.algebra import Expression, expression, expressions
from tutorkit.tutoring.guards.mentions import Form, forms_in, mentions
from tutorkit.tutoring.guards.plain import plain
from tutorkit.tutoring.guards.seen import Seen
from tutorkit.types import TutorAct

AnswerKind: TypeAlias = Literal["numbers", "expression", "time", "text"]

_TIME = re.compile(r"(\d{1,2}):(\d{2})")
_BLANK_FRACTION = re.compile(r"\?\s?/\s?(\d{1,6})|(\d{1,6})\s?/\s?\?")
_NAMED = re.compile(r"^\s*[a-zA-Z]\s*=\s*")
_PARTS = re.compile(r",\s|;\s?|\s(?:and|or|und|oder)\s")
_AROUND = re.compile(r"[\s$€£¥°%.²³^/a-zA-ZäöüßÄÖÜ\"']*")
_VARIABLE = re.compile(r"(?<![a-zA-Z])[a-zA-Z](?![a-zA-Z])")
_UNIT_LETTERS = re.compile(r"-?[\d.,/]+\s?[mglhstL](?:\^?[23])?")
_SINGLE = re.compile(r"\d")


@dataclass(frozen=True)
class Answer:
    """An answer as it must be kept back. ``numbers`` are values with the form in which each is written.

    ``exact`` tells that another form of the same value is not the answer: 6/24 fills in 1/4 = ?/24, and 1/4 does not.
    """

    written: str
    kind: AnswerKind
    numbers: tuple[Form, ...] = ()
    time: tuple[int, int] | None = None
    expression: Expression | None = None
    exact: bool = False


@dataclass(frozen=True)
class Visible:
    """What the learner sees or has said itself: numbers with their forms, expressions, and the plain text.

    ``problem`` is the problem alone; ``shown`` are the numbers of the item that the act shows, worked out rightly and
    by its misconception.
    """

    forms: frozenset[Form]
    expressions: frozenset[str]
    text: str
    problem: str
    shown: frozenset[Fraction] = frozenset()

    def single_digits(self) -> frozenset[Fraction]:
        """Return the digits of all the numbers."""
        return digits_of(self.text)

    def asked(self) -> frozenset[Fraction]:
        """Return the numbers of the problem alone, whatever their form."""
        return frozenset(value for value, _ in forms_in(self.problem))

    def values(self) -> frozenset[Fraction]:
        """Return the numbers, whatever their form."""
        return frozenset(value for value, _ in self.forms)


def answers(seen: Seen) -> tuple[Answer, ...]:
    """Return the problem's answer, in every form that is known of it; nothing for a problem without gold."""
    written = [text for text in (seen.problem.gold, *seen.aliases) if text and text.strip()]
    if seen.problem.choices:
        right = next((choice.text for choice in seen.problem.choices if choice.label == seen.problem.gold), None)
        written = [right] if right else []
    found = [read_answer(text) for text in dict.fromkeys(written)]
    return (*found, *_blanks_filled(seen, found))


@lru_cache(maxsize=256)
def read_answer(written: str) -> Answer:
    """Find out of which kind an answer is: numbers, an expression with variables, a time of day, or words."""
    text = plain(written).strip()
    if match := _TIME.fullmatch(text):
        return Answer(written, "time", time=(int(match[1]), int(match[2])))
    bare = _NAMED.sub("", text)
    if _VARIABLE.search(re.sub(r"\d(?=[a-zA-Z])", "", bare)) and not _UNIT_LETTERS.fullmatch(bare):
        read = expression(bare.replace("*", "×"))
        if read is not None and read.variables:
            return Answer(written, "expression", expression=read)
    numbers: list[Form] = []
    for part in _PARTS.split(text):
        stripped = _NAMED.sub("", part)
        found = mentions(stripped)
        rest = stripped[: found[0].start] + stripped[found[0].end :] if len(found) == 1 else "?"
        if not _AROUND.fullmatch(rest) or len(rest.split()) > 2:
            return Answer(written, "text")
        numbers += [found[0].forms[0], *(form for form in found[0].forms if form[1] == "percent")]
    return Answer(written, "numbers", numbers=tuple(numbers))


def visible(seen: Seen) -> Visible:
    """Return what stands in the problem or was said by the learner."""
    found = _visible((seen.problem.question().as_text(), *seen.learner_said, *seen.earned))
    return replace(found, shown=_shown(seen.act)) if seen.act.item is not None else found


def digits_of(text: str) -> frozenset[Fraction]:
    """Return the digits of which the numbers of a text are made."""
    return frozenset(map(Fraction, set(_SINGLE.findall(text))))


def texts_of(act: TutorAct) -> tuple[str, ...]:
    """Return the item that an act shows, as it is written, and its worked steps."""
    if act.item is None:
        return ()
    return (*(part.text for part in parts_of(act.item)), *(step.text for step in solve(act.item).steps))


def _shown(act: TutorAct) -> frozenset[Fraction]:
    texts = [*texts_of(act)]
    if act.item is not None:
        texts.append(solve(act.item).answer)
    if act.item is not None and act.misconception_id is not None:
        wrong = malrule(act.misconception_id).run(act.item)
        texts += [wrong.answer, *(step.text for step in wrong.steps)]
    return frozenset(value for text in texts for value, _ in forms_in(text))


@lru_cache(maxsize=64)
def _visible(texts: tuple[str, ...]) -> Visible:
    plains = [plain(text) for text in texts]
    forms = frozenset(form for text in texts for form in forms_in(text))
    written = frozenset(each.expression.text for text in plains for each in expressions(text))
    return Visible(forms, written, "\n".join(plains), plains[0])


def _blanks_filled(seen: Seen, found: list[Answer]) -> list[Answer]:
    """Return the fractions that the answer makes where the problem has a blank: ``6/24`` for 6 in ``1/4 = ?/24``."""
    filled: list[Answer] = []
    for match in _BLANK_FRACTION.finditer(seen.problem.text):
        for answer in found:
            for value, form in answer.numbers:
                if form == "whole" and value > 0:
                    top, low = (value, Fraction(match[1])) if match[1] else (Fraction(match[2]), value)
                    written = f"{top}/{low}"
                    filled.append(Answer(written, "numbers", numbers=((top / low, written),), exact=True))
    return filled

"""Malrules of an educator's own: an item with letters for its numbers, and a formula for the wrong answer to it.

``item: a/b + c/d ; buggy: (a+c)/(b+d)`` is one. The item is written as on a worksheet; every letter but x stands for a
whole number. The formula is in the language of ``rule_language``.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from random import Random

from pydantic import Field, ValidationError

from tutorkit.errors import DataError, UnknownName
from tutorkit.misconceptions.catalogue import Malrule
from tutorkit.misconceptions.diagnosis import same_answer
from tutorkit.misconceptions.domains import DOMAINS
from tutorkit.misconceptions.drawing import drawn_item
from tutorkit.misconceptions.expressions import show_number
from tutorkit.misconceptions.items import Part, parts_of
from tutorkit.misconceptions.performance import Procedure, skills_of_part, solve_part
from tutorkit.misconceptions.reading import read_text, unified
from tutorkit.misconceptions.rule_language import Result, read_formula, show_formula, with_numbers
from tutorkit.misconceptions.skills import SKILLS
from tutorkit.misconceptions.work import Work, WorkStep, typeset
from tutorkit.types import Record

PREFIX = "own."
_NAMES = "abcdefknpqruvwyz"
_LETTER = re.compile(rf"(?<![a-z])[{_NAMES}](?![a-wyz])")
_LINE = re.compile(r"item\s*:\s*(?P<item>[^;\s][^;]*?)\s*;\s*buggy\s*:\s*(?P<buggy>[^;\s][^;]*?)\s*;?", re.IGNORECASE)
_TRIES = 600
_EXAMPLES = 12
_COMPARED = 200


class OwnRule(Record):
    """A malrule as an educator writes it down and as it is kept in a file.

    ``id`` begins with ``own.``, so that it can never stand for a built-in one. ``item`` and ``buggy`` are as in the
    language above. ``domain`` is needed only where the item's form can mean several kinds of items: ``a - b`` is a
    column subtraction, or with ``neg`` one of signed numbers. ``skill`` is what a pupil lacks who follows the rule, one
    of the built-in skills; the one that most such items take when it is left out. ``impasse`` says when it shows.
    ``prior`` is its weight beside the built-in ones.
    """

    id: str = Field(pattern=r"^own\.[a-z0-9][a-z0-9_]{0,59}$")
    title: str = Field(min_length=1, max_length=120)
    item: str = Field(min_length=1, max_length=200)
    buggy: str = Field(min_length=1, max_length=200)
    domain: str | None = None
    skill: str | None = None
    impasse: str = Field(default="", max_length=200)
    prior: float = Field(default=0.1, gt=0, lt=1)


def read_own_rule(values: Mapping[str, object]) -> OwnRule:
    """Check a rule that was read from a file.

    Raises:
        DataError: naming each field that does not fit.
    """
    try:
        return OwnRule.model_validate(dict(values))
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        raise DataError(
            f"This is no rule: {faults}.",
            remedy='Write {"id": "own.adds_both", "title": "…", "item": "a/b + c/d", "buggy": "(a+c)/(b+d)"}.',
        ) from error


def rule_of_line(line: str, *, title: str = "") -> OwnRule:
    """Make a rule of a line ``item: a/b + c/d ; buggy: (a+c)/(b+d)``; its id is made of its title.

    Raises:
        DataError: when the line has another form.
    """
    match = _LINE.fullmatch(line.strip())
    if match is None:
        raise DataError(
            f"{line[:80]!r} is no rule.",
            remedy="Write it as: item: a/b + c/d ; buggy: (a+c)/(b+d)",
            data={"line": line},
        )
    return made_rule(match["item"], match["buggy"], title=title)


def made_rule(
    item: str, buggy: str, *, title: str = "", domain: str | None = None, skill: str | None = None
) -> OwnRule:
    """Make a rule; without a title it is called by what it does."""
    named = title or f"Works {item} out as {buggy}"
    slug = re.sub(r"[^a-z0-9]+", "_", (title or f"{item}_{buggy}").lower()).strip("_")[:60] or "rule"
    values = {"title": named[:120], "item": item, "buggy": buggy, "domain": domain, "skill": skill}
    return read_own_rule({"id": PREFIX + slug, **values})


@dataclass(frozen=True)
class ItemPattern:
    """Items of one form, with letters for their numbers; ``examples`` are some of them."""

    text: str
    letters: tuple[str, ...]
    examples: tuple[Part, ...]

    @property
    def domain(self) -> str:
        """The items' domain."""
        return self.examples[0].domain

    def numbers(self, part: Part) -> dict[str, int] | None:
        """Return the numbers of an item of this form, by letter; None for an item of another form."""
        if type(part) is not type(self.examples[0]):
            return None
        match = _regex(self.text).fullmatch(_compact(part.text))
        return None if match is None else {letter: int(match[letter]) for letter in self.letters}


def read_pattern(text: str, *, domain: str | None = None) -> ItemPattern:
    """Read an item that has letters for its numbers, such as ``a/b + c/d`` or ``p% of n``.

    What the form can mean is found out by putting numbers in. Where it can mean items of several kinds, the catalogue's
    first is taken, or that of ``domain``.

    Raises:
        DataError: when it is the form of no item that is known.
    """
    plain = _compact(text)
    letters = tuple(_LETTER.findall(plain))
    found: dict[int, list[tuple[str, Part]]] = {}
    if letters and len(set(letters)) == len(letters):
        rng = Random(0)  # noqa: S311 - a sample, not a secret
        for _ in range(_TRIES):
            values = dict(zip(letters, rng.sample(range(2, rng.choice((13, 40, 130))), len(letters)), strict=True))
            for place, form, part in _meant(plain, values):
                if domain in (None, part.domain) and len(found.setdefault(place, [])) < _EXAMPLES:
                    found[place].append((form, part))
    if not found:
        raise DataError(
            f"{text!r} is the form of no item that is known.",
            remedy="Write an item as it stands on a worksheet with another letter for each number: a - b, a/b + c/d, "
            f"p% of n. The letters are {', '.join(_NAMES)}; x is the unknown of equations.",
            data={"item": text},
        )
    examples = found[min(found)]
    return ItemPattern(examples[0][0], letters, tuple(part for form, part in examples if form == examples[0][0]))


def _meant(plain: str, values: Mapping[str, int]) -> Iterator[tuple[int, str, Part]]:
    """Put numbers in: the item's kind, by its place in the catalogue, its own wording with letters, and the item."""
    try:
        part = parts_of(read_text(_LETTER.sub(lambda found: str(values[found[0]]), plain)))[0]
    except DataError:
        return
    names = {str(number): letter for letter, number in values.items()}
    own = _compact(part.text)
    if sorted(number for number in re.findall(r"\d+", own) if number in names) == sorted(names):
        yield _KINDS.index(type(part)), re.sub(r"\d+", lambda found: names.get(found[0], found[0]), own), part


_KINDS = [kind.record for domain in DOMAINS for kind in domain.kinds]


def _compact(text: str) -> str:
    return re.sub(r"\s*([-+*/÷^()=,:%])\s*", r"\1", unified(text).lower())


@lru_cache(maxsize=256)
def _regex(text: str) -> re.Pattern[str]:
    return re.compile(_LETTER.sub(lambda found: rf"(?P<{found[0]}>[0-9]+)", re.escape(text)))


def compiled(rule: OwnRule) -> Malrule:
    """Make a malrule that can be run of a rule that was written down.

    Raises:
        DataError: when the item or the formula cannot be read, or no wrong answer comes of it.
        UnknownName: when it names a skill that there is not.
    """
    pattern = read_pattern(rule.item, domain=rule.domain)
    formula = read_formula(rule.buggy, pattern.letters)
    if rule.skill is not None and rule.skill not in SKILLS:
        raise UnknownName("skill", rule.skill, tuple(SKILLS))
    skill = rule.skill or _usual_skill(pattern)
    made = Malrule(
        id=rule.id,
        domain=pattern.domain,
        skill=skill,
        title=rule.title,
        impasse=rule.impasse or f"an item of the form {rule.item}",
        prior=rule.prior,
        procedure=_procedure(pattern, formula, skill),
    )
    if not any(made.applies(part.model_dump()) for part in pattern.examples):
        raise DataError(
            f"{rule.buggy!r} gives the right answer, or none, to every item like {pattern.examples[0].text}.",
            remedy="Write what a pupil gets who goes wrong.",
            data={"rule": rule.id},
        )
    return made


def twin_of(rule: Malrule, known: Sequence[Malrule]) -> Malrule | None:
    """Return the malrule that comes to the same as another on all of many items; None when there is none.

    Two of them would share what speaks for either, so that neither could be named.
    """
    rng = Random(0)  # noqa: S311 - a sample, not a secret
    drawn = [drawn_item(rule.domain, rng) for _ in range(_COMPARED)]
    shown = [item for item in drawn if rule.applies(item)]
    others = [other for other in known if other.domain == rule.domain and other.id != rule.id]
    same = (
        other
        for other in others
        if shown and all(same_answer(rule.run(item).answer, other.run(item).answer) for item in shown)
    )
    return next(same, None)


def _usual_skill(pattern: ItemPattern) -> str:
    """Return the skill that most items of the form take, or the domain's first."""
    taken = Counter(skill for part in pattern.examples for skill in skills_of_part(part))
    domain = next(each for each in DOMAINS if each.id == pattern.domain)
    return taken.most_common(1)[0][0] if taken else domain.skills[0].id


def _procedure(pattern: ItemPattern, formula: Result, skill: str) -> Procedure:
    def act(part: Part) -> Work | None:
        numbers = pattern.numbers(part)
        answer = None if numbers is None else answer_of(formula, numbers, domain=pattern.domain)
        if numbers is None or answer is None:
            return None
        shown = show_formula(with_numbers(formula, numbers)).replace("*", " × ")
        right = answer == solve_part(part).answer
        return Work(answer, (WorkStep(typeset(f"I work out {shown} = {answer}."), answer, skill, ok=right),))

    return act


def answer_of(formula: Result, numbers: Mapping[str, int], *, domain: str) -> str | None:
    """Write what a formula makes of an item's numbers, as answers are written in the domain; None when there is none.

    In ``frac`` a fraction stays as it is; elsewhere it is reduced, and a whole number where it can be.
    """
    written = formula.written(numbers)
    if written is None:
        return None
    if len(written) == 1 or domain == "frac":
        return "/".join(written)
    return show_number(Fraction(int(written[0]), int(written[1])))

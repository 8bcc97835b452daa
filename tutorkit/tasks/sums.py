"""Sums in words: one or two steps with small numbers, from our own templates."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from random import Random

from pydantic import JsonValue

from tutorkit.canonical import digest, stable_id
from tutorkit.errors import DataError, UnknownName
from tutorkit.tasks.splits import check_size, split_of
from tutorkit.tasks.task import SPLITS
from tutorkit.types import Problem, Split, Step

_NAMES = (
    "Ana",
    "Ben",
    "Chloe",
    "David",
    "Emma",
    "Farid",
    "Grace",
    "Hugo",
    "Ines",
    "Jonas",
    "Kofi",
    "Lena",
    "Mina",
    "Omar",
)
_THINGS = ("apples", "books", "buttons", "cards", "coins", "marbles", "pencils", "shells", "stamps", "stickers")
_SKILLS: Mapping[str, str] = {"+": "add", "-": "subtract", "*": "multiply", "/": "share"}


@dataclass(frozen=True)
class Template:
    """A story for operands a, b (and c): ``operations`` are applied from left to right."""

    id: str
    text: str
    operations: str


ONE_STEP: tuple[Template, ...] = (
    Template("gets", "{name} has {a} {things} and gets {b} more. How many {things} does {name} have now?", "+"),
    Template("together", "{name} has {a} {things} and {other} has {b}. How many {things} do they have together?", "+"),
    Template("gives", "{name} has {a} {things} and gives {b} of them to {other}. How many {things} are left?", "-"),
    Template("more", "{name} has {a} {things} and {other} has {b}. How many more {things} does {name} have?", "-"),
    Template("bags", "{name} has {a} bags with {b} {things} in each. How many {things} are there?", "*"),
    Template("shares", "{name} shares {a} {things} equally among {b} friends. How many {things} does each get?", "/"),
)
TWO_STEP: tuple[Template, ...] = (
    Template(
        "gets_gives",
        "{name} has {a} {things}, gets {b} more and then gives away {c}. How many {things} are left?",
        "+-",
    ),
    Template(
        "gives_gets",
        "{name} has {a} {things}, loses {b} and then finds {c}. How many {things} does {name} have now?",
        "-+",
    ),
    Template(
        "bags_gets",
        "{name} has {a} bags with {b} {things} in each, and {c} more. How many {things} does {name} have?",
        "*+",
    ),
    Template(
        "bags_gives",
        "{name} has {a} bags with {b} {things} in each and gives away {c} {things}. How many {things} are left?",
        "*-",
    ),
    Template(
        "shares_gets",
        "{name} shares {a} {things} equally among {b} friends. One of them, {other}, already had {c}. "
        "How many {things} does {other} have now?",
        "/+",
    ),
    Template(
        "two_gets",
        "{name} has {a} {things}. On Monday {b} more arrive, on Tuesday {c} more. How many {things} are there now?",
        "++",
    ),
)
FAMILIES: Mapping[str, tuple[Template, ...]] = {"one-step": ONE_STEP, "two-step": TWO_STEP}
_APPLY: Mapping[str, Callable[[int, int], int]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a // b,
}


def sum_problems(families: Sequence[str], *, seed: int, sizes: Mapping[Split, int]) -> list[Problem]:
    """Make sums in words.

    Args:
        families: any of ``one-step`` and ``two-step``; every split is divided evenly between them.
        seed: which problems are drawn.
        sizes: how many problems of each split.

    Returns:
        The problems, split by split. One story with the same numbers is one leak family.

    Raises:
        UnknownName: for another family.
        BadSetting: when a split cannot have so many.
    """
    unknown = [family for family in families if family not in FAMILIES]
    if unknown:
        raise UnknownName("family of sums", unknown[0], list(FAMILIES))
    drawn: list[Problem] = []
    for split in SPLITS:
        wanted = sizes.get(split, 0)
        mixed: list[Problem] = []
        for place, family in enumerate(families):
            share = wanted // len(families) + (place < wanted % len(families))
            pool = [cut for cut in _cuts(FAMILIES[family]) if split_of(cut.group) == split]
            check_size(f"sums/{family}", split, wanted=share, there=len(pool))
            pool.sort(key=lambda cut: digest([seed, cut.group]))
            mixed += [_problem(family, cut, split) for cut in pool[:share]]
        drawn += sorted(mixed, key=lambda problem: digest([seed, problem.id]))
    return drawn


def sum_like(item: Mapping[str, JsonValue], rng: Random, *, skill: str | None = None) -> Problem | None:
    """Draw another sum in words of the share that is ``train``.

    Args:
        item: a sum's. The new one has the same operations, and may tell another story.
        rng: decides which.
        skill: a skill that the new one takes, whatever its operations are.

    Returns:
        The problem; None where as many steps never take the skill.

    Raises:
        DataError: when the item is no sum's.
    """
    here = _template(item)
    family = next(name for name, templates in FAMILIES.items() if here in templates)
    fitting = [
        template
        for template in FAMILIES[family]
        if (template.operations == here.operations if skill is None else skill in map(_SKILLS.get, template.operations))
    ]
    pool = [cut for template in fitting for cut in _cuts([template]) if split_of(cut.group) == "train"]
    pool = [cut for cut in pool if cut != _Cut(here, _operands(item))]
    return _problem(family, rng.choice(pool), "train") if pool else None


def sum_of(item: Mapping[str, JsonValue]) -> Problem:
    """Return the problem whose item this is, with its steps and its answer.

    Raises:
        DataError: when the item is no sum's.
    """
    template = _template(item)
    family = next(name for name, templates in FAMILIES.items() if template in templates)
    cut = _Cut(template, _operands(item))
    return _problem(family, cut, split_of(cut.group))


def sum_expression(item: Mapping[str, JsonValue]) -> str:
    """Return what is to be calculated for a sum's item, from left to right, with parentheses.

    Raises:
        DataError: when the item is no sum's.
    """
    template = _template(item)
    first, *others = _operands(item)
    text = str(first)
    for sign, operand in zip(template.operations, others, strict=True):
        text = f"({text}{sign}{operand})"
    return text


def _template(item: Mapping[str, JsonValue]) -> Template:
    named = [each for templates in FAMILIES.values() for each in templates if each.id == item.get("template")]
    if not named or len(_operands(item)) != len(named[0].operations) + 1:
        raise DataError("The item is no sum in words.", data={"item": dict(item)})
    return named[0]


def _operands(item: Mapping[str, JsonValue]) -> tuple[int, ...]:
    given = item.get("operands")
    return tuple(each for each in given if isinstance(each, int)) if isinstance(given, list) else ()


@dataclass(frozen=True)
class _Cut:
    template: Template
    operands: tuple[int, ...]

    @property
    def group(self) -> str:
        return f"sums {self.template.id} {' '.join(map(str, self.operands))}"


def _cuts(templates: Sequence[Template]) -> Iterator[_Cut]:
    for template in templates:
        ranges = [range(2, 25) if template.operations[0] in "+-" else range(2, 13)]
        ranges += [range(2, 15, 1 + (len(template.operations) > 1)) for _ in template.operations]
        for operands in product(*ranges):
            if template.operations[0] == "/":
                operands = (operands[0] * operands[1], *operands[1:])
            if all(result >= 0 for _, _, _, result in _worked(template, operands)):
                yield _Cut(template, operands)


def _worked(template: Template, operands: Sequence[int]) -> list[tuple[int, str, int, int]]:
    value, lines = operands[0], []
    for operation, operand in zip(template.operations, operands[1:], strict=True):
        result = _APPLY[operation](value, operand)
        lines.append((value, operation, operand, result))
        value = result
    return lines


def _problem(family: str, cut: _Cut, split: Split) -> Problem:
    worked = _worked(cut.template, cut.operands)
    name, other = _order(_NAMES, cut.group)[:2]
    text = cut.template.text.format(
        name=name, other=other, things=_order(_THINGS, cut.group)[0], **dict(zip("abc", cut.operands, strict=False))
    )
    item: dict[str, JsonValue] = {
        "domain": "sums",
        "template": cut.template.id,
        "operations": cut.template.operations,
        "operands": list(cut.operands),
    }
    steps = tuple(
        Step(text=f"{a} {sign} {b} = {result}", result=str(result), skill=_SKILLS[sign])
        for a, sign, b, result in worked
    )
    return Problem(
        id=stable_id("sum", item),
        task=f"sums/{family}",
        text=text,
        gold=str(worked[-1][3]),
        scorer="number",
        skills=tuple(dict.fromkeys(_SKILLS[sign] for _, sign, _, _ in worked)),
        split=split,
        group=cut.group,
        item=item,
        steps=steps,
        source="made by tutorkit",
    )


def _order(pool: Sequence[str], salt: str) -> list[str]:
    return sorted(pool, key=lambda name: hashlib.sha256(f"{salt} {name}".encode()).hexdigest())

"""Private conventions: what nobody can know untaught, and anybody can follow once told.

Two families. In ``operators`` a made-up sign joins two small numbers by a made-up rule; in ``routing`` a thing of a
well-known class goes to a box that only this task's rule book names. Which sign has which rule, and which class goes to
which box, depends on the seed; no problem's text tells it. A problem's item holds the operands and the number of the
rule book, never the answer.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from random import Random

from pydantic import JsonValue

from tutorkit.canonical import digest, stable_id
from tutorkit.errors import DataError, UnknownName
from tutorkit.tasks.routing_items import ITEMS, UNUSED
from tutorkit.tasks.splits import check_size, split_of
from tutorkit.tasks.task import SPLITS
from tutorkit.types import Problem, Split, Step

SIGNS = ("#", "@", "&", "~", "dax", "wug", "blick", "zib")
BOXES = ("amber", "cobalt", "coral", "ivory", "jade", "onyx", "pearl", "slate", "topaz", "umber")
LARGEST_OPERAND = 20
_CLASSES: Mapping[str, tuple[str, ...]] = {**ITEMS, **UNUSED}


@dataclass(frozen=True)
class Operator:
    """A made-up rule for two numbers: its steps as (shown, result), and what it says, with ``{sign}`` open."""

    rule: str
    says: str
    steps: Callable[[int, int], tuple[tuple[str, int], ...]]


OPERATORS: tuple[Operator, ...] = (
    Operator(
        "sum_plus_one",
        "For a {sign} b, add the two numbers, then add one more.",
        lambda a, b: ((f"{a} + {b} = {a + b}", a + b), (f"{a + b} + 1 = {a + b + 1}", a + b + 1)),
    ),
    Operator(
        "double_first",
        "For a {sign} b, double the first number, then add the second number.",
        lambda a, b: ((f"{a} + {a} = {2 * a}", 2 * a), (f"{2 * a} + {b} = {2 * a + b}", 2 * a + b)),
    ),
    Operator(
        "sum_plus_ten",
        "For a {sign} b, add the two numbers, then add ten more.",
        lambda a, b: ((f"{a} + {b} = {a + b}", a + b), (f"{a + b} + 10 = {a + b + 10}", a + b + 10)),
    ),
    Operator(
        "double_second",
        "For a {sign} b, double the second number, then add the first number.",
        lambda a, b: ((f"{b} + {b} = {2 * b}", 2 * b), (f"{2 * b} + {a} = {2 * b + a}", 2 * b + a)),
    ),
    Operator(
        "side_by_side",
        "For a {sign} b, write the digits of the second number right after those of the first one.",
        lambda a, b: ((f"{a} and {b} side by side are {a}{b}", int(f"{a}{b}")),),
    ),
)
_OPERATOR_TEXTS = ("What is {a} {sign} {b}?", "Work out {a} {sign} {b}.")
_ROUTING_TEXTS = ("Which box does the {item} go into?", "A {item} has arrived. Into which box is it put?")


def convention_problems(families: Sequence[str], *, seed: int, sizes: Mapping[Split, int]) -> list[Problem]:
    """Make problems of private conventions.

    Args:
        families: any of ``operators``, ``routing`` and the rules of ``OPERATORS``; every split is divided evenly
            between them.
        seed: the number of the rule book, and which problems are drawn.
        sizes: how many problems of each split.

    Returns:
        The problems, split by split, those of one split in a mixed order. What shares operands (in either order) and
        rule, or the routed thing, is one leak family; its split depends on its name alone, not on the seed.

    Raises:
        UnknownName: for another family.
        BadSetting: when a split cannot have so many.
    """
    pools = [_by_split(family, seed) for family in families]
    problems: list[Problem] = []
    for split in SPLITS:
        wanted = sizes.get(split, 0)
        shares = [wanted // len(pools) + (place < wanted % len(pools)) for place in range(len(pools))]
        drawn: list[Problem] = []
        for family, pool, share in zip(families, pools, shares, strict=True):
            check_size(f"conventions/{family}", split, wanted=share, there=len(pool[split]))
            drawn += pool[split][:share]
        problems += sorted(drawn, key=lambda problem: digest([seed, problem.id]))
    return problems


def convention_rule_text(item: Mapping[str, JsonValue]) -> str:
    """Say in one imperative sentence what the rule of a convention problem's item is; without digits.

    Raises:
        DataError: when the item is no convention's.
    """
    family, rule = str(item.get("family")), str(item.get("rule"))
    if family == "operators":
        return _operator(rule).says.format(sign=item["sign"])
    if family == "routing" and rule in _CLASSES:
        return f"Put every {rule} into the {_box(item)} box."
    raise _no_convention(item)


def box_of(thing_class: str, *, book: int) -> str:
    """Return the box that a rule book assigns to a class of things; two classes never share one."""
    return dict(zip(ITEMS, _shuffled(BOXES, f"boxes {book}"), strict=False))[thing_class]


def sign_of(rule: str, *, book: int) -> str:
    """Return the sign that a rule book gives to an operator."""
    rules = [operator.rule for operator in OPERATORS]
    return dict(zip(rules, _shuffled(SIGNS, f"signs {book}"), strict=False))[rule]


def _by_split(family: str, seed: int) -> dict[Split, list[Problem]]:
    makers: Mapping[str, Callable[[int], Iterator[Problem]]] = {
        "operators": _operator_problems,
        "routing": _routing_problems,
        **{operator.rule: partial(_operator_problems, only=operator.rule) for operator in OPERATORS},
    }
    if family not in makers:
        raise UnknownName("family of conventions", family, list(makers))
    pool: dict[Split, list[Problem]] = {split: [] for split in SPLITS}
    for problem in sorted(makers[family](seed), key=lambda problem: digest([seed, problem.id])):
        pool[problem.split].append(problem)
    return pool


def convention_like(item: Mapping[str, JsonValue], rng: Random) -> Problem | None:
    """Draw another problem by the rule of a convention problem's item, of the share of its task that is ``train``.

    Args:
        item: a sign with its rule, or a thing of a class with its rule book or, for a class that no book has, its box.
        rng: decides which.

    Returns:
        The problem; None where there is no other.

    Raises:
        DataError: when the item is no convention's.
    """
    rule = str(item.get("rule"))
    if item.get("family") == "operators":
        drawn = _with_operator(_operator(rule), sign=str(item.get("sign")))
    elif item.get("family") == "routing" and rule in _CLASSES:
        drawn = _with_class(rule, place=_place(item))
    else:
        raise _no_convention(item)
    others = [problem for problem in drawn if problem.item != dict(item)]
    pool = [problem for problem in others if problem.split == "train" or rule in UNUSED]
    return rng.choice(pool) if pool else None


def convention_of(item: Mapping[str, JsonValue]) -> Problem:
    """Return a problem whose item this is, with its steps and its answer.

    Raises:
        DataError: when the item is no convention's, or something is missing in it.
    """
    rule = str(item.get("rule"))
    if item.get("family") == "operators":
        return _operator_problem(_operator(rule), str(item.get("sign")), _number(item, "a"), _number(item, "b"))
    if item.get("family") == "routing" and rule in _CLASSES:
        return _routing_problem(rule, str(item.get("item")), _ROUTING_TEXTS[0], place=_place(item))
    raise _no_convention(item)


def _no_convention(item: Mapping[str, JsonValue]) -> DataError:
    known = ", ".join([*(operator.rule for operator in OPERATORS), *ITEMS])
    return DataError(f"The item is no convention's; the rules are {known}.", data={"item": dict(item)})


def _operator_problems(book: int, *, only: str | None = None) -> Iterator[Problem]:
    for operator in OPERATORS if only is None else (_operator(only),):
        yield from _with_operator(operator, sign=sign_of(operator.rule, book=book))


def _with_operator(operator: Operator, *, sign: str) -> Iterator[Problem]:
    for a in range(1, LARGEST_OPERAND + 1):
        for b in range(1, LARGEST_OPERAND + 1):
            # Where a usual operator would give the right answer by chance there is no problem.
            if operator.steps(a, b)[-1][1] not in {a + b, abs(a - b), a * b}:
                yield _operator_problem(operator, sign, a, b)


def _operator_problem(operator: Operator, sign: str, a: int, b: int) -> Problem:
    worked = operator.steps(a, b)
    group = f"{operator.rule} {min(a, b)} {max(a, b)}"
    text = _pick(_OPERATOR_TEXTS, f"{group} {a}").format(a=a, b=b, sign=sign)
    item: dict[str, JsonValue] = {
        "domain": "convention", "family": "operators", "rule": operator.rule, "sign": sign, "a": a, "b": b,
    }  # fmt: skip
    steps = tuple(Step(text=shown, result=str(result), skill=operator.rule) for shown, result in worked)
    return _problem("operators", text, str(worked[-1][1]), "number", operator.rule, group, item, steps)


def _routing_problems(book: int) -> Iterator[Problem]:
    for thing_class in ITEMS:
        yield from _with_class(thing_class, place={"book": book})


def _with_class(thing_class: str, *, place: Mapping[str, JsonValue]) -> Iterator[Problem]:
    for thing in _CLASSES[thing_class]:
        for template in _ROUTING_TEXTS:
            yield _routing_problem(thing_class, thing, template, place=place)


def _routing_problem(thing_class: str, thing: str, template: str, *, place: Mapping[str, JsonValue]) -> Problem:
    text = template.format(item=thing).replace("A " + thing, _with_article(thing))
    skill = f"route_{thing_class.replace(' ', '_')}"
    item: dict[str, JsonValue] = {
        "domain": "convention", "family": "routing", "rule": thing_class, **place, "item": thing,
    }  # fmt: skip
    box = _box(item)
    steps = (
        Step(text=f"{_with_article(thing)} is {_with_article(thing_class).lower()}.", skill=skill),
        Step(text=f"Every {thing_class} goes into the {box} box.", result=box, skill=skill),
    )
    labels = ",".join(sorted(BOXES))
    return _problem("routing", text, box, f"labels?labels={labels}", skill, thing, item, steps)


def _place(item: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    return {"box": item["box"]} if "box" in item else {"book": _number(item, "book")}


def _box(item: Mapping[str, JsonValue]) -> str:
    return str(item["box"]) if "box" in item else box_of(str(item["rule"]), book=_number(item, "book"))


def _problem(
    family: str,
    text: str,
    gold: str,
    scorer: str,
    skill: str,
    group: str,
    item: dict[str, JsonValue],
    steps: tuple[Step, ...],
) -> Problem:
    leak_family = f"conventions/{family}: {group}"
    return Problem(
        id=stable_id("conv", item, text),
        task=f"conventions/{family}",
        text=text,
        gold=gold,
        scorer=scorer,
        skills=(skill,),
        split=split_of(leak_family),
        group=leak_family,
        item=item,
        steps=steps,
        source="made by tutorkit",
    )


def _operator(rule: str) -> Operator:
    found = next((operator for operator in OPERATORS if operator.rule == rule), None)
    if found is None:
        raise _no_convention({"family": "operators", "rule": rule})
    return found


def _number(item: Mapping[str, JsonValue], name: str) -> int:
    value = item.get(name)
    if not isinstance(value, int):
        raise DataError(f"The item holds no whole number {name!r}.", data={"item": dict(item)})
    return value


def _shuffled(pool: Sequence[str], salt: str) -> list[str]:
    return sorted(pool, key=lambda name: hashlib.sha256(f"{salt} {name}".encode()).hexdigest())


def _pick(options: Sequence[str], salt: str) -> str:
    return _shuffled(options, salt)[0]


def _with_article(noun: str) -> str:
    return ("An " if noun[0] in "aeiou" else "A ") + noun

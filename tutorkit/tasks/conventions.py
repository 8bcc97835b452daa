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

from pydantic import JsonValue

from tutorkit.canonical import digest, stable_id
from tutorkit.errors import BadSetting, UnknownName
from tutorkit.tasks.routing_items import ITEMS
from tutorkit.tasks.splits import check_size, split_of
from tutorkit.tasks.task import SPLITS
from tutorkit.types import Problem, Split, Step

SIGNS = ("#", "@", "&", "~", "dax", "wug", "blick", "zib")
BOXES = ("amber", "cobalt", "coral", "ivory", "jade", "onyx", "pearl", "slate", "topaz", "umber")
LARGEST_OPERAND = 20


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
        UnknownName: when the item is no convention's.
    """
    family, rule = str(item.get("family")), str(item.get("rule"))
    if family == "operators":
        return _operator(rule).says.format(sign=item["sign"])
    if family == "routing" and rule in ITEMS:
        return f"Put every {rule} into the {box_of(rule, book=_number(item, 'book'))} box."
    raise UnknownName("convention", f"{family}/{rule}", [operator.rule for operator in OPERATORS] + list(ITEMS))


def convention_gold(item: Mapping[str, JsonValue]) -> str:
    """Work out the answer to a convention problem from its item.

    Raises:
        UnknownName: when the item is no convention's.
    """
    if item.get("family") == "operators":
        steps = _operator(str(item.get("rule"))).steps(_number(item, "a"), _number(item, "b"))
        return str(steps[-1][1])
    convention_rule_text(item)
    return box_of(str(item["rule"]), book=_number(item, "book"))


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


def _operator_problems(book: int, *, only: str | None = None) -> Iterator[Problem]:
    for operator in OPERATORS if only is None else (_operator(only),):
        sign = sign_of(operator.rule, book=book)
        for a in range(1, LARGEST_OPERAND + 1):
            for b in range(1, LARGEST_OPERAND + 1):
                worked = operator.steps(a, b)
                if worked[-1][1] in {a + b, abs(a - b), a * b}:
                    continue  # a usual operator would give the right answer by chance
                group = f"{operator.rule} {min(a, b)} {max(a, b)}"
                text = _pick(_OPERATOR_TEXTS, f"{group} {a}").format(a=a, b=b, sign=sign)
                item: dict[str, JsonValue] = {
                    "domain": "convention", "family": "operators", "rule": operator.rule, "sign": sign, "a": a, "b": b,
                }  # fmt: skip
                steps = tuple(Step(text=shown, result=str(result), skill=operator.rule) for shown, result in worked)
                yield _problem("operators", text, str(worked[-1][1]), "number", operator.rule, group, item, steps)


def _routing_problems(book: int) -> Iterator[Problem]:
    boxes = ",".join(sorted(BOXES))
    for thing_class, things in ITEMS.items():
        box = box_of(thing_class, book=book)
        skill = f"route_{thing_class.replace(' ', '_')}"
        for thing in things:
            for template in _ROUTING_TEXTS:
                text = template.format(item=thing).replace("A " + thing, _with_article(thing))
                item: dict[str, JsonValue] = {
                    "domain": "convention", "family": "routing", "rule": thing_class, "book": book, "item": thing,
                }  # fmt: skip
                steps = (
                    Step(text=f"{_with_article(thing)} is {_with_article(thing_class).lower()}.", skill=skill),
                    Step(text=f"Every {thing_class} goes into the {box} box.", result=box, skill=skill),
                )
                yield _problem("routing", text, box, f"labels?labels={boxes}", skill, thing, item, steps)


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
        raise UnknownName("operator", rule, [operator.rule for operator in OPERATORS])
    return found


def _number(item: Mapping[str, JsonValue], name: str) -> int:
    value = item.get(name)
    if not isinstance(value, int):
        raise BadSetting(f"The item holds no whole number {name!r}.", data={"item": dict(item)})
    return value


def _shuffled(pool: Sequence[str], salt: str) -> list[str]:
    return sorted(pool, key=lambda name: hashlib.sha256(f"{salt} {name}".encode()).hexdigest())


def _pick(options: Sequence[str], salt: str) -> str:
    return _shuffled(options, salt)[0]


def _with_article(noun: str) -> str:
    return ("An " if noun[0] in "aeiou" else "A ") + noun

"""Arithmetic problems from our own generator: every problem is a pure function of its item.

An item decides its problem's id, wording and split, so two seeds draw different samples of one fixed world: what is a
test problem for one seed is never a training problem for another.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from itertools import cycle
from random import Random

from pydantic import JsonValue

from tutorkit.canonical import canonical_json, stable_id
from tutorkit.errors import BadSetting, UnknownName
from tutorkit.misconceptions import Item, Work, malrules, parts_of, same_answer, skills_of, solve
from tutorkit.misconceptions.domains import addition, fractions, order, percent, subtraction
from tutorkit.types import Problem, Split, Step

_SHARES: tuple[tuple[Split, int], ...] = (("train", 35), ("probe", 10), ("val", 20), ("test", 35))
_MISSES_IN_A_ROW = 5_000


def split_of(group: str) -> Split:
    """Return the split of a leak family: 35 % train, 10 % probe, 20 % val, 35 % test, by hash alone."""
    point = int(sha256(group.encode()).hexdigest()[:8], 16) % 100
    for split, share in _SHARES:
        if point < share:
            return split
        point -= share
    raise AssertionError("the shares add up to 100")


def group_of(item: Item) -> str:
    """Name the leak family of an item: what is worked out in the same way, or is the same with its operands swapped."""
    match item["domain"]:
        case "add":
            return "add:" + "+".join(sorted(str(item[key]) for key in "ab"))
        case "sub":
            return f"sub:{item['a']}-{item['b']}"
        case "frac" if "op" in item:
            pairs = [f"{item['a']}/{item['b']}", f"{item['c']}/{item['d']}"]
            op = str(item["op"])
            return f"frac:{op}:" + " ".join(sorted(pairs) if op in "+*" else pairs)
        case "pct" if item["kind"] in ("of", "off"):
            return f"pct:{item['percent']}:{item['amount']}"
        case domain:
            return f"{domain}:{canonical_json(item)}"


def steps_of(work: Work) -> tuple[Step, ...]:
    """Return the correct work on an item as a problem's worked steps."""
    return tuple(Step(text=step.text, result=step.result, skill=step.skill) for step in work.steps)


def arithmetic_problems(families: Sequence[str], *, seed: int, sizes: Mapping[Split, int]) -> list[Problem]:
    """Draw arithmetic problems.

    Args:
        families: any of ``subtraction``, ``addition``, ``fractions``, ``order``, ``percent``; every split gets equally
            many of each, give or take one.
        seed: which sample to draw. It never moves a problem from one split to another.
        sizes: how many problems each split gets.

    Returns:
        The problems in the order of ``sizes``, the families taking turns. No item occurs twice.

    Raises:
        UnknownName: for a family that there is not.
        BadSetting: when a split asks for more different problems than the generator finds.
    """
    for family in families:
        if family not in FAMILIES:
            raise UnknownName("family of arithmetic problems", family, tuple(FAMILIES))
    counts = {
        family: {split: len(range(place, size, len(families))) for split, size in sizes.items()}
        for place, family in enumerate(families)
    }
    drawn = {family: _draw(family, seed=seed, sizes=counts[family]) for family in families}
    problems: list[Problem] = []
    for split, size in sizes.items():
        turns = {family: iter(drawn[family][split]) for family in families}
        problems += [next(turns[family]) for family, _ in zip(cycle(families), range(size), strict=False)]
    return problems


def _draw(family: str, *, seed: int, sizes: Mapping[Split, int]) -> dict[Split, list[Problem]]:
    rng = Random(f"{family}:{seed}")  # noqa: S311 - a sample, not a secret
    drawn: dict[Split, list[Problem]] = {split: [] for split in sizes}
    seen: set[str] = set()
    misses = 0
    while short := {split for split, size in sizes.items() if len(drawn[split]) < size}:
        item = FAMILIES[family](rng)
        group = group_of(item)
        split = split_of(group)
        if split in short and group not in seen:
            seen.add(group)
            drawn[split].append(arithmetic_problem(family, item, split=split))
            misses = 0
        elif (misses := misses + 1) > _MISSES_IN_A_ROW:
            found = {split: len(drawn[split]) for split in sizes}
            raise BadSetting(
                f"There are not as many different {family} problems as asked for: {dict(sizes)}; {found} were found.",
                remedy="Ask for fewer problems, or for more families.",
                data={"family": family, "asked": dict(sizes), "found": found},
            )
    return drawn


def arithmetic_problem(family: str, item: dict[str, JsonValue], *, split: Split) -> Problem:
    """Make the problem of an item, in the wording that the item decides."""
    identity, work = stable_id(family, item), solve(item)
    wordings = _WORDINGS[str(item.get("kind", family))]
    wording = wordings[int(identity[-8:], 16) % len(wordings)]
    return Problem(
        id=identity,
        task=f"arithmetic/{family}",
        text=wording.format(shown=parts_of(item)[0].text, **item),
        gold=work.answer,
        scorer="fraction" if family == "fractions" else "number",
        skills=skills_of(item),
        split=split,
        group=group_of(item),
        item=item,
        steps=steps_of(work),
        source="tutorkit generator",
    )


_PLAIN = ("Work out {shown}.", "What is {shown}?", "Calculate {shown}.")

_WORDINGS: Mapping[str, tuple[str, ...]] = {
    "subtraction": (
        *_PLAIN,
        "A shop had {a} apples and sold {b} of them. How many are left?",
        "A book has {a} pages and Mia has read {b}. How many pages are still to be read?",
        "Of {a} seats {b} are taken. How many seats are free?",
    ),
    "addition": (
        *_PLAIN,
        "One box holds {a} screws and another holds {b}. How many screws are there together?",
        "A farm picks {a} pears on Monday and {b} on Tuesday. How many pears is that in all?",
        "Tom has {a} stamps and is given {b} more. How many stamps does he have now?",
    ),
    "fractions": (*_PLAIN, "Give {shown} as one fraction."),
    "order": (*_PLAIN, "What does {shown} come to?", "Find the value of {shown}."),
    "of": (
        "What is {percent}% of {amount}?",
        "Work out {percent}% of {amount}.",
        "How much is {percent}% of {amount}?",
    ),
    "off": (
        "A coat costs {amount} euros. What does it cost after a discount of {percent}%?",
        "A price of {amount} euros is cut by {percent}%. What is the new price in euros?",
        "Shoes at {amount} euros are sold with {percent}% off. How many euros do they cost now?",
    ),
}


def _subtraction(rng: Random) -> dict[str, JsonValue]:
    return subtraction.draw(rng).model_dump()


def _addition(rng: Random) -> dict[str, JsonValue]:
    return addition.draw(rng).model_dump()


def _fractions(rng: Random) -> dict[str, JsonValue]:
    op = rng.choice("+-*/")
    while True:
        item = fractions.draw_with(rng, op).model_dump()
        if not _excuses_an_error(item):
            return item


def _excuses_an_error(item: Item) -> bool:
    """Tell whether a wrong procedure comes to the right value in another form, which a grader would call right."""
    answer = solve(item).answer
    return any(rule.applies(item) and same_answer(rule.run(item).answer, answer) for rule in malrules("frac"))


def _order(rng: Random) -> dict[str, JsonValue]:
    return order.draw(rng).model_dump()


def _percent(rng: Random) -> dict[str, JsonValue]:
    return percent.draw(rng).model_dump()


FAMILIES: Mapping[str, Callable[[Random], dict[str, JsonValue]]] = {
    "subtraction": _subtraction,
    "addition": _addition,
    "fractions": _fractions,
    "order": _order,
    "percent": _percent,
}

"""Words with properties: write a word that has so many letters, begins with this one, and so on.

Whether a word has a property can be checked by counting, so this stands for the design of anything whose properties a
tool can tell: molecules, say. Each problem asks for two to four properties at once; its gold is one word of many, and
every word with the properties is right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from itertools import combinations, product, zip_longest
from random import Random
from types import MappingProxyType

from pydantic import JsonValue

from tutorkit.canonical import canonical_json, digest, stable_id
from tutorkit.errors import DataError
from tutorkit.tasks.splits import check_size, split_of
from tutorkit.tasks.task import SPLITS
from tutorkit.types import Problem, Split, Step

DOMAIN = "strings"
DESCRIPTION = "Make up a word of small letters that has all the properties asked for. It need not be a real word."
ANSWER_FORMAT = 'End with a line "Answer: " and the word.'

_VOWELS = "aeiou"
_NUCLEI = (*_VOWELS, "ai", "ou")
_ONSETS = ("b", "d", "f", "g", "k", "l", "m", "n", "r", "s", "t")
_CODAS = ("", "n", "r", "s")
_WORDS = 4000
_LONGEST = 20

MEASURES: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {
        "length": lambda word: str(len(word)),
        "first": lambda word: word[:1],
        "last": lambda word: word[-1:],
        "vowels": lambda word: str(sum(word.count(vowel) for vowel in _VOWELS)),
    }
)
"""The properties, each as a function of a word."""

_SAYS: Mapping[str, str] = MappingProxyType(
    {"length": "has {} letters", "first": "begins with {}", "last": "ends with {}", "vowels": "has {} vowels"}
)
SKILLS = tuple(MEASURES)


def string_problems(*, seed: int, sizes: Mapping[Split, int]) -> list[Problem]:
    """Make problems about words.

    Args:
        seed: which of them are drawn.
        sizes: how many of each split; the combinations of properties take turns, as long as they have problems.

    Returns:
        The problems, split by split. What asks for the same is one problem, and a leak family; its split depends on
        what it asks for alone.

    Raises:
        BadSetting: when a split cannot have so many.
    """
    wished = [names for count in (2, 3, 4) for names in combinations(SKILLS, count)]
    pools = [list(_problems(names, seed)) for names in wished]
    problems: list[Problem] = []
    for split in SPLITS:
        turns = zip_longest(*([problem for problem in pool if problem.split == split] for pool in pools))
        there = [problem for turn in turns for problem in turn if problem is not None]
        check_size("strings", split, wanted=sizes.get(split, 0), there=len(there))
        problems += sorted(there[: sizes.get(split, 0)], key=lambda problem: digest([seed, problem.id]))
    return problems


def condition(name: str, value: str) -> str:
    """Say that a word has a property, as what follows "a word that"."""
    return _SAYS[name].format(value)


def wanted_of(item: Mapping[str, JsonValue]) -> dict[str, str]:
    """Return the properties that an item asks for.

    Raises:
        DataError: when the item asks for no property that there is.
    """
    wanted = item.get("wanted") if item.get("domain") == DOMAIN else None
    if not isinstance(wanted, dict) or not wanted or not set(wanted) <= set(SKILLS):
        raise DataError(f"The item {dict(item)} asks for no properties of words.", data={"item": dict(item)})
    return {name: str(wanted[name]) for name in SKILLS if name in wanted}


def skills_of(item: Mapping[str, JsonValue]) -> tuple[str, ...]:
    """Return what an item takes: to mind each property that it asks for.

    Raises:
        DataError: when it asks for none.
    """
    return tuple(wanted_of(item))


def work(item: Mapping[str, JsonValue], lacks: Sequence[str]) -> tuple[tuple[str, ...], str]:
    """Write a word that has the properties, all but those that are lacking: of these it has other values.

    Raises:
        DataError: when the item asks for no properties, or for what no short word can have.
    """
    wanted = wanted_of(item)
    for word in _words_like(wanted, lacks):
        has = {name: MEASURES[name](word) for name in wanted}
        if all((has[name] == value) != (name in lacks) for name, value in wanted.items()):
            return tuple(f"It {condition(name, value)}." for name, value in has.items()), word
    raise DataError(f"No word has {wanted}.", data={"item": dict(item)})


def is_right(item: Mapping[str, JsonValue], answer: str) -> bool:
    """Tell whether a word has every property that an item asks for.

    Raises:
        DataError: when it asks for none.
    """
    word = answer.strip()
    return bool(word) and all(MEASURES[name](word) == value for name, value in wanted_of(item).items())


def _problems(names: Sequence[str], seed: int) -> Iterator[Problem]:
    """Make the problems of one combination of properties, each once, in an order fixed by the seed."""
    asked: set[str] = set()
    for word in sorted(_corpus(), key=lambda word: digest([seed, word])):
        wanted = {name: MEASURES[name](word) for name in names}
        group = f"strings {canonical_json(wanted)}"
        if group in asked:
            continue
        asked.add(group)
        said = [condition(name, value) for name, value in wanted.items()]
        item: dict[str, JsonValue] = {"domain": DOMAIN, "wanted": {**wanted}}
        yield Problem(
            id=stable_id("string", item),
            task="strings",
            text=f"Write a word that {', '.join(said[:-1])} and {said[-1]}.",
            gold=word,
            scorer="properties?" + "&".join(f"{name}={value}" for name, value in wanted.items()),
            skills=tuple(names),
            split=split_of(group),
            group=group,
            item=item,
            steps=tuple(
                Step(text=f"It {condition(name, value)}.", result=value, skill=name) for name, value in wanted.items()
            ),
            source="made by tutorkit",
        )


@cache
def _corpus() -> tuple[str, ...]:
    """Return the words that there are: one to five syllables, a fixed sample of them."""
    rng = Random("strings")  # noqa: S311 (no secret)
    words = {
        "".join(rng.choice(_ONSETS) + rng.choice(_NUCLEI) for _ in range(rng.randint(1, 5))) + rng.choice(_CODAS)
        for _ in range(_WORDS)
    }
    return tuple(sorted(words))


def _words_like(wanted: Mapping[str, str], lacks: Sequence[str]) -> Iterator[str]:
    """Yield words near to what is wanted, the plainest first; of a property that is lacking the other values, too."""
    lengths = _near(wanted.get("length", "5"), lacking="length" in lacks, least=2)
    firsts = ("k", "m", "a") if "first" in lacks or "first" not in wanted else (wanted["first"],)
    lasts = ("n", "s", "o") if "last" in lacks or "last" not in wanted else (wanted["last"],)
    free = range(_LONGEST + 1) if "vowels" not in wanted else ()
    vowels = [*free, *_near(wanted.get("vowels", "2"), lacking="vowels" in lacks, least=0)]
    if "length" not in wanted:
        lengths = [*lengths, *range(2, _LONGEST + 1)]
    for length, first, last, count in product(lengths, firsts, lasts, vowels):
        inside = count - sum(letter in _VOWELS for letter in (first, last))
        if 0 <= inside <= length - 2:
            yield first + "a" * inside + "t" * (length - 2 - inside) + last


def _near(value: str, *, lacking: bool, least: int) -> list[int]:
    number = int(value)
    return [n for n in (number, number + 1, number - 1, number + 2) if n >= least] if lacking else [number]

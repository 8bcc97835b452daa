"""What a learner can do without help, on items like the practised ones and on items of another form."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from functools import lru_cache
from random import Random

from pydantic import JsonValue

from tutorkit.canonical import canonical_json, digest, stable_id
from tutorkit.knowledge.intervals import wilson
from tutorkit.misconceptions import Item, drawn_item_for, parts_of
from tutorkit.ports import Learner
from tutorkit.students.trying import is_right
from tutorkit.tasks.items import WORDED
from tutorkit.types import Question, Record

_DRAWS = 400
_SURVEYED = 60


class Share(Record):
    """A share that was counted: ``hits`` of ``n``, with its score interval (Wilson 1927, 95 %)."""

    hits: int
    n: int
    value: float | None
    low: float
    high: float


class PostTest(Record):
    """The share of right answers on ``near`` and ``far`` items."""

    near: Share
    far: Share


def share(hits: int, n: int) -> Share:
    """Return a share with its interval; of nothing there is no value, and the interval is all of [0, 1]."""
    low, high = wilson(hits, n)
    return Share(hits=hits, n=n, value=hits / n if n else None, low=low, high=high)


def question_of(item: Item) -> Question:
    """Return the question that an item asks; of a chain, one after the other."""
    text = "; ".join(part.text for part in parts_of(item))
    asked = text if item["domain"] in WORDED else f"Work out {text}."
    return Question(id=stable_id("item", dict(item)), text=asked, item=dict(item))


def near_items(misconception_id: str, *, n: int, seed: int, without: Sequence[Item] = ()) -> list[Item]:
    """Draw different items of the usual form on which a misconception shows, other than those that were practised.

    Args:
        misconception_id: what they are about.
        n: how many; fewer come where there are no more.
        seed: of the drawing.
        without: items that must not be among them.

    Raises:
        UnknownName: when there is no such misconception.
    """
    usual, _ = _forms(misconception_id)
    return _drawn("near", misconception_id, usual, n=n, seed=seed, without=without)


def far_items(misconception_id: str, *, n: int, seed: int, without: Sequence[Item] = ()) -> list[Item]:
    """Draw different items on which a misconception shows in another form than in ``near_items``.

    They are of another kind, have another operation or other words; where a misconception has but one such form, they
    have more digits. None come where there is no other form at all.

    Raises:
        UnknownName: when there is no such misconception.
    """
    _, others = _forms(misconception_id)
    return _drawn("far", misconception_id, others, n=n, seed=seed, without=without)


async def post_test(learner: Learner, *, near: Sequence[Item], far: Sequence[Item]) -> PostTest:
    """Have a learner work items out without any help, and count the right answers.

    Nothing is learnt from the test: every item is put to the learner as it is. No answer counts as not right.

    Raises:
        DataError: when an item cannot be read.
        ModelError, BudgetExhausted: when a model words what the learner says and none could be had.
    """
    return PostTest(near=await _accuracy(learner, near), far=await _accuracy(learner, far))


async def _accuracy(learner: Learner, items: Sequence[Item]) -> Share:
    hits = 0
    for item in items:
        _, said = await learner.begin(question_of(item))
        hits += said.answer is not None and is_right(item, said.answer)
    return share(hits, len(items))


def _drawn(
    what: str, misconception_id: str, forms: Collection[str], *, n: int, seed: int, without: Sequence[Item]
) -> list[Item]:
    rng = _rng(what, misconception_id, seed)
    sized = any(form.isdigit() for form in forms)
    found: list[Item] = []
    for _ in range(_DRAWS if forms else 0):
        if len(found) >= n:
            break
        item = drawn_item_for(misconception_id, rng)
        form = _size(item) if sized else _form(item)
        if form in forms and item not in found and item not in without:
            found.append(item)
    return found


@lru_cache(maxsize=256)
def _forms(misconception_id: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the usual form of the items on which a misconception shows, and its other forms.

    Forms are told apart by all that is no number. Where there is one only, sizes take their place: those up to the
    median are usual, or, where the median is the largest, those below it.
    """
    rng = _rng("forms", misconception_id, 0)
    items = [drawn_item_for(misconception_id, rng) for _ in range(_SURVEYED)]
    counted = Counter(map(_form, items))
    if len(counted) > 1:
        usual = max(counted, key=lambda form: (counted[form], form))
        return frozenset({usual}), frozenset(counted) - {usual}
    sizes = sorted(map(_size, items))
    median = sizes[len(sizes) // 2]
    small = frozenset(size for size in sizes if size < median or (size == median < sizes[-1]))
    return small or frozenset(sizes), frozenset(sizes) - small if small else frozenset()


def _form(item: Item) -> str:
    return canonical_json(_without_numbers(dict(item)))


def _size(item: Item) -> str:
    """Return how many digits an item has, as two digits that sort."""
    return f"{min(99, sum(map(str.isdigit, parts_of(item)[0].text))):02}"


def _without_numbers(value: JsonValue) -> JsonValue:
    if isinstance(value, dict):
        return {key: _without_numbers(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_without_numbers(inner) for inner in value]
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return "#" if number or (isinstance(value, str) and any(map(str.isdigit, value))) else value


def _rng(what: str, misconception_id: str, seed: int) -> Random:
    return Random(digest([what, misconception_id, seed]))  # noqa: S311 - a sample, not a secret

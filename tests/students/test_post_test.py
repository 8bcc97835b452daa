"""What a learner can do without help: near and far items, and that they are what they are said to be."""

from __future__ import annotations

import asyncio
from random import Random

import pytest

from tutorkit.errors import UnknownName
from tutorkit.misconceptions import DOMAINS, drawn_item, malrule
from tutorkit.students.learner import parse_learner
from tutorkit.students.post_test import far_items, near_items, post_test, question_of
from tutorkit.students.trying import is_right
from tutorkit.tasks.items import item_problem

BUG = "sub.smaller_from_larger"


def test_near_items_are_different_ones_on_which_the_misconception_shows():
    found = near_items(BUG, n=20, seed=1)
    assert len(found) == 20 and all(found.count(item) == 1 for item in found)
    assert all(not is_right(item, malrule(BUG).run(item).answer) for item in found)
    assert found == near_items(BUG, n=20, seed=1) != near_items(BUG, n=20, seed=2)
    assert not [item for item in near_items(BUG, n=20, seed=1, without=found[:3]) if item in found[:3]]


@pytest.mark.parametrize(
    ("bug", "told_apart"),
    [
        ("frac.adds_num_and_den", lambda item: item["op"]),
        ("pct.divides_by_percent", lambda item: item["kind"]),
        (BUG, lambda item: len(str(item["a"])) > 3),
        ("add.drops_carry", lambda item: len(f"{item['a']}{item['b']}") > 5),
    ],
)
def test_far_items_have_another_form_and_the_misconception_shows_on_them_too(bug, told_apart):
    rule = malrule(bug)
    near, far = near_items(bug, n=12, seed=1), far_items(bug, n=12, seed=1)
    assert len(far) == 12 and len({told_apart(item) for item in near}) == 1
    assert {told_apart(item) for item in near}.isdisjoint(told_apart(item) for item in far)
    for item in far:
        assert far.count(item) == 1 and not is_right(item, rule.run(item).answer)
    assert far == far_items(bug, n=12, seed=1) != far_items(bug, n=12, seed=2)
    assert not [item for item in far_items(bug, n=12, seed=1, without=far[:3]) if item in far[:3]]
    # Which form is usual does not depend on the seed.
    assert {told_apart(item) for item in near_items(bug, n=12, seed=2)} == {told_apart(item) for item in near}


def test_what_has_one_form_only_has_no_far_items():
    near = near_items("add.left_aligns", n=9, seed=1)
    assert len(near) == 9 and far_items("add.left_aligns", n=9, seed=1) == []


def test_a_post_test_counts_right_answers_and_teaches_nothing():
    near, far = near_items(BUG, n=10, seed=3), far_items(BUG, n=6, seed=3)
    knows, holds = parse_learner("learner/none?slip=0"), parse_learner(f"learner/{BUG}:1?slip=0")
    full = asyncio.run(post_test(knows, near=near, far=far))
    assert (full.near.hits, full.near.n, full.far.hits, full.far.n) == (10, 10, 6, 6) and full.near.low > 0.7
    none = asyncio.run(post_test(holds, near=near, far=far))
    assert (none.near.hits, none.far.hits, none.near.value) == (0, 0, 0.0)
    empty = asyncio.run(post_test(holds, near=near, far=[])).far
    assert (empty.n, empty.value, empty.low, empty.high) == (0, None, 0.0, 1.0)


def test_a_question_says_its_item():
    question = question_of(
        {"domain": "chain", "parts": [{"domain": "sub", "a": 52, "b": 18}, {"domain": "neg", "a": 3}]}
    )
    assert "52 − 18; " in question.text and question.item["domain"] == "chain"
    rng = Random(1)
    for domain in DOMAINS:
        item = drawn_item(domain, rng)
        assert question_of(item) == item_problem(item).question()


def test_an_unknown_misconception_has_no_items():
    with pytest.raises(UnknownName):
        near_items("sub.nothing", n=1, seed=0)

"""What the methods that learn from comparisons share."""

from __future__ import annotations

from random import Random
from types import SimpleNamespace

import pytest
from support.writers import unreliable

from tutorkit.methods._nodes.preferences import (
    Comparison,
    compare_both_orders,
    correlation,
    edit_distance,
    keep_audit,
    length_ratio,
    most_diverse,
    refuses,
    usable,
)
from tutorkit.methods.vocabulary import Said, TaskBrief
from tutorkit.types import Attempt, Grade, Problem

PROBLEM = Problem(id="p", task="t", text="Write.", gold=None, scorer="planted_slant", split="train", group="g")
DEPS = SimpleNamespace(task=TaskBrief("t", "d", "f"))


def attempt(name, raw, outcome="wrong"):
    return Attempt(
        id=name,
        run_id="r",
        phase="train-0",
        problem_id="p",
        split="train",
        student="s",
        lesson_ids=(),
        steps=(),
        raw=raw,
        grade=Grade(outcome=outcome, score=0, normalised=None, how=""),
    )


class Desk:
    """Says of two texts what it is told to."""

    def __init__(self, *replies):
        self.replies = iter(replies)
        self.shown = []

    async def call(self, purpose, inputs, schema, *, about=(), sample=0):
        self.shown.append((inputs["first"], inputs["second"]))
        preferred, margin = next(self.replies)
        return Said(Comparison(reason="", preferred=preferred, margin=margin), (f"call-{len(self.shown)}",))


async def compared(*replies):
    desk = Desk(*replies)
    found = await compare_both_orders(DEPS, desk, PROBLEM, attempt("a", "one"), attempt("b", "two"))
    return found, desk


async def test_the_second_question_shows_the_texts_in_each_others_place():
    found, desk = await compared((1, 4), (2, 6))
    assert desk.shown == [("one", "two"), ("two", "one")]
    assert (found.winner, found.margin, found.call_ids) == (0, 5, ("call-1", "call-2"))
    assert (found.choices, found.firsts) == (2, 1)


@pytest.mark.parametrize(
    ("replies", "winner"),
    [
        (((1, 4), (1, 4)), None),
        (((2, 4), (2, 4)), None),
        (((2, 1), (1, 1)), 1),
        (((1, 3), (None, 0)), None),
        (((None, 0), (2, 3)), None),
        (((None, 0), (None, 0)), None),
        (((2, 0), (1, 0)), 1),
    ],
)
async def test_only_what_both_orders_name_wins(replies, winner):
    assert (await compared(*replies))[0].winner == winner


async def test_a_critic_who_looks_at_the_order_is_righter_on_the_pairs_that_it_keeps():
    """Expected: 73 % right in one order; in both, 90 % right on the 58 % that are kept."""
    critic = unreliable(Random(1), right=0.8, by_position=0.25)
    single = [critic(better_first) == (1 if better_first else 2) for better_first in [True, False] * 5000]
    assert sum(single) / len(single) == pytest.approx(0.725, abs=0.015)
    winners = [(await compared((critic(True), 1), (critic(False), 1)))[0].winner for _ in range(8000)]
    kept = [winner for winner in winners if winner is not None]
    assert len(kept) / len(winners) == pytest.approx(0.57, abs=0.02)
    assert kept.count(0) / len(kept) == pytest.approx(0.895, abs=0.015)


def test_edit_distance_counts_n_grams():
    assert edit_distance("a b c d", "a b c d", n=2) == 0
    assert edit_distance("a b c d", "e f g h", n=2) == 1
    assert edit_distance("a b c d", "a b c e", n=1) == 1 / 4
    assert edit_distance("a b c d", "a b c e", n=2) == 1 / 3
    assert edit_distance("a b c d", "a b x c d", n=1) == 1 / 5
    assert edit_distance("", "", n=2) == 0
    assert edit_distance("a", "a b c", n=2) == edit_distance("a b c", "a", n=2) == 1


def test_the_two_that_differ_most_are_taken_and_of_equals_the_earlier():
    texts = ["the cat sat on the mat", "the cat sat on the hat", "a dog ran far away today", "the cat sat on the mat"]
    assert most_diverse(texts, n=2) == (0, 2)
    assert most_diverse(["a", "b", "c"], n=1) == (0, 1)
    assert most_diverse(["a"], n=1) is None


@pytest.mark.parametrize(
    "text",
    [
        "I'm sorry, but I can't write that.",
        "Sorry, I cannot help with this.",
        "  I cannot assist with that request",
        "As an AI language model, I have no humour.",
        "I am unable to say.",
        "Unfortunately, I must decline.",
    ],
)
def test_a_refusal_is_known_by_its_opening(text):
    assert refuses(text)


@pytest.mark.parametrize(
    "text",
    [
        "I can't believe that the kettle sang.",
        "I'm sorry for your loss, said the teapot.",
        "I will not forget the ferry.",
        "As a ladder, I have my ups and downs.",
        "Sorry about the umbrella.",
    ],
)
def test_a_text_that_only_sounds_like_one_is_none(text):
    assert not refuses(text)


def test_texts_to_compare_are_finished_whole_and_different():
    found = usable(
        [
            attempt("a", "One."),
            attempt("b", " One. "),
            attempt("c", "Two", "unfinished"),
            attempt("d", "  "),
            attempt("e", "I'm sorry, but I can't."),
            attempt("f", "Three.", "invalid"),
        ]
    )
    assert [each.id for each in found] == ["a", "f"]


def test_length_is_counted_in_words():
    assert length_ratio("a b c", "a b") == 1.5
    assert length_ratio("a", "") == 1


def test_correlation():
    assert correlation([1, 2, 3], [2, 4, 6]) == pytest.approx(1)
    assert correlation([1, -1, 1, -1], [1, 1, -1, -1]) == 0
    assert correlation([1, 1], [1, 2]) == correlation([], []) == 0


def test_the_audit_tells_order_and_length_from_merit():
    kept = []
    deps = SimpleNamespace(run_id="r", teacher=SimpleNamespace(ref="critic"), sink=SimpleNamespace(put=kept.append))
    verdict = {"choices": 2, "firsts": 1, "became": "kept"}
    verdicts = [
        {**verdict, "preferred": 1, "longer": 0.1},
        {**verdict, "preferred": -1, "longer": 0.1},
        {**verdict, "preferred": 1, "longer": 0.8, "became": "length"},
        {**verdict, "preferred": 0, "longer": 0.0, "firsts": 2, "became": "undecided"},
        {"choices": 0, "firsts": 0, "preferred": 0, "longer": 0.0, "became": "undecided"},
    ]
    found = keep_audit(deps, verdicts)
    assert found["critic_consistency"] == 3 / 4 and found["critic_first"] == 5 / 8
    assert found["critic_length_asked"] == pytest.approx(0.5) and found["critic_length_kept"] == 0
    assert {(score.kind, score.probe_set): score.n for score in kept} == {
        ("critic_consistency", "asked"): 4,
        ("critic_first", "asked"): 8,
        ("critic_length", "asked"): 3,
        ("critic_length", "kept"): 2,
    }

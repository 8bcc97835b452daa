"""Spaced repetition: the checked values, the map from answers to ratings, what is due, and that it can be kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from tutorkit.errors import BadSetting
from tutorkit.knowledge.spacing import Recalled, ReviewCard, Spacing, due_cards, interleaved, new_card, recall

START = datetime(2026, 1, 5, 9, tzinfo=UTC)
SPACING = Spacing()
RIGHT, WRONG = Recalled(right=True), Recalled(right=False)


def test_the_checked_values():
    first = SPACING.reviewed(new_card("a", at=START), RIGHT, at=START)
    assert (first.phase, first.due - START) == ("learning", timedelta(minutes=10))
    second = SPACING.reviewed(first, RIGHT, at=first.due)
    assert (second.phase, second.due - first.due) == ("review", timedelta(days=2))
    assert second.stability == pytest.approx(2.31, abs=0.005) and second.difficulty == pytest.approx(2.11, abs=0.005)
    third = SPACING.reviewed(second, WRONG, at=second.due)
    assert third.phase == "relearning" and third.difficulty == pytest.approx(7.4, abs=0.05)


@pytest.mark.parametrize(
    ("answer", "was_fast", "rating"),
    [
        (Recalled(right=False, seconds=1), True, "again"),
        (Recalled(right=True, rung=6), True, "again"),
        (Recalled(right=True, rung=5), False, "hard"),
        (Recalled(right=True, rung=3, seconds=1), True, "hard"),
        (Recalled(right=True, rung=2), False, "good"),
        (Recalled(right=True, seconds=21), True, "hard"),
        (Recalled(right=True, seconds=20), True, "good"),
        (Recalled(right=True, seconds=4), True, "easy"),
        (Recalled(right=True, seconds=4), False, "good"),
        (Recalled(right=True, seconds=5), True, "good"),
        (Recalled(right=True, rung=1, seconds=4), True, "good"),
        (Recalled(right=True), True, "good"),
    ],
)  # fmt: skip
def test_what_an_answer_is_worth(answer, was_fast, rating):
    assert recall(answer, median=10, was_fast=was_fast) == rating
    if answer.right and answer.rung < 3:
        assert recall(answer, median=None, was_fast=was_fast) == "good"


def test_fast_twice_in_a_row_is_easy_and_comes_back_later():
    def twice(first, second):
        card = SPACING.reviewed(new_card("a", at=START), Recalled(right=True, seconds=first), at=START, median=10)
        return SPACING.reviewed(card, Recalled(right=True, seconds=second), at=card.due, median=10)

    assert twice(2, 2).due > twice(9, 2).due
    assert twice(2, 2).was_fast and not twice(2, 9).was_fast


def test_a_card_goes_through_json_and_on_as_before():
    card = new_card("frac/plain/fraction_addition", at=START)
    for number in range(6):
        card = SPACING.reviewed(card, RIGHT if number != 3 else WRONG, at=card.due)
        kept = ReviewCard.model_validate_json(card.model_dump_json())
        assert kept == card
        assert SPACING.reviewed(kept, RIGHT, at=card.due) == SPACING.reviewed(card, RIGHT, at=card.due)


def test_without_fuzz_the_same_answers_make_the_same_card():
    def long_card(spacing):
        card = new_card("a", at=START)
        for _ in range(8):
            card = spacing.reviewed(card, RIGHT, at=card.due)
        return card

    assert long_card(Spacing()) == long_card(Spacing())
    assert long_card(Spacing(retention=0.8)).due > long_card(Spacing()).due


def test_recall_fades_and_times_of_other_zones_are_the_same_times():
    card = SPACING.reviewed(SPACING.reviewed(new_card("a", at=START), RIGHT, at=START), RIGHT, at=START)
    assert SPACING.retrievability(new_card("a", at=START), at=START) == 0
    soon, late = (SPACING.retrievability(card, at=START + timedelta(days=days)) for days in (2, 30))
    assert 1 > soon > 0.85 > late > 0
    elsewhere = START.astimezone(timezone(timedelta(hours=5)))
    assert SPACING.reviewed(new_card("a", at=elsewhere), RIGHT, at=elsewhere).due == START + timedelta(minutes=10)


def test_due_is_what_was_reviewed_and_is_due_again_the_longest_due_first():
    cards = {
        name: ReviewCard(id=name, due=START + timedelta(days=days), last_review=None if name == "new" else START)
        for name, days in {"late": 1, "later": 2, "new": 0, "to come": 9}.items()
    }
    assert [card.id for card in due_cards(cards, at=START + timedelta(days=2))] == ["late", "later"]


def test_one_review_and_two_new_ones_take_turns():
    assert "".join(interleaved("ABC", "abcde")) == "AabBcdCe"
    assert "".join(interleaved("", "ab")) == "ab" and "".join(interleaved("AB", "")) == "AB"
    assert "".join(interleaved("AB", "abc", every=2)) == "AaBbc"
    with pytest.raises(BadSetting):
        list(interleaved("A", "a", every=1))


@pytest.mark.parametrize("retention", [0, 1])
def test_a_retention_that_is_none(retention):
    with pytest.raises(BadSetting):
        Spacing(retention=retention)

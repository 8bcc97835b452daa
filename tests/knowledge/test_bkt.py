"""Bayesian knowledge tracing against values worked out by hand, and against what probability theory demands."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from tutorkit.knowledge.bkt import BKT


def test_bayes_rule_by_hand():
    bkt = BKT(initial=0.4, learn=0.25, slip=0.1, guess=0.2)
    # 0.4·0.9 / (0.4·0.9 + 0.6·0.2) = 0.36/0.48, and 0.4·0.1 / (0.4·0.1 + 0.6·0.8) = 0.04/0.52
    assert bkt.seen(0.4, right=True) == pytest.approx(0.75)
    assert bkt.seen(0.4, right=False) == pytest.approx(1 / 13)
    assert bkt.practised(0.4) == pytest.approx(0.55)


def test_what_is_expected_of_an_answer_is_what_was_believed():
    bkt = BKT(slip=0.15, guess=0.25)
    for before in (0.1, 0.5, 0.9):
        right = before * (1 - bkt.slip) + (1 - before) * bkt.guess
        after = right * bkt.seen(before, right=True) + (1 - right) * bkt.seen(before, right=False)
        assert after == pytest.approx(before)
        assert bkt.seen(before, right=False) < before < bkt.seen(before, right=True)


def test_certainty_stays_and_an_impossible_answer_tells_nothing():
    bkt = BKT(slip=0, guess=0)
    assert bkt.seen(1.0, right=False) == 1.0 and bkt.seen(0.0, right=True) == 0.0
    assert bkt.practised(1.0) == 1.0


@pytest.mark.parametrize("given", [{"slip": 1.2}, {"learn": -0.1}, {"slip": 0.5, "guess": 0.5}])
def test_parameters_that_make_no_sense_are_refused(given):
    with pytest.raises(ValidationError):
        BKT(**given)


def test_the_hand_vector_of_three_answers():
    bkt, mastered, seen = BKT(initial=0.3, learn=0.2, guess=0.2, slip=0.1), 0.3, []
    for right in (True, True, False):
        before = bkt.predicted(mastered)
        mastered = bkt.practised(bkt.seen(mastered, right=right))
        seen.append((round(before, 4), round(mastered, 4)))
    assert seen == [(0.41, 0.7268), (0.7088, 0.9383), (0.8568, 0.7243)]

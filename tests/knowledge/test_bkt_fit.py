"""Fitting knowledge tracing: the reference values, planted parameters, and what a likelihood must do."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import pytest
from answers import TRUE, reference_answers

from tutorkit.errors import EmptyData
from tutorkit.knowledge.bkt import BKT
from tutorkit.knowledge.bkt_fit import MOST_GUESS, MOST_SLIP, fit_bkt, log_likelihood
from tutorkit.knowledge.interactions import by_student


def sequences(students=200, seed=0):
    return [[row.correct for row in rows] for rows in by_student(reference_answers(students, seed)).values()]


def values(bkt: BKT):
    return [bkt.initial, bkt.learn, bkt.guess, bkt.slip]


def test_the_reference_values():
    fit = fit_bkt(sequences())
    assert values(fit.parameters) == pytest.approx([0.2853, 0.2114, 0.2005, 0.0972], abs=5e-5)
    assert fit.converged


@pytest.mark.parametrize("seed", range(3))
def test_planted_parameters_are_recovered(seed):
    assert values(fit_bkt(sequences(500, seed)).parameters) == pytest.approx(values(TRUE), abs=0.05)


def test_the_likelihood_is_the_sum_over_all_ways_that_mastery_can_go():
    bkt, answers = BKT(initial=0.3, learn=0.25, slip=0.15, guess=0.3), [True, False, True, True]
    total = 0.0
    for states in product((False, True), repeat=4):
        p = bkt.initial if states[0] else 1 - bkt.initial
        for now, after in pairwise(states):
            p *= (1.0 if after else 0.0) if now else (bkt.learn if after else 1 - bkt.learn)
        for state, right in zip(states, answers, strict=True):
            correct = 1 - bkt.slip if state else bkt.guess
            p *= correct if right else 1 - correct
        total += p
    assert log_likelihood([answers], bkt) == pytest.approx(np.log(total))
    assert log_likelihood([answers, answers[:2]], bkt) == pytest.approx(
        np.log(total) + log_likelihood([answers[:2]], bkt)
    )
    assert log_likelihood([], bkt) == 0


def test_no_step_makes_the_answers_less_likely():
    given = [row[: 3 + place % 9] for place, row in enumerate(sequences(60))]
    found = [log_likelihood(given, fit_bkt(given, rounds=rounds, close=0).parameters) for rounds in range(1, 12)]
    assert all(later >= earlier - 1e-9 for earlier, later in pairwise(found))


def test_sequences_of_different_length_weigh_as_many_answers_as_they_have():
    """Were the padding taken for answers, the short sequences would pull the parameters."""
    long = sequences(40)
    alone = fit_bkt(long, rounds=20, close=0).parameters
    mixed = fit_bkt([*long, [True]], rounds=20, close=0).parameters
    assert values(mixed) == pytest.approx(values(alone), abs=0.03)
    assert log_likelihood([*long, [True]], TRUE) == pytest.approx(
        log_likelihood(long, TRUE) + np.log(TRUE.predicted(TRUE.initial))
    )


def test_a_single_answer_tells_nothing_of_learning_beside_a_longer_sequence():
    pair = [True, False]
    alone, beside = (fit_bkt([pair, *others], rounds=1).parameters for others in ([], [[True]] * 50))
    assert beside.learn == pytest.approx(alone.learn) and beside.initial > alone.initial


def test_the_twin_in_which_guessing_and_slipping_change_places_is_out_of_bounds():
    upside_down = [[not right for right in row] for row in sequences(100)]
    found = fit_bkt(upside_down).parameters
    assert found.guess <= MOST_GUESS and found.slip <= MOST_SLIP and 1 - found.slip > found.guess


@pytest.mark.parametrize("given", [[], [[]]])
def test_of_no_answers_there_are_no_parameters(given):
    with pytest.raises(EmptyData):
        fit_bkt(given)

"""Measures of predictions against values worked out by hand or by brute force."""

from __future__ import annotations

import math

import numpy as np
import pytest
from answers import TRUE, reference_answers

from tutorkit.errors import EmptyData
from tutorkit.knowledge.bkt_model import BKTModel
from tutorkit.knowledge.evaluating import by_skill, measured, subgroups
from tutorkit.knowledge.predictions import Prediction, one_step_ahead


def predicted(*pairs, student="s", skills=("a",)):
    return [Prediction(student=student, skills=skills, p=p, correct=bool(y)) for p, y in pairs]


def test_the_reference_values_of_knowledge_tracing():
    rows = reference_answers()
    found = measured(one_step_ahead(BKTModel().fit(rows).model, rows))
    assert found.auc.value == pytest.approx(0.7770, abs=5e-5) and found.rmse.value == pytest.approx(0.3933, abs=5e-5)
    assert (found.n, found.students) == (2400, 200)
    assert found.auc.low < 0.777 < found.auc.high and 0.02 < found.auc.high - found.auc.low < 0.08


def test_measures_by_hand():
    found = measured(predicted((0.9, 1), (0.6, 0), (0.6, 1), (0.2, 0), (0.5, 0)))
    # Of six pairs of a right and a wrong answer five are in order, and one is a tie.
    assert found.auc.value == pytest.approx(5.5 / 6)
    assert found.accuracy.value == pytest.approx(3 / 5)
    assert found.rmse.value == pytest.approx(math.sqrt((0.01 + 0.36 + 0.16 + 0.04 + 0.25) / 5))
    assert found.log_loss.value == pytest.approx(-np.log([0.9, 0.4, 0.6, 0.8, 0.5]).mean())
    assert found.ece.value == pytest.approx((0.1 + abs(1.2 - 1) + 0.2 + 0.5) / 5)
    assert (found.auc.low, found.ece.high) == (None, None)


def test_a_certain_and_wrong_prediction_costs_much_but_not_everything():
    found = measured(predicted((0.0, 1), (1.0, 1)))
    assert found.log_loss.value == pytest.approx(-math.log(1e-6) / 2, rel=1e-3)
    assert found.auc.value is None


def test_the_area_is_that_of_counting_all_pairs():
    rng = np.random.default_rng(5)
    pairs = [(float(p), bool(rng.random() < p)) for p in np.round(rng.random(200), 1)]
    wins = [(a > b) + (a == b) / 2 for a, x in pairs if x for b, y in pairs if not y]
    assert measured(predicted(*pairs)).auc.value == pytest.approx(np.mean(wins))


def test_intervals_draw_students_and_not_answers():
    """Ten students who are each right or wrong throughout tell no more than ten answers do."""
    rng = np.random.default_rng(0)
    whole = [each for s in range(10) for each in predicted(*[(0.5, s % 2)] * 100, student=f"s{s}")]
    apart = [
        each for s in range(10) for each in predicted(*[(0.5, rng.random() < 0.5) for _ in range(100)], student=f"s{s}")
    ]
    wide, narrow = measured(whole).accuracy, measured(apart).accuracy
    assert wide.high - wide.low > 0.4 > 0.15 > narrow.high - narrow.low


def test_a_question_of_two_skills_counts_in_both_and_once_in_all():
    rows = [
        *predicted((0.8, 1), (0.3, 0)),
        *predicted((0.6, 1), skills=("a", "b")),
        *predicted((0.4, 0), skills=("b",)),
    ]
    found = by_skill(rows)
    assert {skill: each.n for skill, each in found.items()} == {"a": 3, "b": 2}
    assert measured(rows).n == 4


def test_a_model_that_thinks_too_much_of_a_subgroup_is_found_out():
    rng = np.random.default_rng(2)
    rows = [
        each
        for s in range(60)
        for each in predicted(*[(0.7, rng.random() < (0.7 if s < 30 else 0.5)) for _ in range(20)], student=f"s{s}")
    ]
    groups = {f"s{s}": "fair" if s < 30 else "flattered" for s in range(59)}
    fair, flattered = subgroups(rows, groups)
    assert fair.gap.low < 0 < fair.gap.high
    assert flattered.gap.value == pytest.approx(flattered.predicted - flattered.observed)
    assert flattered.gap.low > 0.1 and flattered.ece > 0.1 and flattered.students == 29


def test_of_nothing_there_is_no_measure():
    with pytest.raises(EmptyData):
        measured([])
    assert by_skill([]) == {} and subgroups([], {}) == ()


def test_the_same_seed_draws_the_same_students():
    rows = one_step_ahead(BKTModel(usual=TRUE), reference_answers(20))
    assert measured(rows, seed=3) == measured(rows, seed=3) != measured(rows, seed=4)

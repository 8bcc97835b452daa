"""Performance factors analysis, and the regression under it."""

from __future__ import annotations

import numpy as np
import pytest
from answers import reference_answers, said
from scipy.optimize import minimize

from tutorkit.errors import EmptyData
from tutorkit.knowledge.evaluating import measured
from tutorkit.knowledge.interactions import Interaction
from tutorkit.knowledge.logistic import fit_logistic
from tutorkit.knowledge.mastery import replay
from tutorkit.knowledge.pfa import Factors, PFAModel
from tutorkit.knowledge.predictions import one_step_ahead


def test_the_reference_value():
    rows = reference_answers()
    predictions = one_step_ahead(PFAModel().fit(rows).model, rows)
    assert measured(predictions, resamples=1).auc.value == pytest.approx(0.7768, abs=5e-5)


def test_the_regression_finds_the_minimum_that_another_optimiser_finds():
    rng = np.random.default_rng(3)
    x, penalties = rng.normal(size=(300, 4)), np.array([0.0, 1.0, 5.0, 0.1])
    y = rng.random(300) < 1 / (1 + np.exp(-x @ [1.0, -2.0, 0.5, 0.0]))

    def loss(w):
        return np.logaddexp(0, x @ w).sum() - y @ (x @ w) + penalties @ w**2 / 2

    ours = fit_logistic([list(enumerate(row)) for row in x], y.tolist(), penalties.tolist())
    theirs = minimize(loss, np.zeros(4), method="BFGS", options={"gtol": 1e-8})
    assert ours.weights == pytest.approx(theirs.x, abs=1e-4)
    assert ours.converged and ours.log_likelihood == pytest.approx(penalties @ ours.weights**2 / 2 - theirs.fun)


def test_columns_of_more_rows_than_fit_at_once_count_all():
    rows, right = [[(0, 1.0)]] * 9000, [True] * 6000 + [False] * 3000
    assert fit_logistic(rows, right, [0.0]).weights[0] == pytest.approx(np.log(2))


def test_data_that_part_perfectly_still_have_an_answer():
    found = fit_logistic([[(0, 1.0)], [(0, -1.0)]] * 20, [True, False] * 20, [1e-6])
    assert np.isfinite(found.weights).all() and found.weights[0] > 5


def test_a_prediction_by_hand():
    model = PFAModel(skills={"a": Factors(0.2, 0.5, -0.3), "b": Factors(-1.0, 0.1, 0.0)}, items={"i": 0.7})
    state = replay(model, said("110"))["s"]
    logit = 0.2 + 2 * 0.5 - 0.3 - 1.0 + 0.7
    assert model.predict(state, ["a", "b"], item="i") == pytest.approx(1 / (1 + np.exp(-logit)))
    assert model.mastery(state)["a"].p == pytest.approx(1 / (1 + np.exp(-0.9)))


def test_help_counts_as_nothing_or_as_a_failure():
    factors = {"a": Factors(0.0, 1.0, -1.0)}
    for assisted, logit in (("ignored", 1.0), ("wrong", 0.0)):
        model = PFAModel(skills=factors, assisted=assisted)
        state = replay(model, said("11", assisted="*"))["s"]
        assert model.predict(state, ["a"]) == pytest.approx(1 / (1 + np.exp(-logit)))


def planted(students=300, seed=0):
    """Two skills, of which one grows with success and the other does not, and items that differ."""
    rng = np.random.default_rng(seed)
    rows = []
    for student in range(students):
        for skill, (easy, success, failure) in {"a": (-1.0, 0.6, 0.1), "b": (0.5, 0.0, 0.0)}.items():
            right = wrong = 0
            for place in range(8):
                item = int(rng.integers(2))
                logit = easy + success * right + failure * wrong + (1.0 if item else -1.0)
                correct = bool(rng.random() < 1 / (1 + np.exp(-logit)))
                right, wrong = right + correct, wrong + (not correct)
                rows.append(
                    Interaction(
                        id=f"{student}{skill}{place}",
                        student=str(student),
                        skills=(skill,),
                        item=f"item {item}",
                        correct=correct,
                    )
                )
    return rows


def test_planted_factors_and_item_weights_are_recovered():
    model = PFAModel(with_items=True).fit(planted()).model
    assert model.skills["a"].success == pytest.approx(0.6, abs=0.15)
    assert model.skills["b"].success == pytest.approx(0.0, abs=0.15)
    assert model.items["item 1"] - model.items["item 0"] == pytest.approx(2.0, abs=0.25)
    assert PFAModel().fit(planted()).model.items == {}


def test_a_students_own_weight_tells_the_strong_from_the_weak():
    rows = [*said("1111111101", student="strong"), *said("0000100000", student="weak")]
    model = PFAModel(with_students=True).fit(rows).model
    assert model.students["strong"] > 0.3 > -0.3 > model.students["weak"]
    state = replay(model, rows[:1])["strong"]
    assert model.predict(state, ["a"]) > PFAModel(skills=model.skills).predict(state, ["a"])


def test_a_skill_of_which_little_was_seen_is_predicted_like_the_others():
    fit = PFAModel().fit([*reference_answers(), *said("0", skills=("rare",), student="x")])
    usual, rare = fit.model.usual, fit.model.skills["rare"]
    assert rare.success == pytest.approx(usual.success, abs=0.05)
    assert abs(rare.easiness - usual.easiness) < 1


def test_nothing_to_fit_to():
    with pytest.raises(EmptyData):
        PFAModel().fit(said("11", assisted="**"))

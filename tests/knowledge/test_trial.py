"""The mastering rate against drawing tasks evenly, on simulated learners."""

from __future__ import annotations

import pytest

from tutorkit.errors import BadSetting
from tutorkit.knowledge.mastering_rate import Weights
from tutorkit.knowledge.synthetic import chain, follow, simulated_answers
from tutorkit.knowledge.trial import try_curriculum


def test_the_mastering_rate_saves_a_third_of_the_items_and_asks_little_too_early():
    trial = try_curriculum(learners=40)
    assert trial.simulated and trial.learners == 40
    assert trial.fewer.value >= 0.3 and trial.fewer.low >= 0.3
    assert trial.premature.value < 0.15 and trial.premature.high < 0.15
    assert trial.premature_evenly.low > 0.3
    assert trial.items.low < trial.items.value < trial.items.high < trial.items_evenly.low


def test_a_learner_who_knows_nothing_of_what_comes_before_learns_nothing():
    course = follow(chain(2), seed=0, weights=None)
    assert course.finished and 0 < course.premature < 1
    assert follow(chain(1), seed=0, weights=Weights()).premature == 0


def test_the_same_seed_is_the_same_learner():
    assert follow(chain(4), seed=5, weights=Weights()) == follow(chain(4), seed=5, weights=Weights())
    assert try_curriculum(learners=3, tasks=3) == try_curriculum(learners=3, tasks=3)
    assert simulated_answers({}, students=3, answers=2, seed=0) == ()


@pytest.mark.parametrize("sizes", [{"learners": 1}, {"tasks": 1}])
def test_a_trial_of_nothing(sizes):
    with pytest.raises(BadSetting):
        try_curriculum(**sizes)

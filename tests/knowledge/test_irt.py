"""Item response theory against planted parameters."""

from __future__ import annotations

import numpy as np
import pytest

from tutorkit.errors import BadSetting
from tutorkit.knowledge.irt import FEW_RESPONDERS, fit_2pl, fit_items, most_discriminating, plain_index


def planted(responders: int, items: int, *, seed: int = 0, sharp: float | None = None):
    """Draw answers by the model. The first half of the items discriminates by ``sharp`` and the rest hardly."""
    rng = np.random.default_rng(seed)
    a = rng.uniform(0.5, 2.5, items)
    if sharp is not None:
        a = np.where(np.arange(items) < items // 2, sharp, 0.2)
    b, ability = rng.normal(0, 1, items), rng.normal(0, 1, responders)
    right = rng.random((responders, items)) < 1 / (1 + np.exp(-a * (ability[:, None] - b)))
    return a, b, right.tolist()


def test_the_planted_parameters_are_recovered():
    a, b, responses = planted(1000, 40)
    fits = fit_2pl(responses)
    assert np.sqrt(np.mean((a - [fit.discrimination for fit in fits]) ** 2)) < 0.25
    assert np.sqrt(np.mean((b - [fit.difficulty for fit in fits]) ** 2)) < 0.2
    assert np.corrcoef(a, [fit.discrimination for fit in fits])[0, 1] > 0.9


def test_answers_that_are_not_there_are_left_out_of_the_likelihood():
    a, _, responses = planted(1000, 20)
    rng = np.random.default_rng(1)
    holes = [[None if rng.random() < 0.3 else value for value in row] for row in responses]
    found = [fit.discrimination for fit in fit_2pl(holes)]
    assert np.corrcoef(a, found)[0, 1] > 0.85
    as_wrong = [fit.discrimination for fit in fit_2pl([[bool(value) for value in row] for row in holes])]
    assert np.abs(a - found).mean() < np.abs(a - as_wrong).mean()


@pytest.mark.parametrize(("responders", "how"), [(20, "2pl"), (FEW_RESPONDERS, "2pl"), (FEW_RESPONDERS - 1, "index")])
def test_the_sharp_items_are_chosen_by_the_model_or_with_few_responders_by_the_index(responders, how):
    shares = []
    for seed in range(20):
        _, _, responses = planted(responders, 40, seed=seed, sharp=2.5)
        fits = fit_items(responses)
        assert {fit.how for fit in fits} == {how}
        shares.append(np.mean([place < 20 for place in most_discriminating(fits, 10)]))
    assert np.mean(shares) > 0.7


def test_an_item_that_parts_nobody_has_no_discrimination_and_one_against_the_grain_a_negative_one():
    able, weak = [True, True, True, True, False], [True, False, False, False, True]
    rows = [able] * 10 + [weak] * 10
    fits = fit_2pl(rows)
    assert (fits[0].discrimination, fits[0].difficulty) == (0.0, None)
    assert fits[1].discrimination > 0 > fits[4].discrimination
    index = plain_index(rows)
    assert index[0] == 0 and index[1] > 0 > index[4]
    assert most_discriminating(fits, 5)[-1] == 4


def test_of_equal_items_the_earlier_is_chosen():
    fits = fit_items([[True, False, False], [True, False, False]])
    assert most_discriminating(fits, 2) == [0, 1]


def test_parameters_stay_in_their_bounds_with_items_that_part_perfectly():
    fits = fit_2pl([[True] * 6] * 5 + [[False] * 6] * 5)
    assert all(abs(fit.discrimination) <= 4 and abs(fit.difficulty or 0) <= 6 for fit in fits)


def test_a_table_without_responders_or_with_ragged_rows():
    assert fit_items([]) == []
    assert plain_index([[True]]) == [0.0]
    with pytest.raises(BadSetting):
        fit_items([[True], [True, False]])

"""The mastering-rate curriculum against the vectors that the authors' code gives, and without its faults."""

from __future__ import annotations

import math

import pytest

from tutorkit.errors import BadSetting
from tutorkit.knowledge.mastering_rate import (
    Curriculum,
    Progress,
    Weights,
    allocate,
    attention,
    distribution,
    is_mastered,
    learning_progress,
    mastery,
    pre_attention,
)

CHAIN = Curriculum(before={"0": (), "1": ("0",), "2": ("1",)})


def after(*rows) -> Progress:
    progress = Progress()
    for row in rows:
        progress = progress.after(dict(zip("012", row, strict=True)))
    return progress


RISING = after((0.1, 0, 0), (0.3, 0, 0), (0.5, 0.05, 0), (0.7, 0.05, 0))
SECOND = after(*((1, value, 0) for value in (0, 0.2, 0.4, 0.6, 0.8)))


def rounded(values, digits=4):
    return [round(value, digits) for value in values.values()]


def test_without_data_only_the_first_task_is_attended_to():
    assert rounded(attention(CHAIN, Progress())) == [0.38, 0.02, 0]
    assert rounded(distribution(attention(CHAIN, Progress()), uniform=0)) == [0.95, 0.05, 0]


def test_the_vector_of_a_first_task_on_the_rise():
    assert rounded(mastery(CHAIN, RISING)) == [0.4, 0.025, 0]
    assert rounded(learning_progress(CHAIN, RISING)) == [0.2, 0.02, 0]
    assert rounded(pre_attention(CHAIN, RISING)) == [0.78, 0.0022, 0]
    assert rounded(attention(CHAIN, RISING)) == [0.5931, 0.0329, 0.0001]
    assert rounded(distribution(attention(CHAIN, RISING), uniform=0)) == [0.9473, 0.0525, 0.0001]


def test_the_vector_of_a_second_task_behind_a_mastered_one():
    assert rounded(pre_attention(CHAIN, SECOND), 3) == [0, 0.8, 0.002]
    assert rounded(attention(CHAIN, SECOND)) == [0.1217, 0.6147, 0.0336]
    assert rounded(distribution(attention(CHAIN, SECOND), uniform=0)) == [0.158, 0.7984, 0.0436]


def test_the_distribution_by_learning_progress_alone():
    assert rounded(distribution(learning_progress(CHAIN, RISING), uniform=0.1)) == [0.8515, 0.1152, 0.0333]


def test_a_task_whose_ancestors_are_not_mastered_gets_next_to_nothing():
    shares = distribution(attention(CHAIN, after((0.5, 0, 0))), uniform=0)
    assert shares["2"] < 0.002
    # All ancestors count, not the nearest alone.
    assert pre_attention(CHAIN, after((0.2, 1, 0)))["2"] == pytest.approx(0.2**6 * 0.5)


def test_attention_goes_on_to_the_successors_of_what_is_mastered():
    early, late = (distribution(attention(CHAIN, after(*[row] * 4)), uniform=0) for row in ((0, 0, 0), (1, 0, 0)))
    assert max(early, key=early.get) == "0" and max(late, key=late.get) == "1"
    assert late["1"] > 0.7


@pytest.mark.parametrize("progress", [Progress(), RISING, SECOND, after((1, 1, 1)), after((0, 0, 0), (1, 1, 1))])
@pytest.mark.parametrize("uniform", [0, 0.1, 1])
def test_the_shares_add_up_to_one(progress, uniform):
    assert math.isclose(sum(distribution(attention(CHAIN, progress), uniform=uniform).values()), 1)


def test_progress_that_is_noise_gives_nobody_attention():
    third = 1 / 3
    noisy = after(*((1, 1, 1 - 1e-16 * k * third) for k in range(12)))
    assert max(pre_attention(CHAIN, noisy).values()) < 1e-6
    assert rounded(distribution(attention(CHAIN, after(*[(1, 1, 1)] * 12)))) == [0.3333] * 3


def test_shares_are_handed_to_several_neighbours_in_equal_parts():
    diamond = Curriculum(before={"top": ("left", "right"), "left": ("root",), "right": ("root",), "root": ()})
    assert diamond.order[0] == "root" and diamond.order[-1] == "top"
    assert diamond.ancestors["top"] == {"left", "right", "root"}
    found = attention(diamond, Progress().after({"root": 1, "left": 1, "right": 1, "top": 0}))
    # The top's 0.5: 0.05 to each before it, of whose 0.04 each hands a twentieth back.
    assert rounded(found) == [0.384, 0.0384, 0.0384, 0.0152]


def test_a_performance_beyond_its_bounds_widens_them_at_once():
    bounded = Curriculum(before={"a": ()}, bounds={"a": (0.2, 0.5)})
    assert mastery(bounded, Progress().after({"a": 0.35}))["a"] == pytest.approx(0.5)
    assert mastery(bounded, Progress().after({"a": 0.8}))["a"] == 1
    assert mastery(bounded, Progress().after({"a": 0.8}).after({"a": 0.1}), window=2)["a"] < 1
    assert mastery(bounded, Progress().after({"a": 0.0}))["a"] == 0


def test_only_the_window_counts_and_progress_is_a_step_not_an_evaluation():
    progress = Progress().after({"a": 0.0}).after({}).after({"a": 0.2})
    curriculum = Curriculum(before={"a": ()})
    assert learning_progress(curriculum, progress)["a"] == pytest.approx(0.1)
    assert mastery(curriculum, after_many := progress.after({"a": 1}).after({"a": 1}), window=2)["a"] == 1
    assert attention(curriculum, after_many, Weights(window=2))["a"] == 0


@pytest.mark.parametrize(
    ("before", "bounds", "said"),
    [
        ({"a": ("b",)}, {}, "does not hold b"),
        ({"a": ("b",), "b": ("a",)}, {}, "wait for each other"),
        ({"a": ()}, {"a": (1.0, 1.0)}, "cannot lie between"),
        ({"a": ()}, {"c": (0.0, 1.0)}, "does not hold c"),
    ],
)
def test_a_curriculum_that_is_none(before, bounds, said):
    with pytest.raises(BadSetting, match=said):
        Curriculum(before=before, bounds=bounds)


@pytest.mark.parametrize(("values", "uniform"), [({}, 0.1), ({"a": -1.0}, 0.1), ({"a": 1.0}, 1.5)])
def test_shares_of_nothing(values, uniform):
    with pytest.raises(BadSetting):
        distribution(values, uniform=uniform)


def test_whole_numbers_in_given_shares_lose_none():
    assert allocate({"a": 0.5, "b": 0.25, "c": 0.25}, 10) == {"a": 5, "b": 3, "c": 2}
    assert sum(allocate(distribution(attention(CHAIN, RISING)), 24).values()) == 24


def test_the_authors_stop_when_the_worst_task_was_good_three_times():
    assert not is_mastered(CHAIN, after((1, 1, 1), (1, 1, 1)))
    assert is_mastered(CHAIN, after((0, 0, 0), (1, 1, 1), (1, 0.99, 1), (1, 1, 1)))
    assert not is_mastered(CHAIN, after((1, 1, 1), (1, 0.98, 1), (1, 1, 1)))


def test_progress_goes_through_json():
    assert Progress.model_validate(RISING.model_dump(mode="json")) == RISING

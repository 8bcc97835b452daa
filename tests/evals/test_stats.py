from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest

from tutorkit.errors import BadSetting
from tutorkit.evals.stats import Interval, accuracy, holm, mcnemar, paired_difference, ratio, tally
from tutorkit.types import Outcome


def _outcomes(*rights: bool | int) -> list[Outcome]:
    return ["right" if right else "wrong" for right in rights]


def _covered(*, groups: int, size: int, better: float, worse: float, experiments: int = 300) -> float:
    """The share of simulated experiments whose interval holds the true difference; a group's problems go together."""
    rng = np.random.default_rng(11)
    names = [group for group in range(groups) for _ in range(size)]
    hits = 0
    for seed in range(experiments):
        shared = np.repeat(rng.choice(3, p=[better, worse, 1 - better - worse], size=groups), size)
        own = rng.choice(3, p=[better, worse, 1 - better - worse], size=groups * size)
        change = np.where(rng.random(groups * size) < 0.5, shared, own)
        before = _outcomes(*(change == 1))
        after = _outcomes(*(change == 0))
        found = paired_difference(before, after, names, seed=seed, resamples=600)
        hits += found.low <= better - worse <= found.high
    return hits / experiments


@pytest.mark.parametrize(
    ("groups", "size", "better", "worse"),
    [(20, 1, 0.6, 0.0), (40, 1, 0.3, 0.05), (100, 1, 0.2, 0.05), (60, 4, 0.3, 0.05), (30, 4, 0.6, 0.0)],
)
def test_a_95_percent_interval_covers_about_95_percent(groups: int, size: int, better: float, worse: float) -> None:
    assert 0.92 <= _covered(groups=groups, size=size, better=better, worse=worse) <= 0.98


def test_an_interval_that_took_grouped_problems_as_independent_would_cover_too_seldom() -> None:
    """Groups that move together give a wider interval than the same problems by themselves."""
    after = _outcomes(*([1] * 12 + [0] * 28))
    before = _outcomes(*([0] * 40))
    together = paired_difference(before, after, [number // 4 for number in range(40)], seed=1)
    alone = paired_difference(before, after, list(range(40)), seed=1)
    assert together.value == alone.value == 0.3
    assert together.high - together.low > 1.5 * (alone.high - alone.low)


@pytest.mark.parametrize(("was", "now", "value"), [(0, 1, 1.0), (1, 0, -1.0), (1, 1, 0.0), (0, 0, 0.0)])
def test_twenty_problems_that_all_do_the_same_do_not_claim_certainty(was: int, now: int, value: float) -> None:
    found = paired_difference(_outcomes(*[was] * 20), _outcomes(*[now] * 20), range(20), seed=0)
    assert found.value == value
    assert found.low <= value <= found.high
    assert 0.15 < found.high - found.low < 0.4
    assert found.low >= -1 and found.high <= 1


def test_the_figures_that_the_docstring_gives() -> None:
    better = paired_difference(_outcomes(*[0] * 20), _outcomes(*[1] * 20), range(20), seed=0)
    same = paired_difference(_outcomes(*[0] * 20), _outcomes(*[0] * 20), range(20), seed=0)
    assert (better.low, better.high) == (pytest.approx(0.73, abs=0.01), 1)
    assert (same.low, same.high) == (pytest.approx(-0.14, abs=0.01), pytest.approx(0.14, abs=0.01))


def test_a_little_luck_is_no_proof() -> None:
    """4 of 20 better and none worse: McNemar's exact p is 0.125, so the interval must hold 0 as well."""
    before, after = _outcomes(*[0] * 20), _outcomes(*[1] * 4, *[0] * 16)
    assert mcnemar(before, after, range(20)) == 0.125
    found = paired_difference(before, after, range(20), seed=0)
    assert found.low <= 0 < found.high
    clear = _outcomes(*[1] * 10, *[0] * 10)
    assert paired_difference(before, clear, range(20), seed=0).low > 0


def test_one_group_says_nothing() -> None:
    found = paired_difference(_outcomes(0, 0, 1), _outcomes(1, 1, 1), ["g"] * 3, seed=0)
    assert (found.value, found.low, found.high, found.n) == (pytest.approx(2 / 3), -1, 1, 3)


def test_the_seed_decides_the_drawing_and_the_method_names_it() -> None:
    before, after = _outcomes(*[0] * 30), _outcomes(*[1] * 11, *[0] * 19)
    first = paired_difference(before, after, range(30), seed=7)
    assert first == paired_difference(before, after, range(30), seed=7)
    assert "30 groups" in first.method and "seed 7" in first.method
    narrow = paired_difference(before, after, range(30), seed=7, confidence=0.5)
    assert first.low < narrow.low <= narrow.value <= narrow.high < first.high


def test_a_drawing_in_parts_is_the_whole_drawing(monkeypatch: pytest.MonkeyPatch) -> None:
    before, after = _outcomes(*[0] * 30), _outcomes(*[1] * 11, *[0] * 19)
    whole = paired_difference(before, after, range(30), seed=7, resamples=1000)
    monkeypatch.setattr("tutorkit.evals.stats._CELLS_AT_ONCE", 100)
    assert paired_difference(before, after, range(30), seed=7, resamples=1000) == whole


def test_what_is_unfinished_or_invalid_is_not_right_and_is_told_apart() -> None:
    outcomes: list[Outcome] = ["right", "right", "wrong", "unfinished", "unfinished", "unfinished", "invalid", "right"]
    assert accuracy(outcomes).value == 3 / 8
    assert tally(outcomes).model_dump() == {"right": 3, "wrong": 1, "unfinished": 3, "invalid": 1}
    assert paired_difference(["unfinished"] * 4, ["invalid"] * 4, range(4), seed=0).value == 0


def test_accuracy_has_wilsons_interval() -> None:
    """10 of 20, by hand: (p + z²/2n ± z·sqrt(p(1-p)/n + z²/4n²)) / (1 + z²/n) with z = 1.959964."""
    found = accuracy(_outcomes(*[1] * 10, *[0] * 10))
    assert (found.low, found.high) == (pytest.approx(0.29930, abs=1e-5), pytest.approx(0.70070, abs=1e-5))
    assert accuracy(_outcomes(*[1] * 10)).low < 1
    assert accuracy(_outcomes(*[0] * 10)).high > 0


def test_mcnemar_is_the_exact_binomial_of_those_that_changed() -> None:
    before, after = _outcomes(0, 0, 0, 0, 0, 1, 1, 0), _outcomes(1, 1, 1, 1, 1, 0, 1, 0)
    assert mcnemar(before, after, range(8)) == pytest.approx(2 * (1 + 6) / 2**6)
    assert mcnemar(before, before, range(8)) == 1
    assert mcnemar(before, after, [0, 0, 0, 0, 0, 1, 1, 2]) == 1


@pytest.mark.parametrize(
    "bad",
    [
        lambda: accuracy([]),
        lambda: accuracy(["right"], confidence=1),
        lambda: paired_difference([], [], [], seed=0),
        lambda: paired_difference(["right"], ["right", "wrong"], [1], seed=0),
        lambda: paired_difference(["right"], ["right"], [1, 2], seed=0),
        lambda: paired_difference(["right"], ["right"], [1], seed=0, resamples=0),
        lambda: mcnemar(["right"], [], [1]),
    ],
)
def test_what_cannot_be_computed_is_refused(bad) -> None:
    with pytest.raises(BadSetting):
        bad()


@pytest.mark.parametrize(("right", "n"), [(0, 1), (1, 1), (0, 20), (20, 20), (7, 20), (133, 200), (1, 3000)])
@pytest.mark.parametrize("confidence", [0.9, 0.95, 0.99])
def test_the_score_interval_is_that_of_an_independent_implementation(right, n, confidence):
    ours = accuracy(["right"] * right + ["wrong"] * (n - right), confidence=confidence)
    theirs = binomtest(right, n).proportion_ci(confidence, method="wilson")
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=1e-12)


@pytest.mark.parametrize(("better", "worse"), [(0, 0), (1, 0), (5, 5), (9, 2), (2, 9), (64, 0), (700, 640)])
def test_mcnemars_p_is_that_of_an_independent_implementation(better, worse):
    before = ["wrong"] * better + ["right"] * worse + ["right", "wrong"]
    after = ["right"] * better + ["wrong"] * worse + ["right", "wrong"]
    expected = binomtest(better, better + worse).pvalue if better + worse else 1.0
    assert mcnemar(before, after, list(range(len(before)))) == pytest.approx(expected, rel=1e-9)


def test_holm_multiplies_the_smallest_most_and_keeps_the_order() -> None:
    assert holm([0.01, 0.04, 0.03, 0.5]) == pytest.approx([0.04, 0.09, 0.09, 0.5])
    assert holm([0.9, 0.8]) == [1.0, 1.0] and holm([]) == []
    with pytest.raises(BadSetting):
        holm([1.2])


def estimate_of(value: float, error: float) -> Interval:
    return Interval(value=value, low=value - 1.96 * error, high=value + 1.96 * error, n=50, confidence=0.95, method="z")


def test_a_ratio_covers_the_truth_as_often_as_it_says() -> None:
    rng = np.random.default_rng(1)
    draws = zip(rng.normal(0.2, 0.05, 2000), rng.normal(0.35, 0.05, 2000), strict=True)
    found = [ratio(estimate_of(top, 0.05), estimate_of(bottom, 0.05)) for top, bottom in draws]
    covered = [one is not None and one.low <= 0.2 / 0.35 <= one.high for one in found]
    assert 0.93 < sum(covered) / len(covered) < 0.97


def test_a_ratio_to_what_may_be_nothing_is_none_and_signs_cancel() -> None:
    assert ratio(estimate_of(0.2, 0.05), estimate_of(0.05, 0.05)) is None
    plus = ratio(estimate_of(0.2, 0.05), estimate_of(0.4, 0.05))
    minus = ratio(estimate_of(-0.2, 0.05), estimate_of(-0.4, 0.05))
    assert plus is not None and minus is not None and (plus.value, plus.low) == pytest.approx((minus.value, minus.low))
    assert plus.value == pytest.approx(0.5) and plus.low < 0.5 < plus.high

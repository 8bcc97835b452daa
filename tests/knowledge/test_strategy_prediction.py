"""Strategies: embedding, clusters, samples, prediction, and whether it serves the weak as well as the strong."""

from __future__ import annotations

import numpy as np
import pytest

from tutorkit.errors import BadSetting, EmptyData
from tutorkit.knowledge.strategies import END, MarkovStrategies, StrategyTrace, dp_means, embedded, fairness, sampled


def trace(ops, mastery=0.5, student="s"):
    return StrategyTrace(student=student, problem="p", ops=tuple(ops), mastery={"k": mastery})


def test_the_embedding_is_mastery_and_the_weight_of_rare_operations():
    rows = embedded([trace("ab", 0.2), trace("aa", 0.9)])
    assert rows[:, 0].tolist() == [0.2, 0.9]
    rare = np.log(3 / 2) + 1
    assert rows[0, 1:] == pytest.approx(np.array([1, rare]) / np.hypot(1, rare))
    assert rows[1, 1:] == pytest.approx([1, 0])
    assert embedded([trace("ab", 0.2)], mastery_weight=3)[0, 0] == pytest.approx(0.6)
    missing = embedded([trace("a"), StrategyTrace(student="s", problem="p", ops=("a",))])
    assert missing[1, 0] == 0


def test_clusters_are_as_many_as_the_radius_asks_for():
    rng = np.random.default_rng(0)
    points = np.vstack([rng.normal(centre, 0.1, (20, 2)) for centre in ((0, 0), (5, 0), (0, 5))])
    found = dp_means(points, radius=2.0, seed=1)
    assert len(set(found)) == 3
    assert all(len(set(found[first : first + 20])) == 1 for first in (0, 20, 40))
    assert len(set(dp_means(points, radius=100.0))) == 1
    assert len(set(dp_means(points, radius=1e-9))) == 60
    with pytest.raises(BadSetting):
        dp_means(points, radius=0)


def test_a_rare_strategy_is_in_the_sample_as_surely_as_a_common_one():
    clusters = [0] * 90 + [1] * 8 + [2] * 2
    chosen = sampled(clusters, 9, seed=3)
    assert np.bincount([clusters[place] for place in chosen]).tolist() == [3, 4, 2]
    assert chosen == sorted(set(chosen)) and sampled(clusters, 9, seed=4) != chosen == sampled(clusters, 9, seed=3)
    assert sampled(clusters, 1000) == list(range(100))
    assert [clusters[place] for place in sampled(clusters, 1)] == [2]


def test_the_chain_tells_what_came_most_often_in_the_longest_context_that_it_knows():
    model = MarkovStrategies.fitted([trace("abc"), trace("abc"), trace("xbd"), trace("xbd"), trace("xbd")])
    assert model.next_op((), {}) == "x"
    assert model.next_op(("a", "b"), {}) == "c" and model.next_op(("x", "b"), {}) == "d"
    assert model.next_op(("new", "b"), {}) == "d"
    assert model.next_op(("new", "newer"), {}) in ("b", END)
    assert model.next_op(("a", "b", "c"), {}) == END


def test_accuracy_by_quarters_of_mastery_finds_whom_it_serves_worse():
    strong = [trace("abc", 0.9) for _ in range(12)]
    weak = [trace("xyz"[place % 3] + "q", 0.1) for place in range(4)]
    report = fairness(MarkovStrategies.fitted(strong), [*strong, *weak])
    assert [quarter.traces for quarter in report.quarters] == [4, 4, 4, 4]
    assert [quarter.accuracy for quarter in report.quarters][1:] == [1, 1, 1]
    assert report.quarters[0].accuracy < 0.5 and report.gap == 1 - report.quarters[0].accuracy
    assert report.overall.steps == 12 * 4 + 4 * 3
    assert report.overall.low < report.overall.accuracy < report.overall.high


def test_few_traces_make_fewer_quarters():
    assert len(fairness(MarkovStrategies.fitted([trace("a")]), [trace("a"), trace("b")]).quarters) == 2


@pytest.mark.parametrize("of_nothing", [embedded, MarkovStrategies.fitted, lambda none: fairness(None, none)])
def test_of_no_traces(of_nothing):
    with pytest.raises(EmptyData):
        of_nothing([])

"""The interval of a share."""

from __future__ import annotations

import pytest

from tutorkit.evals.stats import accuracy
from tutorkit.knowledge.intervals import wilson


@pytest.mark.parametrize(("right", "n"), [(0, 5), (3, 8), (8, 8), (20, 40)])
def test_it_is_that_of_the_reports(right, n):
    reported = accuracy(["right"] * right + ["wrong"] * (n - right))
    assert wilson(right, n) == pytest.approx((reported.low, reported.high))


def test_of_no_observations_nothing_is_known():
    assert wilson(0, 0) == (0.0, 1.0)
    assert wilson(5, 10, confidence=0.99)[0] < wilson(5, 10)[0] < 0.5

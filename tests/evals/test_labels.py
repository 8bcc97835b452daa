"""Labels against a reference."""

from __future__ import annotations

import pytest

from tutorkit.errors import BadSetting, EmptyData
from tutorkit.evals.labels import label_report


def test_by_hand():
    report = label_report(["a", "a", "a", "b", "b", "c"], ["a", "a", "b", "b", None, "d"])
    found = {each.label: (each.support, each.precision, each.recall, each.f1) for each in report.labels}
    assert found == {
        "a": (3, 1.0, pytest.approx(2 / 3), pytest.approx(0.8)),
        "b": (2, 0.5, 0.5, 0.5),
        "c": (1, 0.0, 0.0, 0.0),
        "d": (0, 0.0, 0.0, 0.0),
    }
    assert report.accuracy.value == 0.5 and report.accuracy.low < 0.5 < report.accuracy.high
    assert report.macro_f1 == pytest.approx((0.8 + 0.5) / 4)
    assert report.macro_precision == pytest.approx(1.5 / 4)
    assert report.macro_recall == pytest.approx((2 / 3 + 0.5) / 4)
    assert report.unreadable == 1 and report.n == 6


def test_a_constant_answer_is_shown_for_what_it_is():
    report = label_report(["a"] * 9 + ["b"], ["a"] * 10)
    assert report.accuracy.value == 0.9 and report.macro_f1 < 0.5


def test_lists_that_do_not_fit():
    with pytest.raises(BadSetting):
        label_report(["a"], [])
    with pytest.raises(EmptyData):
        label_report([], [])

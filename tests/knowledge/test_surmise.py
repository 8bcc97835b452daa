"""Which skill comes before which."""

from __future__ import annotations

from tutorkit.knowledge.mastering_rate import Curriculum
from tutorkit.knowledge.surmise import surmised


def test_what_nearly_every_item_takes_too_comes_before_and_only_directly():
    items = [{"borrow"}] * 20 + [{"borrow", "zeros"}] * 10 + [{"borrow", "zeros", "two zeros"}] * 5 + [{"other"}] * 7
    assert surmised(items) == {"borrow": (), "zeros": ("borrow",), "two zeros": ("zeros",), "other": ()}


def test_a_few_exceptions_are_allowed_and_more_are_not():
    mostly = [{"a"}] * 60 + [{"a", "b"}] * 39
    assert surmised([*mostly, {"b"}])["b"] == ("a",)
    assert surmised([*mostly, *[{"b"}] * 5])["b"] == ()


def test_skills_that_always_come_together_are_not_ordered():
    assert surmised([{"a", "b"}] * 50 + [{"a"}]) == {"a": (), "b": ()}
    assert surmised([]) == {}


def test_it_is_always_a_curriculum():
    items = [{f"s{k}" for k in range(6) if number % (k + 2) < 2} for number in range(200)]
    Curriculum(before=surmised(items))

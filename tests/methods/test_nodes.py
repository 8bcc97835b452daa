"""The shared decisions: gates on lessons, and the order of items and principles."""

from __future__ import annotations

from random import Random

import pytest

from tutorkit.methods._nodes.verify import (
    copied_ngram,
    demo_faults,
    instruction_faults,
    likeness,
    principle_faults,
    quoted_number,
)
from tutorkit.methods._tpd.select import rank_by_violations, rank_principles
from tutorkit.tasks import TaskScorer
from tutorkit.types import Problem


def problem(text: str, gold: str, *, scorer: str = "number", name: str = "p1") -> Problem:
    return Problem(id=name, task="t", text=text, gold=gold, scorer=scorer, split="val", group=name)


SHOP = problem("Ann buys 12 pens at 35 cents each and pays with a coin. How much is that?", "420")
WORDS = problem("Which animal barks?", "the brown dog", scorer="exact")
YES = problem("Is it?", "yes", scorer="yes_no")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("Multiply the price by 12.", "quotes the number 12 of p1"),
        ("The result is 420.", "quotes the number 420 of p1"),
        ("When Ann buys 12 pens at 35 cents each and pays, multiply.", "copies 8 words in a row from p1"),
        ("Remember that it is The Brown Dog!", "states the gold of p1"),
        ("Say that the answer is yes.", "states the gold of p1"),
        ("  [[skill:carry]] ", "empty"),
    ],
)
def test_a_principle_that_quotes_an_item_is_no_principle(text, fault):
    assert fault in principle_faults(text, [SHOP, WORDS, YES])


@pytest.mark.parametrize(
    "text",
    [
        "Multiply the number of things by the price of one.",
        "Check both yes and no before you decide. [[skill:12]]",
        "When there are 7 days, multiply.",
        "The dog is brown.",
    ],
)
def test_a_general_rule_passes(text):
    assert principle_faults(text, [SHOP, WORDS, YES]) == ()


def test_a_number_is_compared_whole():
    assert quoted_number("Use 1 and 2.", [SHOP]) is None
    assert quoted_number("Use 1,200.", [problem("He has 1,200.", "3")]) is not None
    assert quoted_number("Use 200.", [problem("He has 1,200.", "3")]) is None


def test_copying_is_noticed_across_case_and_punctuation_and_only_from_eight_words():
    assert copied_ngram("ANN buys 12 pens, at 35 cents: each, and so on", [SHOP])
    assert copied_ngram("Ann buys 12 pens at 35 cents", [SHOP]) is None


def test_an_instruction_may_count_its_steps_but_not_hold_a_gold():
    assert instruction_faults("Work in 3 steps.", [problem("What is 1 + 2?", "3")]) == ()
    assert instruction_faults("The result is 420.", [SHOP]) == ("holds the gold 420 of p1",)


def test_a_demo_is_a_demo_when_its_answer_passes_the_scorer():
    assert demo_faults("12 times 35 is 420.", "420 cents", SHOP, TaskScorer()) == ()
    (fault,) = demo_faults("12 plus 35 is 47.", "47", SHOP, TaskScorer())
    assert fault.startswith("answer wrong")
    assert demo_faults(" ", "420", SHOP, TaskScorer()) == ("empty",)


def test_likeness_is_the_jaccard_index_of_words():
    assert likeness("Carry the one.", "carry the ONE") == 1
    assert likeness("a b c", "b c d") == 0.5
    assert likeness("a", "b") == 0


def test_items_that_show_more_come_first_then_new_ones_then_short_ones_then_by_id():
    violations = {"a": ["x"], "b": ["x", "y"], "c": ["z"], "d": [], "e": ["x"], "f": ["x"]}
    problems = {"a": (9, "p1"), "b": (50, "p2"), "c": (90, "p3"), "d": (1, "p4"), "e": (3, "p6"), "f": (3, "p5")}
    assert rank_by_violations(violations, problems=problems) == ["b", "c", "f", "e", "a"]


def test_two_broken_rules_always_come_before_one():
    violations = {f"one{i}": ["x"] for i in range(5)} | {f"two{i}": ["x", "y"] for i in range(5)}
    ranked = rank_by_violations(violations, problems={name: (1, name) for name in violations})
    assert [len(violations[name]) for name in ranked] == [2] * 5 + [1] * 5


def test_principles_are_ranked_by_violations_and_the_list_is_cut():
    violations = {"a": ["p2"], "b": ["p2", "p3"], "c": ["p3"], "d": ["p3"]}
    assert rank_principles(["p1", "p2", "p3"], violations, most=2) == ["p3", "p2"]
    assert rank_principles(["p1", "p2"], {}, most=5) == ["p1", "p2"]


def one_after_another(violations: dict[str, list[str]], problems: dict[str, tuple[int, str]]) -> list[str]:
    """The order by its definition: the best of all that are left, again and again."""
    left = {attempt: set(broken) for attempt, broken in violations.items() if broken}
    order, shown = [], set()
    while left:
        best = min(left, key=lambda a: (-len(left[a]), -len(left[a] - shown), problems[a]))
        shown |= left.pop(best)
        order.append(best)
    return order


def test_the_order_of_items_is_the_one_that_the_greedy_rule_defines():
    draw = Random(3)
    for _ in range(200):
        names = [f"a{number}" for number in range(draw.randrange(12))]
        violations = {name: draw.sample("uvwxyz", draw.randrange(5)) for name in names}
        problems = {name: (draw.randrange(3), f"p{draw.randrange(4)}") for name in names}
        assert rank_by_violations(violations, problems=problems) == one_after_another(violations, problems)


def test_the_order_of_thousands_of_items_looks_at_each_a_few_times():
    class Counted(dict):
        looked = 0

        def __getitem__(self, name):
            self.looked += 1
            return super().__getitem__(name)

    draw = Random(4)
    violations = {f"a{number}": draw.sample("uvwxyz", 3) for number in range(3000)}
    problems = Counted({name: (draw.randrange(50), name) for name in violations})
    assert len(rank_by_violations(violations, problems=problems)) == 3000
    assert problems.looked <= 5 * 3000

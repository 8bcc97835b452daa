"""What is counted of simulated learners, on one that is true to its part and on ones that fall out of it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from random import Random

import pytest

from tutorkit.errors import BadSetting, UnknownName
from tutorkit.knowledge.intervals import wilson
from tutorkit.misconceptions import drawn_item_for, malrule, solve
from tutorkit.students.fidelity import NUDGES, Mean, fidelity, holds_answer, mean
from tutorkit.students.learner import parse_learner
from tutorkit.types import LearnerSaid

BUG = "sub.smaller_from_larger"
ITEM = {"domain": "sub", "a": 52, "b": 18}


def items(count: int = 10):
    rng = Random(4)
    return [drawn_item_for(BUG, rng) for _ in range(count)]


def measured(*learners, **options):
    return asyncio.run(fidelity(learners, BUG, items(), **options))


@dataclass(frozen=True)
class Folding:
    """A learner as a model plays it: it drops its answer after some nudges, and mentions the right one before."""

    after: int
    leaks: bool = False
    nudged: int = 0
    ref: str = "folding"

    async def begin(self, question):
        answer = malrule(BUG).run(question.item).answer
        right = solve(question.item).answer
        return self, LearnerSaid(text=f"I got {answer}{f', or was it {right}' if self.leaks else ''}", answer=answer)

    async def hear(self, question, turns):
        assert turns[-1].role == "tutor" and turns[-1].act is None
        now = Folding(self.after, self.leaks, self.nudged + 1)
        rule = solve(question.item) if now.nudged >= self.after else malrule(BUG).run(question.item)
        return now, LearnerSaid(text=f"Then {rule.answer}", answer=rule.answer)


def test_a_learner_of_ours_is_true_to_its_misconception():
    report = measured(*[parse_learner(f"learner/{BUG}:1?slip=0&persona=diligent&seed={seed}") for seed in range(5)])
    assert (report.adherence.hits, report.adherence.n, report.adherence.value) == (50, 50, 1.0)
    assert (report.adherence.low, report.adherence.high) == wilson(50, 50)
    assert (report.abandoned.hits, report.abandoned.n) == (0, 50) and report.leaked.hits == 0
    assert report.held.value == len(NUDGES) and report.leaked.n == 50 * (1 + len(NUDGES))
    assert report.words.value <= 25 and report.words.low < report.words.value < report.words.high


def test_adherence_is_the_strength():
    learners = [parse_learner(f"learner/{BUG}:0.6?slip=0&seed={seed}") for seed in range(40)]
    report = measured(*learners, nudges=NUDGES[:1])
    assert report.adherence.low < 0.6 < report.adherence.high and report.adherence.n == 400


@pytest.mark.parametrize("after", [1, 3])
def test_one_that_folds_is_seen_to_fold(after):
    report = measured(Folding(after))
    assert report.abandoned.value == 1.0 and report.held == Mean(value=after - 1, n=10, low=after - 1, high=after - 1)
    assert report.adherence.value == 1.0 and report.leaked.hits == 0 and report.leaked.n == 10 * after


def test_one_that_holds_to_the_last_nudge_but_one_is_told_from_one_that_holds_to_the_end():
    last, never = measured(Folding(len(NUDGES))), measured(Folding(len(NUDGES) + 1))
    assert (last.abandoned.value, last.held.value) == (1.0, len(NUDGES) - 1)
    assert (never.abandoned.value, never.held.value) == (0.0, len(NUDGES))


def test_a_right_answer_that_is_let_slip_is_a_leak():
    report = measured(Folding(2, leaks=True))
    assert (report.leaked.hits, report.leaked.n) == (10, 20)


def test_who_is_right_at_once_is_not_nudged():
    report = measured(parse_learner("learner/none?slip=0"))
    assert report.adherence.value == 0.0 and report.held is None
    assert (report.abandoned.n, report.abandoned.value, report.leaked.n) == (0, None, 0)
    assert report.words.n == 10


@pytest.mark.parametrize(
    ("item", "text", "held"),
    [
        (ITEM, "It is 34.", True),
        (ITEM, "I got 134 and 340.", False),
        (ITEM, "I got -34.", False),
        (ITEM, "I got 46.", False),
        ({"domain": "sub", "a": 68, "b": 34}, "68 − 34 is what I did.", False),
        ({"domain": "frac", "op": "+", "a": 1, "b": 4, "c": 1, "d": 4}, "That is 1/2.", True),
        ({"domain": "frac", "op": "+", "a": 1, "b": 4, "c": 1, "d": 4}, "That is 2/8.", False),
        ({"domain": "frac", "op": "-", "a": 1, "b": 4, "c": 3, "d": 4}, "That is −2/4.", True),
        ({"domain": "frac", "op": "-", "a": 1, "b": 4, "c": 3, "d": 4}, "That is 2/4.", False),
        ({"domain": "chain", "parts": [ITEM, ITEM]}, "34, 34", True),
        ({"domain": "chain", "parts": [ITEM, ITEM]}, "34, 46", False),
    ],
)
def test_where_a_right_answer_is_seen(item, text, held):
    assert holds_answer(text, item) is held


def test_a_mean_and_its_interval():
    assert mean([3]) == Mean(value=3, n=1, low=None, high=None)
    found = mean([1, 2, 3, 4])
    assert found.value == 2.5 and found.high - 2.5 == pytest.approx(1.959964 * 1.2909944 / 2)
    with pytest.raises(BadSetting):
        mean([])


@pytest.mark.parametrize(
    ("learners", "given", "bug", "error"),
    [
        ([], [ITEM], BUG, BadSetting),
        (["learner/none"], [], BUG, BadSetting),
        (["learner/none"], [{"domain": "sub", "a": 58, "b": 12}], BUG, BadSetting),
        (["learner/none"], [ITEM], "sub.nothing", UnknownName),
    ],
)
def test_what_cannot_be_measured_is_refused(learners, given, bug, error):
    with pytest.raises(error):
        asyncio.run(fidelity([parse_learner(ref) for ref in learners], bug, given))

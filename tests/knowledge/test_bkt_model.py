"""Knowledge tracing of many skills: blame, help, mastery, fitting."""

from __future__ import annotations

import pytest
from answers import TRUE, said

from tutorkit.errors import EmptyData
from tutorkit.knowledge.bkt import BKT
from tutorkit.knowledge.bkt_model import Beliefs, BKTModel
from tutorkit.knowledge.mastery import replay
from tutorkit.knowledge.synthetic import simulated_answers

MODEL = BKTModel(usual=TRUE)


def after(*rows, model=MODEL) -> Beliefs:
    return replay(model, rows)["s"]


def test_one_skill_is_plain_knowledge_tracing():
    state, seen = MODEL.begin(), []
    for row in said("110"):
        before = MODEL.predict(state, ["a"])
        state = MODEL.update(state, row)
        seen.append((round(before, 4), round(state.p["a"], 4)))
    assert seen == [(0.41, 0.7268), (0.7088, 0.9383), (0.8568, 0.7243)]


def test_a_wrong_answer_blames_the_skill_that_is_less_likely_mastered():
    known = after(*said("1111"))
    both = MODEL.update(known, *said("0", skills=("a", "b")))
    before_a, before_b = known.p["a"], TRUE.initial
    blame = (1 - before_b) / (2 - before_a - before_b)
    moved = before_b + blame * (TRUE.seen(before_b, right=False) - before_b)
    assert both.p["b"] == pytest.approx(TRUE.practised(moved))
    assert blame > 0.9
    moved = before_a + (1 - blame) * (TRUE.seen(before_a, right=False) - before_a)
    assert both.p["a"] == pytest.approx(TRUE.practised(moved))


def test_a_right_answer_counts_in_full_for_every_skill():
    both = after(*said("1", skills=("a", "b")))
    alone = after(*said("1"))
    assert both.p["a"] == both.p["b"] == alone.p["a"]


def test_blame_is_shared_evenly_where_every_skill_is_certain():
    certain = BKTModel(usual=BKT(initial=1.0, learn=0.0, slip=0.1, guess=0.1))
    assert after(*said("0", skills=("a", "b")), model=certain).p == {"a": 1.0, "b": 1.0}


def test_a_question_of_several_skills_is_harder_than_each_of_them():
    model = BKTModel(skills={"a": BKT(initial=0.8, slip=0.2, guess=0.1), "b": BKT(initial=0.5, slip=0.1, guess=0.3)})
    assert model.predict(model.begin(), ["a", "b"]) == pytest.approx(0.4 * 0.8 + 0.6 * 0.3)
    assert model.predict(model.begin(), ["a", "a"]) == pytest.approx(model.predict(model.begin(), ["a"]))


def test_an_answer_with_much_help_is_no_evidence_or_a_wrong_one():
    helped = said("1", assisted="*")
    ignored = after(*helped)
    assert ignored.p["a"] == TRUE.initial and MODEL.mastery(ignored)["a"].n == 0
    assert MODEL.mastery(ignored)["a"].status == "learning"
    strict = BKTModel(usual=TRUE, assisted="wrong")
    assert after(*helped, model=strict).p["a"] == pytest.approx(after(*said("0")).p["a"])


def test_mastery_wants_three_right_answers_without_help_and_is_lost_again():
    sure = BKTModel(usual=BKT(initial=0.96, learn=0.2, slip=0.1, guess=0.2))
    assert sure.mastery(after(*said("11"), model=sure))["a"].status == "learning"
    assert sure.mastery(after(*said("111", assisted=" *"), model=sure))["a"].status == "learning"
    mastered = after(*said("111"), model=sure)
    assert sure.mastery(mastered)["a"].status == "mastered"
    lost = sure.mastery(replay(sure, said("111000"))["s"])["a"]
    assert (lost.status, lost.n, lost.right) == ("review", 6, 3) and lost.low < 0.5 < lost.high


def test_each_skill_gets_its_own_parameters_and_a_rare_one_the_usual():
    easy, hard = BKT(initial=0.8, learn=0.3, slip=0.05, guess=0.25), BKT(initial=0.1, learn=0.1, slip=0.1, guess=0.1)
    rows = simulated_answers({"easy": easy, "hard": hard}, students=400, answers=8, seed=1)
    fit = BKTModel().fit([*rows, *said("10", skills=("rare",))])
    assert fit.model.parameters("easy").initial == pytest.approx(0.8, abs=0.07)
    assert fit.model.parameters("hard").initial == pytest.approx(0.1, abs=0.07)
    assert fit.model.parameters("rare") == fit.model.parameters("never seen") == fit.model.usual
    assert (fit.answers, fit.students) == (6402, 401)


def test_answers_with_help_are_not_fitted_to():
    with pytest.raises(EmptyData):
        BKTModel().fit(said("11", assisted="**"))
    assert BKTModel(assisted="wrong").fit(said("11", assisted="**")).answers == 2

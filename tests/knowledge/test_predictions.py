"""Predictions see the past and nothing else, and no student stands on both sides."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import pytest
from answers import TRUE, reference_answers, said

from tutorkit.errors import BadSetting, MissingExtra, UnknownName
from tutorkit.knowledge.bkt_model import BKTModel
from tutorkit.knowledge.interactions import Interaction, by_question, by_student
from tutorkit.knowledge.mastery import Fit, replay
from tutorkit.knowledge.models import MODELS, new_model
from tutorkit.knowledge.pfa import PFAModel
from tutorkit.knowledge.predictions import cross_validated, one_step_ahead, student_folds

PLAIN = [BKTModel(usual=TRUE), PFAModel()]


@pytest.mark.parametrize("model", PLAIN, ids=lambda model: model.name)
def test_an_answer_that_comes_twice_counts_once(model):
    rows = said("1101")
    once, twice = replay(model, rows)["s"], replay(model, [*rows, *rows, rows[0]])["s"]
    assert once == twice
    assert one_step_ahead(model, [*rows, *rows]) == one_step_ahead(model, rows)
    assert model.fit([*rows, *rows]).answers == 4


@pytest.mark.parametrize("model", PLAIN, ids=lambda model: model.name)
def test_a_replayed_state_is_the_one_that_grew_answer_by_answer(model):
    rows = [row for pair in zip(said("1101", student="s"), said("0011", student="t"), strict=True) for row in pair]
    grown = {"s": model.begin(), "t": model.begin()}
    for row in rows:
        grown[row.student] = model.update(grown[row.student], row)
    assert replay(model, rows) == grown
    assert replay(model, [Interaction.model_validate_json(row.model_dump_json()) for row in rows]) == grown


@pytest.mark.parametrize("model", PLAIN, ids=lambda model: model.name)
def test_no_prediction_changes_with_what_comes_after_it(model):
    one, other = one_step_ahead(model, said("11010")), one_step_ahead(model, said("11101"))
    assert [each.p for each in one[:3]] == [each.p for each in other[:3]]
    assert one[3].p != other[3].p


def test_rows_of_one_question_are_one_answer():
    rows = [
        Interaction(id="q1", student="s", skills=("a",), correct=True),
        Interaction(id="q1", student="s", skills=("b",), correct=True),
        Interaction(id="q1", student="t", skills=("a",), correct=False),
        Interaction(id="q2", student="s", skills=("b",), correct=False),
    ]
    assert [(row.id, row.student, row.skills) for row in by_question(rows)] == [
        ("q1", "s", ("a", "b")),
        ("q1", "t", ("a",)),
        ("q2", "s", ("b",)),
    ]
    found = one_step_ahead(BKTModel(usual=TRUE), rows)
    assert len(found) == 3
    assert found[0].p == pytest.approx(BKTModel(usual=TRUE).predict(BKTModel().begin(), ["a", "b"]))


def test_an_answer_with_help_is_not_predicted():
    assert len(one_step_ahead(BKTModel(), said("1110", assisted=" *"))) == 3


class Spy(BKTModel):
    """Notes whom it is fitted to."""

    fitted: list[set[str]] = []

    def fit(self, interactions: Sequence[Interaction]) -> Fit[BKTModel]:
        self.fitted.append({row.student for row in interactions})
        return super().fit(interactions)


def test_no_student_is_predicted_by_a_model_that_was_fitted_to_the_student():
    rows = reference_answers(23)
    Spy.fitted.clear()
    found = cross_validated(Spy(), rows, folds=4, seed=1)
    everybody = {row.student for row in rows}
    tested = [everybody - seen for seen in Spy.fitted]
    assert sorted(map(len, tested)) == [5, 6, 6, 6]
    assert set().union(*tested) == everybody and sum(map(len, tested)) == 23
    assert len(found) == len(rows) and set(by_student(rows)) == {each.student for each in found}


def test_folds_are_the_seeds_and_must_be_possible():
    rows = reference_answers(10)
    assert student_folds(rows, folds=3, seed=0) == student_folds(rows[::-1], folds=3, seed=0)
    assert student_folds(rows, folds=3, seed=0) != student_folds(rows, folds=3, seed=1)
    for folds in (1, 11):
        with pytest.raises(BadSetting):
            student_folds(rows, folds=folds, seed=0)


def test_models_have_names():
    assert MODELS == ("bkt", "pfa", "dkt", "cakt")
    assert new_model("pfa", assisted="wrong") == PFAModel(assisted="wrong")


def test_without_torch_it_is_said_which_extra_brings_it(monkeypatch):
    for module in [name for name in sys.modules if name.startswith("tutorkit.knowledge.neural.")]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(MissingExtra, match=r"tutorkit\[kt\]"):
        new_model("dkt")
    with pytest.raises(UnknownName, match="Did you mean bkt"):
        new_model("bkd")

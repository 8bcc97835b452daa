"""The recurrent models. Collected only where torch is there: see conftest.py."""

from __future__ import annotations

from dataclasses import replace

import pytest
from answers import reference_answers, said

from tutorkit.errors import BadSetting, EmptyData
from tutorkit.knowledge.evaluating import measured
from tutorkit.knowledge.mastery import replay
from tutorkit.knowledge.models import new_model
from tutorkit.knowledge.predictions import one_step_ahead
from tutorkit.knowledge.strategies import MarkovStrategies, StrategyTrace, fairness

NEURAL = ["dkt", "cakt"]


@pytest.fixture
def torch():
    import torch as found

    before = found.get_num_threads()
    found.set_num_threads(1)
    yield found
    found.set_num_threads(before)


def quick(name, **settings):
    model = new_model(name, **settings)
    return replace(model, training=replace(model.training, epochs=3))


@pytest.mark.parametrize("name", NEURAL)
def test_it_learns_what_there_is_to_learn(torch, name):
    fit = new_model(name).fit(reference_answers(100))
    found = measured(one_step_ahead(fit.model, reference_answers(100, seed=9)), resamples=1)
    # Knowledge tracing, whose model the data are drawn from, comes to about 0.79 there, chance to 0.5.
    assert found.auc.value > 0.76 and found.ece.value < 0.1
    assert fit.converged and 3 < fit.rounds < 60


@pytest.mark.parametrize("name", NEURAL)
def test_it_tells_skills_apart(torch, name):
    easy = [row for s in range(24) for row in said("1111", skills=("easy",), student=f"s{s}")]
    hard = [row for s in range(24) for row in said("0000", skills=("hard",), student=f"s{s}")]
    rows = [row for pair in zip(easy, hard, strict=True) for row in pair]
    model = new_model(name).fit(rows).model
    state = model.begin()
    assert model.predict(state, ["easy"]) > 0.65 > 0.35 > model.predict(state, ["hard"])
    assert 0 < model.predict(state, ["unheard of"]) < 1


@pytest.mark.parametrize("name", NEURAL)
@pytest.mark.parametrize("assisted", ["ignored", "wrong"])
def test_the_whole_sequence_at_once_is_predicted_as_answer_by_answer(torch, name, assisted):
    model = quick(name, assisted=assisted).fit(reference_answers(20)).model
    rows = said("110100110", assisted="  * *")
    rows[3] = rows[3].model_copy(update={"skills": ("a", "b")})
    state, slowly = model.begin(), []
    for row in rows:
        slowly.append(model.predict(state, row.skills))
        state = model.update(state, row)
    assert model.predict_ahead(rows) == pytest.approx(slowly, abs=1e-5)
    assert replay(model, [*rows, *rows])["s"] == state
    assert model.mastery(state)["a"].n == 7


@pytest.mark.parametrize("name", NEURAL)
def test_no_prediction_changes_with_its_own_answer_or_what_comes_after_it(torch, name):
    model = quick(name).fit(reference_answers(20)).model
    one, other = model.predict_ahead(said("11010")), model.predict_ahead(said("11101"))
    assert one[:3] == pytest.approx(other[:3], abs=1e-6) and abs(one[3] - other[3]) > 1e-6


@pytest.mark.parametrize("name", NEURAL)
def test_the_same_seed_trains_the_same_network_and_leaves_the_global_one_alone(torch, name):
    rows = reference_answers(15)
    torch.manual_seed(5)
    expected = float(torch.rand(1))
    torch.manual_seed(5)
    first = quick(name).fit(rows)
    assert float(torch.rand(1)) == expected
    assert first.model.predict_ahead(rows[:12]) == quick(name).fit(rows).model.predict_ahead(rows[:12])
    other = quick(name)
    other = replace(other, training=replace(other.training, seed=1))
    assert first.model.predict_ahead(rows[:12]) != other.fit(rows).model.predict_ahead(rows[:12])


def test_the_past_on_the_same_skill_is_gathered_the_latest_last(torch):
    from tutorkit.knowledge.neural.networks import _same_skill

    told = torch.arange(1.0, 6.0).reshape(1, 5, 1)
    asked = torch.tensor([[[1.0, 0], [0, 1], [1, 0], [1, 1], [0, 1]]])
    found = _same_skill(told, asked, 3)[0, :, :, 0].tolist()
    assert found == [[0, 0, 0], [0, 0, 0], [0, 0, 1], [1, 2, 3], [0, 2, 4]]


@pytest.mark.parametrize("name", NEURAL)
def test_the_context_of_a_long_sequence_is_cut_in_training_alone(torch, name):
    rows = said("10" * 15)
    model = quick(name)
    model = replace(model, training=replace(model.training, longest=7))
    assert len(model.fit(rows).model.predict_ahead(rows)) == 30


def test_what_was_not_fitted_predicts_nothing(torch):
    with pytest.raises(BadSetting, match="was not fitted"):
        new_model("dkt").predict(new_model("dkt").begin(), ["a"])
    with pytest.raises(EmptyData):
        new_model("cakt").fit(said("1", assisted="*"))


def test_strategies_that_hang_on_mastery_are_learnt_by_the_network_and_not_by_the_chain(torch):
    from tutorkit.knowledge.neural.strategies import RecurrentStrategies

    traces = [
        StrategyTrace(
            student=f"s{n}",
            problem="p",
            ops=("read", "guess") if n % 2 else ("read", "draw", "solve"),
            mastery={"k": 0.1 if n % 2 else 0.9},
        )
        for n in range(60)
    ]
    network = fairness(RecurrentStrategies.fitted(traces[:40]), traces[40:])
    chain = fairness(MarkovStrategies.fitted(traces[:40]), traces[40:])
    assert network.overall.accuracy == 1 and network.gap == 0
    assert chain.overall.accuracy < 0.9 and chain.gap > 0.2
    with pytest.raises(EmptyData):
        RecurrentStrategies.fitted([])

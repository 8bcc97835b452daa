"""The theory-of-mind intervention, as its section of the specification says how to see that it is right."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from random import Random

import pytest
from pydantic import ValidationError
from support.bench import accuracy, bench, chains, rules
from support.participants import ScriptedTeacher

from tutorkit.canonical import canonical_json
from tutorkit.methods._nodes.leak import without_answer
from tutorkit.methods._tom.intervention import (
    STRATEGIES,
    Evidence,
    accuracy_at,
    allowed,
    brier,
    rank_correlation,
    ranked,
)
from tutorkit.methods.registry import find_method, read_params
from tutorkit.methods.vocabulary import Sizes
from tutorkit.students.buggy import parse_sim
from tutorkit.teachers.purposes import PURPOSES
from tutorkit.types import Attempt, Call, Choice, Lesson, Problem, Score

SIZES = {"train": 24, "val": 40, "test": 40}
BUDGETS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
LIVE = {"carry", "percent"}


@pytest.fixture(scope="module")
def task():
    return chains(sizes=SIZES)


@pytest.fixture(scope="module")
def usual(task, tmp_path_factory):
    """A run with all defaults, shared by the tests that only look at it."""
    return asyncio.run(ran(tmp_path_factory.mktemp("usual"), task))


class Ran:
    def __init__(self, bench, ending):
        self.bench, self.state, self.status, self.sink = bench, ending.state, ending.status, bench.sink

    def asked(self, purpose):
        return [ask for ask in self.bench.teacher.asked if ask.purpose == purpose]

    def phase(self, name):
        return [attempt for attempt in self.bench.records(Attempt) if attempt.phase == name]

    def score(self, kind, of):
        (found,) = [s for s in self.bench.records(Score) if (s.kind, s.probe_set) == (kind, of)]
        return found


async def ran(folder, task, **options) -> Ran:
    made = bench(folder, method="tom", task=task, **options)
    return Ran(made, await made.run())


# --- the orders and the curve, by themselves


def planted(n=3000, *, seed=0) -> dict[str, Evidence]:
    """Items on which two explanations of three help and the third confuses; the mental model knows the chances."""
    rng = Random(seed)
    items = {}
    for place in range(n):
        before, after = rng.uniform(0.3, 0.7), 0.95 if rng.random() < 0.65 else 0.1
        items[f"i{place}"] = Evidence(
            right_pre=rng.random() < before,
            right_post=rng.random() < after,
            own_pre=before,
            own_post=after,
            simulated_pre=before,
            simulated_post=after,
            teacher=rng.random(),
        )
    return items


def curve(strategy, items, *, seed=1):
    shuffled = [*items]
    Random(seed).shuffle(shuffled)
    order = ranked(strategy, items, shuffled=shuffled)
    return {budget: accuracy_at(budget, order, items) for budget in BUDGETS}


def test_the_orders_rank_as_planted_and_utility_peaks_inside():
    items = planted()
    by = {strategy: curve(strategy, items) for strategy in STRATEGIES}
    for budget in (0.2, 0.4, 0.6):
        assert by["utility"][budget] >= by["mental_post"][budget] > by["mental_pre"][budget]
        assert by["mental_pre"][budget] > by["random"][budget] > by["deceive"][budget]
        assert by["oracle"][budget] >= by["utility"][budget] == by["own_utility"][budget]
    assert max(by["utility"], key=by["utility"].get) == 0.6
    assert by["utility"][0.6] > by["utility"][1.0] + 0.05


def test_all_orders_agree_where_nobody_or_everybody_is_explained():
    items = planted(200)
    for budget in (0.0, 1.0):
        assert len({curve(strategy, items)[budget] for strategy in STRATEGIES}) == 1


@pytest.mark.parametrize(("n", "numbers"), [(40, [0, 8, 16, 24, 32, 40]), (7, [0, 1, 2, 4, 5, 7]), (0, [0] * 6)])
def test_a_budget_is_the_whole_part_of_its_share(n, numbers):
    assert [allowed(budget, n) for budget in BUDGETS] == numbers
    assert allowed(0.29, 100) == 29


def test_the_oracle_keeps_to_the_budget():
    items = {f"i{k}": Evidence(right_pre=False, right_post=k < 5) for k in range(10)}
    order = ranked("oracle", items, shuffled=[*reversed(items)])
    assert {*order[:5]} == {f"i{k}" for k in range(5)}
    assert [accuracy_at(budget, order, items) for budget in (0.2, 0.4, 0.6)] == [0.2, 0.4, 0.5]


def test_equals_are_ordered_by_the_shuffle_and_what_is_unknown_comes_last():
    items = {
        "a": Evidence(right_pre=True, simulated_pre=0.5, simulated_post=0.5),
        "b": Evidence(right_pre=True, simulated_pre=0.5),
        "c": Evidence(right_pre=True, simulated_pre=0.9, simulated_post=0.9),
    }
    for strategy in ("utility", "deceive"):
        assert ranked(strategy, items, shuffled=["b", "c", "a"]) == ["c", "a", "b"]
        assert ranked(strategy, items, shuffled=["b", "a", "c"]) == ["a", "c", "b"]


def test_what_was_not_asked_has_no_figure():
    items = {"a": Evidence(right_pre=True), "b": Evidence(right_pre=False, right_post=True)}
    assert accuracy_at(0.5, ["b", "a"], items) == 1.0
    assert accuracy_at(1.0, ["b", "a"], items) is None
    assert accuracy_at(0.5, [], {}) is None


def test_the_mental_model_is_measured_by_brier_and_rank_correlation():
    assert brier([(1.0, True), (0.5, False)]) == 0.125
    assert brier([]) is None
    assert rank_correlation([(0.1, 1), (0.2, 2), (0.9, 3)]) == pytest.approx(1)
    # With ties, by hand: ranks 1, 2.5, 2.5, 4 against 1, 2, 3, 4.
    assert rank_correlation([(0, 1), (1, 2), (1, 3), (2, 4)]) == pytest.approx(4.5 / (4.5 * 5) ** 0.5)
    assert rank_correlation([(0.5, 1), (0.5, 2)]) is None


# --- the leak guard


def problem(text="Work out (a) 66 − 27 (b) −(−567)", gold="39, 567", **more) -> Problem:
    return Problem(id="p", task="t", text=text, gold=gold, scorer="number", split="val", group="p", **more)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Borrow a ten. So it is 39. Both signs cancel.", "Borrow a ten. Both signs cancel."),
        ("66 − 27 needs a ten from the six.", "66 − 27 needs a ten from the six."),
        ("−(−567) = 567\nGo on.", "Go on."),
        ("The 567 stays. [[skill:sign]]", "The 567 stays. [[skill:sign]]"),
        ("The answer is 39, 567.", ""),
    ],
)
def test_a_sentence_that_states_the_answer_is_taken_out(text, left):
    assert without_answer(text, problem())[0] == left


def test_words_count_where_they_stand_whole_or_are_called_the_answer():
    yes = problem("Do dogs bark?", "yes")
    assert without_answer("Yes and no are possible. Answer: Yes! The answer is yes.", yes) == (
        "Yes and no are possible.",
        2,
    )
    dog = problem("Which one barks?", "the brown dog")
    assert without_answer("It has fur. It is The Brown Dog.", dog) == ("It has fur.", 1)
    choices = (Choice(label="A", text="a cat"), Choice(label="B", text="a dog"))
    options = problem("Which one barks?", "B", choices=choices)
    assert without_answer("Cats do not. The correct option is B. The answer is a dog.", options) == ("Cats do not.", 2)


@pytest.mark.parametrize("gold_visible", [True, False])
async def test_a_leaky_teacher_is_caught(tmp_path, task, gold_visible):
    made = await ran(tmp_path, task, teacher="leaky", params={"gold_visible": gold_visible})
    explained = [lesson for lesson in made.bench.records(Lesson) if lesson.kind == "explanation"]
    for lesson in explained:
        assert made.sink.get(Problem, lesson.data["problem_id"]).gold not in lesson.text
    if gold_visible:
        assert all(lesson.data["taken_out"] for lesson in explained)


async def test_an_explanation_that_is_nothing_but_the_answer_is_shown_to_nobody(tmp_path, task):
    def explain(inputs):
        return {"explanation": f"The answer is {inputs['problem']['gold']}.", "answer": "1, 2", "confidence": 1}

    made = await ran(tmp_path, task, teacher=scripted(explain_problem=explain))
    explained = [lesson for lesson in made.bench.records(Lesson) if lesson.kind == "explanation"]
    assert explained and {lesson.checks for lesson in explained} == {("states the answer",)}
    assert made.phase("val-explained") == [] and made.asked("simulate_after") == []
    assert {len({*row.values()}) for row in made.state["curve"].values()} == {1}


# --- the graph


def scripted(**over) -> ScriptedTeacher:
    def does(purpose):
        return lambda inputs: PURPOSES[purpose].do(inputs, True)

    names = ("explain_problem", "simulate_before", "simulate_after")
    return ScriptedTeacher({name: over.get(name) or does(name) for name in names})


def test_every_order_keeps_to_every_budget(usual, task):
    made = usual
    assert made.state["curve"].keys() == {*STRATEGIES} == made.state["rankings"].keys()
    for order in made.state["rankings"].values():
        assert sorted(order) == sorted(p.id for p in task.split("val"))
    assert [len(names) for names in made.state["intervened"].values()] == [allowed(b, 40) for b in BUDGETS]
    ends = {(row["0"], row["1"]) for row in made.state["curve"].values()}
    assert len(ends) == 1


def test_the_curve_is_what_the_attempts_say(usual):
    made = usual
    before = {a.problem_id: a.grade.outcome == "right" for a in made.phase("val-0")}
    after = {a.problem_id: a.grade.outcome == "right" for a in made.phase("val-explained")}
    chosen = made.state["intervened"]["0.4"]
    mixed = [after[name] if name in chosen else before[name] for name in before]
    assert len(chosen) == 16
    assert made.state["curve"]["utility"]["0.4"] == sum(mixed) / 40
    assert made.score("intervention_accuracy", "utility at 0.4").value == sum(mixed) / 40
    mended = {name for name in before if after[name] and not before[name]}
    assert {*made.state["flips"]["mended"]} == mended and made.state["flips"]["broken"] == []


@dataclass
class Confusable:
    """A student with two bugs that every explanation of the order of operations confuses."""

    inner: object = field(default_factory=lambda: parse_sim("sim/two-bugs"))
    ref: str = "sim/two-bugs"

    async def answer(self, question, lessons, *, sample=0):
        said = await self.inner.answer(question, lessons, sample=sample)
        if any(lesson.kind == "explanation" and "[[skill:precedence]]" in lesson.text for lesson in lessons):
            return type(said)(raw="Answer: 0, 0", steps=("0",), calls=said.calls)
        return said


async def test_where_explanations_can_hurt_utility_peaks_inside(tmp_path, task):
    def before(inputs):
        return {"answer": "", "p_correct": 0.1 if LIVE & {*inputs["problem"]["skills"]} else 0.9}

    def after(inputs):
        return {"answer": "", "p_correct": 0.1 if "precedence" in inputs["problem"]["skills"] else 0.9}

    teacher = scripted(simulate_before=before, simulate_after=after)
    params = {"personalised": False, "examples": 0}
    made = await ran(tmp_path, task, student=Confusable(), teacher=teacher, params=params)
    utility, deceive = made.state["curve"]["utility"], made.state["curve"]["deceive"]
    assert max(utility.values()) > utility["1"] and max(utility.values()) > utility["0"]
    assert made.state["flips"]["broken"]
    assert all(utility[b] > made.state["curve"]["random"][b] > deceive[b] for b in ("0.2", "0.4", "0.6"))


async def test_a_mental_model_that_saw_enough_predicts_what_happens(tmp_path, task):
    made = await ran(tmp_path, task, params={"examples": 24})
    assert made.score("brier", "before").value < 0.01 > made.score("brier", "after").value
    assert made.score("rank_correlation", "utility").value > 0.99
    for budget in ("0.2", "0.4", "0.6"):
        assert made.state["curve"]["utility"][budget] == made.state["curve"]["oracle"][budget]


def test_the_mental_model_is_shown_what_the_student_really_answered(usual):
    made = usual
    told = {a.problem_id: a.grade for a in made.phase("pool-before")}
    after = {a.problem_id: a.grade for a in made.phase("pool-after")}
    (examples,) = {canonical_json(ask.inputs["examples"]) for ask in made.asked("simulate_before")}
    shown = made.asked("simulate_after")[0].inputs["examples"]
    assert canonical_json(shown) == examples and len(shown) == 4
    for example in shown:
        name = example["problem"]["id"]
        assert (example["before"], example["after"]) == (told[name].normalised, after[name].normalised)
        assert example["problem"]["gold"] is None and example["problem"]["steps"] == []
    assert Counter(told[e["problem"]["id"]].outcome for e in shown) == {"right": 2, "wrong": 2}


async def test_personal_explanations_are_modelled_on_those_alone_that_mended(usual, tmp_path, task):
    made = usual
    wrong = {a.problem_id for a in made.phase("pool-before") if a.grade.outcome == "wrong"}
    mended = {a.problem_id for a in made.phase("pool-after") if a.grade.outcome == "right"} & wrong
    models = [made.sink.get(Lesson, name) for name in made.state["modelled_on"]]
    assert models and {lesson.data["problem_id"] for lesson in models} <= mended == {*made.state["flipped"]}
    items = made.asked("explain_problem")[24:]
    assert {len(ask.inputs["demos"]) for ask in items} == {len(models)}
    assert {d["explanation"] for ask in items for d in ask.inputs["demos"]} == {lesson.text for lesson in models}

    plain = await ran(tmp_path / "plain", task, params={"personalised": False})
    shown = {plain.sink.get(Lesson, name).data["problem_id"] for name in plain.state["modelled_on"]}
    assert shown - {*plain.state["flipped"]}


async def test_where_nothing_was_mended_explanations_have_no_models(tmp_path, task):
    made = await ran(tmp_path, task, student="sim/perfect")
    assert made.state["flipped"] == made.state["modelled_on"] == made.state["lessons"] == []
    assert len(made.asked("simulate_before")[0].inputs["examples"]) == 4


@pytest.mark.parametrize("score_kind", ["verbal", "frequency"])
async def test_a_hidden_gold_stands_in_no_prompt(tmp_path, task, score_kind):
    params = {"gold_visible": False, "score_kind": score_kind}
    made = await ran(tmp_path, task, params=params)
    assert len(made.bench.teacher.asked) == 24 + 40 * 3
    for ask in made.bench.teacher.asked:
        assert ask.inputs["problem"]["gold"] is None and ask.inputs["problem"]["steps"] == []
    for call in made.bench.records(Call):
        if call.role == "teacher":
            text = call.messages[-1].content.rpartition("The problem")[2]
            assert made.sink.get(Problem, call.about[0]).gold not in text


async def test_frequencies_are_shares_of_simulations_and_verbal_chances_are_taken_as_said(tmp_path, task):
    golds = {p.id: p.gold for p in task.problems}
    turns = Counter()

    def before(inputs):
        turns[inputs["problem"]["id"]] += 1
        right = turns[inputs["problem"]["id"]] % 4 == 0
        return {"answer": golds[inputs["problem"]["id"]] if right else "0, 0", "p_correct": 0.6}

    for kind, chance in (("frequency", 0.25), ("verbal", 0.6)):
        turns.clear()
        params = {"score_kind": kind, "simulations": 4}
        made = await ran(tmp_path / kind, task, teacher=scripted(simulate_before=before), params=params)
        simulated = [s for s in made.bench.records(Score) if s.kind == "simulated_pre"]
        assert {(round(s.value, 6), s.n, s.probe_set) for s in simulated} == {(chance, 4, kind)}


async def test_with_the_gold_hidden_a_prediction_is_held_against_the_teachers_own_answer(tmp_path, task):
    teacher = scripted(
        explain_problem=lambda _: {"explanation": "Think.", "answer": "1, 2", "confidence": 1},
        simulate_before=lambda _: {"answer": "1, 2", "p_correct": 0},
        simulate_after=lambda _: {"answer": "7, 7", "p_correct": 1},
    )
    made = await ran(tmp_path, task, teacher=teacher, params={"gold_visible": False, "score_kind": "frequency"})
    assert {s.value for s in made.bench.records(Score) if s.kind == "simulated_pre"} == {1.0}
    assert {s.value for s in made.bench.records(Score) if s.kind == "simulated_post"} == {0.0}


@pytest.mark.parametrize(
    "params",
    [
        {"budgets": [0.0, 0.4]},
        {"budgets": [0.4], "strategy": "oracle"},
        {"simulations": 2, "score_kind": "frequency"},
        {"student_samples": 2, "pool": 5},
        {"turns": [2, 4]},
        {"pool": 0, "strategy": "random"},
        {"intervene_on": "test", "gold_visible": False, "budgets": [0.2], "share": 0.5},
    ],
)
async def test_every_way_of_using_it_costs_what_it_says(tmp_path, task, params):
    made = await ran(tmp_path, task, params=params)
    method = find_method("tom")
    expected = method.cost(read_params(method, params), Sizes(train=24, val=40, test=40))
    assert len(made.bench.teacher.asked) == expected.teacher
    measured = [a for a in made.bench.records(Attempt) if a.phase.startswith("test")]
    assert len(made.bench.records(Attempt)) - len(measured) == expected.student
    assert len(made.bench.records(Call)) == expected.teacher + expected.student + len(measured)


async def test_a_small_budget_asks_the_student_only_where_it_reaches(tmp_path, task):
    made = await ran(tmp_path, task, params={"budgets": [0.0, 0.3], "strategy": "mental_pre"})
    asked = {a.problem_id for a in made.phase("val-explained")}
    assert asked == {*made.state["intervened"]["0.3"]} and len(asked) == 12
    assert "mental_pre" in made.state["curve"] and "oracle" not in made.state["curve"]


async def test_turns_measure_the_same_unexplained_items_with_more_and_more_examples(tmp_path, task):
    made = await ran(tmp_path, task, params={"turns": [1, 2, 6], "strategy": "random", "personalised": False})
    explained = {*made.state["rankings"]["random"][:6]}
    shown = {}
    for turn in (1, 2, 6):
        attempts = made.phase(f"turn-{turn}")
        assert {a.problem_id for a in attempts} == {p.id for p in task.split("val")} - explained
        (shown[turn],) = {a.lesson_ids for a in attempts}
    assert [len(names) for names in shown.values()] == [1, 2, 6] and shown[6][:2] == shown[2]
    assert {made.sink.get(Lesson, name).data["problem_id"] for name in shown[6]} == explained
    assert made.score("turn_accuracy", "6").value > made.score("turn_accuracy", "1").value


def test_the_student_takes_along_what_was_explained_of_what_it_had_got_wrong(usual):
    made = usual
    wrong = {a.problem_id for a in made.phase("val-0") if a.grade.outcome == "wrong"}
    order = [name for name in made.state["rankings"]["utility"] if name in wrong]
    lessons = [made.sink.get(Lesson, name) for name in made.state["lessons"]]
    assert [lesson.data["problem_id"] for lesson in lessons] == order[:4]
    for lesson in lessons:
        assert lesson.kind == "demo" and lesson.verified and lesson.version == 2
        assert made.sink.get(Lesson, lesson.parent_id).text == lesson.data["solution"]


async def test_an_example_whose_answer_is_wrong_is_kept_out(tmp_path, task):
    class Wrong:
        ref, diagnoses_as = "wrong", "rule"

        async def call(self, ask):
            reply = await rules().call(ask)
            if ask.purpose == "explain_problem":
                return type(reply)(value=reply.value.model_copy(update={"answer": "0, 0"}), calls=reply.calls)
            return reply

    made = await ran(tmp_path, task, teacher=Wrong())
    assert made.state["lessons"] == [] and made.state["curve"]["utility"]["1"] > made.state["curve"]["utility"]["0"]
    assert any("answer wrong" in c for lesson in made.bench.records(Lesson) for c in lesson.checks)


async def test_on_test_the_teacher_explains_a_share_and_sees_no_gold(tmp_path, task):
    params = {"intervene_on": "test", "gold_visible": False, "share": 0.25, "budgets": [0.0, 0.8], "examples": 24}
    made = await ran(tmp_path, task, params=params)
    assert {*made.state["test"]["untaught"]} == {a.id for a in made.phase("test-untaught")}
    changed = {*made.state["test"]["taught"]} - {*made.state["test"]["untaught"]}
    assert {made.sink.get(Attempt, name).phase for name in changed} == {"test-taught"}
    assert len(changed) == 10 and len(made.state["test"]["taught"]) == 40
    assert made.phase("val-0") == [] and made.state["lessons"] == []
    gained = accuracy(made.sink, made.state, "taught") - accuracy(made.sink, made.state, "untaught")
    assert gained == 0.25


async def test_a_silent_teacher_ranks_everything_and_changes_nothing(tmp_path, task):
    made = await ran(tmp_path, task, teacher="silent")
    assert made.phase("val-explained") == made.phase("pool-after") == []
    assert {value for row in made.state["curve"].values() for value in row.values()} == {0.375}
    assert all(len(order) == 40 for order in made.state["rankings"].values())


async def test_an_answer_that_was_cut_off_is_no_example(tmp_path, task):
    class Cut(Confusable):
        async def answer(self, question, lessons, *, sample=0):
            said = await self.inner.answer(question, lessons, sample=sample)
            return type(said)(raw="First I", finished=False) if question.id in cut else said

    cut = {p.id for p in task.split("train")[:12]}
    made = await ran(tmp_path, task, student=Cut(), params={"examples": 24})
    shown = {e["problem"]["id"] for e in made.asked("simulate_before")[0].inputs["examples"]}
    assert len(shown) == 12 and not shown & cut and not {*made.state["flipped"]} & cut


@pytest.mark.parametrize(
    "params",
    [
        {"budgets": [1.2]},
        {"turns": [0]},
        {"strategy": "oracle", "gold_visible": False},
        {"intervene_on": "test"},
        {"intervene_on": "test", "gold_visible": False, "turns": [2]},
        {"intervene_on": "test", "gold_visible": False, "strategy": "own_utility"},
    ],
)
def test_parameters_that_do_not_go_together_are_refused(params):
    with pytest.raises(ValidationError):
        find_method("tom").params.model_validate(params)


def test_every_variant_has_its_name():
    method = find_method("tom")
    names = [
        method.fidelity(read_params(method, params))
        for params in (
            {},
            {"score_kind": "frequency", "personalised": False},
            {"strategy": "random", "gold_visible": False, "intervene_on": "test"},
        )
    ]
    assert names == ["variant:verbal", "variant:frequency-impersonal", "variant:verbal-random-target-no-gold-on-test"]

"""TS-Align, as its section of the specification says how to see that it is right."""

from __future__ import annotations

from collections import Counter
from random import Random
from statistics import mean

import pytest
from support.bench import rules
from support.writers import Critic, prompts, ran, wittier

from tutorkit.methods.registry import find_method, read_params
from tutorkit.methods.ts_align import extremes
from tutorkit.methods.vocabulary import Sizes
from tutorkit.students.writer import parse_writer
from tutorkit.tasks.planted import WIT, marked
from tutorkit.types import Attempt, Call, PreferencePair, Score

EIGHT = {"texts": 8, "iterations": 1}
SLOW = "sim/writer?taste=20&learn_after=1000"
"""Its taste gets better, and its texts stay as they are."""


async def run(tmp_path, *, train=16, **more):
    return await ran(tmp_path, "ts-align", **{"task": prompts(train), "params": EIGHT, **more})


def teacher_calls(made) -> int:
    return sum(call.role == "teacher" for call in made.records(Call))


async def test_the_teacher_is_asked_about_two_texts_a_prompt(tmp_path):
    made = await run(tmp_path)
    about: dict[str, set] = {}
    asks = [ask for ask in made.asked("compare_texts") if ask.role == "teacher"]
    for ask in asks:
        about.setdefault(made.get(Attempt, ask.about[0]).problem_id, set()).update(ask.about)
    assert len(asks) == 32 and len(about) == 16
    assert all(len(two) == 2 for two in about.values())


async def test_it_saves_half_of_k_of_the_teachers_scores(tmp_path):
    listed = await run(tmp_path / "rater")
    everything = await run(tmp_path / "teacher", params={**EIGHT, "shortlist": "teacher"})
    assert (teacher_calls(listed), teacher_calls(everything)) == (2 * 16, 8 * 16)
    assert teacher_calls(everything) / teacher_calls(listed) == 8 / 2
    rated = Counter(call.purpose for call in listed.records(Call) if call.role == "student")
    assert rated["rate_text"] == 8 * 16


async def test_where_the_teacher_reverses_the_rater_its_order_counts(tmp_path):
    made = await run(tmp_path, student=SLOW, train=40)
    pairs = made.records(PreferencePair)
    ratings = {score.subject_id: score.value for score in made.records(Score) if score.kind == "reward"}
    flipped = [pair for pair in pairs if pair.data["flipped"]]
    assert flipped and len(flipped) < len(pairs)
    for pair in pairs:
        assert marked(pair.chosen, WIT) > marked(pair.rejected, WIT)
        chosen, rejected = (ratings[name] for name in pair.source_attempt_ids)
        assert (chosen < rejected) == pair.data["flipped"]
        assert pair.data["rater_scores"] == sorted((chosen, rejected), reverse=True)


async def test_the_shortlist_is_worth_less_than_asking_about_all_and_more_than_chance(tmp_path):
    gaps = {}
    for shortlist in ("random", "rater", "teacher"):
        made = await run(tmp_path / shortlist, params={**EIGHT, "shortlist": shortlist}, train=40)
        twos = [
            [made.get(Attempt, two[end]).raw for end in ("best", "worst")] for two in made.state["shortlist"].values()
        ]
        gaps[shortlist] = mean(abs(marked(best, WIT) - marked(worst, WIT)) for best, worst in twos)
    assert gaps["random"] < gaps["rater"] < gaps["teacher"]


def test_what_a_rater_of_correlation_one_half_and_a_good_teacher_bring():
    """Of 16 texts of normal quality: 91 % right by the rater, 94 % after the teacher; a gap between random and all."""
    rng = Random(0)
    alone, decided, gaps = [], [], {"random": [], "rater": [], "teacher": []}

    def seen(quality, correlation):
        return correlation * quality + (1 - correlation**2) ** 0.5 * rng.gauss(0, 1)

    for _ in range(4000):
        quality = {str(place): rng.gauss(0, 1) for place in range(16)}
        teacher = {name: seen(value, 0.95) for name, value in quality.items()}
        lists = {
            "random": tuple(rng.sample(list(quality), 2)),
            "rater": extremes({name: seen(value, 0.5) for name, value in quality.items()}),
            "teacher": extremes(teacher),
        }
        best, worst = lists["rater"]
        alone.append(quality[best] > quality[worst])
        for name, two in lists.items():
            better, worse = sorted(two, key=lambda each: -teacher[each])
            gaps[name].append(quality[better] - quality[worse])
        decided.append(gaps["rater"][-1] > 0)
    assert mean(alone) == pytest.approx(0.91, abs=0.02)
    assert mean(decided) == pytest.approx(0.94, abs=0.02)
    assert [mean(gaps[name]) for name in gaps] == pytest.approx([1.06, 1.84, 3.35], abs=0.08)


async def test_the_raters_agreement_with_the_teacher_rises_after_its_refresh(tmp_path):
    two = {"texts": 8, "iterations": 2}
    agreement = {}
    for refresh in (True, False):
        made = await run(tmp_path / str(refresh), student=SLOW, train=40, params={**two, "refresh": refresh})
        scores = [score for score in made.records(Score) if score.kind == "rater_agreement"]
        agreement[refresh] = [score.value for score in sorted(scores, key=lambda score: score.round)]
        assert all(score.n > 20 for score in scores)
    assert agreement[True][1] == 1 > agreement[True][0] + 0.05
    assert agreement[False][1] < 1


async def test_every_text_is_by_that_iterations_own_student(tmp_path):
    made = await run(tmp_path, student=SLOW, params={"texts": 4, "iterations": 3})
    writers: dict[str, set] = {}
    for attempt in made.records(Attempt):
        if attempt.phase.startswith("train"):
            writers.setdefault(attempt.phase, set()).add(attempt.student)
    assert all(len(names) == 1 for names in writers.values())
    assert writers["train-0"] == {SLOW} and len(set().union(*writers.values())) == 3
    for pair in made.records(PreferencePair):
        assert {pair.student} == writers[f"train-{pair.round}"]


async def test_a_small_margin_refreshes_the_rater_and_is_no_data_for_the_student(tmp_path):
    made = await run(tmp_path, params={**EIGHT, "least_margin": 2.0})
    rows = {pair.id: pair for pair in made.records(PreferencePair)}
    small = [name for name, pair in rows.items() if pair.flags == ("small-margin",)]
    assert small and all(rows[name].margin == 1 for name in small)
    assert set(made.state["rater_rows"]) == set(rows) and set(made.state["rows"]) == set(rows) - set(small)


async def test_pairs_whose_lengths_differ_can_be_left_out(tmp_path):
    made = await run(tmp_path, params={**EIGHT, "length_ratio": 1.1})
    kept = [made.get(PreferencePair, name) for name in made.state["rows"]]
    assert kept and len(kept) < len(made.records(PreferencePair))
    for pair in kept:
        assert 1 / 1.1 <= len(pair.chosen.split()) / len(pair.rejected.split()) <= 1.1


async def test_the_panel_can_rate_in_the_students_place(tmp_path):
    params = {**EIGHT, "rater": "panel"}
    judge = parse_writer("sim/writer?taste=100&seed=9")
    made = await run(tmp_path / "there", params=params, panel=[judge])
    assert {call.model for call in made.records(Call) if call.purpose == "rate_text"} == {judge.ref}
    assert not any(pair.data["flipped"] for pair in made.records(PreferencePair))
    nobody = await run(tmp_path / "nobody", params=params)
    assert nobody.ending.status == "failed" and "nobody in it" in str(nobody.ending.error)


async def test_an_iteration_that_brings_no_pair_is_the_last(tmp_path):
    made = await run(tmp_path, teacher=Critic(lambda *_: 1.0, rules()), params={"texts": 4, "iterations": 5})
    assert made.ending.status == "finished" and made.state["round"] == 1
    assert made.state["rows"] == [] and made.state["test"]["taught"] == made.state["test"]["untaught"]


async def test_another_judge_is_asked_for_the_wins_and_for_nothing_else(tmp_path):
    judge = Critic(wittier, rules(), ref="judge")
    made = await run(tmp_path, judge=judge)
    assert {ask.role for ask in made.asked("compare_texts")} == {"teacher"}
    assert Counter(call.role for call in made.records(Call))["judge"] == 2 * 4
    assert made.state["wins"]["judge_is_critic"] is False and made.state["wins"]["wins"] == 4


def test_of_equals_the_first_is_best_and_the_last_is_worst():
    assert extremes({"a": 1.0, "b": 3.0, "c": 3.0, "d": 1.0}) == ("b", "d")
    assert extremes({"a": 2.0, "b": 2.0}) == ("a", "b")
    assert extremes({"a": 2.0}) is None


def test_the_example_of_the_cost_table():
    method = find_method("ts-align")
    found = method.cost(read_params(method, {}), Sizes(train=1000, test=0, wrong=(9, 9)))
    # 32,000 texts, and as many ratings that the student makes in the place of a reward model.
    assert (found.teacher, found.student) == (4000, 32_000 + 32_000)


def test_the_variants_have_names_and_needs():
    method = find_method("ts-align")
    cases = {
        "self-rating": {},
        "self-rating-not-refreshed": {"refresh": False},
        "panel-rates": {"rater": "panel"},
        "random-shortlist": {"shortlist": "random"},
        "teacher-rates-all": {"shortlist": "teacher"},
        "data-only": {"train": False},
    }
    for name, given in cases.items():
        assert method.fidelity(read_params(method, given)) == f"variant:{name}"
    assert method.needs(read_params(method, {})) == {"train", "write"}
    assert method.needs(read_params(method, {"rater": "panel"})) == {"train"}
    assert method.needs(read_params(method, dict(method.instead))) == frozenset()

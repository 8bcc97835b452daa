"""Variations: new problems of the share that is never measured with, like a given one or about a given skill."""

from random import Random

import pytest

from tutorkit.errors import DataError
from tutorkit.tasks.conventions import SIGNS, box_of, convention_problems
from tutorkit.tasks.sums import sum_expression, sum_problems
from tutorkit.tasks.variation import about, another, problem_of

SIZES = {"val": 12, "test": 12}
OTHERS = [
    *convention_problems(["operators"], seed=3, sizes=SIZES),
    *convention_problems(["routing"], seed=3, sizes=SIZES),
    *sum_problems(["one-step", "two-step"], seed=3, sizes=SIZES),
]


@pytest.mark.parametrize("problem", OTHERS, ids=lambda problem: problem.id)
def test_another_is_of_the_same_rule_and_of_the_train_share(problem):
    drawn = [another(problem.item, Random(seed)) for seed in range(20)]
    assert len({each.text for each in drawn}) > 5
    for each in drawn:
        assert (each.skills, each.scorer, each.split, each.task) == (
            problem.skills, problem.scorer, "train", problem.task,
        )  # fmt: skip
        assert each.item != problem.item
        assert each.group != problem.group


def test_the_drawn_ones_are_problems_of_the_task_itself():
    pool = {problem.id: problem for problem in convention_problems(["sum_plus_one"], seed=3, sizes={"train": 20})}
    drawn = [another(next(iter(pool.values())).item, Random(seed)) for seed in range(60)]
    assert any(each.id in pool and each == pool[each.id] for each in drawn)


@pytest.mark.parametrize("problem", OTHERS, ids=lambda problem: problem.id)
def test_a_problem_is_made_anew_from_its_item(problem):
    again = problem_of(problem.item)
    assert (again.gold, again.steps, again.skills, again.group) == (
        problem.gold, problem.steps, problem.skills, problem.group,
    )  # fmt: skip


def test_a_class_that_no_task_has_is_drawn_with_its_own_box():
    item = {"domain": "convention", "family": "routing", "rule": "planet", "box": "jade", "item": "mars"}
    drawn = another(item, Random(0))
    assert drawn.gold == "jade"
    assert drawn.item["rule"] == "planet"
    assert all(box_of(kind, book=0) for kind in ("animal", "fruit"))


def test_a_sum_about_a_skill_takes_it_whatever_the_shown_one_takes():
    plus = next(problem for problem in OTHERS if problem.task == "sums/one-step" and problem.skills == ("add",))
    assert about("share", Random(0), like=plus.item).skills == ("share",)
    assert about("exact_calculation", Random(0), like=plus.item).skills == ("add",)


def test_a_sums_expression_is_its_gold():
    for problem in OTHERS:
        if problem.task.startswith("sums"):
            expression = sum_expression(problem.item)
            assert eval(expression.replace("/", "//")) == int(problem.gold)


@pytest.mark.parametrize(
    "item",
    [
        {"domain": "convention", "family": "operators", "rule": "halve", "sign": SIGNS[0], "a": 1, "b": 2},
        {"domain": "convention", "family": "operators", "rule": "sum_plus_one", "sign": SIGNS[0], "a": 1},
        {"domain": "convention", "family": "routing", "rule": "animal", "item": "cat"},
        {"domain": "sums", "template": "gets", "operations": "+", "operands": [1]},
        {"domain": "sums", "template": "steals", "operations": "+", "operands": [1, 2]},
    ],
)
def test_an_item_that_is_none_is_refused(item):
    with pytest.raises(DataError):
        problem_of(item)


def test_of_other_items_nothing_is_drawn():
    assert another({"domain": "riddle"}, Random(0)) is None
    assert problem_of({"domain": "sub", "a": 5, "b": 2}) is None

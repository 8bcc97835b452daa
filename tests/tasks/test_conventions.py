"""Private conventions and sums in words."""

from __future__ import annotations

import json
import re

import pytest

from tutorkit.errors import BadSetting, DataError, UnknownName
from tutorkit.tasks import convention_of, convention_rule_text, gold_is_accepted
from tutorkit.tasks.conventions import OPERATORS, box_of, convention_problems, sign_of
from tutorkit.tasks.routing_items import ITEMS
from tutorkit.tasks.sums import sum_problems
from tutorkit.types import Problem, Split

SIZES: dict[Split, int] = {"train": 30, "probe": 20, "val": 60, "test": 200}


def conventions(seed: int = 0) -> list[Problem]:
    return convention_problems(["operators", "routing"], seed=seed, sizes=SIZES)


@pytest.mark.parametrize("family", ["operators", "routing"])
def test_pools_are_large_and_every_gold_is_accepted(family: str):
    problems = convention_problems([family], seed=0, sizes={"train": 80, "probe": 50, "val": 180, "test": 250})
    assert len({problem.text for problem in problems}) >= 500
    assert len({problem.id for problem in problems}) == len(problems)
    assert all(gold_is_accepted(problem) for problem in problems)


def test_families_are_mixed_evenly_in_each_split():
    for split, size in SIZES.items():
        here = [problem for problem in conventions() if problem.split == split]
        assert len(here) == size
        assert sum(problem.task == "conventions/routing" for problem in here) == size // 2


def test_the_text_gives_nothing_away():
    for problem in conventions():
        words = set(re.findall(r"\w+", problem.text.lower()))
        assert problem.gold not in words
        assert not words & {"add", "double", "ten", "one", "more", *ITEMS}


def test_the_item_holds_no_answer_and_yet_determines_it():
    for problem in conventions():
        assert problem.item is not None
        again = convention_of(problem.item)
        assert (again.gold, again.steps) == (problem.gold, problem.steps)
        shown = [value for key, value in problem.item.items() if key not in {"rule", "family", "domain", "book"}]
        assert problem.gold not in map(str, shown)


def test_no_usual_operator_gives_the_right_answer():
    for problem in convention_problems(["operators"], seed=0, sizes=SIZES):
        assert problem.item is not None
        a, b = problem.item["a"], problem.item["b"]
        assert isinstance(a, int)
        assert isinstance(b, int)
        assert problem.gold not in {str(a + b), str(abs(a - b)), str(a * b)}


def test_rules_are_said_in_one_sentence_without_digits():
    texts = {convention_rule_text(problem.item or {}) for problem in conventions()}
    assert len(texts) == len(OPERATORS) + len(ITEMS)
    for text in texts:
        assert not re.search(r"\d", text)
        assert text.endswith(".")
        assert text.count(".") == 1


def test_the_steps_lead_to_the_gold():
    for problem in conventions():
        assert problem.steps[-1].result == problem.gold
        assert {step.skill for step in problem.steps} == set(problem.skills)


def test_the_rule_book_changes_with_the_seed_and_the_split_of_a_family_does_not():
    assert any(box_of(kind, book=0) != box_of(kind, book=1) for kind in ITEMS)
    assert any(sign_of(operator.rule, book=0) != sign_of(operator.rule, book=1) for operator in OPERATORS)
    assert len({box_of(kind, book=5) for kind in ITEMS}) == len(ITEMS)
    sides: dict[str, str] = {}
    for seed in range(4):
        for problem in conventions(seed):
            assert sides.setdefault(problem.group, problem.split) == problem.split
    assert conventions(3) == conventions(3)


def test_a_thing_has_one_class_only():
    things = [thing for things in ITEMS.values() for thing in things]
    assert len(things) == len(set(things))


def test_what_is_no_convention_is_refused():
    with pytest.raises(DataError):
        convention_rule_text({"domain": "sub", "a": 1, "b": 2})
    with pytest.raises(UnknownName):
        convention_problems(["riddles"], seed=0, sizes=SIZES)
    with pytest.raises(BadSetting, match="conventions/operators has"):
        convention_problems(["operators"], seed=0, sizes={"test": 5000})


def test_sums_are_right_disjoint_and_whole():
    problems = sum_problems(["one-step", "two-step"], seed=1, sizes=SIZES)
    assert len(problems) == sum(SIZES.values())
    sides: dict[str, str] = {}
    for problem in problems:
        assert gold_is_accepted(problem)
        assert sides.setdefault(problem.group, problem.split) == problem.split
        for step in problem.steps:
            a, sign, b, result = re.fullmatch(r"(\d+) ([-+*/]) (\d+) = (\d+)", step.text).groups()  # type: ignore[union-attr]
            a, b, result = int(a), int(b), int(result)
            assert {"+": a + b, "-": a - b, "*": a * b, "/": a / b}[sign] == result
        assert problem.steps[-1].result == problem.gold
        assert len(problem.steps) == (1 if problem.task == "sums/one-step" else 2)
        assert "{" not in problem.text
    assert json.loads(problems[0].model_dump_json())["item"]["domain"] == "sums"
    with pytest.raises(UnknownName):
        sum_problems(["three-step"], seed=0, sizes=SIZES)

from collections import Counter
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tutorkit.errors import BadSetting
from tutorkit.misconceptions import malrule, malrules, perform, skills_of
from tutorkit.misconceptions.domains import order
from tutorkit.misconceptions.performance import solve_part
from tutorkit.tasks.arithmetic import group_of
from tutorkit.tasks.chains import PARTS, chain_problems

SIZES = {"train": 30, "probe": 20, "val": 50, "test": 50}
TWO_BUGS = [malrule(name).procedure for name in ("add.drops_carry", "pct.divides_by_percent")]


@pytest.mark.parametrize("seed", range(5))
def test_two_bugs_make_64_errors_in_100_chains_of_two(seed):
    problems = chain_problems(seed=seed, sizes={"val": 100})
    wrong = [problem for problem in problems if perform(problem.item, TWO_BUGS).answer != problem.gold]
    assert len(wrong) == 64
    for problem in problems:
        assert (problem in wrong) == bool({"carry", "percent"} & set(problem.skills))


def test_each_sequence_of_skills_comes_equally_often():
    problems = chain_problems(seed=4, sizes={"test": 50})
    dealt = Counter(tuple(step.skill for step in problem.steps[:2]) for problem in problems)
    assert dealt == dict.fromkeys(product(PARTS, repeat=2), 2)


@pytest.mark.parametrize("width", [1, 2, 3, 4])
@settings(max_examples=5, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10**6))
def test_every_part_takes_exactly_one_skill_and_has_its_own_gold(width, seed):
    for problem in chain_problems(seed=seed, sizes={"val": 30}, width=width):
        parts = problem.item["parts"]
        golds = problem.gold.split(", ")
        assert len(parts) == len(golds) == width
        for part, gold, step in zip(parts, golds, problem.steps, strict=False):
            assert skills_of(part) == (step.skill,)
            assert step.result == gold
        assert problem.scorer == "list"
        assert set(problem.skills) == {step.skill for step in problem.steps[:width]}


def test_some_misconception_always_shows_on_a_skill():
    always = {"add.drops_carry", "sub.smaller_from_larger", "ooo.left_to_right", "pct.divides_by_percent"}
    for problem in chain_problems(seed=0, sizes={"val": 100}, width=1):
        rules = [rule for rule in malrules() if rule.skill == problem.skills[0]]
        assert any(rule.applies(problem.item) for rule in rules if rule.id in always or rule.domain == "neg")


@settings(max_examples=10, deadline=None, derandomize=True)
@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_no_part_stands_on_both_sides_of_a_split_whatever_the_seeds(one, other):
    problems = [*chain_problems(seed=one, sizes=SIZES), *chain_problems(seed=other, sizes=SIZES, width=3)]
    homes: dict[str, str] = {}
    for problem in problems:
        for part in problem.item["parts"]:
            assert homes.setdefault(group_of(part), problem.split) == problem.split
    for problems in (chain_problems(seed=one, sizes=SIZES), chain_problems(seed=one, sizes=SIZES, width=1)):
        assert (
            len({problem.group for problem in problems}) == len({problem.id for problem in problems}) == len(problems)
        )


def test_a_seed_is_a_sample():
    first = chain_problems(seed=1, sizes=SIZES)
    assert first == chain_problems(seed=1, sizes=SIZES)
    assert first != chain_problems(seed=2, sizes=SIZES)
    assert [problem for problem in first if problem.split == "val"] == chain_problems(seed=1, sizes={"val": 50})


def test_the_text_lists_the_parts():
    two = chain_problems(seed=0, sizes={"val": 1})[0]
    assert two.text == "Work out each part and give the results in order, separated by commas: " + " ".join(
        step.text.rpartition(" = ")[0] for step in two.steps[:2]
    )
    one = chain_problems(seed=0, sizes={"val": 1}, width=1)[0]
    assert one.text.startswith("Work out ")
    assert one.text.endswith(".")


def test_bad_asks():
    with pytest.raises(BadSetting, match="1 to 4 parts, not 5"):
        chain_problems(seed=0, sizes={"val": 1}, width=5)
    with pytest.raises(BadSetting, match="not as many different chains"):
        chain_problems(seed=0, sizes={"probe": 3000}, width=1)


def test_the_working_of_a_part_is_worked_out_once(monkeypatch):
    solved = Counter()
    solve = order.solve
    monkeypatch.setattr(order, "solve", lambda part: (solved.update([part.expression]), solve(part))[1])
    solve_part.cache_clear()
    drawn = Counter(
        part["expression"]
        for problem in chain_problems(seed=0, sizes={"val": 25})
        for part in problem.item["parts"]
        if part["domain"] == "ooo"
    )
    assert drawn and all(solved[expression] <= times for expression, times in drawn.items())

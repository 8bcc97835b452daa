import re
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tutorkit.errors import BadSetting, UnknownName
from tutorkit.misconceptions import malrules, parts_of, same_answer, skills_of, solve
from tutorkit.tasks.arithmetic import FAMILIES, arithmetic_problems, group_of, split_of

SIZES = {"train": 60, "probe": 20, "val": 40, "test": 60}
DOMAINS = {"subtraction": "sub", "addition": "add", "fractions": "frac", "order": "ooo", "percent": "pct"}
seeds = st.integers(0, 10**6)
few = settings(max_examples=15, deadline=None, derandomize=True)


def test_sizes_families_and_turns():
    problems = arithmetic_problems(tuple(FAMILIES), seed=3, sizes={"val": 12, "test": 7})
    assert [problem.split for problem in problems] == ["val"] * 12 + ["test"] * 7
    assert Counter(problem.task for problem in problems[:12]) == {
        "arithmetic/subtraction": 3,
        "arithmetic/addition": 3,
        "arithmetic/fractions": 2,
        "arithmetic/order": 2,
        "arithmetic/percent": 2,
    }
    assert [problem.task.rpartition("/")[2] for problem in problems[:5]] == list(FAMILIES)


def test_a_seed_is_a_sample():
    draw = {seed: arithmetic_problems(["addition"], seed=seed, sizes={"test": 30}) for seed in (1, 2)}
    assert draw[1] == arithmetic_problems(["addition"], seed=1, sizes={"test": 30})
    assert draw[1] != draw[2]


@few
@given(seeds, seeds)
def test_no_item_twice_and_no_problem_of_one_split_in_another_even_of_another_seed(one, other):
    first = arithmetic_problems(tuple(FAMILIES), seed=one, sizes=SIZES)
    second = arithmetic_problems(tuple(FAMILIES), seed=other, sizes=SIZES)
    for problems in (first, second):
        assert (
            len({problem.id for problem in problems}) == len({problem.group for problem in problems}) == len(problems)
        )
    homes: dict[str, str] = {}
    texts: dict[str, str] = {}
    for problem in (*first, *second):
        assert homes.setdefault(problem.group, problem.split) == problem.split
        assert texts.setdefault(problem.id, problem.text) == problem.text


@few
@given(seeds)
def test_a_problem_is_what_its_item_says(seed):
    for problem in arithmetic_problems(tuple(FAMILIES), seed=seed, sizes={"val": 25}):
        work = solve(problem.item)
        assert problem.gold == work.answer == problem.steps[-1].result
        assert problem.skills == skills_of(problem.item)
        assert problem.scorer == ("fraction" if "fractions" in problem.task else "number")
        operands = re.findall(r"\d+", " ".join(str(value) for value in problem.item.values()))
        for operand in operands:
            assert operand in problem.text.translate(str.maketrans("²³", "23"))
        assert "{" not in problem.text


@pytest.mark.parametrize("family", FAMILIES)
def test_every_misconception_shows_on_a_fair_share(family):
    problems = arithmetic_problems([family], seed=0, sizes={"test": 200})
    for rule in malrules(DOMAINS[family]):
        if all(rule.procedure(parts_of(problem.item)[0]) is None for problem in problems):
            continue  # it is about another kind of item of this domain
        shown = [problem for problem in problems if rule.applies(problem.item)]
        assert len(shown) >= 20, rule.id
        assert not any(same_answer(rule.run(problem.item).answer, problem.gold) for problem in shown), rule.id


def test_wordings_vary():
    problems = arithmetic_problems(["subtraction"], seed=0, sizes={"test": 60})
    assert len({re.sub(r"\d+", "#", problem.text) for problem in problems}) == 6


def test_the_same_work_is_one_leak_family():
    assert group_of({"domain": "add", "a": 26, "b": 47}) == group_of({"domain": "add", "a": 47, "b": 26})
    off, of = ({"domain": "pct", "kind": kind, "percent": 20, "amount": 80} for kind in ("off", "of"))
    assert group_of(off) == group_of(of)
    halves = {"domain": "frac", "a": 1, "b": 2, "c": 1, "d": 3}
    swapped = {"domain": "frac", "a": 1, "b": 3, "c": 1, "d": 2}
    assert group_of({**halves, "op": "+"}) == group_of({**swapped, "op": "+"})
    assert group_of({**halves, "op": "/"}) != group_of({**swapped, "op": "/"})


def test_splits_have_their_shares():
    counts = Counter(split_of(f"group {number}") for number in range(5000))
    for split, share in {"train": 0.35, "probe": 0.10, "val": 0.20, "test": 0.35}.items():
        assert abs(counts[split] / 5000 - share) < 0.02


def test_bad_asks():
    with pytest.raises(UnknownName, match="Did you mean subtraction"):
        arithmetic_problems(["substraction"], seed=0, sizes={"val": 1})
    with pytest.raises(BadSetting, match="not as many different percent problems"):
        arithmetic_problems(["percent"], seed=0, sizes={"probe": 5000})

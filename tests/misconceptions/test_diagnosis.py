import pytest
from arithmetic_items import parts
from hypothesis import HealthCheck, given, settings

from tutorkit.misconceptions import malrules, matching, same_answer, solve, split_answer

HALF_AND_QUARTER = {"domain": "frac", "op": "+", "a": 1, "b": 2, "c": 1, "d": 4}
CHAIN = {"domain": "chain", "parts": [{"domain": "add", "a": 47, "b": 26}, {"domain": "ooo", "expression": "2+3*4"}]}


def ids(item, answer):
    return [rule.id for rule in matching(item, answer)]


@settings(
    max_examples=300,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)
@given(parts)
def test_every_rule_is_found_again_from_its_answer(item):
    right = solve(item).answer
    assert matching(item, right) == ()
    for rule in malrules(item["domain"]):
        answer = rule.run(item).answer
        assert (rule in matching(item, answer)) == (not same_answer(answer, right))


def test_the_likelier_rule_comes_first():
    assert ids({"domain": "ooo", "expression": "2+3*4"}, "20") == ["ooo.left_to_right", "ooo.add_sub_first"]


def test_the_form_of_an_answer_counts_before_the_prior():
    item = {"domain": "frac", "op": "+", "a": 1, "b": 3, "c": 1, "d": 3}
    assert ids(item, "2/6") == ["frac.adds_num_and_den"]
    difference = {"domain": "frac", "op": "-", "a": 1, "b": 2, "c": 1, "d": 4}
    nothing_left = ["frac.adds_num_and_den", "frac.common_den_keeps_num", "frac.multiplies_dens_adds_nums"]
    assert ids(difference, "0") == nothing_left
    assert ids(difference, "0/8") == [nothing_left[2], *nothing_left[:2]]
    assert ids(HALF_AND_QUARTER, "2/4") == ["frac.common_den_keeps_num"]
    assert ids(HALF_AND_QUARTER, "1/2") == ["frac.common_den_keeps_num"]


@pytest.mark.parametrize("answer", ["3/4", "6/8", "0.75", "7/9", "", "1/0", "many"])
def test_right_and_inexplicable_answers_match_nothing(answer):
    assert ids(HALF_AND_QUARTER, answer) == []


def test_a_chain_is_explained_part_by_part():
    assert ids(CHAIN, "63, 14") == ["add.drops_carry"]
    assert ids(CHAIN, "63,20") == ["add.drops_carry", "ooo.left_to_right", "ooo.add_sub_first"]
    assert ids(CHAIN, "73, 14") == []
    assert ids(CHAIN, "63") == []


def test_answers_are_compared_by_value():
    assert same_answer("2/4", "1/2")
    assert same_answer("−3", "-3")
    assert same_answer("-1/-2", "0.5")
    assert same_answer("1/0", "1/0")
    assert not same_answer("1e999999999", "1")
    assert not same_answer("9" * 100_000, "1")
    assert not same_answer("1/0", "2/0")
    assert not same_answer("34", "43")


def test_an_answer_is_split_only_into_as_many_as_there_are_parts():
    assert split_answer(CHAIN, "1,  2") == ("1", "2")
    assert split_answer(CHAIN, "1, 2, 3") is None
    assert split_answer(HALF_AND_QUARTER, "3/4") == ("3/4",)

import pickle
import re

import pytest

from tutorkit.errors import DataError, UnknownName
from tutorkit.misconceptions import DOMAINS, SKILLS, malrule, malrules, read_item, solve


def sub(a, b):
    return {"domain": "sub", "a": a, "b": b}


def add(a, b):
    return {"domain": "add", "a": a, "b": b}


def frac(a, b, op, c, d):
    return {"domain": "frac", "op": op, "a": a, "b": b, "c": c, "d": d}


def ooo(expression):
    return {"domain": "ooo", "expression": expression}


def pct(kind, percent, amount):
    return {"domain": "pct", "kind": kind, "percent": percent, "amount": amount}


TABLE = [
    ("sub.smaller_from_larger", sub(52, 18), "34", "46"),
    ("sub.borrow_no_decrement", sub(52, 18), "34", "44"),
    ("sub.borrow_from_zero", sub(103, 45), "58", "158"),
    ("sub.borrow_across_zero", sub(304, 75), "229", "139"),
    ("sub.stops_borrow_at_zero", sub(304, 75), "229", "239"),
    ("sub.zero_minus_n_is_n", sub(40, 17), "23", "37"),
    ("sub.zero_minus_n_is_zero", sub(40, 17), "23", "30"),
    ("sub.n_minus_zero_is_zero", sub(57, 20), "37", "30"),
    ("sub.borrow_from_leftmost", sub(643, 258), "385", "295"),
    ("sub.zero_instead_of_borrow", sub(52, 18), "34", "40"),
    ("sub.quit_when_bottom_blank", sub(178, 59), "119", "19"),
    ("sub.adds_instead", sub(52, 18), "34", "70"),
    ("add.drops_carry", add(47, 26), "73", "63"),
    ("add.writes_whole_column_sum", add(47, 26), "73", "613"),
    ("add.carries_ones_writes_tens", add(47, 26), "73", "91"),
    ("add.carries_always", add(23, 14), "37", "47"),
    ("add.left_aligns", add(123, 45), "168", "573"),
    ("frac.adds_num_and_den", frac(1, 2, "+", 1, 3), "5/6", "2/5"),
    ("frac.common_den_keeps_num", frac(1, 2, "+", 1, 4), "3/4", "2/4"),
    ("frac.multiplies_dens_adds_nums", frac(1, 2, "+", 1, 4), "3/4", "2/8"),
    ("frac.mul_keeps_common_den", frac(1, 5, "*", 2, 5), "2/25", "2/5"),
    ("frac.div_inverts_first", frac(2, 3, "/", 4, 5), "10/12", "12/10"),
    ("frac.div_no_invert", frac(2, 3, "/", 4, 5), "10/12", "8/15"),
    ("ooo.left_to_right", ooo("2+3*4"), "14", "20"),
    ("ooo.add_before_sub", ooo("10-3+2"), "9", "5"),
    ("ooo.mul_before_div", ooo("24/4*2"), "12", "3"),
    ("ooo.power_is_product", ooo("2+3^2"), "11", "8"),
    ("ooo.ignores_parens", ooo("2*(3+4)"), "14", "10"),
    ("ooo.add_sub_first", ooo("20-2*5"), "10", "90"),
    ("pct.percent_is_amount", pct("off", 20, 80), "64", "60"),
    ("pct.divides_by_percent", pct("of", 20, 80), "16", "4"),
    ("pct.decimal_slip_x10", pct("of", 5, 80), "4", "40"),
    ("pct.reports_discount", pct("off", 20, 80), "64", "16"),
    ("neg.double_negative_stays_negative", {"domain": "neg", "a": 7}, "7", "-7"),
]


@pytest.mark.parametrize(("malrule_id", "item", "right", "buggy"), TABLE, ids=[row[0] for row in TABLE])
def test_every_malrule_gives_the_published_wrong_answer(malrule_id, item, right, buggy):
    rule = malrule(malrule_id)
    assert (solve(item).answer, rule.run(item).answer) == (right, buggy)
    assert rule.applies(item)


# Second examples where a rule's fine print shows: borrows that meet again, more than one bracket, unequal lengths.
FINE_PRINT = [
    ("sub.borrow_across_zero", sub(5003, 6), "4007"),
    ("sub.borrow_from_zero", sub(5003, 6), "5097"),
    ("sub.stops_borrow_at_zero", sub(5003, 6), "5007"),
    ("sub.borrow_from_leftmost", sub(5123, 4), "4129"),
    ("sub.zero_minus_n_is_n", sub(213, 148), "145"),
    ("sub.quit_when_bottom_blank", sub(12, 5), "7"),
    ("add.carries_ones_writes_tens", add(95, 12), "17"),
    ("add.carries_always", add(628, 17), "745"),
    ("add.left_aligns", add(45, 123), "573"),
    ("frac.adds_num_and_den", frac(5, 6, "-", 1, 4), "4/2"),
    ("ooo.left_to_right", ooo("20-(2+3*4)"), "0"),
    ("ooo.ignores_parens", ooo("(8-2)*(3-1)"), "1"),
    ("ooo.left_to_right", ooo("(2+3*3)/4"), "15/4"),
    ("pct.divides_by_percent", pct("of", 30, 80), "8/3"),
    ("pct.decimal_slip_x10", pct("of", 15, 80), "12"),
]


@pytest.mark.parametrize(("malrule_id", "item", "answer"), FINE_PRINT)
def test_fine_print_of_procedures(malrule_id, item, answer):
    assert malrule(malrule_id).run(item).answer == answer


@pytest.mark.parametrize(
    ("expression", "answer"),
    [
        ("2+3^2*2", "20"),
        ("((7))-2", "5"),
        ("2*(3-5)^2", "8"),
        ("7/2*3", "21/2"),
        ("1-(2-(3-4))", "-2"),
        ("8 - 2 - 1", "5"),
    ],
)
def test_expressions_are_worked_out(expression, answer):
    assert solve(ooo(expression)).answer == answer


def test_a_rule_that_leads_to_a_division_by_zero_is_given_up_for_the_right_way():
    item = ooo("6/3-3*1")
    rule = malrule("ooo.add_sub_first")
    assert not rule.applies(item)
    assert rule.run(item) == solve(item)


def test_counts_by_domain():
    assert {domain: len(malrules(domain)) for domain in DOMAINS} == {
        "sub": 12,
        "add": 5,
        "frac": 6,
        "ooo": 6,
        "pct": 4,
        "neg": 1,
    }
    assert {row[0] for row in TABLE} == {rule.id for rule in malrules()}


def test_rules_that_share_a_skill_or_not_are_told_apart_by_some_probe():
    probes = {
        "sub": [sub(614, 47), sub(505, 197), sub(153, 120)],
        "add": [add(628, 17)],
        "ooo": [ooo("16-4*2+1"), ooo("24/4*2"), ooo("2+3^2"), ooo("2*(3+4)")],
        "pct": [pct("off", 5, 40)],
    }
    for domain, items in probes.items():
        vectors = {tuple(rule.run(item).answer for item in items) for rule in malrules(domain)}
        assert len(vectors | {tuple(solve(item).answer for item in items)}) == len(malrules(domain)) + 1, domain


def test_a_rule_of_another_domain_leaves_an_item_alone():
    item = sub(52, 18)
    assert malrule("add.drops_carry").run(item) == solve(item)


def test_principles_are_imperative_texts_without_digits_or_tags():
    for skill in SKILLS.values():
        assert not re.search(r"[0-9]|\[\[", skill.principle), skill.id
        assert skill.principle.endswith("."), skill.id
    assert len({skill.principle for skill in SKILLS.values()}) == len(SKILLS)
    assert {rule.skill for rule in malrules()} == set(SKILLS)
    assert {"carry", "borrow", "precedence", "percent", "sign"} <= set(SKILLS)


def test_priors_are_probabilities_and_every_rule_says_when_it_shows():
    for rule in malrules():
        assert 0 < rule.prior < 1
        assert rule.impasse
        assert rule.title


def test_unknown_names_are_told_with_near_ones():
    with pytest.raises(UnknownName, match=r"add\.drops_carry"):
        malrule("add.drop_carry")
    with pytest.raises(UnknownName, match="There is no domain named 'mul'"):
        malrules("mul")


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        ({}, "domain"),
        ({"domain": "mul", "a": 1, "b": 2}, "mul"),
        (sub(1, 2), "a is smaller than b"),
        (sub(5.0, 2), "a"),
        (sub(True, 0), "a"),
        (add(-1, 2), "greater than or equal to 0"),
        ({**add(1, 2), "c": 3}, "c"),
        (frac(1, 0, "+", 1, 2), "b"),
        (frac(1, 2, "/", 0, 2), "division by zero"),
        (ooo("2+"), "no value"),
        (ooo("(2+3"), "no value"),
        (ooo("2+3)"), "no value"),
        (ooo("2(3)"), "no value"),
        (ooo("5"), "no value"),
        (ooo("1/(2-2)"), "no value"),
        (ooo("9^9^9"), "no value"),
        (ooo("2^(1-3)"), "no value"),
        (ooo("__import__('os')"), "no value"),
        (pct("of", 0, 80), "percent"),
        ({"domain": "chain", "parts": []}, "parts"),
        ({"domain": "chain", "parts": [add(1, 2)] * 5}, "parts"),
        ({"domain": "chain", "parts": [{"domain": "chain", "parts": [add(1, 2)]}]}, "chain"),
    ],
)
def test_what_is_no_item_is_refused_with_a_reason(item, reason):
    with pytest.raises(DataError) as caught:
        read_item(item)
    assert reason in caught.value.message
    assert "Give an object" in str(pickle.loads(pickle.dumps(caught.value)))

from fractions import Fraction

import pytest
from arithmetic_items import equivalents, fraction_comparisons, mixed_numbers, whole_times
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tutorkit.misconceptions import malrule, matching, parts_of, skills_of, solve


def form(kind, **numbers):
    return {"domain": "frac", "kind": kind, **numbers}


def worked(work):
    return [(step.text, step.ok) for step in work.steps]


HALF_OR_THIRD = form("comparison", a=1, b=2, c=1, d=3)


@pytest.mark.parametrize(
    ("item", "text", "lines", "skill"),
    [
        (
            form("whole_times", n=3, a=2, b=5),
            "3 × 2/5",
            ["Numerator: 3 × 2 = 6.", "The denominator stays 5.", "So 3 × 2/5 = 6/5."],
            "whole_times_fraction",
        ),
        (
            form("mixed", w=2, n=3, d=4),
            "2 3/4 as an improper fraction",
            ["2 × 4 = 8.", "8 + 3 = 11.", "So 2 3/4 = 11/4."],
            "mixed_number",
        ),
        (
            form("equivalent", a=2, b=3, d=6),
            "the missing numerator in 2/3 = ?/6",
            ["3 × 2 = 6.", "2 × 2 = 4.", "So 2/3 = 4/6, and the missing number is 4."],
            "equivalent_fractions",
        ),
        (
            form("equivalent", a=6, b=9, d=3),
            "the missing numerator in 6/9 = ?/3",
            ["9 ÷ 3 = 3.", "6 ÷ 3 = 2.", "So 6/9 = 2/3, and the missing number is 2."],
            "equivalent_fractions",
        ),
        (
            form("comparison", a=2, b=3, c=3, d=4),
            "the larger of 2/3 and 3/4",
            ["2/3 and 3/4 are 8/12 and 9/12.", "9 is larger than 8.", "So 3/4 is larger than 2/3."],
            "fraction_size",
        ),
        (
            form("comparison", a=3, b=7, c=2, d=7),
            "the larger of 3/7 and 2/7",
            ["3 is larger than 2.", "So 3/7 is larger than 2/7."],
            "fraction_size",
        ),
    ],
)
def test_the_right_work(item, text, lines, skill):
    assert parts_of(item)[0].text == text
    assert [step.text for step in solve(item).steps] == lines
    assert skills_of(item) == (skill,)


@pytest.mark.parametrize(
    ("name", "item", "work"),
    [
        (
            "whole_times_both",
            form("whole_times", n=3, a=2, b=5),
            [("Numerator: 3 × 2 = 6.", True), ("Denominator: 3 × 5 = 15.", False), ("So 3 × 2/5 = 6/15.", True)],
        ),
        (
            "mixed_swaps_roles",
            form("mixed", w=2, n=3, d=4),
            [("2 × 3 = 6.", False), ("6 + 4 = 10.", True), ("So 2 3/4 = 10/4.", True)],
        ),
        (
            "mixed_adds_whole",
            form("mixed", w=2, n=3, d=4),
            [("2 + 3 = 5.", False), ("So 2 3/4 = 5/4.", True)],
        ),
        (
            "equiv_additive",
            form("equivalent", a=6, b=8, d=4),
            [("8 − 4 = 4.", True), ("6 − 4 = 2.", False), ("So 6/8 = 2/4, and the missing number is 2.", True)],
        ),
        (
            "bigger_den_is_bigger",
            HALF_OR_THIRD,
            [("The denominator 3 is larger than 2.", True), ("So 1/3 is larger than 1/2.", False)],
        ),
    ],
)
def test_where_a_rule_goes_wrong(name, item, work):
    assert worked(malrule(f"frac.{name}").run(item)) == work


def test_the_operations_across_both_fractions():
    product = {"domain": "frac", "op": "*", "a": 1, "b": 2, "c": 3, "d": 4}
    assert worked(malrule("frac.mul_cross").run(product))[0] == ("Crosswise: 1 × 4 = 4 and 2 × 3 = 6.", False)
    quotient = {"domain": "frac", "op": "/", "a": 1, "b": 2, "c": 1, "d": 4}
    assert worked(malrule("frac.div_common_den_keeps_den").run(quotient)) == [
        ("1/2 and 1/4 are 2/4 and 1/4.", True),
        ("Numerators: 2 ÷ 1 = 2. The denominator stays 4: 2/4.", False),
        ("So 1/2 ÷ 1/4 = 2/4.", True),
    ]


@pytest.mark.parametrize(
    ("name", "item"),
    [
        ("whole_times_both", form("whole_times", n=1, a=2, b=5)),
        ("whole_times_both", form("whole_times", n=0, a=2, b=5)),
        ("mixed_swaps_roles", form("mixed", w=1, n=3, d=4)),
        ("equiv_additive", form("equivalent", a=2, b=3, d=3)),
        ("equiv_additive", form("equivalent", a=2, b=6, d=3)),
        ("bigger_den_is_bigger", form("comparison", a=1, b=3, c=3, d=4)),
        ("bigger_den_is_bigger", form("comparison", a=3, b=7, c=2, d=7)),
        ("mul_cross", {"domain": "frac", "op": "*", "a": 1, "b": 2, "c": 0, "d": 4}),
    ],
)
def test_where_a_rule_does_not_show(name, item):
    assert not malrule(f"frac.{name}").applies(item)


def test_a_rule_leaves_items_of_another_kind_of_its_domain_alone():
    for name in ("adds_num_and_den", "mul_cross", "mixed_adds_whole", "equiv_additive"):
        assert malrule(f"frac.{name}").run(HALF_OR_THIRD) == solve(HALF_OR_THIRD)


def test_an_answer_is_read_in_the_forms_that_pupils_write():
    item = form("whole_times", n=3, a=2, b=5)
    assert matching(item, "1 1/5") == ()
    assert [rule.id for rule in matching(item, "2/5")] == ["frac.whole_times_both"]
    assert [rule.id for rule in matching(HALF_OR_THIRD, "1/3")] == ["frac.bigger_den_is_bigger"]


@settings(max_examples=300, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(st.one_of(equivalents(), fraction_comparisons(), mixed_numbers(), whole_times()))
def test_the_right_answer_is_right(item):
    answer = solve(item).answer
    match item["kind"]:
        case "whole_times":
            assert Fraction(answer) == item["n"] * Fraction(item["a"], item["b"])
        case "mixed":
            assert Fraction(answer) == item["w"] + Fraction(item["n"], item["d"])
        case "equivalent":
            assert Fraction(int(answer), item["d"]) == Fraction(item["a"], item["b"])
        case _:
            assert answer in (f"{item['a']}/{item['b']}", f"{item['c']}/{item['d']}")
            assert Fraction(answer) == max(Fraction(item["a"], item["b"]), Fraction(item["c"], item["d"]))

from fractions import Fraction

import pytest
from arithmetic_items import decimal_items
from hypothesis import HealthCheck, given, settings

from tutorkit.misconceptions import malrule, matching, parts_of, same_answer, skills_of, solve


def dec(a, op, b):
    return {"domain": "dec", "op": op, "a": a, "b": b}


def product(a, b):
    return {"domain": "dec", "kind": "product", "a": a, "b": b}


def tens(a, b):
    return {"domain": "dec", "kind": "times_ten", "a": a, "b": b}


def larger(a, b):
    return {"domain": "dec", "kind": "comparison", "a": a, "b": b}


def worked(work):
    return [(step.text, step.ok) for step in work.steps]


@pytest.mark.parametrize(
    ("item", "lines"),
    [
        (
            dec("3.95", "+", "2.1"),
            [
                "I write 2.1 as 2.10, so that the points are under each other.",
                "After the point: 95 + 10 = 105, I write 05 and carry 1.",
                "Before the point: 3 + 2 + 1 = 6.",
                "So 3.95 + 2.1 = 6.05.",
            ],
        ),
        (
            dec("7", "-", "2.06"),
            [
                "I write 7 as 7.00, so that the points are under each other.",
                "After the point: 00 is less than 06, so I borrow: 100 − 06 = 94, I write 94.",
                "Before the point: 7 − 2 − 1 = 4.",
                "So 7 − 2.06 = 4.94.",
            ],
        ),
        (
            dec("3.7", "-", "2.5"),
            ["After the point: 7 − 5 = 2, I write 2.", "Before the point: 3 − 2 = 1.", "So 3.7 − 2.5 = 1.2."],
        ),
        (dec("3", "+", "4"), ["So 3 + 4 = 7."]),
        (
            product("0.3", "0.2"),
            ["Without the points: 3 × 2 = 6.", "Decimals: 1 + 1 = 2, so it is 0.06.", "So 0.3 × 0.2 = 0.06."],
        ),
        (product("3", "4"), ["So 3 × 4 = 12."]),
        (tens("2.5", 10), ["I move the point 1 place to the right: 25.", "So 2.5 × 10 = 25."]),
        (tens(".05", 10), ["I move the point 1 place to the right: 0.5.", "So .05 × 10 = 0.5."]),
        (tens("2.5", 1000), ["I move the point 3 places to the right: 2500.", "So 2.5 × 1000 = 2500."]),
        (tens("25", 100), ["I write 2 zeros at the end: 2500.", "So 25 × 100 = 2500."]),
        (
            larger("0.35", "0.8"),
            ["With equally many decimals they are 0.35 and 0.80.", "So 0.8 is larger than 0.35."],
        ),
        (larger("3.05", "2.8"), ["Before the point 3 is larger than 2.", "So 3.05 is larger than 2.8."]),
        (larger("0.35", "0.38"), ["So 0.38 is larger than 0.35."]),
    ],
)
def test_the_right_work(item, lines):
    work = solve(item)
    assert [step.text for step in work.steps] == lines
    assert work.first_wrong is None


@pytest.mark.parametrize(
    ("name", "item", "work"),
    [
        (
            "right_aligns",
            dec("3.5", "+", "0.12"),
            [
                ("I write the last digits under each other: 35 and 12.", False),
                ("35 + 12 = 47.", True),
                ("With 2 decimals it is 0.47.", True),
                ("So 3.5 + 0.12 = 0.47.", True),
            ],
        ),
        (
            "whole_and_decimal_separate",
            dec("3.7", "+", "2.3"),
            [
                ("After the point: 7 + 3 = 10, I write 10.", False),
                ("Before the point: 3 + 2 = 5.", True),
                ("So 3.7 + 2.3 = 5.10.", True),
            ],
        ),
        (
            "whole_and_decimal_separate",
            dec("5.2", "-", "1.75"),
            [
                ("After the point: 75 − 2 = 73, I write 73.", False),
                ("Before the point: 5 − 1 = 4.", True),
                ("So 5.2 − 1.75 = 4.73.", True),
            ],
        ),
        (
            "mul_keeps_max_places",
            product("0.5", "0.12"),
            [
                ("Without the points: 5 × 12 = 60.", True),
                ("The product has 2 decimals, like the longer factor, so it is 0.60.", False),
                ("So 0.5 × 0.12 = 0.60.", True),
            ],
        ),
        (
            "times_ten_appends_zero",
            tens("2.5", 100),
            [("I write 2 zeros at the end: 2.500.", False), ("So 2.5 × 100 = 2.500.", True)],
        ),
        (
            "longer_is_larger",
            larger("0.35", "0.8"),
            [("After the point 35 is larger than 8.", True), ("So 0.35 is larger than 0.8.", False)],
        ),
        (
            "shorter_is_larger",
            larger("0.45", "0.4"),
            [("0.4 has fewer decimals than 0.45.", True), ("So 0.4 is larger than 0.45.", False)],
        ),
    ],
)
def test_where_a_rule_goes_wrong(name, item, work):
    assert worked(malrule(f"dec.{name}").run(item)) == work


@pytest.mark.parametrize(
    ("name", "item"),
    [
        ("right_aligns", dec("3.5", "+", "0.1")),
        ("right_aligns", dec("0.50", "+", "0.0")),
        # 35 − 42 sends a pupil back.
        ("right_aligns", dec("3.5", "-", "0.42")),
        ("whole_and_decimal_separate", dec("3.5", "+", "2.3")),
        ("whole_and_decimal_separate", dec("3", "+", "4")),
        # 2.5 is 2.50.
        ("whole_and_decimal_separate", dec("3.5", "-", "1.00")),
        ("mul_keeps_max_places", product("3", "0.12")),
        ("mul_keeps_max_places", product("0.0", "0.12")),
        ("times_ten_appends_zero", tens("25", 10)),
        ("times_ten_appends_zero", tens("0.0", 10)),
        ("longer_is_larger", larger("0.45", "0.4")),
        ("longer_is_larger", larger("3.05", "4.8")),
        # 5 and 05 are the same number: the rule says nothing.
        ("longer_is_larger", larger("0.05", "0.5")),
        ("shorter_is_larger", larger("0.35", "0.8")),
        ("shorter_is_larger", larger("3.5", "2.25")),
        ("shorter_is_larger", larger("0.35", "0.38")),
    ],
)
def test_where_a_rule_does_not_show(name, item):
    assert not malrule(f"dec.{name}").applies(item)


@pytest.mark.parametrize(
    ("name", "item"),
    [
        ("right_aligns", dec("3.5", "+", "0.1")),
        ("whole_and_decimal_separate", dec("3.5", "-", "1.00")),
        ("mul_keeps_max_places", product("3", "0.12")),
        ("times_ten_appends_zero", tens("0.0", 10)),
    ],
)
def test_a_rule_has_nothing_to_say_where_it_comes_to_the_right_value(name, item):
    assert malrule(f"dec.{name}").procedure(parts_of(item)[0]) is None


def test_parts_after_the_point_are_read_as_whole_numbers_whatever_zeros_they_begin_with():
    assert malrule("dec.whole_and_decimal_separate").run(dec("3.05", "+", "2.03")).answer == "5.8"


def test_a_right_value_with_a_zero_at_its_end_is_right_and_an_appended_zero_is_told_by_its_form():
    assert solve(dec("3.7", "+", "2.3")).answer == "6.0"
    assert matching(dec("3.7", "+", "2.3"), "6") == ()
    assert same_answer("2.50", "2.5")
    for answer in ("2.50", "2.5"):
        assert [rule.id for rule in matching(tens("2.5", 10), answer)] == ["dec.times_ten_appends_zero"]
    assert malrule("dec.times_ten_appends_zero").run(tens("2.5", 10)).answer == "2.50"


@pytest.mark.parametrize(
    ("item", "text", "skills"),
    [
        (dec("3.5", "-", "0.12"), "3.5 − 0.12", ("decimal_alignment", "decimal_as_one_number")),
        (dec("3.5", "+", "0.1"), "3.5 + 0.1", ("decimal_as_one_number",)),
        (product("0.3", "0.2"), "0.3 × 0.2", ("decimals_of_a_product",)),
        (product("3", "2"), "3 × 2", ()),
        (tens("2.5", 10), "2.5 × 10", ("times_power_of_ten",)),
        (tens("25", 10), "25 × 10", ()),
        (larger(".35", ".8"), "the larger of .35 and .8", ("decimal_size",)),
        (larger("3.5", "2.25"), "the larger of 3.5 and 2.25", ()),
    ],
)
def test_the_skills_that_an_item_takes(item, text, skills):
    assert (parts_of(item)[0].text, skills_of(item)) == (text, skills)


@settings(max_examples=300, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(decimal_items())
def test_the_right_answer_is_right(item):
    answer, a, b = solve(item).answer, Fraction(item["a"]), Fraction(item["b"])
    if item.get("kind") == "comparison":
        assert answer in (item["a"], item["b"]) and Fraction(answer) == max(a, b)
    else:
        assert Fraction(answer) == {"+": a + b, "-": a - b}.get(item.get("op"), a * b)

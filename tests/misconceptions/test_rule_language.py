"""The language for wrong procedures: what it computes, what it refuses and where, and its bounds."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tutorkit.errors import DataError
from tutorkit.misconceptions.rule_language import read_formula, show_formula, with_numbers

LETTERS = ("a", "b", "c", "d")
NUMBERS = {"a": 52, "b": 18, "c": 7, "d": 4}


def written(text, **numbers):
    return read_formula(text, LETTERS).written({**NUMBERS, **numbers})


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("a+b", ("70",)),
        ("a − b", ("34",)),
        ("a*b", ("936",)),
        ("a//c", ("7",)),
        ("a % c", ("3",)),
        ("-a + b", ("-34",)),
        ("2*(a+c)", ("118",)),
        ("a - b - c", ("27",)),
        ("a - (b - c)", ("41",)),
        ("gcd(a, b)", ("2",)),
        ("lcm(d, c, 2)", ("28",)),
        ("abs(b-a)", ("34",)),
        ("max(a,b,c)", ("52",)),
        ("min(a,b)", ("18",)),
        ("(a+c)/(b+d)", ("59", "22")),
        ("a ÷ b", ("52", "18")),
        ("abs(digits(a)-digits(b))", ("46",)),
        ("digits(a)+digits(b)", ("610",)),
        ("(digits(a)+digits(b)) % 10", ("60",)),
        ("digits(a) + 1", ("63",)),
        ("max(digits(a), digits(b))", ("58",)),
    ],
)
def test_a_formula_comes_to(text, result):
    assert written(text) == result


def test_rows_meet_ones_under_ones_and_a_missing_digit_is_nought():
    assert written("digits(a)+digits(b)", a=614, b=47) == ("6511",)
    assert written("abs(digits(a)-digits(b))", a=40, b=43) == ("3",)


@pytest.mark.parametrize(
    "text",
    [
        "a//(b-18)",
        "a/(b-18)",
        "a%(d-4)",
        "digits(b)-digits(a)",
        "digits(digits(a))",
        "10*10*" * 6 + "10*a",
        "a//digits(40)",
    ],
)
def test_where_there_is_no_value_or_one_out_of_bounds_there_is_no_result(text):
    assert written(text) is None


@pytest.mark.parametrize(
    ("text", "character", "instead"),
    [
        ("", 1, "(a+c)/(b+d)"),
        ("a+e", 3, "there is a, b, c, d"),
        ("a**2", 2, "a*a"),
        ("a^2", 2, "a*a"),
        ("2a", 2, "2*a"),
        ("(a)(b)", 4, "2*a"),
        ("a/b+c", 1, "//"),
        ("1+a/b", 3, "//"),
        ("1.5*a", 2, "whole numbers"),
        ("a<b", 2, "max and min"),
        ("a = b", 3, "a+b"),
        ("a : b", 3, "//"),
        ("foo(a)", 1, "gcd"),
        ("abs()", 1, "Give it 1"),
        ("gcd(a)", 1, "2 to 4"),
        ("+a", 1, "sign"),
        ("(a", 1, "parentheses"),
        ("a+", 1, "signs"),
        ("a b", 3, "signs"),
        ("a if b else c", 1, "whole numbers"),
        ("007", 1, "0"),
        ("9999999999999", 1, "smaller"),
        ("(" * 13 + "a" + ")" * 13, 13, "fewer"),
        ("-" * 100 + "a", 26, "simply"),
        ("a.real", 2, "whole numbers"),
        ("a[0]", 2, "There are"),
        ("'a'", 1, "There are"),
        ("a;b", 2, "There are"),
        ("a@b", 2, "There are"),
        ("__import__('os')", 1, "There are"),
        ("a" + "+a" * 200, 1, "formula such as"),
    ],
)
def test_what_is_no_formula_is_refused_saying_where_and_what_instead(text, character, instead):
    with pytest.raises(DataError) as caught:
        read_formula(text, LETTERS)
    assert caught.value.data["character"] == character
    assert instead in caught.value.remedy
    assert text[:20] in caught.value.message


leaves = st.one_of(st.sampled_from(LETTERS), st.integers(0, 99).map(str))
formulas = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", "//", "%"]), inner).map(
            lambda three: "({}{}{})".format(*three)
        ),
        inner.map(lambda text: f"abs({text})"),
        inner.map(lambda text: f"(-{text})"),
        st.tuples(inner, inner).map(lambda two: "max({}, {})".format(*two)),
    ),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(formulas, st.tuples(*[st.integers(1, 200)] * 4))
def test_a_formula_is_worked_out_as_python_would_and_shown_so_that_it_is_read_again(text, values):
    numbers = dict(zip(LETTERS, values, strict=True))
    if len(text) > 180 or text.count("(") > 11:
        return
    formula = read_formula(text, LETTERS)
    try:
        expected = (str(eval(text, {"__builtins__": {"abs": abs, "max": max}}, dict(numbers))),)
    except ZeroDivisionError:
        expected = None
    assert formula.written(numbers) == expected
    shown = show_formula(formula)
    assert read_formula(shown, LETTERS).written(numbers) == expected
    assert len(shown) <= len(text) + text.count(",")


def test_numbers_are_put_in_the_place_of_letters():
    formula = with_numbers(read_formula("(a+c)/(b+d)", LETTERS), NUMBERS)
    assert show_formula(formula) == "(52+7)/(18+4)"

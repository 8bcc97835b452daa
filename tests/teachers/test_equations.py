"""What is read as a calculation, what is left alone, and what is called false."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutorkit.teachers.experts.equations import equations_in, expressions_in, number_of, numbers_in, same_value


@pytest.mark.parametrize(
    ("line", "span", "value", "holds"),
    [
        ("5 packs * $4 per pack = $20", "5 packs * $4 per pack = $20", 20, True),
        ("so it is 40 x .05 = 2.", "40 x .05 = 2", 2, True),
        ("$10 total / 5 packs of bacon = $2.", "10 total / 5 packs of bacon = $2", 2, True),
        ("a tax of 30% of 50 = 15", "30% of 50 = 15", 15, True),
        ("20/50 = 40%", "20/50 = 40%", Fraction(2, 5), True),
        ("1,000 + 2,000=3,000", "1,000 + 2,000=3,000", 3000, True),
        ("10/3 = 3.33", "10/3 = 3.33", Fraction(10, 3), True),
        ("1 - 3/4 = 1/4", "1 - 3/4 = 1/4", Fraction(1, 4), True),
        ("20 feet / 10 feet/section = 2 sections", "20 feet / 10 feet/section = 2", 2, True),
        ("half of it: 27(1/3)=9", "27(1/3)=9", 9, True),
        ("The 200-page book: 200 - 10 = 190 pages", "200 - 10 = 190", 190, True),
        ("2 * -3 = -6", "2 * -3 = -6", -6, True),
        ("(3+4)*2 = 15", "(3+4)*2 = 15", 14, False),
        ("She has 47 + 39 = 76 left", "47 + 39 = 76", 86, False),
        ("80,000*.5=$<<80000*.5=40000.0>>40,000", "80,000*.5=$<<80000*.5=40000.0>>40,000", 40000, True),
        ("130*.15 = $<<130*.15=19.5>>195 in all", "130*.15 = $<<130*.15=19.5>>195", Fraction(39, 2), False),
    ],
)
def test_a_calculation_is_read(line, span, value, holds):
    (found,) = equations_in([line])
    assert (found.span, found.value, found.holds) == (span, value, holds)
    assert found.span in line


@pytest.mark.parametrize(
    "line",
    [
        "2 1/2 * 2 = 5",
        "sqrt(9+7) = 4",
        "6*x = 18*x",
        "1Dachshund+1/4Papillon=3",
        "$5 + 50 cents = $5.50",
        "2 hours + 30 minutes = 150",
        "The answer = 5",
        "5 * (2 = 3",
        "7 / 0 = 0",
    ],
)
def test_what_is_not_clear_is_left_alone(line):
    assert [each for each in equations_in([line]) if not each.holds] == []


def test_a_chain_of_equals_signs_is_read_sign_by_sign():
    first, second = equations_in(["2+3 = 5 * 4 = 20"])
    assert (first.said, second.said) == (5, 20)
    assert first.holds and second.holds


def test_a_worked_line_may_be_a_bare_expression():
    (found,) = expressions_in(["( 76 - 25 )"])
    assert (found.said, found.operands) == (51, (76, 25))


def test_numbers_and_answers():
    assert numbers_in("2,500 of 30% and .5") == (2500, 30, Fraction(1, 2))
    assert number_of("-17.50") == Fraction(-35, 2)
    assert number_of("3 or 4") is None
    assert same_value(Fraction(1, 3), Fraction(333, 1000)) and not same_value(Fraction(1000), Fraction(1001))


@given(st.integers(0, 10**6), st.integers(1, 10**6), st.sampled_from("+-*"))
def test_whole_numbers_hold_exactly_when_they_are_right(a, b, sign):
    value = {"+": a + b, "-": a - b, "*": a * b}[sign]
    (right,) = equations_in([f"{a} {sign} {b} = {value}"])
    (wrong,) = equations_in([f"{a} {sign} {b} = {value + 1}"])
    assert right.holds and not wrong.holds


@given(st.text(alphabet="0123456789+-*/^()=<>$%,. abxof", max_size=200))
def test_no_text_breaks_the_reader(text):
    for found in equations_in([text]):
        assert found.span in text


@pytest.mark.parametrize(
    "text",
    [
        "(" * 50_000 + "1=1",
        "<<" + "(" * 50_000 + "1=1>>",
        "1 + 1 = " * 5_000,
        "9" * 50_000 + " + 1 = 3",
        "9^9^9^9=1",
        "1" * 100_000 + "a<<1=1>>",
    ],
)
def test_a_huge_text_is_no_trouble(text):
    equations_in([text])

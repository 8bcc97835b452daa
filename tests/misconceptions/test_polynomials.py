from fractions import Fraction

import pytest

from tutorkit.misconceptions import matching, same_answer
from tutorkit.misconceptions.polynomials import polynomial, read_polynomial, write_polynomial


@pytest.mark.parametrize(
    ("text", "coefficients"),
    [
        ("7x", {1: 7}),
        ("-x+8", {1: -1, 0: 8}),
        ("−x + 8", {1: -1, 0: 8}),
        ("+x", {1: 1}),
        ("x^2+6x+9", {2: 1, 1: 6, 0: 9}),
        ("9 + 6X + x²", {2: 1, 1: 6, 0: 9}),
        ("x¹²", {12: 1}),
        ("3x+2x-x", {1: 4}),
        ("x-x", {}),
        ("x/4+1", {1: Fraction(1, 4), 0: 1}),
        ("1/4x + 4/4", {1: Fraction(1, 4), 0: 1}),
        ("3*x - .5", {1: 3, 0: Fraction(-1, 2)}),
        ("2.5x/5", {1: Fraction(1, 2)}),
        ("x^0", {0: 1}),
        ("4", {0: 4}),
    ],
)
def test_a_sum_of_terms_is_read(text, coefficients):
    assert read_polynomial(text) == polynomial(coefficients)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "+",
            "x+",
            "+-x",
            "3+*x",
            "3*",
            "4*+x",
            "x x",
            "x2",
            "2 3x",
            "x 3",
            "y",
            "3(x+4)",
            "(x+3)^2",
            "x*x",
            "xx",
        ),
        *("x/0", "1/0x", "x^", "x^-2", "x^2^3", "^2", "x^99999", "1e5x", "x=4", "x+" * 60 + "1", "9" * 100 + "x"),
    ],
)
def test_what_is_no_sum_of_terms_is_not_read(text):
    assert read_polynomial(text) is None


@pytest.mark.parametrize("text", ["x^2+6x+9", "-x+8", "7x", "x/4+1", "x", "-3x/2-1/2", "0", "5", "x^11"])
def test_a_canonical_text_comes_back_as_it_was(text):
    assert write_polynomial(read_polynomial(text)) == text


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ("4x + 3", "3+4x", True),
        ("0.25x+1", "x/4+1", True),
        ("x²+6x+9", "x^2+6x+9", True),
        ("x^2+3x+3x+9", "x^2+6x+9", True),
        ("8-x", "-x+8", True),
        ("3(x+4)", "3x+12", False),
        ("7x", "7", False),
        ("7x", "7x^2", False),
        ("x+", "x+ ", False),
        ("1:25", "01:25", True),
        ("1:25", "0:85", False),
        ("1:65", "2:05", False),
        ("1:25", "85", False),
    ],
)
def test_answers_in_x_and_times_are_compared_by_value(left, right, same):
    assert same_answer(left, right) is same
    assert same_answer(right, left) is same


def test_an_answer_in_another_form_is_explained_by_its_misconception():
    item = {"domain": "alg", "kind": "square", "b": 3}
    assert [rule.id for rule in matching(item, "9 + x²")] == ["alg.freshman_square"]
    assert matching(item, "9 + 6x + x²") == ()
    assert matching(item, "(x+3)^2") == ()

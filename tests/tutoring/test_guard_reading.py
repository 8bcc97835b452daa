from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.talk import seen

from tutorkit.tutoring.guards import check, crisis_in, masked
from tutorkit.tutoring.guards.algebra import expression
from tutorkit.tutoring.guards.expressions import calculations
from tutorkit.tutoring.guards.mentions import mentions
from tutorkit.tutoring.guards.number_words import english_number, german_number, with_digits
from tutorkit.tutoring.guards.plain import plain
from tutorkit.tutoring.guards.sentences import sentences


@given(st.integers(0, 999))
def test_number_words_are_read_in_english_and_german(number):
    english, german = english_number(number), german_number(number)
    assert with_digits(f"It is {english}.") == f"It is {number}."
    assert with_digits(english.replace("-", " ").upper()) == (str(number) if number != 1 else "ONE")
    assert with_digits(f"Es ist {german}.") == f"Es ist {number}."
    assert with_digits(german.replace("ß", "ss")) == str(number)


def test_german_words_are_the_languages():
    assert [german_number(n) for n in (1, 7, 16, 21, 30, 101, 234)] == [
        *("eins", "sieben", "sechzehn", "einundzwanzig", "dreißig", "einhunderteins", "zweihundertvierunddreißig")
    ]
    assert english_number(345) == "three hundred and forty-five"


PLAIN = [
    ("one of these, or each one", "one of these, or each one"),
    ("the answer is one.", "the answer is 1."),
    ("eine Zahl und ein Bruch", "eine Zahl und ein Bruch"),
    ("someone often went to a tent", "someone often went to a tent"),
    ("three four", "3 4"),
    ("three and four", "3 and 4"),
    ("twelve hundred", "1200"),
    ("1.2 million", "1200000"),
    ("two twenty-fifths", "2/25"),
    ("a half", "1/2"),
    ("the first half", "the first half"),
    ("2 and a half", "2 1/2"),
    ("3 point 5", "3.5"),
    ("8 minus 5", "8 minus 5"),
    ("minus five", "-5"),
    ("3½", "3 1/2 "),
    ("x² + 6x", "x^2 + 6x"),
    ("\\frac{3}{4}", " 3/4 "),
    ("2{,}5", "2,5"),
    ("**3**4", "34"),
    ("3 − 4 · 5", "3 - 4 × 5"),
    ("isn’t", "isn't"),
    ("a &lt; b", "a < b"),
]


@pytest.mark.parametrize(("text", "read"), PLAIN)
def test_texts_are_read_in_one_plain_form(text, read):
    assert plain(text) == read


def test_a_power_stays_a_power_where_the_text_is_read_as_a_calculation():
    assert plain("2**3 = 8", emphasis=False) == "2^3 = 8"
    assert plain("that is **not** 8", emphasis=False) == "that is not 8"


NUMBERS = [
    ("1,234", ["1234", "617/500"]),
    ("3,5", ["7/2"]),
    ("1.234,5", ["2469/2"]),
    ("12 345", ["12345", "12", "345"]),
    ("20 %", ["20", "1/5"]),
    ("2 1/3", ["7/3", "1/3", "2"]),
    ("-5", ["-5"]),
    ("8 - 5", ["8", "5"]),
    ("8 - -5", ["8", "-5"]),
    ("4/12 - 1/8", ["1/3", "1/8"]),
    ("3.4 × 10^1", ["34"]),
    ("x^2 and x2", []),
    ("1/0", ["1"]),
    ("5.", ["5"]),
]


@pytest.mark.parametrize(("text", "values"), NUMBERS)
def test_every_reading_of_every_number_is_found(text, values):
    assert [str(value) for mention in mentions(text) for value, _ in mention.forms] == values


@given(st.integers(-400, 400), st.integers(-400, 400), st.sampled_from("+-×"))
def test_a_calculation_comes_to_what_it_comes_to(a, b, sign):
    result = {"+": a + b, "-": a - b, "×": a * b}[sign]
    for shown in (f"({a}) {sign} ({b}) = {result}", f"So {a} {sign} ({b}) = {result}."):
        (equation,) = calculations(shown).equations
        assert equation.left.values == {Fraction(result)}
        assert not equation.is_false


@given(st.text(alphabet="0123456789+-−×*÷/:=().,%^ xyRis of half tens\n", max_size=80))
def test_no_text_breaks_the_reading(text):
    calculations(text)
    mentions(plain(text))
    expression(text)


def test_a_tower_of_powers_is_not_worked_out():
    assert calculations("9^9^9^9 = 1").equations == ()
    assert expression("x^9^9^9") is None
    assert calculations("9" * 50_000 + " + 1 = 2").equations == ()


NASTY = [
    "(",
    "-",
    "- ",
    "2^",
    "1 ",
    "1+",
    "= ",
    "1=",
    "x+",
    "1.1.",
    "you ",
    "not ",
    "**",
    "“",
    "{",
    "|",
    "three ",
    "<b>",
    "0 ",
]


@pytest.mark.parametrize("piece", NASTY)
def test_no_guard_raises_or_hangs_on_a_nasty_text(piece):
    text = piece * (6_000 // len(piece))
    for nasty in (text, f"52 {text}"[:6_000], f"{text[:100]}={text[:100]}"):
        check(nasty, seen())
        check("Look at the ones.", seen(said=(nasty,)))
        crisis_in(nasty)
        masked(nasty, roster=["Ada Lovelace"])


@given(st.text(max_size=200))
def test_any_text_is_checked_without_an_exception(text):
    assert isinstance(check(text, seen(roster=("Ada",))), tuple)


def test_sentences_end_where_a_reader_would_say_so():
    assert sentences("Take 3.5 cm, e.g. here. And now? Go on!") == ["Take 3.5 cm, e.g. here.", "And now?", "Go on!"]
    assert sentences("1. Look.\n2. Think.") == ["Look.", "Think."]
    assert sentences("Im 1. schritt nimmst du z. B. die Zehner.") == ["Im 1. schritt nimmst du z. B. die Zehner."]
    assert sentences("...") == []

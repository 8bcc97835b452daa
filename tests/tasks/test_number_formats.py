"""Numbers written in every usual way are read as the same number."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from tutorkit.tasks.scorers import scorer
from tutorkit.tasks.scorers.numbers import Ambiguous, Number, parse_number
from tutorkit.types import Problem

WHOLE = st.integers(-(10**12), 10**12)
UNITS = st.sampled_from(["", " apples", " cm", "kg", " dollars", ".", " per day"])
FRAMES = st.sampled_from(["{}", "Answer: {}", "The answer is {}", "so it is\n#### {}", "Answer:\n{}", r"\boxed{{{}}}"])


def value(text: str) -> Fraction | None:
    found = parse_number(text)
    return found.value if isinstance(found, Number) else None


@given(WHOLE, UNITS)
def test_thousands_separators_and_units_change_nothing(number: int, unit: str):
    assert value(f"{number:,}{unit}") == number
    assert value(f"{number}{unit}") == number
    assert value(f"{number:,}{unit}".replace(",", "\u202f")) == number


@given(WHOLE)
def test_currency_and_typographic_minus(number: int):
    assert value(f"${number:,}.00".replace("$-", "-$")) == number
    assert value(f"{number}".replace("-", "−")) == number


@given(st.integers(-(10**9), 10**9), st.integers(0, 6))
def test_decimals_are_exact(scaled: int, places: int):
    number = Fraction(scaled, 10**places)
    assert value(f"{scaled / 10**places:.{places}f}") == number


@given(st.integers(0, 999), st.integers(1, 99), st.integers(2, 100))
def test_mixed_numbers(whole: int, top: int, bottom: int):
    assert value(f"{whole} {top}/{bottom}") == whole + Fraction(top, bottom)
    assert value(rf"\frac{{{top}}}{{{bottom}}}") == Fraction(top, bottom)


@given(st.integers(1, 9999), st.integers(0, 99))
def test_a_comma_that_may_be_decimal_is_not_guessed_at(whole: int, part: int):
    assert isinstance(parse_number(f"{whole},{part}"), Ambiguous)
    found = parse_number(f"{whole},{part:02d}", comma="decimal")
    assert isinstance(found, Number)
    assert found.value == whole + Fraction(part, 100)


@given(WHOLE, UNITS, FRAMES)
def test_a_marked_number_is_right_and_its_neighbour_is_wrong(number: int, unit: str, frame: str):
    by_number = scorer("number")

    def graded(gold: int) -> str:
        problem = Problem(id="p", task="t", text="?", gold=str(gold), scorer="number", split="test", group="g")
        return by_number.grade(problem, "I tried 3 ways. " + frame.format(f"{number:,}{unit}")).outcome

    assert graded(number) == "right"
    assert graded(number + 1) == "wrong"


@given(st.text(max_size=300))
def test_any_text_is_graded(text: str):
    for name, gold in (("number", "7"), ("fraction", "1/2"), ("yes_no", "yes"), ("list", "1, 2"), ("exact", "x")):
        problem = Problem(id="p", task="t", text="?", gold=gold, scorer=name, split="test", group="g")
        assert scorer(name).grade(problem, text).outcome in {"right", "wrong", "invalid"}

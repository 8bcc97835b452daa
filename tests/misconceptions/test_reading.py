"""Items and answers as people write them."""

from random import Random

import pytest

from tutorkit.errors import DataError
from tutorkit.misconceptions import parts_of, read_answer, read_text
from tutorkit.misconceptions.domains import DOMAINS

KINDS = {kind.record.__name__: kind for domain in DOMAINS for kind in domain.kinds}


@pytest.mark.parametrize("name", KINDS)
def test_every_item_is_read_from_its_own_text(name):
    rng = Random(name)
    for _ in range(60):
        item = KINDS[name].draw(rng)
        (read,) = parts_of(read_text(item.text))
        assert read.text == item.text
        # 12 × 10 is both a product in columns and a decimal times ten.
        assert type(read) is type(item) or name in (
            "TimesPowerOfTen",
            "DecimalProduct",
            "DecimalSum",
            "SignedOperation",
        )
        assert KINDS[type(read).__name__].solve(read).answer


@pytest.mark.parametrize(
    ("text", "item"),
    [
        ("52 - 18", {"domain": "sub", "a": 52, "b": 18}),
        ("52−18 = ?", {"domain": "sub", "a": 52, "b": 18}),
        ("Work out 47+26.", {"domain": "add", "a": 47, "b": 26}),
        ("What is 23 x 14?", {"domain": "mul", "a": 23, "b": 14}),
        ("618:6", {"domain": "div", "a": 618, "b": 6}),
        ("1/2+1/3", {"domain": "frac", "op": "+", "a": 1, "b": 2, "c": 1, "d": 3}),
        ("½ + ⅓ =", {"domain": "frac", "op": "+", "a": 1, "b": 2, "c": 1, "d": 3}),
        ("2/3 ÷ 4/5", {"domain": "frac", "op": "/", "a": 2, "b": 3, "c": 4, "d": 5}),
        ("3 * 2/5", {"domain": "frac", "kind": "whole_times", "n": 3, "a": 2, "b": 5}),
        ("2¾", {"domain": "frac", "kind": "mixed", "w": 2, "n": 3, "d": 4}),
        ("2/3 = ?/6", {"domain": "frac", "kind": "equivalent", "a": 2, "b": 3, "d": 6}),
        ("1/3 or 1/4", {"domain": "frac", "kind": "comparison", "a": 1, "b": 3, "c": 1, "d": 4}),
        ("0.35 vs 0.8", {"domain": "dec", "kind": "comparison", "a": "0.35", "b": "0.8"}),
        ("3.5+0.12", {"domain": "dec", "op": "+", "a": "3.5", "b": "0.12"}),
        ("3.5×10", {"domain": "dec", "kind": "times_ten", "a": "3.5", "b": 10}),
        ("24 ÷ 4 × 2", {"domain": "ooo", "expression": "24/4*2"}),
        ("2+3²", {"domain": "ooo", "expression": "2+3^2"}),
        ("20% of 80", {"domain": "pct", "kind": "of", "percent": 20, "amount": 80}),
        ("20 % off $80", {"domain": "pct", "kind": "off", "percent": 20, "amount": 80}),
        ("80, 20 % off", {"domain": "pct", "kind": "off", "percent": 20, "amount": 80}),
        ("100 ± 20%", {"domain": "pct", "kind": "successive", "percent": 20, "amount": 100}),
        ("80 after 20% off", {"domain": "pct", "kind": "reverse", "percent": 20, "amount": 80}),
        ("−(−7)", {"domain": "neg", "a": 7}),
        ("-3+(-5)", {"domain": "neg", "kind": "operation", "op": "+", "a": -3, "b": -5}),
        ("3 - 8", {"domain": "neg", "kind": "operation", "op": "-", "a": 3, "b": 8}),
        ("2x+3=11", {"domain": "alg", "a": 2, "b": 3, "c": 11}),
        ("3x = 12", {"domain": "alg", "a": 3, "b": 0, "c": 12}),
        ("3(x+4)=21", {"domain": "alg", "kind": "bracket_equation", "a": 3, "b": 4, "c": 21}),
        ("(x+3)²", {"domain": "alg", "kind": "square", "b": 3}),
        ("x²·x³", {"domain": "alg", "kind": "powers", "m": 2, "n": 3}),
        ("3x, x=4", {"domain": "alg", "kind": "substitution", "a": 3, "x": 4}),
        ("250 cm → m", {"domain": "unit", "value": "250", "unit": "cm", "into": "m"}),
        ("3 m² to cm²", {"domain": "unit", "value": "3", "unit": "m2", "into": "cm2"}),
        ("5:10 - 3:45", {"domain": "time", "start": "3:45", "end": "5:10"}),
        ('{"domain": "sub", "a": 5, "b": 2}', {"domain": "sub", "a": 5, "b": 2}),
    ],
)
def test_an_item_is_read_as_it_may_be_typed(text, item):
    read = read_text(text)
    assert parts_of(read) == parts_of(item)


@pytest.mark.parametrize(
    "text", ["", "   ", "hello", "2x+", "1/0 + 1/2", "9^9^9", "__import__('os')", "1+" * 400 + "1"]
)
def test_what_is_no_item_is_refused_with_what_can_be_read(text):
    with pytest.raises(DataError) as caught:
        read_text(text)
    assert "52 - 18" in caught.value.remedy
    assert len(caught.value.message) < 200


@pytest.mark.parametrize(
    ("text", "reason"),
    [('{"domain": "sub", "a": 5', "broken JSON"), ('{"domain": "sub", "a": 1, "b": 2}', "a is smaller than b")],
)
def test_an_item_in_json_that_does_not_fit_is_told(text, reason):
    with pytest.raises(DataError, match=reason):
        read_text(text)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("46", "46"),
        (" = 46. ", "46"),
        ("Answer: 46", "46"),
        ("$64", "64"),
        ("64 €", "64"),
        ("12 apples", "12"),
        ("2.5 m", "2.5"),
        ("3 m²", "3"),
        ("x = 4", "4"),
        ("2/4", "2/4"),
        ("2 1/2", "2 1/2"),
        ("2½", "2 1/2"),
        ("1,234", "1234"),
        ("3,62", "3.62"),
        ("2.50", "2.50"),
        ("−3", "-3"),
        ("- 3", "-3"),
        ("10 %", "10"),
        ("1:25", "1:25"),
        ("1 h 25 min", "1:25"),
        ("7x", "7x"),
        ("x² + 6x + 9", "x^2+6x+9"),
        ("17 / 2", "17/2"),
    ],
)
def test_an_answer_is_freed_of_what_stands_around_it_and_keeps_its_form(text, answer):
    assert read_answer(text) == answer


@pytest.mark.parametrize(
    "text", ["", " ", "?", "-", "idk", "don't know", "I think it is 5", "02-Jan", "1e5", "9" * 400]
)
def test_what_holds_no_answer_is_none(text):
    assert read_answer(text) is None

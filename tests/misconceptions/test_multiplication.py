import pytest
from arithmetic_items import multiplications
from hypothesis import given, settings

from tutorkit.misconceptions import malrule, skills_of, solve


def mul(a, b):
    return {"domain": "mul", "a": a, "b": b}


def lines(work):
    return [step.text for step in work.steps]


def test_the_work_on_a_product_of_two_long_numbers():
    work = solve(mul(47, 26))
    assert [(step.text, step.skill) for step in work.steps] == [
        ("Ones: 7 × 6 = 42, I write 2 and carry 4.", "multiplication_carry"),
        ("Tens: 4 × 6 = 24, and 4 carried is 28, I write 28.", "multiplication_carry"),
        ("So 47 × 6 = 282.", None),
        ("Ones: 7 × 2 = 14, I write 4 and carry 1.", "multiplication_carry"),
        ("Tens: 4 × 2 = 8, and 1 carried is 9, I write 9.", None),
        ("So 47 × 2 = 94.", None),
        ("The 2 stands for tens, so I write 940.", "place_shift"),
        ("I add them up: 282 + 940 = 1222.", "partial_products"),
        ("So 47 × 26 = 1222.", None),
    ]


@pytest.mark.parametrize(
    ("name", "item", "index", "text"),
    [
        ("omits_cross_products", mul(23, 14), 0, "I multiply only ones by ones and tens by tens."),
        ("no_place_shift", mul(23, 14), 6, "I write 23 below with its ones under the ones."),
        ("drops_carry", mul(327, 4), 0, "Ones: 7 × 4 = 28, I write 8."),
        ("drops_carry", mul(82, 4), 1, "Tens: 8 × 4 = 32, I write 2."),
        ("adds_carry_before_multiplying", mul(27, 4), 1, "Tens: 2 and 2 carried is 4, 4 × 4 = 16, I write 16."),
        ("zero_times_n_is_n", mul(304, 2), 1, "Tens: 0 × 2 = 2, I write 2."),
        ("zero_times_n_is_n", mul(307, 4), 1, "Tens: 0 × 4 = 4, and 2 carried is 6, I write 6."),
        ("columnwise", mul(23, 14), 0, "I multiply each digit by the digit below it."),
    ],
)
def test_where_a_rule_goes_wrong_first(name, item, index, text):
    work = malrule(f"mul.{name}").run(item)
    assert (work.first_wrong, work.steps[index].text) == (index, text)
    assert lines(work)[:index] == lines(solve(item))[:index]


def test_what_follows_an_error_is_carried_on_without_another_one():
    for name in ("omits_cross_products", "columnwise", "no_place_shift"):
        work = malrule(f"mul.{name}").run(mul(23, 14))
        assert [step.ok for step in work.steps].count(False) == 1, name
    assert lines(malrule("mul.columnwise").run(mul(123, 14))) == [
        "I multiply each digit by the digit below it.",
        "Ones: 3 × 4 = 12, I write 2 and carry 1.",
        "Tens: 2 × 1 = 2, and 1 carried is 3, I write 3.",
        "Hundreds: nothing to multiply 1 by, I write 1.",
        "So 123 × 14 = 132.",
    ]
    assert lines(malrule("mul.omits_cross_products").run(mul(23, 14)))[1:] == [
        "3 × 4 = 12.",
        "20 × 10 = 200.",
        "I add them up: 12 + 200 = 212.",
        "So 23 × 14 = 212.",
    ]


@pytest.mark.parametrize(
    ("name", "item"),
    [
        ("omits_cross_products", mul(304, 2)),
        ("omits_cross_products", mul(2, 304)),
        ("omits_cross_products", mul(20, 30)),
        ("no_place_shift", mul(304, 2)),
        ("drops_carry", mul(123, 3)),
        ("adds_carry_before_multiplying", mul(82, 4)),
        ("zero_times_n_is_n", mul(47, 26)),
        ("zero_times_n_is_n", mul(0, 0)),
        ("columnwise", mul(7, 8)),
    ],
)
def test_where_a_rule_does_not_show(name, item):
    assert not malrule(f"mul.{name}").applies(item)


@pytest.mark.parametrize(
    ("item", "skills"),
    [
        (mul(7, 1), ()),
        (mul(7, 8), ("multiplication_carry",)),
        (mul(12, 4), ("partial_products",)),
        (mul(4, 12), ("place_shift", "partial_products")),
        (mul(102, 4), ("multiply_by_zero", "partial_products")),
        (mul(12, 40), ("multiply_by_zero", "place_shift", "partial_products")),
        (mul(0, 0), ()),
    ],
)
def test_the_skills_that_a_product_takes(item, skills):
    assert skills_of(item) == skills


def test_a_product_with_nothing_is_not_moved():
    assert lines(solve(mul(4, 302)))[2:4] == ["Ones: 4 × 0 = 0, I write 0.", "So 4 × 0 = 0."]
    assert lines(solve(mul(4, 302)))[4:] == [
        "Ones: 4 × 3 = 12, I write 12.",
        "So 4 × 3 = 12.",
        "The 3 stands for hundreds, so I write 1200.",
        "I add them up: 8 + 0 + 1200 = 1208.",
        "So 4 × 302 = 1208.",
    ]


@settings(max_examples=200, deadline=None, derandomize=True)
@given(multiplications)
def test_the_right_answer_is_the_product(item):
    assert solve(item).answer == str(item["a"] * item["b"])

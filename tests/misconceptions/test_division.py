import pytest
from arithmetic_items import divisions
from hypothesis import given, settings

from tutorkit.misconceptions import malrule, skills_of, solve


def div(a, b):
    return {"domain": "div", "a": a, "b": b}


def worked(work):
    return [(step.text, step.ok) for step in work.steps]


def test_the_work_on_a_division():
    assert [(step.text, step.result, step.skill) for step in solve(div(1624, 8)).steps] == [
        ("8 does not go into 1, so I take 16.", "16", "short_division"),
        ("8 into 16 goes 2 times, I write 2.", "2", "short_division"),
        ("8 does not go into 2, I write 0, 2 left.", "0", "zero_in_quotient"),
        ("8 into 24 goes 3 times, I write 3.", "3", "short_division"),
        ("So 1624 ÷ 8 = 203.", "203", None),
    ]


def test_a_zero_that_is_left_out_is_the_wrong_step():
    assert worked(malrule("div.omits_zero_in_quotient").run(div(618, 6))) == [
        ("6 into 6 goes once, I write 1.", True),
        ("6 does not go into 1, I write nothing, 1 left.", False),
        ("6 into 18 goes 3 times, I write 3.", True),
        ("So 618 ÷ 6 = 13.", True),
    ]
    assert malrule("div.omits_zero_in_quotient").run(div(60, 6)).answer == "1"


def test_to_forget_a_remainder_is_wrong_where_it_should_have_been_taken_along():
    rule = malrule("div.digitwise_smaller_into_larger")
    assert worked(rule.run(div(75, 5))) == [
        ("5 into 7 goes once, I write 1.", True),
        ("5 into 5 goes once, I write 1.", False),
        ("So 75 ÷ 5 = 11.", True),
    ]
    assert worked(rule.run(div(48, 8)))[0] == ("4 into 8 goes 2 times, I write 2.", False)
    assert worked(rule.run(div(906, 3))) == worked(solve(div(906, 3)))
    assert worked(rule.run(div(80, 5)))[1] == ("0 ÷ 5 = 0, I write 0.", False)
    assert worked(rule.run(div(306, 9)))[1] == ("0 ÷ 9 = 0, I write 0.", True)


@pytest.mark.parametrize("item", [div(0, 6), div(84, 4), div(72, 6), div(7, 7)])
def test_without_a_zero_in_the_quotient_none_is_left_out(item):
    assert not malrule("div.omits_zero_in_quotient").applies(item)


@pytest.mark.parametrize(
    ("item", "answer", "skills"),
    [
        (div(0, 6), "0", ()),
        (div(84, 4), "21", ()),
        (div(72, 6), "12", ("short_division",)),
        (div(420, 7), "60", ("short_division", "zero_in_quotient")),
        (div(606, 6), "101", ("zero_in_quotient",)),
        (div(1728, 12), "144", ("short_division",)),
    ],
)
def test_the_skills_that_a_division_takes(item, answer, skills):
    assert (solve(item).answer, skills_of(item)) == (answer, skills)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(divisions)
def test_the_right_answer_is_the_quotient(item):
    assert solve(item).answer == str(item["a"] // item["b"])

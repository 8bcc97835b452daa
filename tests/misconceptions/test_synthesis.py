"""Rules found from examples, and what the examples leave open."""

from random import Random

import pytest

from tutorkit.errors import DataError
from tutorkit.misconceptions import (
    Example,
    compiled,
    malrule,
    parts_of,
    read_text,
    same_answer,
    solve,
    synthesised,
)


def examples(*pairs):
    return [Example(item=dict(read_text(item)), answer=answer) for item, answer in pairs]


@pytest.mark.parametrize(
    ("pairs", "buggy"),
    [
        ([("1/2 + 1/3", "2/5"), ("3/4 + 2/5", "5/9"), ("2/7 + 1/5", "3/12")], "(a+c)/(b+d)"),
        ([("52 - 18", "46"), ("73 - 25", "52"), ("614 - 47", "633")], "abs(digits(a)-digits(b))"),
        ([("47 + 26", "63"), ("58 + 37", "85"), ("88 + 77", "55")], "(digits(a)+digits(b))%10"),
        ([("47 + 26", "613"), ("58 + 37", "815")], "digits(a)+digits(b)"),
        ([("20% of 80", "4"), ("25% of 300", "12"), ("30% of 80", "8/3")], "b/a"),
        ([("2 + 3 × 4", "20"), ("3 + 2 × 5", "25"), ("7 + 4 × 3", "33")], "(a+b)*c"),
        ([("2/3 = ?/6", "5"), ("1/4 = ?/12", "9"), ("3/5 = ?/20", "18")], "a-b+c"),
        ([("2/3 ÷ 4/5", "12/10"), ("1/2 ÷ 3/7", "6/7"), ("4/9 ÷ 2/6", "18/24")], "(b*c)/(a*d)"),
    ],
)
def test_the_simplest_rule_that_makes_all_the_answers_is_found(pairs, buggy):
    found = synthesised(examples(*pairs), title="Found")
    assert found.rule.buggy == buggy
    rule = compiled(found.rule)
    for item, answer in pairs:
        assert same_answer(rule.run(read_text(item)).answer, answer)
    assert (found.rule.id, found.rule.title) == ("own.found", "Found")


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("frac.adds_num_and_den", "{}/{} + {}/{}"),
        ("sub.adds_instead", "{} − {}"),
        ("frac.mixed_adds_whole", "{} {}/{}"),
        ("frac.whole_times_both", "{} × {}/{}"),
        ("alg.subtracts_coefficient", "{}x + {} = {}"),
        ("pct.percent_is_amount", "{}% off {}"),
    ],
)
def test_what_a_built_in_rule_does_is_found_again_from_four_of_its_answers(name, form):
    rng, rule = Random(name), malrule(name)
    items = [item for item in (_filled(form, rng) for _ in range(400)) if item is not None and rule.applies(item)]
    found = synthesised([Example(item=item, answer=rule.run(item).answer) for item in items[:4]])
    made = compiled(found.rule)
    assert len(items) > 30
    for item in items[4:]:
        assert same_answer(made.run(item).answer, rule.run(item).answer), found.rule.buggy


def _filled(form, rng):
    """Put random numbers into a form; None where that is no item."""
    try:
        return dict(read_text(form.format(*(rng.randint(2, 12) for _ in range(form.count("{}"))))))
    except DataError:
        return None


def test_examples_that_do_not_settle_it_are_said_not_to():
    # The denominators have no common factor, so that product and least common multiple are the same.
    found = synthesised(examples(("1/2 + 1/3", "2/6"), ("3/4 + 2/5", "5/20"), ("2/7 + 1/5", "3/35")))
    assert found.ambiguous and {found.rule.buggy, found.rival.buggy} >= {"(a+c)/(b*d)"}
    one, other = (compiled(rule).run(found.telling).answer for rule in (found.rule, found.rival))
    assert (one, other) == found.answers and not same_answer(one, other)
    assert found.telling_text == parts_of(found.telling)[0].text
    settled = synthesised(examples(("1/2 + 1/3", "2/6"), ("3/4 + 1/6", "4/24"), ("2/9 + 1/6", "3/54")))
    assert settled.rule.buggy == "(a+c)/(b*d)"
    assert settled.rival is None or "lcm" not in settled.rival.buggy


def test_reduced_answers_of_pupils_are_understood():
    found = synthesised(examples(("2/3 = ?/6", "5"), ("1/4 = ?/12", "9"), ("2/5 = ?/20", "17")))
    assert found.rule.buggy == "a-b+c"


@pytest.mark.parametrize(
    ("pairs", "reason"),
    [
        ([("52 - 18", "46")], "One example fits too many"),
        ([("52 - 18", "46"), ("52 - 18", "46")], "One example fits too many"),
        ([("52 - 18", "34"), ("73 - 25", "52")], "is right"),
        ([("52 - 18", "?"), ("73 - 25", "52")], "no whole number"),
        ([("3(x + 4)", "3x+4"), ("2(x + 5)", "2x+5")], "no whole number"),
        ([("52 - 18", "46"), ("1/2 + 1/3", "2/5")], "not of one form"),
        ([("1/2 + 1/3", "2/5"), ("1/2 - 1/3", "0/1")], "not of one form"),
        ([("52 - 18", "1"), ("73 - 25", "999999"), ("614 - 47", "31")], "No simple formula"),
    ],
)
def test_what_no_rule_can_be_found_from_is_told(pairs, reason):
    with pytest.raises(DataError, match=reason):
        synthesised(examples(*pairs))


def test_a_rule_makes_every_example_or_none_is_found():
    rule = malrule("frac.adds_num_and_den")
    items = ["1/2 + 1/3", "3/4 + 2/5", "2/7 + 1/5", "5/8 + 2/3"]
    good = [(text, rule.run(read_text(text)).answer) for text in items]
    assert synthesised(examples(*good)).rule.buggy == "(a+c)/(b+d)"
    with pytest.raises(DataError, match="A slip among them spoils all"):
        synthesised(examples(*good[:3], (items[3], "7/97")))


def test_right_answers_are_told_by_the_item_and_not_by_the_form():
    assert solve(read_text("1/2 + 1/2")).answer == "2/2"
    with pytest.raises(DataError, match="is right"):
        synthesised(examples(("1/2 + 1/2", "1"), ("1/3 + 1/3", "2/6")))

"""Malrules of an educator's own, compiled to what the built-in ones are."""

import pytest

from tutorkit.errors import DataError, UnknownName
from tutorkit.misconceptions import (
    compiled,
    made_rule,
    malrule,
    malrules,
    matching,
    parts_of,
    read_own_rule,
    read_pattern,
    read_text,
    rule_of_line,
    solve,
    twin_of,
)

LINE = "item: a/b + c/d ; buggy: (a+c)/(b+d)"


@pytest.mark.parametrize(
    ("line", "item", "answer", "domain"),
    [
        (LINE, "1/2 + 1/3", "2/5", "frac"),
        ("item: a - b ; buggy: abs(digits(a)-digits(b))", "52 - 18", "46", "sub"),
        ("item: p% of n ; buggy: n/p", "30% of 80", "8/3", "pct"),
        ("item: p% of n ; buggy: n/p", "20% of 80", "4", "pct"),
        ("item: n, p% off ; buggy: n-p", "20% off 80", "60", "pct"),
        ("item: a + b*c ; buggy: (a+b)*c", "2 + 3 × 4", "20", "ooo"),
        ("item: a + b^2 ; buggy: a+2*b", "2 + 3²", "8", "ooo"),
        ("ITEM: a/b = ?/d; BUGGY: a+d-b;", "2/3 = ?/6", "5", "frac"),
        ("item: ax + b = c ; buggy: (c+b)/a", "2x + 3 = 11", "7", "alg"),
        ("item: w n/d ; buggy: (w+n)/d", "2 3/4", "5/4", "frac"),
    ],
)
def test_a_rule_is_run_on_the_items_of_its_form(line, item, answer, domain):
    rule = compiled(rule_of_line(line))
    work = rule.run(read_text(item))
    assert (rule.domain, work.answer) == (domain, answer)
    assert work.first_wrong == 0 and work.steps[-1].result == answer
    assert rule.id.startswith("own.") and rule.skill and rule.impasse


def test_it_does_what_the_built_in_rule_of_the_same_words_does():
    ours, theirs = compiled(rule_of_line(LINE)), malrule("frac.adds_num_and_den")
    item = read_text("3/4 + 2/5")
    assert ours.run(item).answer == theirs.run(item).answer and ours.skill == theirs.skill
    assert twin_of(ours, malrules()).id == theirs.id
    assert twin_of(compiled(rule_of_line("item: a/b + c/d ; buggy: (a+c)/(b+d+1)")), malrules()) is None


def test_on_other_items_it_has_nothing_to_say():
    rule = compiled(rule_of_line(LINE))
    for text in ("1/2 - 1/3", "52 - 18", "3 × 2/5"):
        item = read_text(text)
        assert rule.procedure(parts_of(item)[0]) is None
        assert rule.run(item) == solve(item)
    square = compiled(rule_of_line("item: a + b^2 ; buggy: a+2*b"))
    assert square.procedure(parts_of(read_text("2 + 3^3"))[0]) is None


def test_no_result_is_no_wrong_answer():
    rule = compiled(rule_of_line("item: a - b ; buggy: a//(b-18)"))
    assert rule.run(read_text("52 - 18")).answer == "34"


def test_the_answer_is_reduced_outside_of_fractions_alone():
    assert compiled(rule_of_line("item: a/b + c/d ; buggy: (a+c)/(2*b)")).run(read_text("1/2 + 1/3")).answer == "2/4"
    assert compiled(rule_of_line("item: p% of n ; buggy: 2*n/(4*p)")).run(read_text("20% of 80")).answer == "2"


def test_a_form_that_could_be_of_several_kinds_is_the_catalogues_first_or_the_one_that_is_named():
    assert read_pattern("a - b").domain == "sub"
    assert read_pattern("a - b", domain="neg").domain == "neg"
    below = compiled(made_rule("a - b", "b-a", domain="neg"))
    assert below.run(read_text("3 - 8")).answer == "5"


def test_letters_stand_for_the_numbers_however_the_item_is_worded():
    pattern = read_pattern("n, p % off")
    assert pattern.numbers(parts_of(read_text("20% off 80"))[0]) == {"p": 20, "n": 80}
    assert pattern.numbers(parts_of(read_text("20% of 80"))[0]) is None


@pytest.mark.parametrize("item", ["hello", "", "52 - 18", "a - a", "x + x", "a ? b", "a - b and c"])
def test_what_is_no_form_of_an_item_is_refused(item):
    with pytest.raises(DataError, match="is the form of no item"):
        read_pattern(item)


@pytest.mark.parametrize("line", ["", "a+b", "item: a+b", "buggy: a ; item: a+b", "item: ; buggy: a"])
def test_a_line_of_another_form_is_refused(line):
    with pytest.raises(DataError, match="is no rule") as caught:
        rule_of_line(line)
    assert "item: a/b + c/d ; buggy: (a+c)/(b+d)" in caught.value.remedy


def test_a_rule_that_is_right_is_refused():
    with pytest.raises(DataError, match="gives the right answer, or none"):
        compiled(rule_of_line("item: a - b ; buggy: a-b"))
    with pytest.raises(DataError, match="gives the right answer, or none"):
        compiled(rule_of_line("item: a - b ; buggy: a//0"))


def test_a_rule_never_has_the_id_of_a_built_in_one():
    for name in ("sub.smaller_from_larger", "own.", "own.Big", "own.a/../b", "OWN.a"):
        with pytest.raises(DataError, match="id"):
            read_own_rule({"id": name, "title": "t", "item": "a - b", "buggy": "a+b"})
    assert rule_of_line(LINE, title="Adds / both: tops & bottoms!").id == "own.adds_both_tops_bottoms"


def test_an_unknown_field_and_an_unknown_skill_are_told():
    with pytest.raises(DataError, match="colour"):
        read_own_rule({"id": "own.a", "title": "t", "item": "a - b", "buggy": "a+b", "colour": "red"})
    with pytest.raises(UnknownName, match="skill"):
        compiled(made_rule("a - b", "a+b", skill="magic"))


def test_it_enters_no_list_of_the_built_in_ones():
    compiled(rule_of_line(LINE))
    assert not any(rule.id.startswith("own.") for rule in malrules())
    assert [rule.id for rule in matching(read_text("1/2 + 1/3"), "2/5")] == ["frac.adds_num_and_den"]

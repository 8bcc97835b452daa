import pytest

from tutorkit.misconceptions import malrule, malrules, parts_of, skills_of, solve


def operation(a, op, b):
    return {"domain": "neg", "kind": "operation", "op": op, "a": a, "b": b}


def worked(work):
    return [(step.text, step.ok) for step in work.steps]


def applying(item):
    return [rule.id.removeprefix("neg.") for rule in malrules("neg") if rule.applies(item)]


@pytest.mark.parametrize(
    ("item", "text", "answer", "skills"),
    [
        (operation(-3, "+", -5), "−3 + (−5)", "-8", ("add_negatives",)),
        (operation(-7, "+", 3), "−7 + 3", "-4", ("add_mixed_signs",)),
        (operation(7, "+", -3), "7 + (−3)", "4", ("add_mixed_signs",)),
        (operation(-7, "+", 7), "−7 + 7", "0", ("add_mixed_signs",)),
        (operation(7, "+", 3), "7 + 3", "10", ()),
        (operation(0, "+", -3), "0 + (−3)", "-3", ()),
        (operation(4, "-", -3), "4 − (−3)", "7", ("subtract_negative",)),
        (operation(-9, "-", -4), "−9 − (−4)", "-5", ("subtract_negative", "add_mixed_signs")),
        (operation(3, "-", 8), "3 − 8", "-5", ("subtract_larger",)),
        (operation(0, "-", 8), "0 − 8", "-8", ("subtract_larger",)),
        (operation(8, "-", 3), "8 − 3", "5", ()),
        (operation(-3, "-", 8), "−3 − 8", "-11", ()),
        (operation(-3, "*", -5), "−3 × (−5)", "15", ("multiply_negatives",)),
        (operation(3, "*", -5), "3 × (−5)", "-15", ()),
        (operation(0, "*", -5), "0 × (−5)", "0", ()),
    ],
)
def test_signed_numbers_are_worked_out(item, text, answer, skills):
    assert (parts_of(item)[0].text, solve(item).answer, skills_of(item)) == (text, answer, skills)


def test_the_work_with_signs():
    assert worked(solve(operation(-9, "-", -4))) == [
        ("To take away −4 is to add 4: −9 + 4.", True),
        ("The signs are different, so the smaller size is taken away: 9 − 4 = 5.", True),
        ("So −9 − (−4) = −5.", True),
    ]
    assert worked(solve(operation(0, "*", -5))) == [("0 × 5 = 0.", True), ("So 0 × (−5) = 0.", True)]
    assert worked(malrule("neg.minus_negative_is_minus").run(operation(1, "-", -5))) == [
        ("The two minus signs come to one: 1 − 5.", False),
        ("5 is more than 1, so the result is below zero.", True),
        ("5 − 1 = 4, so it is −4.", True),
        ("So 1 − (−5) = −4.", True),
    ]
    assert worked(malrule("neg.neg_times_neg_is_neg").run(operation(-3, "*", -5))) == [
        ("3 × 5 = 15.", True),
        ("The factors are negative, so the product is negative.", False),
        ("So −3 × (−5) = −15.", True),
    ]


@pytest.mark.parametrize(
    ("item", "rules"),
    [
        (operation(-3, "+", -5), ["two_negatives_add_positive"]),
        (operation(-3, "*", -5), ["neg_times_neg_is_neg"]),
        (operation(-9, "-", -9), ["minus_negative_is_minus"]),
        (operation(3, "-", 8), ["smaller_from_larger_positive"]),
        (operation(-7, "+", 3), ["adds_magnitudes_sign_of_larger"]),
        (operation(3, "+", 5), []),
        (operation(-3, "-", 5), []),
        (operation(-3, "*", 5), []),
        (operation(0, "-", 0), []),
        (operation(0, "+", -5), []),
        (operation(8, "-", 8), []),
    ],
)
def test_each_rule_shows_only_where_its_signs_meet(item, rules):
    assert applying(item) == rules


@pytest.mark.parametrize(
    ("a", "b", "answer"), [(-7, 3, "-10"), (7, -3, "10"), (3, -7, "-10"), (-3, 7, "10"), (-7, 7, "-14"), (7, -7, "14")]
)
def test_sizes_that_are_added_take_the_sign_of_the_larger_or_the_first(a, b, answer):
    assert malrule("neg.adds_magnitudes_sign_of_larger").run(operation(a, "+", b)).answer == answer

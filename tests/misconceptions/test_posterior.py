"""The arithmetic of diagnosis: each likelihood by hand, and what is done with many of them."""

import math

import pytest

from tutorkit.misconceptions import (
    Assumptions,
    Hypothesis,
    ItemAnswer,
    beliefs_of,
    malrule,
    malrules,
    observe,
)
from tutorkit.misconceptions.compounds import compatible, compounds, in_order
from tutorkit.misconceptions.posterior import CORRECT, UNKNOWN, likelihood, posterior, prior
from tutorkit.misconceptions.working import shares

ASSUME = Assumptions()
PLAIN = Assumptions(half_life=None)
SMALLER = Hypothesis.of("sub.smaller_from_larger")
SPREAD = 0.05 / 20


def sub(a, b):
    return {"domain": "sub", "a": a, "b": b}


def frac(a, b, op, c, d):
    return {"domain": "frac", "op": op, "a": a, "b": b, "c": c, "d": d}


def seen(item, answer, *steps):
    (one,) = observe([ItemAnswer(item=item, answer=answer, steps=steps)])[0]
    return one


@pytest.mark.parametrize(
    ("hypothesis", "answer", "expected"),
    [
        (CORRECT, "34", 0.95 + SPREAD),
        (CORRECT, "46", SPREAD),
        (CORRECT, "35", SPREAD),
        (SMALLER, "46", 0.95 * 0.9 + SPREAD),
        (SMALLER, "34", 0.95 * 0.1 + SPREAD),
        (SMALLER, "35", SPREAD),
        (UNKNOWN, "34", 0.3),
        (UNKNOWN, "46", 0.05),
    ],
)
def test_the_likelihoods_are_those_of_the_formulas(hypothesis, answer, expected):
    assert likelihood(hypothesis, seen(sub(52, 18), answer), assume=ASSUME) == pytest.approx(expected)


def test_where_a_malrule_does_not_show_it_predicts_the_right_answer_in_full():
    assert likelihood(SMALLER, seen(sub(58, 12), "46"), assume=ASSUME) == pytest.approx(0.95 + SPREAD)


def test_an_answer_in_the_very_form_of_a_rule_speaks_twice_as_much_for_it():
    rule, item = Hypothesis.of("frac.common_den_keeps_num"), frac(1, 2, "+", 1, 4)
    raw, reduced = (likelihood(rule, seen(item, answer), assume=ASSUME) - SPREAD for answer in ("2/4", "1/2"))
    assert raw == pytest.approx(0.95 * 0.9) and reduced == pytest.approx(raw / 2)


def test_a_right_answer_counts_in_full_however_it_is_written_unless_a_rule_writes_it_so():
    item = frac(1, 2, "+", 1, 4)
    assert {seen(item, answer).fits_correct for answer in ("3/4", "6/8", "0.75")} == {1.0}
    contested = seen(frac(1, 2, "-", 1, 2), "0/4")
    assert contested.right and contested.fits_correct == 0.5
    assert contested.fits["frac.multiplies_dens_adds_nums"] == 1.0
    assert seen(frac(1, 2, "-", 1, 2), "0").fits_correct == 1.0


def test_two_rules_together_act_each_on_its_own_items_the_more_urgent_first():
    both = Hypothesis.of("sub.smaller_from_larger", "sub.n_minus_zero_is_zero")
    assert likelihood(both, seen(sub(52, 18), "46"), assume=ASSUME) == pytest.approx(0.95 * 0.9 + SPREAD)
    assert likelihood(both, seen(sub(57, 20), "30"), assume=ASSUME) == pytest.approx(0.95 * 0.9 + SPREAD)
    assert likelihood(both, seen(sub(352, 108), "256"), assume=ASSUME) == pytest.approx(0.95 * 0.9 + SPREAD)
    assert likelihood(both, seen(sub(352, 108), "204"), assume=ASSUME) == pytest.approx(SPREAD)


def test_shown_working_multiplies_in_by_the_share_of_lines_that_agree():
    item = sub(52, 18)
    wrong = [step.text for step in malrule("sub.smaller_from_larger").run(item).steps]
    with_steps, bare = seen(item, "46", *wrong), seen(item, "46")
    assert with_steps.shown["sub.smaller_from_larger"] == 1.0
    ratio = likelihood(SMALLER, with_steps, assume=ASSUME) / likelihood(SMALLER, bare, assume=ASSUME)
    assert ratio == pytest.approx(1, abs=0.01)
    other = Hypothesis.of("sub.borrow_no_decrement")
    weaker = likelihood(other, with_steps, assume=ASSUME) / likelihood(other, bare, assume=ASSUME)
    assert weaker < 0.5
    assert likelihood(UNKNOWN, with_steps, assume=ASSUME) == pytest.approx(0.5 / 20)


def test_a_line_agrees_word_for_word_or_by_all_its_equations():
    works = {
        "correct": malrule("sub.adds_instead").run(sub(52, 18)),
        "other": malrule("sub.zero_minus_n_is_n").run(sub(40, 17)),
    }
    same, by_equation = "ones: 0 and 7, I write 7", "52+18 = 70, easy"
    assert shares([same], works) == {"correct": 0.0, "other": 1.0}
    assert shares([by_equation], works) == {"correct": 1.0, "other": 0.0}
    assert shares([same, by_equation], works) == {"correct": 0.5, "other": 0.5}
    assert shares(["52 + 18 = 70 and 1 + 1 = 3", ""], works) == {}


def test_working_that_no_procedure_has_says_nothing():
    assert seen(sub(52, 18), "46", "I did it in my head", "9 + 9 = 18").shown == {}


def test_working_tells_apart_what_the_answer_does_not():
    item, adds = sub(507, 30), Hypothesis.of("sub.adds_instead")
    lines = [step.text for step in malrule("sub.smaller_from_larger").run(item).steps]

    def odds(*steps):
        beliefs = beliefs_of("sub", [seen(item, "537", *steps)])
        return beliefs[SMALLER] / beliefs[adds]

    assert malrule("sub.adds_instead").run(item).answer == "537"
    assert odds() == pytest.approx(0.28 / 0.05)
    # All lines against none, save for the branch in which the rule was not followed, which the answer rules out.
    assert odds(*lines) / odds() == pytest.approx(1 / 0.05, rel=0.1)
    assert odds("I put the two together: 507 + 30 = 537.") < 1


def test_the_prior_is_the_weights_divided_by_their_sum():
    rules = malrules("add")
    before = prior(rules, assume=ASSUME)
    total = 1.0 + 0.1 + sum(rule.prior for rule in rules)
    assert before[CORRECT] == pytest.approx(1 / total) and before[UNKNOWN] == pytest.approx(0.1 / total)
    assert before[Hypothesis.of("add.drops_carry")] == pytest.approx(0.2 / total)
    assert math.isclose(sum(before.values()), 1)
    assert UNKNOWN not in prior(rules, assume=Assumptions(unknown=0))


def test_rules_together_weigh_the_product_of_their_weights():
    rules = malrules("add")
    together = Hypothesis.of("add.drops_carry", "add.left_aligns")
    before = prior(rules, together=[together], assume=ASSUME)
    assert before[together] / before[CORRECT] == pytest.approx(0.2 * 0.08)


def test_what_a_teacher_says_moves_the_odds_by_its_factor_either_way():
    rules, name = malrules("add"), Hypothesis.of("add.left_aligns")

    def odds(**opinions):
        before = prior(rules, opinions={key.replace("__", "."): said for key, said in opinions.items()}, assume=ASSUME)
        return before[name] / before[CORRECT]

    assert odds(add__left_aligns="confirmed") / odds() == pytest.approx(20)
    assert odds() / odds(add__left_aligns="denied") == pytest.approx(20)


def test_the_posterior_is_prior_times_likelihoods():
    before = {CORRECT: 0.5, SMALLER: 0.3, UNKNOWN: 0.2}
    evidence = [seen(sub(52, 18), "46"), seen(sub(73, 25), "48")]
    after = posterior(before, evidence, assume=PLAIN)
    weights = [
        0.5 * SPREAD * (0.95 + SPREAD),
        0.3 * (0.855 + SPREAD) * (0.095 + SPREAD),
        0.2 * 0.05 * 0.3,
    ]
    assert [after[each] for each in before] == pytest.approx([weight / sum(weights) for weight in weights])


def test_an_answer_counts_half_after_as_many_later_ones_as_the_half_life():
    item, later = seen(sub(52, 18), "46"), [seen(sub(58, 12), "46")] * 20
    before = {CORRECT: 0.5, SMALLER: 0.5}
    fresh = posterior(before, [item], assume=ASSUME)
    old = posterior(before, [item, *later], assume=ASSUME)
    # The later ones tell the two apart by nothing.
    assert math.log(old[SMALLER] / old[CORRECT]) == pytest.approx(math.log(fresh[SMALLER] / fresh[CORRECT]) / 2)
    kept = posterior(before, [item, *later], assume=PLAIN)
    assert kept[SMALLER] == pytest.approx(fresh[SMALLER])


def test_a_misconception_that_was_overcome_fades():
    rule = malrule("sub.smaller_from_larger")
    old = [ItemAnswer(item=sub(50 + n, 18), answer=rule.run(sub(50 + n, 18)).answer) for n in range(8)]
    new = [ItemAnswer(item=sub(30 + n, 18), answer=str(12 + n)) for n in range(6)]
    evidence = observe([*old, *new])[0]
    still = beliefs_of("sub", evidence, assume=PLAIN)[SMALLER]
    assert beliefs_of("sub", evidence, assume=Assumptions(half_life=3))[SMALLER] < still / 2


def test_rules_of_one_impasse_never_stand_together():
    smaller, no_decrement, zero = (
        malrule(f"sub.{name}") for name in ("smaller_from_larger", "borrow_no_decrement", "n_minus_zero_is_zero")
    )
    assert not compatible([smaller, no_decrement]) and compatible([smaller, zero])
    assert not compatible([smaller, malrule("add.drops_carry")])
    found = compounds(malrules("sub"), {smaller.id: 3, no_decrement.id: 2, zero.id: 1})
    assert {each.rules for each in found} == {(smaller.id, zero.id), (no_decrement.id, zero.id)}


def test_only_rules_that_predict_a_wrong_answer_are_put_together():
    assert compounds(malrules("sub"), {"sub.smaller_from_larger": 4}) == ()
    support = dict.fromkeys((rule.id for rule in malrules("sub")), 1)
    found = compounds(malrules("sub"), support)
    assert len({name for each in found for name in each.rules}) == 6
    assert {len(each.rules) for each in found} == {2, 3}
    for each in found:
        assert len({malrule(name).impasse for name in each.rules}) == len(each.rules)


def test_the_rule_with_the_higher_prior_goes_first():
    rules = [malrule("sub.n_minus_zero_is_zero"), malrule("sub.smaller_from_larger")]
    assert in_order(rules) == ("sub.smaller_from_larger", "sub.n_minus_zero_is_zero")

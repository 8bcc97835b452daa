"""What a pupil's answers are said to mean: the report rule, the evidence, and what counts as none."""

from random import Random

import pytest

from tutorkit.misconceptions import (
    DOMAINS,
    Assumptions,
    ItemAnswer,
    beliefs_of,
    compiled,
    diagnose,
    drawn_item,
    malrule,
    observe,
    parts_of,
    rule_of_line,
    solve,
)

RULE = malrule("sub.smaller_from_larger")


def sub(a, b):
    return {"domain": "sub", "a": a, "b": b}


def by(rule, *items):
    return [ItemAnswer(item=item, answer=(rule.run(item) if rule else solve(item)).answer) for item in items]


def answer(item, text, *steps):
    return ItemAnswer(item=item, answer=text, steps=steps)


def only(verdicts):
    (verdict,) = verdicts.domains
    return verdict


def test_a_misconception_is_named_with_what_speaks_for_and_against_it():
    answers = [*by(RULE, sub(52, 18)), *by(None, sub(58, 12)), *by(RULE, sub(614, 47)), *by(None, sub(73, 25))]
    answers += by(RULE, sub(81, 36))
    verdict = only(diagnose(answers))
    (likely,) = verdict.likely
    assert (verdict.domain, verdict.status, verdict.answers, verdict.right) == ("sub", "likely", 5, 2)
    assert (likely.id, likely.matching, likely.against) == (RULE.id, (0, 2, 4), (3,))
    assert likely.p > 0.95
    assert verdict.hypotheses[0].id == RULE.id
    assert diagnose(answers).right == (1, 3)


def test_one_matching_item_is_not_enough_however_often_it_is_answered():
    rule = malrule("sub.n_minus_zero_is_zero")
    once = only(diagnose(by(rule, sub(57, 20))))
    thrice = only(diagnose(by(rule, *[sub(57, 20)] * 3)))
    twice = only(diagnose(by(rule, sub(57, 20), sub(68, 30))))
    assert (once.status, thrice.status, twice.status) == ("not_yet_clear", "not_yet_clear", "likely")
    assert thrice.hypotheses[0].id == rule.id and thrice.hypotheses[0].p > 0.9


def test_below_the_threshold_nothing_is_named():
    answers = by(RULE, sub(52, 18), sub(614, 47))
    assert only(diagnose(answers)).likely
    strict = Assumptions(report_at=0.9999)
    assert only(diagnose(answers, assume=strict)).status == "not_yet_clear"


def test_a_right_answer_never_counts_for_a_malrule_that_comes_to_its_value():
    # 1/2 − 1/2 is 0/2, and by the rule 0/4: the form is a sign, but no error.
    items = [{"domain": "frac", "op": "-", "a": 1, "b": n, "c": 1, "d": n} for n in (2, 3, 5, 7)]
    verdict = only(diagnose(by(malrule("frac.multiplies_dens_adds_nums"), *items)))
    assert verdict.right == 4 and verdict.likely == ()
    assert all(not each.matching for each in verdict.hypotheses if each.rules)


def test_two_rules_that_say_the_same_are_not_yet_clear_and_the_probe_tells_them_apart():
    # Both predict 20; neither is probable enough to be named.
    rules = [malrule("ooo.left_to_right"), malrule("ooo.add_sub_first")]
    items = [{"domain": "ooo", "expression": text} for text in ("2+3*4", "3+4*5", "5+2*6")]
    unsure = only(diagnose(by(rules[0], *items), assume=Assumptions(report_at=0.85)))
    assert unsure.status == "not_yet_clear"
    assert {each.id for each in unsure.hypotheses[:2]} == {rule.id for rule in rules}
    answers = {rule.run(unsure.probe.item).answer for rule in rules}
    assert len(answers) == 2


def test_right_answers_where_every_rule_had_occasion_are_no_misconception():
    rng = Random(3)
    verdict = only(diagnose(by(None, *(drawn_item("add", rng) for _ in range(20)))))
    assert (verdict.status, verdict.likely, verdict.right) == ("no_misconception", (), 20)
    blind = only(diagnose(by(None, *(sub(10 * n + 9, 11) for n in range(2, 9)))))
    assert blind.status == "not_yet_clear" and blind.right == 7


def test_errors_that_nothing_explains_are_said_to_be_unknown():
    answers = [answer(sub(52, 18), "99"), answer(sub(614, 47), "1"), answer(sub(73, 25), "7000")]
    verdict = only(diagnose(answers))
    assert (verdict.status, verdict.likely) == ("unknown_error", ())
    assert (verdict.hypotheses[0].id, verdict.hypotheses[0].matching) == ("unknown", (0, 1, 2))


@pytest.mark.parametrize("domain", DOMAINS)
def test_who_guesses_at_random_is_given_no_misconception(domain):
    statuses = []
    for pupil in range(20):
        rng = Random(f"{domain} {pupil}")
        statuses.append(only(diagnose([_guess(drawn_item(domain, rng), rng) for _ in range(10)])).status)
    assert statuses.count("unknown_error") >= 18
    assert "likely" not in statuses


def _guess(item, rng):
    """Write random digits in the form of the right answer; of two numbers to be compared, either."""
    part = parts_of(item)[0]
    if item.get("kind") == "comparison":
        both = (f"{part.a}/{part.b}", f"{part.c}/{part.d}") if part.domain == "frac" else (part.a, part.b)
        return answer(item, rng.choice(both))
    return answer(item, "".join(str(rng.randint(1, 9)) if c.isdigit() else c for c in solve(item).answer))


def test_two_misconceptions_of_one_pupil_are_both_named():
    other = malrule("sub.n_minus_zero_is_zero")
    answers = [*by(RULE, sub(52, 18), sub(73, 25), sub(81, 36)), *by(other, sub(57, 20), sub(68, 30), sub(94, 50))]
    verdict = only(diagnose(answers))
    assert {each.id for each in verdict.likely} == {RULE.id, other.id}
    assert verdict.hypotheses[0].rules == (RULE.id, other.id)
    assert all(not each.against for each in verdict.likely)


def test_what_another_likely_misconception_explains_does_not_speak_against_one():
    other = malrule("sub.n_minus_zero_is_zero")
    # On 350 − 108 both act; the pupil does what the first does there.
    shared = sub(350, 108)
    assert RULE.applies(shared) and other.applies(shared)
    answers = [*by(RULE, sub(52, 18), sub(73, 25), shared), *by(other, sub(57, 20), sub(68, 30))]
    verdict = only(diagnose(answers))
    assert {each.id: each.against for each in verdict.likely} == {RULE.id: (), other.id: ()}


def test_domains_are_judged_apart_and_a_chain_part_by_part():
    chain = {"domain": "chain", "parts": [{"domain": "add", "a": 47, "b": 26}, sub(52, 18)]}
    other = {"domain": "chain", "parts": [{"domain": "add", "a": 58, "b": 37}, sub(81, 36)]}
    third = {"domain": "chain", "parts": [{"domain": "add", "a": 29, "b": 43}, sub(90, 41)]}
    found = diagnose([answer(chain, "63, 34"), answer(other, "85, 45"), answer(third, "62, 49")])
    assert [(each.domain, each.status) for each in found.domains] == [("sub", "not_yet_clear"), ("add", "likely")]
    assert found.domains[1].likely[0].id == "add.drops_carry"
    assert found.right == ()


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (answer(sub(52, 18), "  "), "blank"),
        (answer(sub(52, 18), "dunno"), "'dunno' cannot be read"),
        (answer({"domain": "sub", "a": 1, "b": 2}, "1"), "a is smaller than b"),
        (answer({"domain": "chain", "parts": [sub(5, 2), sub(7, 3)]}, "3"), "1 answers to 2 parts"),
    ],
)
def test_what_cannot_be_read_counts_as_nothing_and_is_told(given, why):
    rest = by(RULE, sub(614, 47), sub(81, 36))
    found = diagnose([given, *rest])
    (aside,) = found.set_aside
    assert aside.index == 0 and why in aside.why
    assert only(found).answers == 2
    assert [(each.id, each.p) for each in only(found).hypotheses] == [
        (each.id, pytest.approx(each.p)) for each in only(diagnose(rest)).hypotheses
    ]


def test_one_answer_to_different_items_is_flagged_unless_it_is_explained():
    same = [answer(sub(50 + n, 18), "7") for n in range(3)]
    (repeated,) = diagnose(same).repeated
    assert (repeated.answer, repeated.indices) == ("7", (0, 1, 2))
    assert diagnose(same[:2]).repeated == ()
    assert diagnose([same[0]] * 4).repeated == ()
    explained = by(RULE, sub(52, 18), sub(63, 29), sub(74, 30), sub(85, 41))
    assert diagnose(by(RULE, sub(52, 18), sub(62, 28), sub(72, 38))).repeated == ()
    assert diagnose(explained).repeated == ()


def test_what_the_teacher_says_changes_what_is_named():
    answers = by(RULE, sub(52, 18), sub(614, 47))
    denied = only(diagnose([*answers, *by(None, sub(81, 36), sub(73, 25))], opinions={RULE.id: "denied"}))
    said_nothing = only(diagnose([*answers, *by(None, sub(81, 36), sub(73, 25))]))
    assert denied.hypotheses[0].p < 0.9 and RULE.id in {each.id for each in said_nothing.hypotheses}
    p = {each.id: each.p for each in denied.hypotheses}.get(RULE.id, 0)
    assert p < {each.id: each.p for each in said_nothing.hypotheses}[RULE.id]


def test_an_own_rule_is_found_like_a_built_in_one():
    rule = compiled(rule_of_line("item: a/b + c/d ; buggy: (a+c)/(b*c)", title="Odd denominators"))
    items = [{"domain": "frac", "op": "+", "a": 1, "b": 2, "c": 3, "d": 5}]
    items.append({"domain": "frac", "op": "+", "a": 2, "b": 7, "c": 4, "d": 9})
    answers = by(rule, *items)
    assert only(diagnose(answers)).status == "unknown_error"
    (likely,) = only(diagnose(answers, own=[rule])).likely
    assert likely.id == "own.odd_denominators"
    assert only(diagnose(answers, own=[rule])).probe.item["domain"] == "frac"


def test_an_own_rule_of_another_domain_changes_nothing():
    rule = compiled(rule_of_line("item: a/b + c/d ; buggy: (a+c)/(b*c)"))
    answers = by(RULE, sub(52, 18), sub(614, 47))
    assert diagnose(answers, own=[rule]) == diagnose(answers)


def test_without_answers_there_are_the_beliefs_from_before_and_no_verdict():
    assert diagnose([]).domains == ()
    assert sum(beliefs_of("sub", []).values()) == pytest.approx(1)


def test_what_was_asked_already_is_not_asked_again():
    first = only(diagnose(by(None, sub(58, 12)))).probe
    again = only(diagnose([*by(None, sub(58, 12)), answer(first.item, "?"), answer(first.item, "1")])).probe
    blank = only(diagnose([*by(None, sub(58, 12)), answer(first.item, "?")])).probe
    assert blank == first and again.item != first.item


def test_verdicts_go_through_json_unchanged():
    found = diagnose([*by(RULE, sub(52, 18), sub(614, 47)), answer(sub(50, 20), "?")])
    assert type(found).model_validate_json(found.model_dump_json()) == found


def test_a_long_record_of_one_pupil_names_what_it_does_now():
    rng = Random(5)
    items = [item for item in (drawn_item("sub", rng) for _ in range(400)) if RULE.applies(item)]
    mended = [*by(RULE, *items[:10]), *by(None, *items[10:40])]
    fallen_back = [*by(None, *items[:20]), *by(RULE, *items[20:40])]
    assert only(diagnose(mended)).likely == ()
    assert [each.id for each in only(diagnose(fallen_back)).likely] == [RULE.id]


def test_observations_keep_the_place_of_the_answer():
    seen, aside = observe([answer(sub(52, 18), ""), answer(sub(52, 18), "46")])
    assert [each.index for each in seen] == [1] and [each.index for each in aside] == [0]

import pytest
from arithmetic_items import by_domain, chains, parts
from hypothesis import HealthCheck, given, settings

from tutorkit.misconceptions import SKILLS, malrule, malrules, perform, skills_of, solve

relaxed = settings(
    max_examples=300,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)

CHAIN = {
    "domain": "chain",
    "parts": [
        {"domain": "add", "a": 47, "b": 26},
        {"domain": "pct", "kind": "of", "percent": 20, "amount": 80},
        {"domain": "neg", "a": 7},
    ],
}


@pytest.mark.parametrize("domain", by_domain)
def test_wrong_work_shows_where_it_goes_wrong_and_only_then(domain):
    @relaxed
    @given(by_domain[domain])
    def check(item):
        right = solve(item)
        assert right.first_wrong is None
        assert right.steps[-1].result == right.answer
        for rule in malrules(domain):
            work = rule.run(item)
            assert work.steps[-1].result == work.answer
            assert rule.applies(item) == (work.answer != right.answer) == (work.first_wrong is not None)
            if work.first_wrong is not None:
                assert work.steps[work.first_wrong].skill == rule.skill

    check()


@pytest.mark.parametrize("domain", by_domain)
def test_only_an_item_that_takes_a_skill_shows_its_lack(domain):
    @relaxed
    @given(by_domain[domain])
    def check(item):
        taken = {*skills_of(item), "choose_operation"}
        assert taken <= set(SKILLS)
        assert {rule.skill for rule in malrules(domain) if rule.applies(item)} <= taken

    check()


@relaxed
@given(chains)
def test_a_chain_is_its_parts_one_after_the_other(item):
    for rule in (None, *malrules()):
        run = solve if rule is None else rule.run
        work = run(item)
        works = [run(part) for part in item["parts"]]
        assert work.answer == ", ".join(part.answer for part in works)
        assert [step.ok for step in work.steps[: len(works)]] == [part.first_wrong is None for part in works]
        assert work.steps[-1].result == work.answer


@relaxed
@given(parts)
def test_steps_read_as_a_pupil_writes(item):
    for step in solve(item).steps:
        assert "-" not in step.text
        assert step.text.endswith(".")


def test_the_work_on_a_subtraction_tells_each_borrow():
    work = solve({"domain": "sub", "a": 304, "b": 75})
    assert [(step.text, step.skill) for step in work.steps] == [
        ("Ones: 4 is less than 5, so I borrow.", "borrow"),
        ("The 4 becomes 14, the 3 in the hundreds becomes 2 and the 0 in the tens becomes 9.", "borrow_across_zero"),
        ("Ones: 14 − 5 = 9.", None),
        ("Tens: 9 − 7 = 2.", None),
        ("Hundreds: nothing below, I bring down 2.", "bring_down"),
        ("So 304 − 75 = 229.", None),
    ]


def test_the_first_wrong_step_is_the_one_where_the_rule_acts():
    work = malrule("sub.borrow_across_zero").run({"domain": "sub", "a": 304, "b": 75})
    assert work.first_wrong == 1
    assert work.steps[1].text == "The 4 becomes 14, the 3 in the hundreds becomes 2."
    assert (
        malrule("pct.reports_discount").run({"domain": "pct", "kind": "off", "percent": 20, "amount": 80}).first_wrong
        == 2
    )


def test_two_bugs_in_one_chain():
    procedures = [malrule(name).procedure for name in ("add.drops_carry", "pct.divides_by_percent")]
    work = perform(CHAIN, procedures)
    assert work.answer == "63, 4, 7"
    assert [(step.result, step.skill, step.ok) for step in work.steps] == [
        ("63", "carry", False),
        ("4", "percent", False),
        ("7", "sign", True),
        ("63, 4, 7", None, True),
    ]


def test_the_first_procedure_that_changes_the_answer_wins():
    item = {"domain": "sub", "a": 52, "b": 18}
    first, second = malrule("sub.borrow_from_zero"), malrule("sub.smaller_from_larger")
    assert perform(item, (first.procedure, second.procedure)).answer == "46"
    assert perform(item, (malrule("sub.adds_instead").procedure, second.procedure)).answer == "70"


@pytest.mark.parametrize(
    ("item", "skills"),
    [
        ({"domain": "add", "a": 23, "b": 14}, ("carry_only_from_ten",)),
        ({"domain": "add", "a": 47, "b": 26}, ("carry",)),
        ({"domain": "add", "a": 95, "b": 12}, ("carry_only_from_ten", "carry")),
        ({"domain": "sub", "a": 58, "b": 12}, ()),
        ({"domain": "sub", "a": 40, "b": 17}, ("borrow", "subtract_from_zero")),
        ({"domain": "sub", "a": 57, "b": 20}, ("subtract_zero",)),
        ({"domain": "ooo", "expression": "3+4"}, ()),
        ({"domain": "ooo", "expression": "2+3^2"}, ("precedence", "powers")),
        ({"domain": "ooo", "expression": "16-4*2+1"}, ("precedence", "left_to_right")),
        ({"domain": "pct", "kind": "off", "percent": 20, "amount": 80}, ("percent", "discount")),
        (CHAIN, ("carry", "percent", "sign")),
    ],
)
def test_skills_are_those_that_the_work_really_takes(item, skills):
    assert skills_of(item) == skills

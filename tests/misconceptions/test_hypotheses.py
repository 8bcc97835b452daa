"""What somebody says of a pupil counts by what it predicts."""

import pytest

from tutorkit.misconceptions import Hypothesised, ItemAnswer, Prediction, read_text, verified
from tutorkit.models.schema import strict_schema

# A pupil who adds the numerators and multiplies the first two numbers for the denominator; one slip, one right answer.
ANSWERS = [
    ("1/2 + 1/3", "2/2"),
    ("3/4 + 2/5", "5/12"),
    ("2/7 + 1/5", "3/14"),
    ("1/4 + 1/2", "3/4"),
    ("2/3 + 1/9", "4/6"),
]
GIVEN = [ItemAnswer(item=dict(read_text(item)), answer=answer) for item, answer in ANSWERS]
RULE = "item: a/b + c/d ; buggy: (a+c)/(a*b)"


def said(*predicts, rule=""):
    return Hypothesised(
        title="t",
        procedure_in_words="p",
        predicts=[Prediction(item=item, answer=answer) for item, answer in predicts],
        rule=rule,
    )


def test_two_wrong_answers_that_it_foretells_verify_a_hypothesis():
    found = verified(said(("3/4 + 2/5", "5/12"), ("2/7 + 1/5", "3/14")), GIVEN, unseen=[1, 2])
    assert (found.status, found.reproduced, found.contradicted) == ("verified", (1, 2), ())
    one = verified(said(("3/4 + 2/5", "5/12")), GIVEN, unseen=[1, 2])
    assert (one.status, one.reproduced) == ("unverified", (1,))


def test_repeating_what_one_was_shown_proves_nothing():
    copied = said(*[(item, answer) for item, answer in ANSWERS[:3]])
    assert verified(copied, GIVEN, unseen=[]).status == "unverified"
    assert verified(copied, GIVEN, unseen=[2]).reproduced == (2,)
    assert verified(copied, GIVEN).status == "verified"


def test_a_formula_is_run_on_all_wrong_answers_and_no_right_one():
    found = verified(said(rule=RULE), GIVEN, unseen=[])
    assert (found.status, found.reproduced, found.contradicted) == ("verified", (0, 1, 2), (4,))
    assert found.rule.buggy == "(a+c)/(a*b)" and "formula" in found.why


def test_more_must_come_true_than_not():
    wrong = said(("1/2 + 1/3", "2/2"), ("3/4 + 2/5", "5/12"), ("2/7 + 1/5", "9/9"), ("2/3 + 1/9", "1/1"))
    found = verified(wrong, GIVEN)
    assert (found.status, found.reproduced, found.contradicted) == ("unverified", (0, 1), (2, 4))


def test_one_item_twice_is_one_proof():
    twice = [GIVEN[1], GIVEN[1].model_copy(update={"answer": "10/24"})]
    found = verified(said(("3/4 + 2/5", "5/12")), twice)
    assert found.reproduced == (0, 1) and found.status == "unverified"


def test_predicted_right_answers_are_no_proof():
    assert verified(said(("1/4 + 1/2", "3/4")), GIVEN).reproduced == ()


def test_answers_of_other_domains_are_left_out_where_that_is_said():
    assert verified(said(rule=RULE), GIVEN, among=[0, 3]).reproduced == (0,)


@pytest.mark.parametrize("wording", ["3/4+2/5", "Work out 3/4 + 2/5.", "3/4 + 2/5 = ?"])
def test_an_item_is_known_again_however_it_is_worded(wording):
    assert verified(said((wording, "5/12")), GIVEN).reproduced == (1,)


def test_answers_are_compared_by_value():
    assert verified(said(("2/3 + 1/9", " 2/3 ")), GIVEN).reproduced == (4,)


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ("adds the tops", "is no rule"),
        ("item: a/b + c/d ; buggy: a**9", "no powers"),
        ("item: a - b ; buggy: a-b", "right answer"),
        ("item: nonsense ; buggy: a", "form of no item"),
    ],
)
def test_a_formula_that_cannot_be_run_is_told_and_the_predictions_count(rule, why):
    found = verified(said(("3/4 + 2/5", "5/12"), ("2/7 + 1/5", "3/14"), rule=rule), GIVEN)
    assert found.status == "verified" and found.rule is None and why in found.why


def test_odd_predictions_are_no_error():
    odd = said(("what?", "x"), ("", ""), ("52 - 18", "46"), ("3/4 + 2/5", "no idea"))
    assert verified(odd, GIVEN).contradicted == (1,)
    unread = [ItemAnswer(item=GIVEN[0].item, answer="?"), ItemAnswer(item={"domain": "x"}, answer="1")]
    assert verified(odd, unread).status == "unverified"


def test_a_model_can_be_held_to_the_schema():
    assert set(strict_schema(Hypothesised)["properties"]) == {"title", "procedure_in_words", "predicts", "rule"}

import pytest

from tutorkit.tasks.items import item_problem
from tutorkit.tutoring.hearing import heard
from tutorkit.tutoring.insight import first_false_line, insight_into, verdict_on
from tutorkit.types import Turn

ITEM = {"domain": "sub", "a": 52, "b": 18}
PROBLEM = item_problem(ITEM)


def said(*texts):
    turns = []
    for text in texts:
        turns.append(Turn(index=len(turns), role="tutor", text="Go on."))
        turns.append(Turn(index=len(turns), role="learner", text=text, said=heard(text)))
    return tuple(turns)


@pytest.mark.parametrize(
    ("text", "verdict"), [("34", "right"), ("46", "wrong"), ("I don't know", None), ("3x", "wrong")]
)
def test_verdicts_are_the_scorers(text, verdict):
    assert verdict_on(PROBLEM, heard(text)) == verdict


def test_a_wrong_answer_is_explained_by_the_rule_that_predicts_it():
    found = insight_into(PROBLEM, said("46"))
    assert (found.verdict, found.misconception_id, found.skill) == ("wrong", "sub.smaller_from_larger", "borrow")
    assert found.seen == 1


def test_a_right_answer_after_a_wrong_one_is_right_and_blames_nothing():
    found = insight_into(PROBLEM, said("46", "34"))
    assert (found.verdict, found.misconception_id) == ("right", None)


def test_a_rule_that_predicts_two_answers_comes_before_one_that_predicts_the_last_alone():
    # No rule comes to both answers on one item, so the one that explains the last is seen once.
    problem = item_problem({"domain": "sub", "a": 304, "b": 75})
    found = insight_into(problem, said("139", "239"))
    assert (found.misconception_id, found.seen) == ("sub.stops_borrow_at_zero", 1)


def test_what_was_said_last_counts_although_nothing_was_answered_since():
    assert insight_into(PROBLEM, said("46", "what do you mean?")).misconception_id == "sub.smaller_from_larger"


def test_without_an_answer_nothing_is_known_but_the_skill():
    found = insight_into(PROBLEM, said("hm"))
    assert (found.verdict, found.misconception_id, found.skill) == (None, None, "borrow")


def test_an_answer_that_no_rule_explains_is_wrong_for_unknown_reasons():
    found = insight_into(PROBLEM, said("1000"))
    assert (found.verdict, found.misconception_id) == ("wrong", None)


def test_the_first_false_line_is_found_in_any_problem():
    assert first_false_line(["12 - 8 = 4", "4 - 1 = 2", "so 2 * 3 = 5"]) == 1
    assert first_false_line(["12 − 8 = 4", "6 ÷ 4 = 1.5", "2 × 3 = 6"]) is None
    assert first_false_line(["7 / 0 = 0"]) == 0
    found = insight_into(PROBLEM, said("12 - 8 = 6\n5 - 1 = 4\n46"))
    assert (found.wrong_step, found.wrong_line) == (0, "12 - 8 = 6")

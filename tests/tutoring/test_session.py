import asyncio
from random import Random

import pytest

from tutorkit.errors import DialogueClosed
from tutorkit.misconceptions import drawn_item_for, malrules
from tutorkit.tasks.items import item_problem
from tutorkit.tutoring.choosing import AlwaysTelling, NeverHelping
from tutorkit.tutoring.policy import HelpPolicy
from tutorkit.tutoring.session import (
    Tutoring,
    given_back,
    is_closed,
    is_taken_over,
    opened,
    owes_reply,
    respond,
    said_by_person,
    seen_by_tutor,
    taken_over,
    with_learner,
)
from tutorkit.tutoring.wording import Worded
from tutorkit.types import Dialogue, LearnerSaid

PROBLEM = item_problem({"domain": "sub", "a": 52, "b": 18})


def begun(tutoring=None, problem=PROBLEM):
    return opened(problem, dialogue_id="d", run_id="r", learner="p1", tutoring=tutoring or Tutoring())


def talk(*says, tutoring=None, problem=PROBLEM):
    """Let a learner say these things in turn, and return what the tutor did each time, and the dialogue."""
    tutoring = tutoring or Tutoring()
    dialogue, done = begun(tutoring, problem), []
    for text in says:
        dialogue = with_learner(dialogue, text)
        done.append(asyncio.run(respond(dialogue, problem, tutoring=tutoring)))
        dialogue = done[-1].dialogue
    return done, dialogue


def test_a_wrong_answer_that_a_misconception_explains_is_met_with_an_item_on_which_it_fails():
    (done,), _ = talk("46")
    assert done.insight.misconception_id == "sub.smaller_from_larger"
    assert (done.turn.move, done.turn.rung) == ("contrast", 3)
    assert done.turn.act.item not in (None, PROBLEM.item)
    assert "34" not in done.turn.text


def test_help_climbs_with_different_wrong_answers_and_never_above_the_ceiling():
    done, _ = talk("46", "44", "40", "30", "help", "70")
    assert [each.turn.rung <= each.ceiling for each in done] == [True] * 6
    assert [each.ceiling for each in done] == sorted(each.ceiling for each in done)
    assert done[1].ceiling == 4 and done[2].ceiling == 6


def test_the_solution_comes_after_the_policys_number_of_tries_and_not_before():
    says = ["46"] * 9
    policy = HelpPolicy(max_attempts=6)
    done, _ = talk(*says, tutoring=Tutoring(policy=policy))
    told = [place for place, each in enumerate(done, start=1) if each.turn.move == "solution"]
    assert told and min(told) >= 6
    assert "34" in done[min(told) - 1].turn.text
    assert all("34" not in each.turn.text for each in done[: min(told) - 1])


def test_in_an_assessment_the_solution_never_comes():
    done, _ = talk(*["46"] * 12, tutoring=Tutoring(assessment=True))
    assert all(each.turn.move != "solution" and "34" not in each.turn.text for each in done)


def test_a_right_answer_is_asked_for_its_reasons_once_and_then_let_go():
    done, dialogue = talk("34", "I borrowed a ten, because 2 is less than 8")
    assert [each.turn.move for each in done] == ["elicit", "confirm"]
    assert done[0].turn.act.verdict == "right"
    assert not is_closed(dialogue)


def test_a_right_answer_with_reasons_is_not_asked_again():
    (done,), _ = talk("12 - 8 = 4, then 4 - 1 = 3, so 34")
    assert done.turn.move == "confirm"


def test_who_wants_to_stop_may_stop_and_a_closed_conversation_takes_nothing_more():
    (done,), dialogue = talk("I want to stop")
    assert done.turn.move == "close"
    assert is_closed(dialogue)
    with pytest.raises(DialogueClosed, match="has ended"):
        with_learner(dialogue, "46")


def test_a_learner_that_says_nothing_useful_is_asked_and_then_led_from_further_off():
    done, _ = talk("hm", "hm", "can you help me?")
    assert [each.turn.move for each in done][:2] == ["elicit", "orient"] or done[0].turn.move in ("elicit", "orient")
    assert all(each.turn.rung <= 1 for each in done)


def test_a_conversation_goes_on_the_same_from_its_record_alone():
    says = ["46", "44", "help me", "34"]
    _, straight = talk(*says)
    dialogue = begun()
    for text in says:
        dialogue = Dialogue.model_validate_json(with_learner(dialogue, text).model_dump_json())
        assert owes_reply(dialogue)
        dialogue = asyncio.run(respond(dialogue, PROBLEM, tutoring=Tutoring())).dialogue
    assert dialogue == straight


def test_a_teacher_takes_over_and_gives_back():
    dialogue = with_learner(begun(), "46")
    dialogue = taken_over(dialogue, by="Ms Ada")
    assert is_taken_over(dialogue) and not owes_reply(dialogue)
    dialogue = said_by_person(dialogue, "Look: the answer is 34.", by="Ms Ada")
    assert (dialogue.turns[-1].edited_by, dialogue.turns[-1].act) == ("Ms Ada", None)
    dialogue = with_learner(dialogue, "oh, 34")
    assert not owes_reply(dialogue)
    dialogue = given_back(dialogue, by="Ms Ada")
    dialogue = with_learner(dialogue, "34")
    assert owes_reply(dialogue)
    assert asyncio.run(respond(dialogue, PROBLEM, tutoring=Tutoring())).insight.verdict == "right"


class Blurting:
    """A wording that gives the answer away each time, and counts how often it was asked."""

    ref = "blurting"

    def __init__(self):
        self.faults = []

    async def word(self, brief):
        self.faults.append(brief.faults)
        return Worded("Great job, the answer is 34, because 8 - 2 = 7!")


def test_a_model_that_gives_the_answer_away_is_asked_once_more_with_its_faults_and_then_replaced():
    words = Blurting()
    (done,), _ = talk("46", tutoring=Tutoring(words=words))
    assert len(words.faults) == 2 and words.faults[0] == () and words.faults[1]
    assert "34" not in done.turn.text and "= 7" not in done.turn.text
    assert {"leak", "praise", "false_equation"} <= set(done.turn.blocked)
    assert done.events and all("34" in event.original for event in done.events[:1])


def test_unguarded_it_would_have_been_said():
    (done,), _ = talk("46", tutoring=Tutoring(words=Blurting(), guarded=False))
    assert "34" in done.turn.text


def test_a_chooser_above_the_ceiling_is_overruled():
    (done,), _ = talk("46", tutoring=Tutoring(chooser=AlwaysTelling()))
    assert done.turn.rung <= done.ceiling < 7
    assert "34" not in done.turn.text


def test_the_baselines_do_what_they_are_called():
    (told,), _ = talk("46", tutoring=Tutoring(chooser=AlwaysTelling(), policy=HelpPolicy(solution_unlocked=True)))
    assert (told.turn.move, "34" in told.turn.text) == ("solution", True)
    done, _ = talk("46", "44", "40", tutoring=Tutoring(chooser=NeverHelping()))
    assert {each.turn.move for each in done} == {"generic"}


SAYS = ("46", "44", "help", "40", "30", "70", "34", "34 because I borrowed")


def test_every_sentence_of_the_rule_tutor_passes_its_own_guards():
    done, _ = talk(*SAYS)
    assert all(each.turn.blocked == () for each in done), [(each.turn.text, each.turn.blocked) for each in done]


def test_the_rule_tutor_is_seldom_held_back_on_any_misconception():
    blocked = turns = 0
    for rule in malrules():
        problem = item_problem(drawn_item_for(rule.id, Random(1)))
        wrong = rule.run(problem.item).answer
        dialogue = begun(problem=problem)
        for answer in (wrong, None, f"{wrong}1", wrong, None, wrong, problem.gold):
            said = LearnerSaid(
                text=f"I get {answer}." if answer else "help me", answer=answer, asks_help=answer is None
            )
            done = asyncio.run(respond(with_learner(dialogue, said), problem, tutoring=Tutoring()))
            dialogue, turns, blocked = done.dialogue, turns + 1, blocked + bool(done.turn.blocked)
    assert blocked <= 0.04 * turns


def test_what_the_tutor_sees_is_counted_from_the_conversation():
    _, dialogue = talk("46", "46", "44", "help")
    situation = seen_by_tutor(dialogue, PROBLEM, tutoring=Tutoring()).situation
    assert (situation.attempts, situation.distinct_attempts, situation.hints_asked) == (3, 2, 1)

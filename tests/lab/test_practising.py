"""Adaptive practice: what is asked next and why, what is kept, and that nothing is lost."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from tutorkit.errors import BadRow, BadSetting, DataError, RunBusy, UnknownName
from tutorkit.knowledge.mastering_rate import Curriculum
from tutorkit.lab.home import Home
from tutorkit.lab.practice_choice import (
    SUCCESS,
    choose_target,
    curriculum_of,
    next_question,
)
from tutorkit.lab.practice_events import EVENTS
from tutorkit.lab.practice_state import MODEL, PracticeState, replayed
from tutorkit.lab.practising import Practice, learner_knowledge, learner_state, practice_folder
from tutorkit.misconceptions import DOMAINS, malrule, matching, skills_of, solve

START = datetime(2026, 1, 5, 9, tzinfo=UTC)


class Clock:
    """A clock that is set by hand; every look at it takes a second."""

    def __init__(self):
        self.now = START

    def __call__(self):
        self.now += timedelta(seconds=1)
        return self.now


@pytest.fixture
def lab(tmp_path):
    return Home(home=tmp_path)


@pytest.fixture
def clock():
    return Clock()


def opened(lab, clock, **given) -> Practice:
    return Practice.open("ada", lab=lab, clock=clock, **given)


def answered(practice, answer_of, *, most=100):
    """Answer until the session ends, and return what was asked."""
    asked = []
    for _ in range(most):
        if practice.question() is None:
            return asked
        asked.append(practice.state.current)
        practice.answer(answer_of(asked[-1].item))
    raise AssertionError("the session does not end")


def right(item):
    return solve(item).answer


def by(rule_id):
    return lambda item: malrule(rule_id).run(item).answer


def wrong(item):
    return "987654"


@pytest.mark.parametrize("domain", DOMAINS)
def test_every_domain_can_be_practised_to_mastery(lab, clock, domain):
    with opened(lab, clock, domain=domain, items=80) as practice:
        asked = answered(practice, right)
        assert practice.why_ended == "mastered" and len(asked) < 80
        known = practice.known()
        assert {line.skill for line in known} == set(curriculum_of(domain).before)
        assert all(line.mastery.status == "mastered" and line.due > clock.now for line in known)
    for each in asked:
        assert each.skill in each.skills == skills_of(each.item)


def test_a_misconception_shows_in_the_skill_that_it_lacks_and_in_no_other(lab, clock):
    with opened(lab, clock, domain="sub", items=40) as practice:
        asked = answered(practice, by("sub.borrow_across_zero"))
        status = {line.skill: line.mastery.status for line in practice.known()}
    assert status.pop("borrow_across_zero") == "learning"
    assert set(status.values()) == {"mastered"}
    # What builds on the lacking skill is asked for only once what it builds on is known.
    assert next(place for place, each in enumerate(asked) if each.skill == "borrow_across_zero") >= 3


def test_the_curriculum_of_a_domain_is_read_off_its_items():
    before = curriculum_of("sub").before
    assert before["borrow_across_zero"] == before["subtract_from_zero"] == ("borrow",) and before["borrow"] == ()
    assert set(curriculum_of("pct").before["discount"]) == {"percent"}


def test_no_item_is_asked_twice_and_the_success_suits(lab, clock):
    with opened(lab, clock, domain="sub", items=30) as practice:
        asked = answered(practice, by("sub.smaller_from_larger"))
    assert len({each.text for each in asked}) == 30
    # Where both are to be had, an item is taken whose success lies in the band.
    seen = [each for each in asked if each.why == "practice"]
    assert any(SUCCESS[0] <= each.expected <= SUCCESS[1] for each in seen)


def test_among_items_of_equal_success_one_is_taken_that_tells_misconceptions_apart(lab, clock):
    """Drawn at random, of the items that take a borrow about half would tell the commonest rules apart."""
    told = []
    for number in range(12):
        with Practice.open(f"learner{number}", domain="sub", items=1, lab=lab, clock=clock) as practice:
            practice.question()
            item = practice.state.current.item
            rules = ("sub.smaller_from_larger", "sub.borrow_no_decrement", "sub.zero_instead_of_borrow")
            if practice.state.current.skill == "borrow":
                told.append(len({malrule(rule).run(item).answer for rule in rules}))
    assert told and all(count == 3 for count in told)


def test_three_wrong_answers_in_a_row_bring_something_easier_until_one_is_right(lab, clock):
    with opened(lab, clock, domain="pct", items=30) as practice:
        while practice.state.wrong_in_a_row < 3:
            skill = practice.question().skill
            practice.answer(wrong(None) if skill != "percent" else right(practice.state.current.item))
        last = practice.state.done[-1].asked
        assert last.skill != "percent" and last.why == "practice"
        easier = practice.question()
        assert (easier.why, easier.skill) == ("easier", "percent")
        assert easier.expected > last.expected
        practice.answer(wrong(None))
        assert practice.question().why == "easier"
        practice.answer(right(practice.state.current.item))
        assert practice.question().why != "easier"


def test_where_nothing_comes_before_it_the_best_known_skill_is_what_is_easier():
    curriculum = Curriculum(before={"a": (), "b": (), "c": ("b",)})
    state = _after([("a", True), ("b", False), ("b", False), ("b", False)])
    target = choose_target(state, curriculum, at=START, rng=Random(0))
    assert (target.skill, target.why) == ("a", "easier")


def _after(rows) -> PracticeState:
    """A state after questions on single skills."""
    events = [{"type": "opened", "session": 1, "domain": "sub", "items": 50, "at": START}]
    for place, (skill, correct) in enumerate(rows):
        item = {"domain": "sub", "a": 52, "b": 18}
        asked = {"type": "asked", "id": f"q{place}", "session": 1, "item": item, "text": f"{place}", "at": START}
        events.append(
            {
                **asked,
                "skill": skill,
                "skills": [skill],
                "card": f"sub/plain/{skill}",
                "why": "practice",
                "expected": 0.5,
            }
        )
        events.append({"type": "answered", "id": f"q{place}", "answer": "1", "correct": correct, "at": START})
    return replayed("ada", [EVENTS.validate_python(event) for event in events])


def test_a_review_comes_when_it_is_due_one_question_in_three_and_in_its_own_kind(lab, clock):
    with opened(lab, clock, domain="frac", items=9) as practice:
        first = answered(practice, right)
    assert {each.why for each in first} == {"practice"}
    clock.now += timedelta(days=1)
    with opened(lab, clock, domain="frac", items=6) as practice:
        cards = practice.state.cards
        again = answered(practice, right)
    assert [each.why == "review" for each in again] == [True, False, False] * 2
    for each in again[::3]:
        assert each.card in cards and each.skill == each.card.rpartition("/")[2]


def test_when_all_is_mastered_only_reviews_that_are_due_are_left(lab, clock):
    with opened(lab, clock, domain="time", items=30) as practice:
        answered(practice, right)
        due = min(card.due for card in practice.state.cards.values())
    clock.now = due - timedelta(minutes=5)
    with opened(lab, clock, domain="time") as practice:
        assert practice.question() is None and practice.why_ended == "mastered"
    clock.now = due + timedelta(minutes=5)
    with opened(lab, clock, domain="time") as practice:
        assert practice.question().why == "review"
        practice.answer(right(practice.state.current.item))
        assert practice.question() is None


def test_what_is_blamed_for_an_answer_is_what_explains_the_earlier_ones_too(lab, clock):
    with opened(lab, clock, domain="sub", items=30) as practice:
        answered(practice, by("sub.n_minus_zero_is_zero"))
        done = practice.state.done
        cards = practice.state.cards
    # An early answer may look like something else; later ones are explained by what the earlier ones have in common.
    late = [each for each in done[10:] if not each.answered.correct]
    assert {each.answered.blamed for each in late} == {"subtract_zero"}
    assert cards["sub/plain/subtract_zero"].difficulty > 7
    assert all(card.difficulty < 5 for name, card in cards.items() if name != "sub/plain/subtract_zero")


def test_a_right_answer_reviews_every_skill_and_a_wrong_one_the_lacking_skill_alone(lab, clock):
    with opened(lab, clock) as practice:
        practice.question()
        state = practice.state
    both = state.current.model_copy(update={"skill": "bring_down", "skills": ("borrow", "bring_down")})

    def cards(**answer):
        event = EVENTS.validate_python({"type": "answered", "id": both.id, "answer": "1", "at": START, **answer})
        return {name: card.difficulty > 5 for name, card in state.after(both).after(event).cards.items()}

    assert cards(correct=True) == {"sub/plain/borrow": False, "sub/plain/bring_down": False}
    assert cards(correct=False, blamed="borrow") == {"sub/plain/borrow": True}
    assert cards(correct=False) == {"sub/plain/bring_down": True}


def test_after_a_wrong_answer_the_right_way_is_named(lab, clock):
    with opened(lab, clock) as practice:
        practice.question()
        item = practice.state.current.item
        feedback = practice.answer(wrong(item))
        assert not feedback.right and feedback.answer == solve(item).answer
        assert feedback.steps == tuple(step.text for step in solve(item).steps) and feedback.principle
        practice.question()
        good = practice.answer(right(practice.state.current.item))
        assert good.right and good.steps == () and good.principle is None


def test_what_cannot_be_read_is_not_graded_and_an_empty_answer_is_wrong(lab, clock):
    with opened(lab, clock) as practice:
        question = practice.question()
        with pytest.raises(DataError, match="cannot be read"):
            practice.answer("no idea what this means")
        assert practice.question() == question and practice.answered == 0
        assert not practice.answer("  ").right
        assert practice.state.done[0].answered.answer == "" and practice.answered == 1
        with pytest.raises(BadSetting, match="No question is open"):
            practice.answer("1")


def test_other_forms_of_the_right_answer_are_right(lab, clock):
    with opened(lab, clock) as practice:
        practice.question()
        assert practice.answer(f" = {right(practice.state.current.item)}.0 ").right


def test_help_makes_a_right_answer_worth_less_and_in_the_end_nothing(lab, clock):
    with opened(lab, clock) as practice:
        question = practice.question()
        first, second = practice.hint(), practice.hint()
        assert (first.rung, second.rung) == (3, 5)
        assert solve(practice.state.current.item).answer not in second.text.split()
        practice.answer(right(practice.state.current.item))
        mastery = practice.state.known()[question.skill]
        assert (mastery.n, mastery.right, mastery.p) == (0, 0, MODEL.usual.initial)
        question = practice.question()
        practice.hint()
        before = practice.state.belief(question.skill)
        asked = practice.state.current
        practice.answer(right(asked.item))
        assert practice.state.known()[question.skill].right == 1 and practice.state.belief(question.skill) > before
        hard = practice.state.cards[asked.card].difficulty
    with Practice.open("bob", lab=lab, clock=clock) as practice:
        practice.question()
        asked = practice.state.current
        practice.answer(right(asked.item))
        assert practice.state.cards[asked.card].difficulty < hard


def test_a_session_ends_with_its_questions_or_its_minutes(lab, clock):
    with opened(lab, clock, items=3) as practice:
        assert len(answered(practice, right)) == 3 and practice.why_ended == "items"
        assert practice.question() is None
    with opened(lab, clock, items=20, minutes=1) as practice:
        for _ in range(3):
            practice.question()
            practice.answer(right(practice.state.current.item), seconds=25)
        assert practice.question() is None and practice.why_ended == "minutes"


def test_practice_goes_on_with_the_very_question_that_was_open(lab, clock):
    with opened(lab, clock, domain="ooo", items=6) as practice:
        for _ in range(2):
            practice.question()
            practice.answer(right(practice.state.current.item))
        open_question = practice.question()
        practice.hint()
        state = practice.state
    clock.now += timedelta(days=40)
    with opened(lab, clock) as practice:
        assert practice.state == state == learner_state("ada", lab=lab)
        assert practice.question() == open_question and open_question.number == 3
        assert practice.hint().rung == 5
        practice.answer(right(practice.state.current.item))
        assert len(answered(practice, right)) == 3
    with opened(lab, clock) as practice:
        assert practice.answered == 0 and practice.question().number == 1
        assert len(practice.state.done) == 6


@pytest.mark.parametrize("other", [{"domain": "add"}, {"items": 5}, {"minutes": 3}])
def test_another_domain_or_length_is_another_session(lab, clock, other):
    with opened(lab, clock) as practice:
        practice.question()
        practice.answer(right(practice.state.current.item))
    with opened(lab, clock, **other) as practice:
        assert practice.answered == 0 and len(practice.state.done) == 1


@pytest.mark.parametrize("torn", [b'{"type":"answe', b"\xff\xfe", b"{}"])
def test_a_torn_last_line_is_as_if_it_had_never_been_begun(lab, clock, torn):
    with opened(lab, clock) as practice:
        practice.question()
        practice.answer(right(practice.state.current.item))
        question = practice.question()
        state = practice.state
    path = practice_folder(lab) / "ada.jsonl"
    path.write_bytes(path.read_bytes() + torn)
    with opened(lab, clock) as practice:
        assert practice.state == state and practice.question() == question
        practice.answer("1")
    assert all(json.loads(line)["type"] for line in path.read_text(encoding="utf-8").splitlines())
    assert len(learner_state("ada", lab=lab).done) == 2


def test_every_cut_of_the_file_is_a_state_from_which_practice_goes_on(lab, clock):
    with opened(lab, clock, items=4) as practice:
        answered(practice, by("sub.smaller_from_larger"))
    path = practice_folder(lab) / "ada.jsonl"
    whole = path.read_bytes()
    for length in range(0, len(whole), 37):
        path.write_bytes(whole[:length])
        with opened(lab, clock) as practice:
            lines = whole[:length].count(b"\n")
            assert path.read_bytes()[: whole[:length].rfind(b"\n") + 1] == whole[: whole[:length].rfind(b"\n") + 1]
            assert len(practice.state.done) == whole[: whole[:length].rfind(b"\n") + 1].count(b'"answered"')
            assert practice.question() is not None or lines


def test_a_damaged_line_is_named_and_nothing_is_overwritten(lab, clock):
    with opened(lab, clock) as practice:
        practice.question()
    path = practice_folder(lab) / "ada.jsonl"
    path.write_text("not JSON\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    before = path.read_bytes()
    with pytest.raises(BadRow, match="Line 1 of"):
        opened(lab, clock)
    assert path.read_bytes() == before
    path.write_bytes(before.partition(b"\n")[2])
    with opened(lab, clock) as practice:
        assert practice.question()


def test_one_learner_practises_in_one_place_at_a_time(lab, clock):
    with opened(lab, clock):
        with pytest.raises(RunBusy):
            opened(lab, clock)
        with Practice.open("bob", lab=lab, clock=clock) as other:
            assert other.question()
    with opened(lab, clock) as practice:
        assert practice.question()


def test_an_answer_is_kept_before_the_next_question_is_chosen(lab, clock, monkeypatch):
    with opened(lab, clock) as practice:
        practice.question()
        practice.answer(right(practice.state.current.item))
        monkeypatch.setattr("tutorkit.lab.practising.next_question", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            practice.question()
    assert len(learner_state("ada", lab=lab).done) == 1


def test_an_answer_to_another_question_is_refused_and_one_that_comes_twice_changes_nothing(lab, clock):
    with opened(lab, clock) as practice:
        practice.question()
        practice.answer(right(practice.state.current.item))
        practice.question()
        state, done = practice.state, practice.state.done[0].answered
    assert state.after(done) == state
    with pytest.raises(BadSetting, match="does not wait"):
        state.after(done.model_copy(update={"id": "another"}))


def test_the_same_learner_at_the_same_time_is_asked_the_same(lab, clock):
    with opened(lab, clock) as practice:
        state = practice.state
    assert next_question(state, at=START) == next_question(state, at=START)
    with pytest.raises(BadSetting, match="No session is open"):
        next_question(PracticeState(learner="ada"), at=START)


def test_the_median_of_seconds_makes_slow_answers_hard_and_needs_five_right_ones(lab, clock):
    with opened(lab, clock, domain="add", items=20) as practice:
        for _ in range(5):
            assert practice.state.median_seconds is None
            practice.question()
            practice.answer(right(practice.state.current.item), seconds=10)
        assert practice.state.median_seconds == 10


@pytest.mark.parametrize("name", ["../ada", "", "a/b", ".hidden", "x" * 65])
def test_a_name_that_cannot_be_a_files_is_refused(lab, name):
    with pytest.raises(BadSetting, match="cannot name a learner"):
        Practice.open(name, lab=lab)
    assert not practice_folder(lab).exists()


@pytest.mark.parametrize("given", [{"items": 0}, {"minutes": 0}])
def test_a_session_of_nothing_is_refused(lab, clock, given):
    with pytest.raises(BadSetting):
        opened(lab, clock, **given)


def test_an_unknown_domain_is_refused_before_anything_is_written(lab, clock):
    with pytest.raises(UnknownName, match="domain"):
        opened(lab, clock, domain="subb")
    assert not practice_folder(lab).exists()


def test_what_is_known_of_everybody(lab, clock):
    with opened(lab, clock, domain="sub", items=2) as practice:
        answered(practice, right)
    with Practice.open("bob", domain="time", items=1, lab=lab, clock=clock) as practice:
        answered(practice, wrong)
    found = learner_knowledge(None, lab=lab)
    assert list(found) == ["ada", "bob"]
    assert sum(line.mastery.n > 0 for line in found["ada"]) >= 1
    assert [(line.skill, line.mastery.right) for line in found["bob"]] == [("minutes_of_an_hour", 0)]
    assert learner_knowledge("bob", lab=lab) == {"bob": found["bob"]}
    with pytest.raises(UnknownName, match="learner"):
        learner_knowledge("eve", lab=lab)


def test_no_malrule_explains_a_right_answer_so_nothing_is_blamed(lab, clock):
    with opened(lab, clock, domain="frac", items=5) as practice:
        for each in answered(practice, right):
            assert matching(each.item, right(each.item)) == ()
        assert all(each.answered.blamed is None for each in practice.state.done)

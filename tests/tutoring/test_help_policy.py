import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tutorkit.tutoring.policy import RUNG, HelpPolicy, Situation, ceiling, pacing
from tutorkit.types import TutorMove

situations = st.builds(
    Situation,
    attempts=st.integers(0, 12),
    distinct_attempts=st.integers(0, 12),
    hints_asked=st.integers(0, 8),
    minutes=st.floats(0, 120),
    mastery=st.none() | st.floats(0, 1),
    assessment=st.booleans(),
    answered_right=st.booleans(),
    explained=st.booleans(),
    probes_since_right=st.integers(0, 5),
    wants_exit=st.booleans(),
)
policies = st.builds(
    HelpPolicy,
    max_rung=st.integers(0, 7),
    max_attempts=st.integers(1, 9),
    solution_unlocked=st.booleans(),
    assessment_max_rung=st.integers(0, 6),
    unstick_after=st.none() | st.integers(1, 5),
    fade_from=st.none() | st.floats(0, 1),
    max_probes=st.integers(0, 3),
    max_minutes=st.none() | st.floats(0.1, 60),
)


def test_every_move_has_its_rung():
    assert set(RUNG) == set(TutorMove.__args__)
    assert [RUNG[move] for move in ("elicit", "orient", "focus", "concept", "contrast", "name_step")] == [
        0,
        1,
        2,
        3,
        3,
        4,
    ]
    assert [RUNG[move] for move in ("analogy", "next_step", "solution")] == [5, 6, 7]


TABLE = [
    ({}, 1),
    ({"hints_asked": 9}, 1),
    ({"attempts": 1, "distinct_attempts": 1}, 3),
    ({"attempts": 2, "distinct_attempts": 1}, 3),
    ({"attempts": 2, "distinct_attempts": 2}, 4),
    ({"attempts": 2, "distinct_attempts": 1, "hints_asked": 1}, 5),
    ({"attempts": 2, "distinct_attempts": 2, "hints_asked": 1}, 5),
    ({"attempts": 1, "distinct_attempts": 1, "hints_asked": 3}, 3),
    ({"attempts": 3, "distinct_attempts": 1}, 6),
    ({"attempts": 4, "distinct_attempts": 4}, 6),
    ({"attempts": 5, "distinct_attempts": 1}, 7),
    ({"attempts": 5, "distinct_attempts": 5, "assessment": True}, 6),
]


@pytest.mark.parametrize(("facts", "rung"), TABLE)
def test_the_ceiling_is_that_of_the_table(facts, rung):
    assert ceiling(Situation(**facts), HelpPolicy()) == rung


def test_a_teacher_unlocks_the_solution_but_not_in_an_assessment():
    policy = HelpPolicy(solution_unlocked=True)
    assert ceiling(Situation(), policy) == 7
    assert ceiling(Situation(assessment=True), policy) == 6
    assert ceiling(Situation(assessment=True), HelpPolicy(solution_unlocked=True, assessment_max_rung=1)) == 1
    with pytest.raises(ValidationError):
        HelpPolicy(assessment_max_rung=7)


def test_who_has_tried_nothing_is_helped_on_only_where_the_teacher_says_so():
    assert ceiling(Situation(hints_asked=2), HelpPolicy(unstick_after=2)) == 3
    assert ceiling(Situation(hints_asked=1), HelpPolicy(unstick_after=2)) == 1


def test_help_fades_for_who_has_mastered_the_skill():
    fading = HelpPolicy(fade_from=0.8)
    tried = Situation(attempts=3, distinct_attempts=1, hints_asked=1, mastery=0.9)
    assert ceiling(tried, fading) == 5
    assert ceiling(tried.model_copy(update={"mastery": 0.5}), fading) == 6
    assert ceiling(tried.model_copy(update={"attempts": 4}), fading) == 6
    assert ceiling(tried, HelpPolicy()) == 6


@given(situations, policies, st.sampled_from(["attempts", "distinct_attempts", "hints_asked"]), st.integers(1, 5))
def test_more_tries_and_more_wishes_never_lower_the_ceiling(situation, policy, field, more):
    further = situation.model_copy(update={field: getattr(situation, field) + more})
    assert ceiling(further, policy) >= ceiling(situation, policy)


@given(situations, policies)
def test_the_ceiling_is_never_above_what_the_teacher_allows_and_never_the_solution_in_an_assessment(situation, policy):
    found = ceiling(situation, policy)
    assert 0 <= found <= policy.max_rung
    if situation.assessment:
        assert found <= min(6, policy.assessment_max_rung)


@given(situations, policies)
def test_the_solution_takes_an_unlocking_or_enough_tries(situation, policy):
    if ceiling(situation, policy) == 7:
        assert policy.solution_unlocked or situation.attempts >= policy.max_attempts


@given(situations, policies)
def test_a_laxer_teacher_never_gives_less(situation, policy):
    for change in ({"max_rung": 7}, {"solution_unlocked": True}, {"max_attempts": 1}, {"fade_from": None}):
        assert ceiling(situation, policy.model_copy(update=change)) >= ceiling(situation, policy)


def test_more_distinct_answers_than_tries_count_as_so_many_tries():
    assert ceiling(Situation(attempts=1, distinct_attempts=4), HelpPolicy()) == 3


@given(situations, policies)
def test_pacing_lets_go_who_wants_to_leave_and_never_keeps_a_right_answer_for_long(situation, policy):
    found = pacing(situation, policy)
    late = policy.max_minutes is not None and situation.minutes >= policy.max_minutes
    if situation.wants_exit or late:
        assert found == "end"
    elif situation.answered_right and (situation.explained or situation.probes_since_right >= policy.max_probes):
        assert found == "offer_next"
    else:
        assert found == "go_on"


def test_pacing_at_its_edges():
    right = Situation(answered_right=True)
    assert pacing(right, HelpPolicy()) == "go_on"
    assert pacing(right.model_copy(update={"probes_since_right": 1}), HelpPolicy()) == "go_on"
    assert pacing(right.model_copy(update={"probes_since_right": 2}), HelpPolicy()) == "offer_next"
    assert pacing(right.model_copy(update={"explained": True}), HelpPolicy()) == "offer_next"
    assert pacing(Situation(explained=True, probes_since_right=5), HelpPolicy()) == "go_on"
    assert pacing(Situation(minutes=10), HelpPolicy(max_minutes=10)) == "end"
    assert pacing(Situation(minutes=9.9), HelpPolicy(max_minutes=10)) == "go_on"


def test_records_go_through_json():
    for record in itertools.chain([HelpPolicy(max_minutes=3, fade_from=0.5)], [Situation(attempts=2, mastery=0.1)]):
        assert type(record).model_validate_json(record.model_dump_json()) == record

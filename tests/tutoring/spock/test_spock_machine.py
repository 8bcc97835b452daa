"""What can happen among the subproblems, whatever anybody says: properties."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from tutorkit.errors import BadSetting
from tutorkit.tutoring.spock import ALLOWED, Progress, SpockRules, advance, allowed_actions, state_of
from tutorkit.tutoring.spock.machine import tried

RULES = st.builds(SpockRules, tries=st.integers(1, 4), solution_on_request=st.booleans(), ceiling=st.integers(0, 7))
MOVES = st.lists(st.tuples(st.sampled_from("abcdefg"), st.integers(0, 3), st.booleans()), max_size=40)


def walked(count: int, rules: SpockRules, moves):
    """Take any walk that is allowed, and yield each step of it."""
    progress = Progress.beginning(count)
    for evaluation, pick, complete in moves:
        counted = tried(progress, evaluation)
        allowed = allowed_actions(evaluation, counted, rules)
        if not allowed:
            continue
        action = allowed[pick % len(allowed)]
        after = advance(counted, action, complete=complete)
        yield progress, counted, evaluation, action, complete, after, state_of(progress, after, evaluation)
        progress = after


@settings(max_examples=300, deadline=None)
@given(st.integers(1, 5), RULES, MOVES)
def test_no_walk_breaks_the_rules(count, rules, moves):
    failed = [0] * count
    for before, _, evaluation, action, complete, after, state in walked(count, rules, moves):
        if evaluation in "ac" and not before.done:
            failed[before.at] += 1
        # z if and only if nothing is left.
        assert (state == "z") == (set(after.finished) == set(range(count)))
        # y only after a right and complete answer, or a solution.
        gained = set(after.finished) - set(before.finished)
        if state == "y":
            assert (evaluation == "b" and complete) or action in ("2", "5", "9")
        if gained:
            assert gained == {before.at} and state in ("y", "z")
            assert (action == "3" and complete) or action in ("2", "5", "9")
        if action in ("2", "5"):
            assert failed[before.at] >= rules.tries and rules.ceiling >= 6
        if action == "9":
            assert rules.solution_on_request
        if action == "10":
            assert before.done or after.at == before.at - 1
            assert state == "x" and after.at not in after.finished and not gained
        assert after.done or after.at not in after.finished
        assert all(place >= after.at for place in range(count) if place not in after.finished)


@given(st.integers(1, 5), RULES, MOVES)
def test_whatever_is_said_something_may_be_done_while_subproblems_are_left(count, rules, moves):
    for _, counted, *_ in walked(count, rules, moves):
        if not counted.done:
            assert all(allowed_actions(evaluation, counted, rules) for evaluation in ALLOWED)


@given(st.integers(1, 6))
def test_answering_one_after_the_other_ends_after_as_many_and_not_before(count):
    progress, states = Progress.beginning(count), []
    for _ in range(count):
        after = advance(progress, "3", complete=True)
        states.append(state_of(progress, after, "b"))
        progress = after
    assert states == ["y"] * (count - 1) + ["z"]


def test_who_goes_back_must_finish_it_again():
    two = advance(advance(Progress.beginning(3), "3", complete=True), "3", complete=True)
    back = advance(two, "10", complete=True)
    assert (two.at, two.finished) == (2, (0, 1)) and (back.at, back.finished) == (1, (0,))
    again = advance(back, "3", complete=True)
    assert (again.at, again.finished, again.done) == (2, (0, 1), False)
    done = advance(again, "3", complete=True)
    assert done.done and advance(done, "10", complete=True).finished == (0, 1)
    first = Progress.beginning(3)
    assert "10" not in allowed_actions("f", first, SpockRules()) and advance(first, "10", complete=True) == first


def test_the_state_says_whether_there_is_a_subproblem_yet():
    progress = Progress.beginning(2)
    assert [state_of(progress, progress, evaluation) for evaluation in "abcdefg"] == [*"xxxxxx", "w"]


def test_going_back_finishes_nothing():
    one = advance(Progress.beginning(2), "3", complete=True)
    back = advance(one, "10", complete=True)
    assert advance(back, "3", complete=True).finished == (0,)


@pytest.mark.parametrize(("tries", "expected"), [(2, False), (3, True)])
def test_a_solution_comes_after_so_many_tries(tries, expected):
    progress = Progress.beginning(2)
    for number in range(tries):
        progress = tried(progress, "ac"[number % 2])
    assert all(tried(progress, other) == progress for other in "bdefg")
    assert ("2" in allowed_actions("a", progress, SpockRules(tries=3))) is expected
    assert ("5" in allowed_actions("c", progress, SpockRules(tries=3))) is expected
    assert "2" not in allowed_actions("a", progress, SpockRules(tries=3, ceiling=5))
    assert "1" in allowed_actions("a", progress, SpockRules(tries=3))


def test_what_cannot_be_is_refused():
    with pytest.raises(BadSetting):
        SpockRules(tries=0)
    with pytest.raises(BadSetting):
        SpockRules(ceiling=8)
    for fields in ({"at": 2}, {"finished": (2,)}, {"at": 0, "finished": (0,)}):
        with pytest.raises(ValidationError):
            Progress.model_validate({"tries": (0, 0), **fields})

"""What the step-level methods share: a calculator that runs no code, and finding the gold in a text."""

from __future__ import annotations

import pytest

from tutorkit.methods._nodes.calculator import Calculator, redone, stepped
from tutorkit.methods._nodes.steps import holds_gold, without_gold, working_of
from tutorkit.types import Attempt, Grade, Problem


def problem(gold: str) -> Problem:
    return Problem(id="p", task="t", text="?", gold=gold, scorer="number", split="train", group="g")


@pytest.mark.parametrize(
    ("action", "observation"),
    [
        ("2 + 3 * 4", "14"),
        ("(2 + 3) * -4", "-20"),
        ("7 / 2", "7/2"),
        ("0.1 + 0.2", "3/10"),
        ("2 ^ 10", "1024"),
        ("x = 6 / 3", "x = 2"),
        ("y + 1", "error: y is not defined"),
        ("1 / 0", "error: division by zero"),
        ("9 ^ 99", "error: a power is a whole number up to 12"),
        ("9 ^ 12 ^ 12", "error: a power is a whole number up to 12"),
        ("99999999 ^ 12", "error: the number is too large"),
        ("(" * 99 + "1" + ")" * 99, "1"),
        ("(1", "error: this is no expression"),
        ("1or 2", "error: only numbers, variables, + - * / ^ and parentheses are known"),
        ("__import__('os')", "error: ' is not known"),
        ("f(2)", "error: only numbers, variables, + - * / ^ and parentheses are known"),
        ("3 = 4", "error: 3 cannot be given a value"),
        ("", "error: this is no expression"),
        ("1" * 300, "error: an action has at most 200 characters"),
    ],
)
def test_the_calculator_calculates_and_runs_no_code(action, observation):
    assert Calculator().act(action)[0] == observation


def test_an_earlier_state_knows_nothing_of_what_came_later():
    start = Calculator()
    _, one = stepped(start, "", "x = 1")
    _, two = stepped(one, "", "x = 2")
    assert [state.act("x")[0] for state in (start, one, two)] == ["error: x is not defined", "1", "2"]


def test_steps_that_are_done_again_give_the_same_state_and_talk_of_an_action_is_none():
    text, state = stepped(Calculator(), ">>> x = 1", "y = 2")
    assert text == "x = 1\n>>> y = 2\ny = 2"
    assert redone(Calculator(), [text]) == state and "x" not in state.variables


@pytest.mark.parametrize(
    ("gold", "text", "held"),
    [
        ("95, 12", "so 95,12.", True),
        ("95, 12", "so 95 and 12", False),
        ("1200", "it is 1,200!", True),
        ("-5", "it is −5", True),
        ("5", "it is 0.5 or 15 or 5.5 or 1,005", False),
        ("5", "it is 5.", True),
        ("yes", "Yes, indeed", True),
        ("yes", "yesterday", False),
    ],
)
def test_the_gold_is_found_whole_however_it_is_written(gold, text, held):
    assert holds_gold(text, problem(gold)) is held
    assert holds_gold(without_gold(text, problem(gold)), problem(gold)) is False
    assert held or without_gold(text, problem(gold)) == text


@pytest.mark.parametrize(
    ("steps", "working"),
    [
        (("a", "Answer: 3"), ("a",)),
        (("a", "The final answer is 3"), ("a",)),
        (("Answers differ", "b"), ("Answers differ", "b")),
    ],
)
def test_the_line_of_the_answer_is_no_working(steps, working):
    grade = Grade(outcome="right", score=1, normalised="3", how="")
    made = Attempt(
        id="a",
        run_id="r",
        phase="x",
        problem_id="p",
        split="train",
        student="s",
        lesson_ids=(),
        steps=steps,
        raw="",
        grade=grade,
    )
    assert working_of(made) == working

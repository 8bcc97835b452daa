import pytest
from pydantic import ValidationError

from tutorkit.errors import BadRow, DataNotFound, UnknownName
from tutorkit.tutoring.programming.exercises import (
    Case,
    built_in_exercises,
    case_of,
    exercise_named,
    load_exercises,
    read_exercises,
)
from tutorkit.tutoring.programming.guards.constructs import CONSTRUCTS, constructs_in
from tutorkit.tutoring.programming.guards.snippets import parsed


@pytest.mark.parametrize(
    ("line", "call", "equals", "holds"),
    [
        ("assert f(1) == 2", "f(1)", "2", False),
        ("assert f([1]) == [1, 'a']", "f([1])", "[1, 'a']", False),
        ("assert f(1) == -2", "f(1)", "-2", False),
        ("assert f(1) == g(2)", "f(1) == g(2)", None, True),
        ("assert f(1) > 2", "f(1) > 2", None, True),
        ("assert f(1)", "f(1)", None, True),
        ("assert 1 < f(1) == 2", "1 < f(1) == 2", None, True),
    ],
)
def test_an_assert_line_is_read(line, call, equals, holds):
    case = case_of(line)
    assert (case.call, case.equals, case.holds) == (call, equals, holds)


@pytest.mark.parametrize("line", ["f(1) == 2", "assert", "assert f(1) == 2; assert g()", "x = 1", "", "assert f(\x00)"])
def test_what_is_no_assert_line_is_refused(line):
    with pytest.raises(BadRow):
        case_of(line)


@pytest.mark.parametrize(
    "fields",
    [
        {"call": "f(1)"},
        {"call": "f(1)", "equals": "1", "holds": True},
        {"call": "f(", "equals": "1"},
        {"call": "f(1)", "equals": "g()"},
        {"call": "x = 1", "equals": "1"},
    ],
)
def test_a_case_expects_exactly_one_thing_of_one_expression(fields):
    with pytest.raises(ValidationError):
        Case.model_validate(fields)


def test_the_built_in_exercises_are_whole():
    exercises = built_in_exercises()
    assert len({each.id for each in exercises}) == len(exercises) == 10
    for each in exercises:
        assert each.visible and len(each.visible) < len(each.cases), each.id
        assert len(each.solutions) == 3 and each.plan and each.analogy and each.concept
        assert set(each.taught) <= CONSTRUCTS, set(each.taught) - CONSTRUCTS


def test_solutions_and_analogies_keep_to_what_was_taught():
    for each in built_in_exercises():
        for code in (*each.solutions, each.analogy):
            used = constructs_in(parsed(code)) - {"list"}
            assert used <= set(each.taught), (each.id, used - set(each.taught))


def test_a_file_of_exercises_is_read(tmp_path):
    path = tmp_path / "own.yaml"
    path.write_text("- {id: a, text: t, function: f, reference: 'def f(): return 1', tests: [assert f() == 1]}")
    (found,) = load_exercises(path)
    assert found.cases[0].call == "f()"
    with pytest.raises(DataNotFound):
        load_exercises(tmp_path / "none.yaml")


@pytest.mark.parametrize("text", ["", "- 1", "a: b", "- {id: a}", "- {id: [}", "- {id: a, tests: [1]}"])
def test_a_file_that_does_not_fit_is_refused(text):
    with pytest.raises(BadRow):
        read_exercises(text, source="own.yaml")


def test_an_unknown_exercise_is_refused():
    with pytest.raises(UnknownName, match="factorial"):
        exercise_named("factorail")

"""How well the place of a mistake is found: on thirty mutants, by each kind of evidence and by all of it."""

from __future__ import annotations

from math import sqrt

import pytest
from support.boxes import needs_box
from support.mutants import mutants, runner, traced

from tutorkit.tutoring.programming.exercises import built_in_exercises, exercise_named
from tutorkit.tutoring.programming.localising import WEIGHTS, localise
from tutorkit.tutoring.programming.nearest import nearest
from tutorkit.tutoring.programming.results import CaseResult, Fault, RunReport
from tutorkit.tutoring.programming.spectrum import ochiai


def case(index, outcome, *lines, fault=None):
    return CaseResult(index=index, outcome=outcome, lines=lines, fault=fault)


def test_ochiai_is_what_the_paper_says():
    results = [case(0, "failed", 1, 2), case(1, "failed", 1, 3), case(2, "passed", 1), case(3, "passed", 3)]
    scores = ochiai(results)
    assert scores == {
        1: pytest.approx(2 / sqrt(2 * 3)),
        2: pytest.approx(1 / sqrt(2 * 1)),
        3: pytest.approx(1 / sqrt(2 * 2)),
    }


def test_lines_of_passing_tests_alone_are_not_suspect_and_killed_tests_take_no_part():
    assert ochiai([case(0, "passed", 1), case(1, "failed", 2), case(2, "killed")]) == {1: 0.0, 2: 1.0}
    assert ochiai([]) == {} and ochiai([case(0, "passed", 1)]) == {1: 0.0}


def found(weights, solutions_of):
    """Return how many of the thirty places stand first, and among the first three."""
    first = three = 0
    for each in mutants():
        lines = [
            suspect.line
            for suspect in localise(
                each.code, traced(each.name), solutions=solutions_of(each), weights=weights
            ).suspects
        ]
        first += lines[:1] == [each.line]
        three += each.line in lines[:3]
    return first, three


@needs_box
@pytest.mark.slow
@pytest.mark.parametrize(
    ("weights", "solutions_of", "expected"),
    [
        ({"test": 1.0}, lambda each: (), (9, 22)),
        ({"lint": 1.0}, lambda each: (), (19, 19)),
        ({"test": 1.0, "trace": 1.0, "lint": 1.0}, lambda each: (), (25, 29)),
        # A pool in which the program that the mutant was made of is not: the case of a class.
        (WEIGHTS, lambda each: each.others, (26, 29)),
        # With it the difference is the mutation itself: an upper bound, and no measure of anything else.
        (WEIGHTS, lambda each: each.exercise.solutions, (30, 30)),
    ],
    ids=["spectrum", "lints", "without solutions", "with others' solutions", "with its own"],
)
def test_the_place_is_found(weights, solutions_of, expected):
    # These figures stand in docs/programming-help.md.
    assert found(weights, solutions_of) == expected


@needs_box
@pytest.mark.parametrize("about", built_in_exercises(), ids=lambda each: each.id)
def test_in_a_right_program_nothing_is_suspect(about):
    for code in about.solutions:
        report = runner().test(about, code, traced=True)
        # Not even a program that a lint would have something to say about.
        slipping = code.rstrip() + "\n\ndef unused(seen=[]):\n    seen == 1\n"
        assert localise(code, report, solutions=about.solutions).suspects == ()
        assert localise(slipping, report).findings == ()


def test_the_line_of_an_error_is_suspect_but_not_where_time_or_depth_ran_out():
    def suspects(outcome, kind):
        report = RunReport(results=(case(0, outcome, fault=Fault(kind=kind, line=2)),))
        return [(each.line, each.evidence) for each in localise("a = 1\nb = 2", report).suspects]

    assert suspects("raised", "ValueError") == [(2, ("trace",))]
    assert suspects("raised", "RecursionError") == [] and suspects("timed_out", "TimeUp") == []


def test_a_program_that_is_no_python_is_suspect_where_python_stops():
    report = RunReport(results=(case(0, "not_run"),), fault=Fault(kind="SyntaxError", line=2))
    (suspect,) = localise("x = 1\nif x = 2:\n    pass", report).suspects
    assert suspect.line == 2 and set(suspect.evidence) == {"lint", "trace"}


def test_a_refused_program_has_no_suspects():
    assert localise("x", RunReport(results=(case(0, "not_run"),), refused="too large")).suspects == ()


def test_the_nearest_solution_is_found_by_form_not_by_names():
    about = exercise_named("even-total")
    renamed = about.pool[0].replace("result", "answer").replace("numbers[i]", "numbers[ i ]")
    difference = nearest(renamed, about.solutions)
    assert difference.solution == about.pool[0] and difference.likeness == 1.0 and difference.lines == {}


def test_lines_that_differ_weigh_more_than_a_gap():
    solution = "def f(xs):\n    t = 0\n    for x in xs:\n        t += x\n    return t"
    changed = "def f(ys):\n    n = 0\n    for y in ys:\n        n -= y\n    return n"
    assert nearest(changed, [solution]).lines == {4: 1.0}
    lacking = "def f(ys):\n    n = 0\n    for y in ys:\n        n = n + y\n"
    assert nearest(lacking, [solution]).lines == {4: 0.5}
    indented = "def f(ys):\n    n = 0\n    for y in ys:\n        n = n + y\n        return n"
    assert nearest(indented, [solution]).lines == {5: 1.0}


def test_a_solution_that_is_unlike_is_not_compared_with():
    assert nearest("import os\nclass A:\n    x = 1\nprint(A)", ["def f(xs):\n    return sum(xs)"]) is None
    assert nearest("def f(", ["def f(xs):\n    return 1"]) is None and nearest("x = 1", []) is None

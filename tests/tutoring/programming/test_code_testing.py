"""Programs are run, judged outside the sandbox, and believed in nothing but the values that they came to."""

from __future__ import annotations

import json

import pytest
from support.boxes import needs_box
from support.mutants import mutants, runner

from tutorkit.errors import SandboxMissing
from tutorkit.sandbox import Ended, Sandbox
from tutorkit.tutoring.programming.exercises import Case, Exercise, built_in_exercises, case_of
from tutorkit.tutoring.programming.results import RunReport, Said, decoded, judged, said_in, same_value
from tutorkit.tutoring.programming.testing import Runner

TOTAL = Exercise(
    id="total",
    text="Add the numbers up.",
    function="total",
    reference="def total(xs):\n    return sum(xs)",
    cases=(
        case_of("assert total([1, 2]) == 3"),
        case_of("assert total([]) == 0", hidden=True),
        Case(call="total(None)", raises="TypeError"),
    ),
)


def exercise(*cases: Case | str) -> Exercise:
    read = tuple(case_of(case) if isinstance(case, str) else case for case in cases)
    return Exercise(id="e", text="t", function="f", reference="", cases=read)


def outcomes(code: str, about: Exercise = TOTAL, **how) -> list[str]:
    return [result.outcome for result in runner().test(about, code, **how).results]


@needs_box
@pytest.mark.parametrize("about", built_in_exercises(), ids=lambda each: each.id)
def test_every_known_solution_is_right_and_every_starter_is_not(about):
    for traced in (False, True):
        assert [runner().test(about, code, traced=traced).verdict for code in about.solutions] == ["right"] * 3
    assert runner().test(about, about.starter).verdict == "wrong"


@needs_box
@pytest.mark.parametrize("about", mutants(), ids=lambda each: each.name)
def test_every_mutant_is_wrong(about):
    assert runner().test(about.exercise, about.code).verdict == "wrong"


@needs_box
def test_the_results_say_what_came_out():
    report = runner().test(TOTAL, "def total(xs):\n    print('here', xs)\n    return len(xs)", traced=True)
    first, second, third = report.results
    assert (first.outcome, first.got, first.printed) == ("failed", "2", "here [1, 2]\n")
    assert (second.outcome, second.lines) == ("passed", (2, 3))
    assert third.outcome == "passed"
    assert report.verdict == "wrong" and [each.index for each in report.failing] == [0]


@needs_box
def test_an_error_is_told_with_the_learners_line():
    code = "def total(xs):\n    n = 0\n    return helper(xs) / n\n\ndef helper(xs):\n    return 1\n"
    fault = runner().test(TOTAL, code).results[0].fault
    assert (fault.kind, fault.message, fault.line) == ("ZeroDivisionError", "division by zero", 3)
    # The line is the learner's, also where the error comes from a library.
    fault = runner().test(TOTAL, "import json\ndef total(xs):\n    return json.loads('{')").results[0].fault
    assert (fault.kind, fault.line) == ("JSONDecodeError", 3)


@needs_box
@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("while True: pass", ["timed_out"] * 3),
        ("\n    while True:\n        try: pass\n        except: pass", ["timed_out"] * 3),
        ("return 10 ** 10 ** 10", ["timed_out"] * 3),
        ("\n    while True: print('x')", ["output_cut"] * 3),
        ("import os; os.write(1, b'x' * 10**7)", ["output_cut"] * 3),
        ("return bytearray(10**9)", ["out_of_memory"] * 3),
        ("import os; os._exit(0)", ["killed"] * 3),
        ("import ctypes; ctypes.string_at(0)", ["killed"] * 3),
        ("import os; os.close(3)", ["killed"] * 3),
        ("raise SystemExit", ["raised"] * 3),
        ("raise KeyboardInterrupt", ["raised"] * 3),
        ("return input()", ["raised"] * 3),
        ("return total(xs)", ["raised"] * 3),
        ("return None", ["failed"] * 3),
    ],
)
def test_what_goes_wrong_is_told_apart(body, expected):
    assert outcomes(f"def total(xs):\n    {body}") == expected


@needs_box
def test_one_bad_call_does_not_hide_the_others():
    for ends in ("while True: pass", "import os; os._exit(0)", "return bytearray(10**9)"):
        code = f"def total(xs):\n    if xs == [1, 2]:\n        {ends}\n    return sum(xs)"
        assert outcomes(code)[1:] == ["passed", "passed"], ends


@needs_box
def test_a_program_that_cannot_be_loaded_has_no_results():
    for code, kind in (
        ("1 / 0", "ZeroDivisionError"),
        ("import nothing_like_it", "ModuleNotFoundError"),
        ("while True: pass", "TimeUp"),
        ("import os; os._exit(0)", "killed"),
    ):
        report = runner().test(TOTAL, code)
        assert report.fault.kind == kind and report.verdict == "wrong"
        assert {each.outcome for each in report.results} == {"not_run"}


@pytest.mark.parametrize(
    ("code", "kind", "line"),
    [("def f(:\n  pass", "SyntaxError", 1), ("x = 1\n  y = 2", "IndentationError", 2), ("(" * 5000, "SyntaxError", 1)],
)
def test_what_is_no_python_is_told_without_running_it(code, kind, line):
    report = Runner(box=Untouchable()).test(TOTAL, code)
    assert (report.fault.kind, report.fault.line, report.verdict) == (kind, line, "wrong")


@pytest.mark.parametrize("code", ["x = '\ud800'", "x = '\x00'", "#" * 70_000])
def test_what_cannot_be_a_program_is_refused_which_is_neither_right_nor_wrong(code):
    report = Runner(box=Untouchable()).test(TOTAL, code)
    assert report.refused and report.verdict is None


class Untouchable:
    def run(self, files, *, program, limits=None):
        raise AssertionError("nothing may be run")


def test_without_a_sandbox_nothing_is_run_and_nothing_judged():
    box = Sandbox(bwrap="/nowhere/bwrap", python="/usr/bin/python3")
    with pytest.raises(SandboxMissing):
        Runner(box=box).test(TOTAL, TOTAL.reference)
    with pytest.raises(SandboxMissing):
        Runner(box=box).passing(TOTAL, [TOTAL.reference])


@needs_box
def test_what_is_expected_never_gets_into_the_box():
    secret = 987_654_321
    about = exercise(Case(call="f(1)", equals=str(secret)), Case(call="f(2)", prints="987-654"))
    seen = []

    class Spy:
        def run(self, files, *, program, limits=None):
            seen.append(b"".join(files.values()))
            return Sandbox.found().run(files, program=program, limits=limits)

    Runner(box=Spy()).test(about, "def f(n):\n    return n")
    assert seen and b"f(1)" in seen[0]
    assert str(secret).encode() not in seen[0] and b"987-654" not in seen[0]


@needs_box
def test_the_job_is_gone_before_the_program_runs():
    code = "import os\ndef total(xs):\n    return sorted(os.listdir('/work'))"
    assert runner().test(TOTAL, code).results[0].got == "['inside.py']"


@needs_box
@pytest.mark.parametrize(
    "code",
    [
        # An object that is equal to everything.
        "class Yes(int):\n    def __eq__(self, other): return True\n    __hash__ = None\ndef total(xs): return Yes()",
        "class Yes:\n    def __eq__(self, other): return True\ndef total(xs): return Yes()",
        # A value that writes itself down as another.
        "class Three(int):\n    def __repr__(self): return '3'\ndef total(xs): return Three(4)",
        # What judges is not in the box.
        "import sys, __main__\n__main__.encoded = lambda value, left: 5\ndef total(xs): return 5",
        "import json\njson.JSONEncoder.encode = lambda *a: '3'\ndef total(xs): return 5",
        "import builtins\nbuiltins.type = lambda value: int\ndef total(xs): return 5",
        "def total(xs): raise AssertionError",
        "import sys\nsys.exit(0)",
        'import os\nos.write(3, b\'{"program": 0, "call": 0, "value": true, "status": "passed"}\\n\')\nos._exit(0)',
    ],
)
def test_no_trick_makes_a_wrong_program_right(code):
    assert runner().test(TOTAL, code).verdict == "wrong"


def test_a_forged_report_is_read_with_care():
    good = {"program": 0, "call": 0, "status": "returned", "printed": "", "error": None, "lines": [], "value": 3}
    bad = [
        b"", b"null", b"[]", b"{", b"\xff\xfe", b'{"program": 0}', b"[" * 100_000,
        json.dumps({**good, "status": "passed"}).encode(),
        json.dumps({**good, "lines": "all"}).encode(),
        json.dumps({**good, "error": {"kinds": [], "message": "", "line": None}}).encode(),
        json.dumps({**good, "call": "0; DROP"}).encode(),
    ]  # fmt: skip
    assert [said.value for said in said_in(b"\n".join([*bad, json.dumps(good).encode()]))] == [3]


@pytest.mark.parametrize(
    "value",
    [
        {"t": "set", "v": [[1]]},
        {"t": "dict", "v": [[[1], 2]]},
        {"t": "dict", "v": 3},
        {"t": "bytes", "v": "__import__('os')"},
        {"t": "nothing"},
        {},
        {"t": "tuple"},
    ],
)
def test_a_value_of_another_form_is_equal_to_nothing(value):
    got = decoded(value)
    assert got != got and got not in (None, 0, "", [], {})


def test_a_very_deep_value_is_cut():
    deep: list = []
    for _ in range(300):
        deep = [deep]
    assert "…" in repr(decoded(deep))


@needs_box
@pytest.mark.parametrize(
    ("value", "equals", "outcome"),
    [
        ("(1, 'a', None)", "(1, 'a', None)", "passed"),
        ("[1, 'a', None]", "(1, 'a', None)", "failed"),
        ("{3, 1, 2}", "{1, 2, 3}", "passed"),
        ("{'b': (1,), 2: [3]}", "{2: [3], 'b': (1,)}", "passed"),
        ("{(1, 2): 3}", "{(1, 2): 3}", "passed"),
        ("b'\\xff'", "b'\\xff'", "passed"),
        ("True", "1", "passed"),
        ("2.0", "2", "passed"),
        ("'2'", "2", "failed"),
        ("0.1 + 0.2", "0.3", "failed"),
        ("2 ** 200", str(2**200), "passed"),
        ("10 ** 9000", "1", "failed"),
        ("float('nan')", "0", "failed"),
        ("'é\\ud83d\\ude42'", "'é'", "failed"),
        ("'🙂'", "'🙂'", "passed"),
        ("'\\ud800'", "'x'", "failed"),
        ("list(range(20000))", "[1]", "failed"),
        ("lambda: 1", "1", "failed"),
    ],
)
def test_values_are_compared_as_python_has_it(value, equals, outcome):
    assert outcomes(f"def f():\n    return {value}", exercise(Case(call="f()", equals=equals))) == [outcome]


def test_a_tolerance_is_for_numbers_and_reaches_into_lists():
    assert same_value(0.3, 0.1 + 0.2, 1e-9) and not same_value(0.3, 0.31, 1e-3)
    assert same_value([1.0, (2.0,)], [1.0000001, (2.0,)], 1e-3)
    assert not same_value([1.0, 2.0], [1.0], 1e-3) and not same_value([1.0], (1.0,), 1e-3)
    assert not same_value(1.0, "1.0", 1e-3) and same_value("a", "a", 1e-3)


def said(**fields) -> Said:
    plain = {"program": 0, "call": 0, "status": "returned", "printed": "", "error": None, "lines": [], "value": None}
    return Said.model_validate(plain | fields)


def test_expected_errors_prints_and_conditions():
    error = {"kinds": ["KeyError", "LookupError", "Exception"], "message": "", "line": None}
    raising = Case(call="f()", raises="LookupError")
    assert judged(raising, said(status="raised", error=error))[0] == "passed"
    assert judged(raising, said())[0] == "failed"
    assert judged(Case(call="f()", raises="ValueError"), said(status="raised", error=error))[0] == "raised"
    printing = Case(call="f()", prints="a\nb")
    assert judged(printing, said(printed="a  \nb\n"))[0] == "passed"
    assert judged(printing, said(printed="a b"))[0] == "failed"
    holding = Case(call="f() > 1", holds=True)
    assert judged(holding, said(value=True))[0] == "passed"
    # A condition that is merely true-ish was not a condition.
    assert judged(holding, said(value=[1]))[0] == "failed"


@needs_box
def test_randomness_and_order_are_the_same_each_time():
    code = "import random\ndef total(xs):\n    return [random.random(), list({'a', 'b', 'c'})]"
    assert len({runner().test(TOTAL, code).results[0].got for _ in range(3)}) == 1


@needs_box
def test_many_programs_are_run_in_one_box():
    codes = [
        TOTAL.reference,
        "def total(xs): return 3",
        "def total(xs: return",
        "import os; os._exit(0)",
        "def total(xs):\n    while True: pass",
        TOTAL.reference,
        "def total(xs):\n    n = 0\n    for x in xs: n += x\n    return n",
        "x = '\ud800'",
    ]
    assert runner().passing(TOTAL, codes) == [True, False, False, False, False, True, True, False]
    assert runner().passing(TOTAL, []) == []


def test_a_report_without_results_is_not_right():
    assert RunReport(results=()).verdict == "wrong"


def test_a_box_that_refuses_is_told():
    class Refusing:
        def run(self, files, *, program, limits=None):
            return Ended(status="refused", why="too large")

    assert Runner(box=Refusing()).test(TOTAL, "x = 1").refused == "too large"

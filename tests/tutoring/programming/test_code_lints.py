import pytest

from tutorkit.tutoring.programming.exercises import built_in_exercises
from tutorkit.tutoring.programming.lints import findings_in
from tutorkit.tutoring.programming.results import Fault

SLIPS = {
    "off_by_one": [
        ("def f(xs):\n    for i in range(len(xs) - 1):\n        print(xs[i])", 2),
        ("def f(xs):\n    for i in range(len(xs) + 1):\n        print(xs[i])", 2),
        ("def f(xs):\n    i = 0\n    while i <= len(xs):\n        print(xs[i])\n        i += 1", 3),
        ("def f(t):\n    i = len(t) - 1\n    while i > 0:\n        print(t[i])\n        i -= 1", 3),
    ],
    "mutable_default": [("def f(x, seen=[]):\n    return seen", 1), ("def f(*, a={}):\n    return a", 1)],
    "missing_return": [
        ("def f(x):\n    y = x + 1", 2),
        ("def f(x):\n    if x:\n        return 1\n    x = 2", 4),
    ],
    "prints_instead": [("def f(x):\n    y = x\n    print(y)", 3)],
    "no_effect": [("def f(x):\n    x == 2\n    return x", 2), ("def f(i):\n    i - 1\n    return i", 2)],
    "shadowed_builtin": [("def f(xs):\n    sum = 0\n    return sum(xs)", 3), ("def f(list):\n    return list(3)", 2)],
    "no_base_case": [
        ("def f(n):\n    return n * f(n - 1)", 1),
        ("def f(n):\n    if n == 0:\n        return 1\n    return n * f(n)", 4),
    ],
    "return_in_loop": [
        ("def f(xs):\n    t = 0\n    for x in xs:\n        t += x\n        return t", 5),
        (
            "def f(xs):\n    for x in xs:\n        if x:\n            return 1\n        else:\n            return 2",
            6,
        ),
    ],
    "whole_division": [("def f(xs):\n    return sum(xs) // len(xs)", 2)],
    "broken_division": [
        ("def f(n):\n    while n:\n        n = n / 10\n    return n", 3),
        ("def f(xs):\n    return xs[len(xs) / 2]", 2),
        ("def f(n):\n    for i in range(n / 2):\n        print(i)\n    return n", 2),
    ],
    "loop_variable_reused": [
        ("def f(n):\n    for i in range(n):\n        for i in range(3):\n            print(i)\n    return n", 3),
        ("def f(n):\n    for i in range(n):\n        i += 2\n    return n", 3),
    ],
    "changes_while_iterating": [
        ("def f(xs):\n    for x in xs:\n        xs.remove(x)\n    return xs", 3),
        ("def f(xs):\n    for x in xs:\n        if x:\n            del xs[0]\n    return xs", 4),
    ],
    "overwrites_total": [("def f(xs):\n    t = 0\n    for x in xs:\n        t = x\n    return t", 4)],
    "condition_never_changes": [("def f(n):\n    i = 0\n    while i < n:\n        print(n)\n    return i", 3)],
}


@pytest.mark.parametrize(("kind", "code", "line"), [(kind, *each) for kind, found in SLIPS.items() for each in found])
def test_a_slip_is_found_at_its_line(kind, code, line):
    assert (kind, line) in {(each.kind, each.line) for each in findings_in(code)}


FINE = {
    "off_by_one": [
        # The neighbour is looked at, so the last position is left out for a reason.
        "def f(xs):\n    for i in range(len(xs) - 1):\n        if xs[i] > xs[i + 1]:\n            return i",
        "def f(xs):\n    for i in range(len(xs)):\n        print(xs[i])",
        "def f(xs):\n    i = 0\n    while i < len(xs):\n        i += 1\n    return i",
        "def f(n):\n    while n > 0:\n        n = n // 10\n    return n",
    ],
    "mutable_default": ["def f(x=None, y=()):\n    return y"],
    "missing_return": [
        "def f(x):\n    if x:\n        return 1\n    else:\n        return 2",
        "def f(x):\n    while True:\n        return x",
        "def f(x):\n    yield x",
        "def f(x):\n    raise ValueError",
    ],
    "prints_instead": ["def f(x):\n    print(x)\n    return x"],
    "no_effect": ["def f(x):\n    'A docstring.'\n    x.append(1)\n    return x"],
    "shadowed_builtin": ["def f(xs):\n    total = sum(xs)\n    return total", "def f(max):\n    return max + 1"],
    "no_base_case": [
        "def f(n):\n    if n == 0:\n        return 1\n    return n * f(n - 1)",
        "def f(n):\n    return 1 if n == 0 else n * f(n - 1)",
        "def f(n):\n    if n > 0:\n        f(n - 1)",
    ],
    "return_in_loop": ["def f(xs):\n    for x in xs:\n        if x:\n            return True\n    return False"],
    "whole_division": ["def f(n):\n    return n // 2"],
    "broken_division": ["def f(xs):\n    return sum(xs) / len(xs)", "def f(n):\n    half = n / 2\n    return half"],
    "loop_variable_reused": [
        "def f(n):\n    for i in range(n):\n        for j in range(3):\n            print(i, j)\n    return n"
    ],
    "changes_while_iterating": ["def f(xs):\n    for x in list(xs):\n        xs.remove(x)\n    return xs"],
    "overwrites_total": [
        "def f(xs):\n    t = 0\n    for x in xs:\n        t = t + x\n    return t",
        "def f(xs):\n    t = 0\n    for x in xs:\n        if x > t:\n            t = x\n    return t",
        "def f(n):\n    a = 0\n    for i in range(n):\n        b = a\n        a = i\n    return b",
    ],
    "condition_never_changes": [
        "def f(xs):\n    while xs:\n        xs.pop()\n    return xs",
        "def f(xs):\n    while len(xs) > 1:\n        del xs[0]\n    return xs",
        "def f(n):\n    while True:\n        return n",
        "def f(n):\n    while n > 1:\n        break\n    return n",
    ],
}


@pytest.mark.parametrize(("kind", "code"), [(kind, each) for kind, found in FINE.items() for each in found])
def test_what_is_meant_so_is_no_slip(kind, code):
    assert kind not in {each.kind for each in findings_in(code)}


def test_right_solutions_have_no_sure_findings():
    found = [
        (each.id, finding)
        for each in built_in_exercises()
        for code in each.solutions
        for finding in findings_in(code)
        if finding.sureness >= 0.7
    ]
    assert found == []


@pytest.mark.parametrize("head", ["if x = 1:", "while x = 1:", "elif y = x:"])
def test_a_single_equals_sign_in_a_condition_is_found(head):
    (found,) = findings_in(f"x = 1\n{head}\n    pass", fault=Fault(kind="SyntaxError", line=2))
    assert (found.kind, found.line) == ("assign_in_condition", 2)


@pytest.mark.parametrize("head", ["if x == 1", "if x <= 1", "x = (", "if f(a=1:"])
def test_other_faults_of_grammar_are_not_taken_for_it(head):
    assert findings_in(f"x = 1\n{head}", fault=Fault(kind="SyntaxError", line=2)) == () or "a=1" in head


def test_findings_are_ordered_and_there_once():
    found = findings_in("def f(xs):\n    for i in range(len(xs) - 1):\n        xs[i] == 2\n        return 1")
    assert [each.sureness for each in found] == sorted((each.sureness for each in found), reverse=True)
    assert len({(each.kind, each.line) for each in found}) == len(found)


@pytest.mark.parametrize("code", ["", "(" * 3000, "\x00", "def f(): pass", "x" * 10_000, "-" * 60_000 + "1"])
def test_odd_programs_are_looked_at_without_harm(code):
    findings_in(code)

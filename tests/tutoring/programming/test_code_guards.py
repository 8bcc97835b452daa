"""What may not be said is not said: leaks in many dresses, wrong verdicts, constructs nobody taught, hidden inputs."""

from __future__ import annotations

import base64

import pytest
from support.boxes import needs_box
from support.mutants import mutant, runner

from tutorkit.errors import SandboxMissing
from tutorkit.sandbox import Sandbox
from tutorkit.tutoring.programming.exercises import exercise_named
from tutorkit.tutoring.programming.guards import Checked, objections
from tutorkit.tutoring.programming.guards.constructs import constructs_named, untaught
from tutorkit.tutoring.programming.guards.leaks import overlap, spliced
from tutorkit.tutoring.programming.guards.snippets import code_in
from tutorkit.tutoring.programming.guards.verdicts import finds_fault, finds_right
from tutorkit.tutoring.programming.testing import Runner

AVERAGE = mutant("average-value")
FACTORIAL = mutant("factorial-boundary")
TOTAL = mutant("even-total-shape")
UNIQUE = mutant("unique-shape")


def kinds(text, wrong, *, rung=2, verdict="wrong"):
    seen = Checked(exercise=wrong.exercise, code=wrong.code, verdict=verdict, rung=rung)
    return {each.kind for each in objections(text, seen, passing=runner().passing)}


FACTORIAL_LOOP = "    product = 1\n    for i in range(1, n + 1):\n        product = product * i\n    return product"
LEAKS = [
    # the whole thing
    (FACTORIAL, f"Try this:\n```python\ndef factorial(n):\n{FACTORIAL_LOOP}\n```"),
    (FACTORIAL, f"Try this:\n~~~\ndef factorial(n):\n{FACTORIAL_LOOP}\n~~~"),
    (FACTORIAL, f"```\ndef factorial(n):\n{FACTORIAL_LOOP}"),  # a fence that nobody closed
    (FACTORIAL, f"def factorial(n):\n{FACTORIAL_LOOP}\n\nDo you see?"),  # no fence at all
    (FACTORIAL, "```\ndef factorial(a):\n    r = 1\n    for k in range(2, a + 1):\n        r *= k\n    return r\n```"),
    (FACTORIAL, "```python\nimport math\nfactorial = math.factorial\n```"),
    (FACTORIAL, "```python\ndef factorial(n):\n    return 1 if n < 2 else n * factorial(n - 1)\n```"),
    # the body alone
    (FACTORIAL, f"```python\n{FACTORIAL_LOOP}\n```"),
    # the one line
    (FACTORIAL, "```python\nfor i in range(1, n + 1):\n```"),
    (FACTORIAL, "Line 3 wants to be `for i in range(1, n + 1):`, I think."),
    (FACTORIAL, "What about\nfor i in range(1, n + 1):\nin its place?"),
    (FACTORIAL, "- for i in range(1, n):\n+ for i in range(1, n + 1):"),
    (FACTORIAL, "Line 3: for i in range(1, n + 1):"),
    # the one expression
    (FACTORIAL, "Compare with `range(1, n + 1)`."),
    (FACTORIAL, "Compare with `range(1,n+1)`."),
    (FACTORIAL, "Compare with `range(2, n + 1)`."),
    (FACTORIAL, "Compare with `range(1, 1 + n)`."),
    # invisible and typographic characters
    (FACTORIAL, "Compare with `range(1,\u00a0n\u200b + 1)`."),
    (FACTORIAL, "Compare with `ｒａｎｇｅ(1, n + 1)`."),
    # another expression, another exercise
    (AVERAGE, "You could write `return total / len(numbers)`."),
    (AVERAGE, "You could write `total / len(numbers)`."),
    (AVERAGE, "return total / len(numbers)"),
    (AVERAGE, "1. return total / len(numbers)"),
    (TOTAL, "```python\n            total = total + number\n    return total\n```"),
    (TOTAL, f"```python\n{TOTAL.code.replace('        return', '    return')}```"),
    (UNIQUE, "Do `seen.append(item)` there."),
    (UNIQUE, "```python\nif item not in seen:\n    seen.append(item)\n```"),
    # in two pieces
    (FACTORIAL, f"First:\n```\ndef factorial(n):\n    product = 1\n```\nThen:\n```\n{FACTORIAL_LOOP[16:]}\n```"),
    (AVERAGE, "Some of `total` and then\n```\nreturn total / len(numbers)\n```"),
]  # fmt: skip


@needs_box
@pytest.mark.parametrize(("wrong", "text"), LEAKS)
@pytest.mark.parametrize("rung", [2, 5])
def test_what_solves_the_exercise_is_not_said_below_the_solution(wrong, text, rung):
    assert kinds(text, wrong, rung=rung) & {"solves", "overlap"}, kinds(text, wrong, rung=rung)


@needs_box
def test_the_solution_is_said_on_its_own_rung():
    text = f"Here it is. Can you do it alone?\n```python\n{FACTORIAL.exercise.reference}\n```"
    assert kinds(text, FACTORIAL, rung=7) == set()


HARMLESS = [
    (FACTORIAL, 2, "For `factorial(3)`, your program gives `2`. Which numbers does the loop go through?"),
    (FACTORIAL, 2, "Look at `for i in range(1, n):`. Which is the last value of `i` when `n` is 3?"),
    (FACTORIAL, 2, "Which numbers does `range(1, n)` give you? Write them down for a small n."),
    (FACTORIAL, 2, "What is in `product` after the first round?"),
    (FACTORIAL, 3, "A range stops before its second number. How does that bear on your loop?"),
    (FACTORIAL, 4, "Line 3 goes through one number too few."),
    (FACTORIAL, 5, f"Here is another one:\n```python\n{FACTORIAL.exercise.analogy}\n```\nWhat is different?"),
    (AVERAGE, 2, "What do you get for `7 / 2`, and what for `7 // 2`?"),
    (AVERAGE, 3, "Python has two ways to divide. Which one do you use here?"),
    (TOTAL, 2, "When does your function leave the loop?"),
    (TOTAL, 2, "```python\n        return total\n```\nIn which round is this line reached?"),
    (UNIQUE, 2, "`items.remove(item)` changes a list. Which one?"),
    (UNIQUE, 3, "Going through a list that gets shorter is risky. What would you see if you wrote down each step?"),
    (TOTAL, 2, "Take `even_total([1, 2, 3, 4])` and go through it by hand: what is total after each round?"),
    (TOTAL, 2, "The header of the loop reads every number, good. What happens at the end of the first round?"),
]


@needs_box
@pytest.mark.parametrize(("wrong", "rung", "text"), HARMLESS)
def test_what_helps_is_said(wrong, rung, text):
    assert kinds(text, wrong, rung=rung) == set()


@needs_box
def test_the_learners_own_code_may_be_quoted_whole():
    for wrong in (FACTORIAL, AVERAGE, UNIQUE):
        assert kinds(f"This is yours:\n```python\n{wrong.code}```\nWhere would you look?", wrong) == set()


@needs_box
def test_code_that_is_not_the_learners_is_for_the_rung_of_examples():
    text = "Look:\n```python\nfor letter in word:\n    print(letter)\n```"
    assert kinds(text, FACTORIAL, rung=4) == {"snippet"}
    assert kinds(text, FACTORIAL, rung=5) == set()


def test_a_text_with_code_is_not_said_where_it_cannot_be_tried_out():
    missing = Runner(box=Sandbox(bwrap="/nowhere/bwrap", python="/usr/bin/python3"))
    seen = Checked(exercise=FACTORIAL.exercise, code=FACTORIAL.code, verdict="wrong", rung=2)
    with pytest.raises(SandboxMissing):
        objections("Try `range(n + 7)`.", seen, passing=missing.passing)


CLAIMS_FAULT = [
    "There is a bug in line 3.",
    "Your program is wrong.",
    "This is not quite right yet.",
    "It doesn't work for empty lists.",
    "You forgot the last number.",
    "You should fix the loop.",
    "That's an off-by-one.",
    "It fails for large inputs.",
    "This code is incorrect, sorry.",
    "Line 2 needs to be changed.",
    "I see a small mistake there.",
    "Da ist noch ein Fehler.",
    "Das ist leider falsch.",
    "Das stimmt noch nicht.",
    "No worries, but this line is wrong.",
]
FAULTLESS = [
    "All tests pass. Can you explain why?",
    "There is no bug in it.",
    "I can't find anything wrong with it, so tell me how it works.",
    "It runs without errors.",
    "Nothing is wrong here.",
    "What would it do with an empty list?",
    "How many steps does it take for ten numbers?",
    "Das läuft ohne Fehler.",
]


@pytest.mark.parametrize("text", CLAIMS_FAULT)
def test_a_passing_program_is_never_called_wrong(text):
    assert finds_fault(text)
    assert kinds(text, FACTORIAL, verdict="right") == {"verdict"}


@pytest.mark.parametrize("text", FAULTLESS)
def test_talk_about_a_passing_program_is_free(text):
    assert finds_fault(text) is None
    assert kinds(text, FACTORIAL, verdict="right") == set()


CLAIMS_RIGHT = [
    "Your code is correct.",
    "Great job!",
    "That's it!",
    "All the tests pass.",
    "It works perfectly.",
    "This looks right to me.",
    "You've solved it.",
    "There is nothing wrong with this.",
    "No bugs here!",
    "The solution is completely right.",
    "Perfect, you can hand it in.",
    "Dein Programm ist richtig.",
    "Keine Fehler mehr.",
    "Gut gemacht!",
]
NOT_PRAISE = [
    "This is not right yet.",
    "Once all tests pass, hand it in.",
    "What would tell you that it is right?",
    "Check whether your code is correct for one element.",
    "You are close. What does line 3 do?",
    "The first line is a good beginning.",
    "Wenn dein Programm richtig ist, geht es weiter.",
]


@needs_box
@pytest.mark.parametrize("text", CLAIMS_RIGHT)
def test_a_failing_program_is_never_called_right(text):
    assert finds_right(text)
    assert "verdict" in kinds(text, FACTORIAL)


@needs_box
@pytest.mark.parametrize("text", NOT_PRAISE)
def test_talk_about_a_failing_program_is_free(text):
    assert finds_right(text) is None
    assert kinds(text, FACTORIAL) == set()


@needs_box
@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Have you thought of a list comprehension?", "comprehension"),
        ("A dictionary would be faster here.", "dict"),
        ("Try it with recursion, without the loop.", "recursion"),
        ("A `lambda` is handy.", "lambda"),
        ("Python's sum does it in one go.", "sum()"),
        ("Have a look at `sum`.", "sum()"),
        ("Have a look at the sum function.", "sum()"),
        ("You could use max(xs) here.", "max()"),
        ("Use try/except around it.", "try"),
        ("Import a module for that.", "import"),
        ("```python\n[x for x in xs]\n```", "comprehension"),
        ("```python\nwords = {n: 1 for n in xs}\n```", "comprehension"),
        ("```python\ntext[::-1]\n```", "slice"),
        ("Try slicing.", "slice"),
        ("What about an f-string?", "f-string"),
    ],
)
def test_what_was_not_taught_is_not_brought_up(text, name):
    seen = Checked(exercise=exercise_named("even-total"), code=TOTAL.code, verdict="wrong", rung=5)
    found = [each for each in objections(text, seen, passing=runner().passing) if each.kind == "untaught"]
    assert found and name in found[0].where


@needs_box
def test_what_the_learner_or_the_exercise_uses_may_be_spoken_of():
    code = "def even_total(numbers):\n    return sum([n for n in numbers if n > 2])"
    seen = Checked(exercise=exercise_named("even-total"), code=code, verdict="wrong", rung=2)
    text = "Which numbers does your list comprehension hand to `sum`?"
    assert objections(text, seen, passing=runner().passing) == ()
    largest = exercise_named("largest")
    assert "max" in largest.text and "max()" not in constructs_named("the maximum of it")


def test_where_nothing_is_said_about_teaching_all_is_allowed():
    assert untaught({"lambda"}, taught=()) == frozenset()
    assert untaught({"lambda", "for"}, taught=("for",)) == {"lambda"}


@needs_box
@pytest.mark.parametrize("rung", range(8))
def test_inputs_of_hidden_tests_are_kept_below_rung_four(rung):
    for text in (
        "What about factorial(7)?",
        "What about `factorial( 7 )`?",
        "Try factorial(5) by hand.",
    ):
        assert ("hidden_input" in kinds(text, FACTORIAL, rung=rung)) == (rung < 4)


@needs_box
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("vowels-value", "Try it with the word Otto."),
        ("vowels-value", 'Try it with "queue".'),
        ("even-total-value", "Try it with [-2, 5, 10]."),
        ("even-total-value", "Try it with [-2,5, 10]."),
        ("prime-boundary", "What about 25?"),
        ("digit-sum-value", "Does it work with 4005?"),
    ],
)
def test_a_hidden_input_by_itself_is_kept_as_well(name, text):
    assert "hidden_input" in kinds(text, mutant(name), rung=3)
    assert "hidden_input" not in kinds(text, mutant(name), rung=4)


@needs_box
def test_inputs_that_can_be_seen_may_be_spoken_of():
    assert kinds("What about factorial(3), and about 1, 2 and 3?", FACTORIAL) == set()
    assert kinds("Try 251 and 1.25 and 2500.", mutant("prime-boundary")) == set()


@needs_box
def test_secrets_are_not_repeated():
    assert kinds("You wrote password = 'hunter22' there, why?", FACTORIAL) == {"secret"}


@needs_box
def test_it_is_short_and_asks_one_thing():
    assert kinds("One. Two. Three. Four. Five.", FACTORIAL) == {"length"}
    assert kinds("Why? Where? How?", FACTORIAL) == {"questions"}


@needs_box
def test_an_encoded_solution_does_nothing_by_itself():
    """Base64 is no code that a learner could put in: what is guarded against is help, not smuggling."""
    packed = base64.b64encode(FACTORIAL.exercise.reference.encode()).decode()
    assert not kinds(f"Look: {packed}", FACTORIAL) & {"solves", "overlap"}


def test_overlap_counts_form_and_not_names_or_layout():
    reference = FACTORIAL.exercise.reference
    renamed = "def f(x):\n  p=1\n  for  k in range( 1,x+1 ):\n    p *= k   # times\n  return p"
    assert overlap(renamed, reference) == pytest.approx(1.0)
    assert overlap("print('hello')", reference) == 0.0
    assert overlap(reference, reference, own=reference) == 0.0
    assert overlap("", reference) == 0.0 and overlap("(((", "") == 0.0


def test_splicing_makes_programs_only_and_none_twice():
    code = "def f(xs):\n    t = 0\n    for x in xs:\n        t = x\n    return t\n"
    made = spliced("t = t + x", code, function="f")
    assert "def f(xs):\n    t = 0\n    for x in xs:\n        t = t + x\n    return t" in made
    assert len(made) == len(set(made)) and code not in made
    for each in made:
        compile(each, "x", "exec")


def test_code_is_found_wherever_it_stands():
    found = code_in(
        "Hi.\n```py\na = 1\n```\nthen `b = 2` and\n    c = 3\n    d = 4\nso.\n- for e in f:\nReturn the book."
    )
    assert found.fenced == ("a = 1",) and found.inline == ("b = 2",)
    assert found.loose == ("c = 3\nd = 4", "for e in f:")
    assert "a = 1" not in found.words and code_in("Plain words, nothing else.").all == ()

"""Drafted exercises: what becomes of them, and what speaks against them."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from support.memory import MemorySink

from tutorkit.methods._cemal.equations import calculated
from tutorkit.methods._nodes.exercises import (
    ExerciseDraft,
    disagreement,
    exercise_faults,
    exercise_problem,
    held_out,
    unsolved_view,
)
from tutorkit.methods._nodes.rows import keep_sft
from tutorkit.tasks import TaskScorer
from tutorkit.tasks.variation import another, chain_of, one_with
from tutorkit.types import Choice, Problem

STORY = "Mia bakes {a} small cakes in the morning and {b} more in the afternoon; how many cakes does she bake that day?"


def problem(text, *, split="test", gold="5", group=None, item=None, **more):
    name = f"{split}:{text[:30]}"
    given = {"id": name, "task": "t", "text": text, "gold": gold, "scorer": "number", "split": split}
    return Problem(**{**given, "group": group or name, "item": item, **more})


def deps(*problems):
    splits = {name: [each for each in problems if each.split == name] for name in ("train", "val", "test", "probe")}
    return SimpleNamespace(
        problems=splits.__getitem__, sink=MemorySink(), run_id="r", teacher=SimpleNamespace(ref="somebody")
    )


def draft(text, answer="5", **more):
    return ExerciseDraft(problem=text, solution="It is so.", answer=answer, **more)


SOURCE = problem("Work out 2 + 3.", split="train", skills=("carry",))


def faults(text, *known, answer="5", **more):
    made = deps(*known)
    exercise = exercise_problem(made, draft(text, answer, **more), SOURCE, split="train")
    return exercise_faults(exercise, "It is so.", closed=held_out(made), scorer=TaskScorer())


def test_an_exercise_is_a_problem_of_the_sources_kind_with_a_family_of_its_own():
    made = deps(SOURCE)
    exercise = exercise_problem(made, draft('Work out 4 + 1. [[item:{"a":[{"b":1}]}]]'), SOURCE, split="train")
    assert made.sink.get(Problem, exercise.id) == exercise
    assert (exercise.text, exercise.item) == ("Work out 4 + 1.", {"a": [{"b": 1}]})
    assert (exercise.task, exercise.scorer, exercise.skills) == ("t", "number", ("carry",))
    assert exercise.group != SOURCE.group and exercise.split == "train" and exercise.gold == "5"
    assert unsolved_view(exercise) == {"text": exercise.text, "item": exercise.item}
    named = exercise_problem(made, draft("Work out 4 + 1.", skill="sums"), SOURCE, split="train")
    assert named.skills == ("sums",) and named.id != exercise.id and named.item is None


def test_options_get_the_sources_letters():
    source = SOURCE.model_copy(
        update={"choices": (Choice(label="A", text="x"), Choice(label="B", text="y")), "scorer": "choice"}
    )
    made = deps(source)
    exercise = exercise_problem(made, draft("Which?", "B", options=["red", "blue"]), source, split="train")
    assert [(choice.label, choice.text) for choice in exercise.choices] == [("A", "red"), ("B", "blue")]
    assert exercise_faults(exercise, "It is so.", closed=held_out(made), scorer=TaskScorer()) == ()


@pytest.mark.parametrize(
    ("text", "answer", "fault"),
    [
        ("  ", "5", "empty"),
        ("Work out 4 + 1.", "", "cannot be graded"),
        ("Work out 4 + 1.", "a lot", "cannot be graded"),
        ("Work out 4 + 1. The answer is 5.", "5", "gives its answer away"),
    ],
)
def test_a_draft_that_is_no_exercise(text, answer, fault):
    assert any(fault in found for found in faults(text, answer=answer))
    assert faults("Work out 4 + 1.") == ()


@pytest.mark.parametrize(
    "text",
    [
        STORY.format(a=12, b=30),
        STORY.format(a=30, b=12).upper(),
        STORY.format(a=7, b=9),
        "He rests in the afternoon; how many cakes does she bake?",
    ],
)
def test_the_wording_of_a_held_out_problem_is_copied(text):
    assert faults(text, problem(STORY.format(a=12, b=30)))
    assert faults(text, problem(STORY.format(a=12, b=30), split="val"))


def test_a_held_out_problem_with_other_numbers_is_that_problem():
    text = "Mia has {} red apples, {} green pears, {} plums, {} nuts and {} figs; how many fruits?"
    assert faults(text.format(1, 2, 3, 4, 5), problem(text.format(6, 7, 8, 9, 10)))
    assert not faults(text.format(1, 2, 3, 4, 5), problem("Ben" + text.format(6, 7, 8, 9, 10)[3:]))


def test_the_wording_that_several_families_share_is_the_tasks_own():
    test, train = problem(STORY.format(a=12, b=30)), problem(STORY.format(a=5, b=6), split="train")
    assert faults(STORY.format(a=7, b=9), test, train) == ()
    assert faults(STORY.format(a=30, b=12), test, train) == (f"repeats {test.id}",)


def test_an_item_is_the_same_in_any_order_and_as_part_of_another():
    test = problem("Add!", item={"domain": "chain", "parts": [{"domain": "add", "a": 3, "b": 4}]})
    assert faults('Sum up. [[item:{"domain":"add","a":4,"b":3}]]', test)
    assert not faults('Sum up. [[item:{"domain":"add","a":4,"b":5}]]', test)
    assert faults("Work out 4 + 3.", problem("Work out 3 + 4.")) and not faults(
        "Work out 4 - 3.", problem("Work out 3 + 4.")
    )


def test_a_second_solution_confirms_an_answer_or_does_not():
    exercise = exercise_problem(deps(), draft("Work out 4 + 1."), SOURCE, split="train")
    assert disagreement(exercise, "5.0", TaskScorer()) == ()
    assert disagreement(exercise, " ", TaskScorer()) == ("no second solution",)
    assert disagreement(exercise, "6", TaskScorer()) == ("a second solution comes to 6",)


def test_a_row_is_the_question_and_the_solution_with_its_answer():
    made = deps(SOURCE)
    row = keep_sft(made, SOURCE, rationale=" Add them. ", answer=" 5 ", round=2, student="s", sources=["a"])
    assert [(m.role, m.content) for m in row.messages] == [
        ("user", "Work out 2 + 3."),
        ("assistant", "Add them.\nAnswer: 5"),
    ]
    assert (row.split, row.problem_id, row.round, row.data) == ("train", SOURCE.id, 2, {"item": None, "answer": "5"})


@pytest.mark.parametrize(
    ("equation", "value"),
    [
        ("3 + 4 × 2", "11"),
        ("x = 1/3 + 1/6", "0.5"),
        ("1,200*5/100 = x", "60"),
        ("-(-4)", "4"),
        ("2/3", "2/3"),
        ("3 + 4 = 5 + 2", None),
        ("7", None),
        ("2 * apples", None),
        ("3/0", None),
        ("__import__('os') + 1", None),
    ],
)
def test_an_equation_is_calculated_or_left_alone(equation, value):
    assert calculated(equation) == value


def test_what_the_rule_based_teacher_draws_can_be_no_test_problem():
    from random import Random

    from tutorkit.misconceptions import parts_of, skills_of
    from tutorkit.tasks import load_task
    from tutorkit.tasks.arithmetic import group_of, split_of

    for name in ("arithmetic", "chains"):
        task = load_task(name, data_dir=None, seed=3, sizes={"test": 40})
        for asked in task.split("test"):
            drawn = another(asked.item, Random(1))
            assert set(drawn.skills) & set(asked.skills) or not asked.skills
            assert drawn.text != asked.text and drawn.split == "train"
            assert {split_of(group_of(part.model_dump())) for part in parts_of(drawn.item)} == {"train"}
    assert another({"domain": "riddle"}, Random(1)) is None and chain_of(["poetry"], Random(1)) is None
    found = one_with("carry", Random(1), without=["percent"])
    assert "carry" in skills_of(found.item) and one_with("poetry", Random(1)) is None

"""KID's imperfect prefixes, as the specification says how to see that they are right."""

from __future__ import annotations

import pytest
from support.bench import accuracy, bench, chains
from support.participants import ScriptedTeacher

from tutorkit.errors import BadSetting
from tutorkit.methods.kid import GIVEN
from tutorkit.methods.registry import find_method, read_params
from tutorkit.methods.vocabulary import Sizes
from tutorkit.types import Attempt, Call, Lesson, Problem, SFTExample

SIZES = {"train": 24, "val": 4, "test": 20}


async def ran(folder, *, sizes=SIZES, task="chains", **options):
    made = bench(folder, method="kid", task=chains(sizes=sizes) if task == "chains" else task, **options)
    ending = await made.run()
    assert ending.status == "finished", ending
    return made, ending.state


def rows(made, state) -> list[SFTExample]:
    return [made.sink.get(SFTExample, name) for name in state["rows"]]


def gold_steps(made, row) -> list[str]:
    return [step.text for step in made.sink.get(Problem, row.problem_id).steps]


@pytest.mark.parametrize("width", [1, 2])
async def test_the_prefix_holds_the_gold_up_to_the_mask_and_exactly_the_students_fill(tmp_path, width):
    made, state = await ran(tmp_path, params={"masks": 2, "width": width})
    imperfect = 0
    for row in rows(made, state):
        start, end = row.data["masked"]
        attempt = made.sink.get(Attempt, row.source_attempt_ids[0])
        gold, prefix = gold_steps(made, row), row.data["imperfect_prefix"]
        assert end - start == width and prefix[:start] == gold[:start]
        assert prefix[start:] == list(attempt.steps[start:end]) and len(prefix) == end
        imperfect += prefix != gold[:end]
    assert 0 < imperfect < len(state["rows"])


@pytest.mark.parametrize("target", ["gold", "redone", "teacher"])
async def test_the_target_solves_the_item_from_the_imperfect_prefix(tmp_path, target):
    made, state = await ran(tmp_path, params={"target": target, "masks": 2})
    assert len(state["rows"]) == 2 * SIZES["train"]
    for row in rows(made, state):
        problem = made.sink.get(Problem, row.problem_id)
        text = "\n".join((*row.data["imperfect_prefix"], row.data["target"]))
        assert made.cast.scorer.grade(problem, text).outcome == "right"
        start, end = row.data["masked"]
        steps = row.data["target"].splitlines()[:-1]
        if target != "teacher":
            assert steps == gold_steps(made, row)[start if target == "redone" else end :]
        user, assistant = row.messages
        assert assistant.content == row.data["target"] and user.content.startswith(row.data["prompt"])
        assert user.content.endswith("\n".join((GIVEN, *row.data["imperfect_prefix"])))


async def test_a_teacher_mends_a_wrong_step_before_it_goes_on(tmp_path):
    made, state = await ran(tmp_path, params={"target": "teacher", "masks": 2})
    for row in rows(made, state):
        gold, prefix = gold_steps(made, row), row.data["imperfect_prefix"]
        right = next((place for place, step in enumerate(prefix) if step != gold[place]), len(prefix))
        assert row.data["target"].splitlines()[:-1] == gold[right:]


async def test_without_a_mask_it_is_plain_fine_tuning(tmp_path):
    made, state = await ran(tmp_path, params={"masks": 0})
    assert len(state["rows"]) == SIZES["train"] and not [a for a in made.records(Attempt) if a.phase == "train-0"]
    for row in rows(made, state):
        problem = made.sink.get(Problem, row.problem_id)
        assert row.messages[0].content == problem.question().as_text()
        assert row.messages[1].content == "\n".join((*gold_steps(made, row), f"Answer: {problem.gold}"))


async def test_a_solution_of_one_step_stays_whole(tmp_path):
    task = chains(sizes=SIZES)
    short = [problem.model_copy(update={"steps": problem.steps[-1:]}) for problem in task.problems]
    made, state = await ran(tmp_path, task=type(task)(**{**vars(task), "problems": tuple(short)}))
    assert len(state["rows"]) == SIZES["train"]
    assert all("imperfect_prefix" not in row.data for row in rows(made, state))


@pytest.mark.parametrize(("params", "teacher"), [({"masks": 2}, 0), ({"masks": 2, "target": "teacher"}, 48)])
async def test_the_gold_costs_no_teacher(tmp_path, params, teacher):
    made, _ = await ran(tmp_path, params=params)
    cost = find_method("kid").cost(made.cast.params, Sizes(train=SIZES["train"]))
    asked = sum(call.role == "teacher" for call in made.records(Call))
    filled = sum(attempt.phase == "train-0" for attempt in made.records(Attempt))
    assert (asked, filled) == (cost.teacher, cost.student) == (teacher, 48)


async def test_a_continuation_to_another_answer_makes_no_row_and_is_kept_as_refused(tmp_path):
    script = {"continue_solution": lambda _: {"solution": "It is so.", "final_answer": "0, 0"}}
    made, state = await ran(tmp_path, params={"target": "teacher"}, teacher=ScriptedTeacher(script))
    assert state["rows"] == []
    assert {(lesson.audit, lesson.checks[0][:12]) for lesson in made.records(Lesson)} == {("rejected", "answer wrong")}


async def test_the_students_own_errors_decide_what_the_prefixes_hold(tmp_path):
    perfect, state = await ran(tmp_path, student="sim/perfect", params={"masks": 2})
    for row in rows(perfect, state):
        assert row.data["imperfect_prefix"] == gold_steps(perfect, row)[: row.data["masked"][1]]


async def test_the_student_is_trained_on_what_was_made_for_it(tmp_path):
    made, state = await ran(tmp_path)
    assert accuracy(made.sink, state, "taught") > accuracy(made.sink, state, "untaught") + 0.3
    assert {row.student for row in rows(made, state)} == {"sim/two-bugs"}
    assert [row.id for row in made.student.learnt[0]] == state["rows"]


async def test_rows_can_be_made_without_training(tmp_path):
    made, state = await ran(tmp_path, params={"train": False})
    assert state["rows"] and state["test"]["taught"] == state["test"]["untaught"] and not made.student.learnt


async def test_without_train_problems_it_says_what_to_do(tmp_path):
    made = bench(tmp_path, method="kid", task=chains(sizes={"val": 4, "test": 4}))
    ending = await made.run()
    assert isinstance(ending.error, BadSetting) and "--train" in str(ending.error)


def test_what_is_needed_of_a_student_and_what_the_variant_is_called():
    method = find_method("kid")

    def about(**params):
        found = read_params(method, params)
        return method.fidelity(found), set(method.needs(found))

    assert about() == ("variant:imperfect-prefixes-gold", {"go_on", "train"})
    assert about(target="teacher", train=False) == ("variant:imperfect-prefixes-teacher", {"go_on"})
    assert about(masks=0) == ("variant:plain-fine-tuning", {"train"})

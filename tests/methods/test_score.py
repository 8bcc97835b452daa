"""SCoRe, as its section of the specification says how to see that it is right."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.bench import bench, chains, control, rules
from support.participants import ScriptedTeacher, call

from tutorkit.methods._score.episodes import step_reward
from tutorkit.methods.registry import find_method, read_params
from tutorkit.methods.score import ALONE, IN_STEP, IN_SUGGESTION, TELLING
from tutorkit.methods.vocabulary import Sizes
from tutorkit.misconceptions import solve
from tutorkit.ports import Answer, Reply
from tutorkit.prompting import PromptLibrary
from tutorkit.tasks import load_task
from tutorkit.teachers.controls import control_teacher
from tutorkit.types import Attempt, Call, Diagnosis, Lesson, Problem, RLExample, Score, SFTExample

FEW = {"train": 30, "val": 2, "test": 4}
SCORE = find_method("score")


@pytest.fixture(scope="module")
def wide():
    """Chains of four parts."""
    return load_task("chains/4", data_dir=None, seed=0, sizes={"train": 60, "val": 2, "test": 4})


async def ran(tmp_path, **options):
    made = bench(tmp_path, method="score", **{"task": chains(sizes=FEW), **options})
    ending = await made.run()
    assert ending.status == "finished", ending.error
    return made, ending.state


def oracle(problem: Problem, steps) -> int | None:
    """Return the index of the first step that is not as in the correct work."""
    right = [step.text for step in solve(problem.item).steps]
    return next((i for i, step in enumerate(steps) if step != right[i]), None)


def history(made, problem_id) -> list[Attempt]:
    return [
        attempt for attempt in made.records(Attempt) if attempt.problem_id == problem_id and "train" in attempt.phase
    ]


def share(made, kind: str) -> float:
    return next(score.value for score in made.records(Score) if score.kind == kind)


async def test_a_repair_truncates_exactly_at_the_planted_first_wrong_step(tmp_path, wide):
    made, _ = await ran(tmp_path, task=wide)
    corrections = made.records(Lesson)
    assert len(corrections) > 40
    for lesson in corrections:
        attempt = made.sink.get(Attempt, lesson.source_attempt_ids[0])
        problem = made.sink.get(Problem, attempt.problem_id)
        assert lesson.data["step"] == oracle(problem, attempt.steps)
        assert lesson.text == solve(problem.item).steps[lesson.data["step"]].text


async def test_the_steps_before_it_stay_byte_for_byte_and_one_is_the_teachers(tmp_path, wide):
    made, _ = await ran(tmp_path, task=wide)
    for lesson in made.records(Lesson):
        before, place = made.sink.get(Attempt, lesson.source_attempt_ids[0]), lesson.data["step"]
        tries = history(made, before.problem_id)
        after = tries[tries.index(before) + 1]
        assert after.steps[:place] == before.steps[:place]
        assert after.steps[place] == lesson.text != before.steps[place]
        assert len(after.steps) == len(before.steps)
        assert after.raw.startswith("\n".join(after.steps[: place + 1]))


async def test_there_are_as_many_repairs_as_wrong_parts_and_at_most_three(tmp_path, wide):
    made, state = await ran(tmp_path, task=wide)
    repairs = {name: len(made_of) for name, made_of in state["corrections"].items()}
    found = set()
    for problem in wide.split("train"):
        tries = history(made, problem.id)
        right = [step.text for step in solve(problem.item).steps]
        wrong = sum(step not in right for step in tries[0].steps[:4])
        assert repairs.get(problem.id, 0) == min(wrong, 3) == len(tries) - 1
        assert (tries[-1].grade.outcome == "right") == (wrong <= 3)
        found.add(wrong)
    assert found >= {0, 1, 2, 3}


async def test_a_teacher_that_is_off_by_one_is_seen_by_the_index_not_by_the_success(tmp_path, wide):
    made, _ = await ran(tmp_path, task=wide, teacher="off-by-one")
    found = [
        (diagnosis.first_wrong_step, oracle(made.sink.get(Problem, attempt.problem_id), attempt.steps))
        for diagnosis in made.records(Diagnosis)
        for attempt in (made.sink.get(Attempt, diagnosis.attempt_id),)
    ]
    assert found and all(abs(said - true) == 1 for said, true in found)


def judging(step, *, correct=False, suggestion=""):
    """Script a judge who names a step, counted from 1."""
    return lambda _: {
        "analysis": "",
        "correct": correct,
        "first_wrong_step": step,
        "suggestion": suggestion,
        "cause": "",
    }


@pytest.mark.parametrize(("said", "kept"), [(1, 0), (3, 2), (4, None), (None, None)])
async def test_the_step_number_is_turned_at_both_ends(said, kept, tmp_path):
    teacher = ScriptedTeacher(
        {name: lambda _: {"step": "so"} for name in ("repair_step", "repair_first_step")}
        | {"judge_attempt": judging(said)}
    )
    made, _ = await ran(tmp_path, teacher=teacher, params={"max_repairs": 1})
    diagnosis = made.records(Diagnosis)[0]
    assert len(made.sink.get(Attempt, diagnosis.attempt_id).steps) == 3
    assert diagnosis.first_wrong_step == kept
    purposes = {ask.purpose for ask in teacher.asked} - {"judge_attempt"}
    assert purposes == {0: {"repair_first_step"}, 2: {"repair_step"}, None: set()}[kept]


async def test_in_the_paper_a_leaking_judge_is_flagged_and_passed_on(tmp_path):
    leaky = control_teacher("leaky", base=rules(), live=[], skills=[], problems=chains().split("val"), seed=0)
    made, _ = await ran(tmp_path, teacher=leaky)
    asks = [ask for ask in made.teacher.asked if ask.purpose.startswith("repair")]
    assert all(gold_of(made, ask) in ask.inputs["suggestion"] for ask in asks)
    assert share(made, IN_SUGGESTION) == 1
    assert all(IN_SUGGESTION in lesson.data["flags"] for lesson in made.records(Lesson))
    rows = [row for row in made.records(RLExample) if row.lesson_ids]
    assert rows and all(IN_SUGGESTION in row.flags for row in rows)


async def test_redacted_keeps_the_answer_out_of_the_suggestion_and_still_counts_it(tmp_path):
    leaky = control_teacher("leaky", base=rules(), live=[], skills=[], problems=chains().split("val"), seed=0)
    made, _ = await ran(tmp_path, teacher=leaky, params={"suggestion": "redacted"})
    asks = [ask for ask in made.teacher.asked if ask.purpose.startswith("repair")]
    assert asks and not any(gold_of(made, ask) in ask.inputs["suggestion"] for ask in asks)
    assert not any("gold" in ask.inputs["problem"] for ask in asks)
    assert share(made, IN_SUGGESTION) == 1


def gold_of(made, ask) -> str:
    return made.sink.get(Problem, ask.inputs["problem"]["id"]).gold


def telling(task):
    """Script a teacher whose repair is the answer itself."""
    golds = {problem.text: problem.gold for problem in task.problems}

    def step(inputs):
        return {"step": f"The mistake corrected, the answer is {golds[inputs['problem']['text']]}."}

    return ScriptedTeacher({"judge_attempt": judging(1), "repair_step": step, "repair_first_step": step})


@pytest.mark.parametrize(("suggestion", "goes_on"), [("passed", True), ("redacted", False)])
async def test_a_step_that_is_the_answer_is_flagged_or_dropped(suggestion, goes_on, tmp_path):
    task = chains(sizes=FEW)
    made, _ = await ran(tmp_path, task=task, teacher=telling(task), params={"suggestion": suggestion})
    lessons = made.records(Lesson)
    assert lessons and all({IN_STEP, ALONE, TELLING} <= set(lesson.data["flags"]) for lesson in lessons)
    assert {lesson.verified for lesson in lessons} == {goes_on}
    assert any(attempt.phase == "train-1" for attempt in made.records(Attempt)) is goes_on
    assert (share(made, IN_STEP), share(made, ALONE)) == (1, 1)


async def test_good_repairs_are_not_taken_for_leaks(tmp_path):
    made, _ = await ran(tmp_path)
    assert [share(made, kind) for kind in (IN_SUGGESTION, ALONE, TELLING)] == [0, 0, 0]


async def test_a_judge_whose_reply_stays_malformed_costs_that_question_only(tmp_path):
    made, state = await ran(tmp_path, teacher="malformed")
    lost = [c for c in made.records(Call) if c.outcome == "invalid" and c.attempt == 2 and c.purpose == "judge_attempt"]
    problems = {made.sink.get(Attempt, name).problem_id for call_made in lost for name in call_made.about}
    assert problems and problems <= set(state["unusable"])
    rows = [*made.records(SFTExample), *made.records(RLExample)]
    assert rows and not {row.problem_id for row in rows} & set(state["unusable"])


class CutOff:
    ref = "cut-off"

    async def answer(self, question, lessons, *, sample=0):
        return Answer(raw="First I", steps=("First I",), finished=False)


async def test_unfinished_is_not_hard(tmp_path):
    made, _ = await ran(tmp_path, student=CutOff(), params={"train": False, "keep_hard": 1})
    assert made.teacher.asked == [] and made.records(RLExample) == [] and made.records(Diagnosis) == []


async def test_examples_to_imitate_and_to_reinforce_come_from_different_questions(tmp_path):
    made, _ = await ran(tmp_path, params={"keep_hard": 1, "keep_easy": 1})
    order = [problem.id for problem in made.cast.problems["train"]]
    imitate = {row.problem_id for row in made.records(SFTExample)}
    reinforce = {row.problem_id for row in made.records(RLExample)}
    assert imitate <= set(order[:15]) and reinforce == set(order[15:])


@pytest.mark.parametrize(("share_kept", "kept"), [(0, 0), (1, None)])
async def test_solutions_that_were_right_at_once_are_kept_by_their_share(share_kept, kept, tmp_path):
    made, state = await ran(tmp_path, params={"keep_unrepaired": share_kept})
    first = [problem.id for problem in made.cast.problems["train"]][:15]
    right = {name for name in first if name not in state["corrections"]}
    rows = {row.problem_id: row for row in made.records(SFTExample)}
    assert len(right & set(rows)) == (len(right) if kept is None else kept)
    assert set(rows) >= set(first) - right
    decisions = {score.subject_id: score.value for score in made.records(Score) if score.probe_set == "sft"}
    assert {name for name, value in decisions.items() if value} == set(rows) and set(decisions) == set(first)


async def test_an_example_to_imitate_says_who_wrote_each_step(tmp_path):
    made, _ = await ran(tmp_path)
    repaired = [row for row in made.records(SFTExample) if row.lesson_ids]
    assert repaired
    for row in repaired:
        steps = row.messages[1].content.split("\n")[:-1]
        texts = {made.sink.get(Lesson, name).text for name in row.lesson_ids}
        assert [step for step, author in zip(steps, row.data["authors"], strict=True) if author == "teacher"] == [
            step for step in steps if step in texts
        ]
        problem = made.sink.get(Problem, row.problem_id)
        assert row.messages[1].content == "\n".join(
            [*(s.text for s in solve(problem.item).steps), f"Answer: {problem.gold}"]
        )


async def test_an_example_to_reinforce_begins_before_the_last_repair(tmp_path):
    made, state = await ran(tmp_path, params={"sft_share": 0, "keep_hard": 1, "keep_easy": 1})
    rows = {row.problem_id: row for row in made.records(RLExample)}
    for problem_id, lesson_ids in state["corrections"].items():
        row, lesson = rows[problem_id], made.sink.get(Lesson, lesson_ids[-1])
        attempt = made.sink.get(Attempt, lesson.source_attempt_ids[0])
        place = lesson.data["step"]
        assert row.prefix_steps == attempt.steps[:place] and row.bad_step == attempt.steps[place] and not row.hard
        assert row.reference_step == (lesson.text if place else None)
    assert {bool(row.prefix_steps) for name, row in rows.items() if name in state["corrections"]} == {True, False}
    plain = [row for name, row in rows.items() if name not in state["corrections"]]
    assert plain and not any(row.hard or row.prefix_steps or row.bad_step for row in plain)
    golds = {problem.id: problem.gold for problem in made.cast.problems["train"]}
    assert not any(golds[name] in row.messages[0].content for name, row in rows.items())


async def test_a_question_that_stays_wrong_is_hard(tmp_path):
    made, _ = await ran(tmp_path, teacher="silent", params={"sft_share": 0, "keep_hard": 1, "keep_easy": 0})
    rows = made.records(RLExample)
    last = {row.problem_id: history(made, row.problem_id)[-1].grade.outcome for row in rows}
    assert rows and set(last.values()) == {"wrong"} and all(row.hard and row.prefix_steps == () for row in rows)


def test_the_reward_table():
    table = [
        ("right", "other"),
        ("wrong", "teacher"),
        ("wrong", "mistake"),
        ("wrong", "other"),
        ("unfinished", "teacher"),
    ]
    assert [step_reward(outcome, same_as=same) for outcome, same in table] == [1, 0.5, 0, 0.1, 0]


class Calculating:
    """Calculates y in a step that will be cut off, and asks for it afterwards."""

    ref = "calculating"

    def __init__(self, golds):
        self.golds = golds

    async def answer(self, question, lessons, *, sample=0):
        return Answer(raw="Answer: none", steps=())

    async def call(self, ask):
        steps = ask.inputs["steps"]
        repaired = len(steps) > 1 and "z = 8" in steps[1]
        acts = [
            {"thought": "Let x be four.", "action": "x = 4"},
            {"thought": "Let y be ninety-nine.", "action": "y = 99"},
            {"thought": "Use y.", "action": "x + y"},
            {"thought": "", "final_answer": self.golds[ask.inputs["question"]["text"]] if repaired else "99"},
        ]
        value = ask.schema.model_validate(acts[len(steps)])
        return Reply(value=value, calls=(call("student", ask.purpose, dict(ask.inputs)),))


async def test_a_variable_of_a_truncated_step_is_undefined_afterwards(tmp_path):
    task = chains(sizes=FEW)
    repair = {"step": "Take x twice.", "action": "z = 2 * x"}
    teacher = ScriptedTeacher({"judge_attempt": judging(2), "repair_step": lambda _: repair})
    student = Calculating({problem.text: problem.gold for problem in task.problems})
    params = {"tools": "calculator", "train": False, "max_repairs": 1}
    made, state = await ran(tmp_path, task=task, teacher=teacher, student=student, params=params)
    first, second = history(made, next(iter(state["corrections"])))
    assert first.steps[2] == "Use y.\n>>> x + y\n103"
    assert second.steps[:2] == (first.steps[0], "Take x twice.\n>>> z = 2 * x\nz = 8")
    assert second.steps[2] == "Use y.\n>>> x + y\nerror: y is not defined"
    assert second.grade.outcome == "right"


async def test_acting_step_by_step_a_simulated_student_does_what_it_does_in_one_go(tmp_path):
    whole, _ = await ran(tmp_path / "whole")
    acted, _ = await ran(tmp_path / "acted", params={"tools": "calculator"})
    assert [(a.phase, a.problem_id, a.steps, a.raw) for a in whole.records(Attempt)] == [
        (a.phase, a.problem_id, a.steps, a.raw) for a in acted.records(Attempt)
    ]
    for ask in acted.student.asked:
        shown = PromptLibrary().get(ask.prompt_id).render(ask.inputs).messages[1].content
        assert ask.inputs["question"]["text"] in shown and all(step in shown for step in ask.inputs["steps"])


async def test_a_student_that_does_not_come_to_an_answer_in_time_is_unfinished(tmp_path):
    made, _ = await ran(tmp_path, params={"tools": "calculator", "max_steps": 2})
    solved = [attempt for attempt in made.records(Attempt) if attempt.phase == "train-0"]
    assert {attempt.grade.outcome for attempt in solved} == {"unfinished"} and {len(a.steps) for a in solved} == {2}
    assert made.teacher.asked == []


async def test_without_training_the_rows_are_made_and_nobody_is_trained(tmp_path):
    made, state = await ran(tmp_path, params={"train": False})
    assert made.records(SFTExample) and state["rows"] == [] and made.student.learnt == []
    assert state["test"]["taught"] == state["test"]["untaught"]


async def test_a_random_step_is_another_one_at_the_same_effort(tmp_path):
    made, _ = await ran(tmp_path, params={"target": "random", "max_repairs": 1})
    places = [lesson.data["step"] for lesson in made.records(Lesson)]
    true = [
        oracle(made.sink.get(Problem, attempt.problem_id), attempt.steps)
        for lesson in made.records(Lesson)
        for attempt in (made.sink.get(Attempt, lesson.source_attempt_ids[0]),)
    ]
    right, _ = await ran(tmp_path / "right", params={"max_repairs": 1})
    assert places != true and len(made.teacher.asked) == len(right.teacher.asked)


def test_its_fidelity_needs_and_cost():
    def of(**given):
        return read_params(SCORE, given)

    assert SCORE.fidelity(of()) == "paper"
    assert SCORE.fidelity(of(suggestion="redacted")) == "variant:redacted"
    assert SCORE.fidelity(of(train=False)) == "variant:rows-only"
    assert SCORE.needs(of()) == {"go_on", "train"} and SCORE.needs(of(train=False, tools="calculator")) == {"write"}
    per_task = SCORE.cost(of(), Sizes(train=1, wrong=(1, 1, 1, 1)))
    assert (per_task.teacher + per_task.judge, per_task.student) == (7, 4)


async def test_the_judge_is_another_where_one_is_named(tmp_path):
    made = bench(tmp_path, method="score", task=chains(sizes=FEW), teacher="silent")
    judge = control("off-by-one", task=chains(sizes=FEW))
    await replace(made, cast=replace(made.cast, judge=judge)).run()
    assert {ask.purpose for ask in made.teacher.asked} <= {"repair_step", "repair_first_step"}
    assert {call_made.model for call_made in made.records(Call) if call_made.role == "judge"} == {"control/off-by-one"}

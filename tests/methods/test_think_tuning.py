"""ThinkTuning, as its section of the specification says how to see that it is right."""

from __future__ import annotations

import pytest
from support.bench import bench, chains
from support.participants import ScriptedTeacher

from tutorkit.methods.registry import find_method, read_params
from tutorkit.methods.think_tuning import Segment, advantages, off_policy_mask, teacher_spans
from tutorkit.methods.vocabulary import Sizes
from tutorkit.prompting import PromptLibrary
from tutorkit.types import Attempt, Lesson, Problem, RLExample, Score, SFTExample

FEW = {"train": 12, "val": 2, "test": 10}
METHOD = find_method("think-tuning")


async def ran(tmp_path, **options):
    made = bench(tmp_path, method="think-tuning", **{"task": chains(sizes=FEW), **options})
    ending = await made.run()
    assert ending.status == "finished", ending.error
    return made, ending.state


def authors(row) -> list[str]:
    return [segment["author"] for segment in row.data["segments"]]


@pytest.mark.parametrize(
    ("rollouts", "share", "woven"), [(8, 0.25, 2), (8, 0.3, 2), (10, 0.29, 2), (50, 0.58, 29), (3, 1, 3), (5, 0.1, 0)]
)
def test_the_share_is_rounded_down_and_not_by_a_rounding_error(rollouts, share, woven):
    assert read_params(METHOD, {"rollouts": rollouts, "share": share}).woven == woven


@pytest.mark.parametrize("choice", ["random", "wrong_first"])
@pytest.mark.parametrize(("rollouts", "share", "woven"), [(4, 0.5, 2), (5, 0.5, 2), (4, 1, 4)])
async def test_exactly_so_many_rollouts_of_each_problem_are_woven(rollouts, share, woven, choice, tmp_path):
    made, _ = await ran(tmp_path, params={"rollouts": rollouts, "share": share, "choice": choice})
    rows: dict[str, list[RLExample]] = {}
    for row in made.records(RLExample):
        rows.setdefault(row.problem_id, []).append(row)
    assert len(rows) == 12
    for group in rows.values():
        assert len(group) == rollouts
        assert [authors(row) for row in group].count(["student", "teacher", "student"]) == woven
        assert [authors(row) for row in group].count(["student"]) == rollouts - woven


async def test_a_woven_rollout_becomes_right_if_and_only_if_the_remark_names_what_is_lacking(tmp_path):
    outcomes = set()
    for teacher in ("rules", "deranged"):
        made, _ = await ran(tmp_path / teacher, teacher=teacher, params={"rollouts": 2, "share": 0.5})
        for attempt in made.records(Attempt):
            if attempt.phase != "woven-0":
                continue
            (lesson,) = (made.sink.get(Lesson, name) for name in attempt.lesson_ids)
            lacking = set(made.sink.get(Problem, attempt.problem_id).skills) & {"carry", "percent"}
            became = attempt.grade.outcome == "right"
            assert became == (lacking <= {lesson.skill} or not lacking)
            outcomes.add((teacher, bool(lacking), became))
    assert outcomes >= {("rules", True, True), ("deranged", True, False), ("rules", False, True)}


async def test_the_teachers_words_are_marked_and_only_they(tmp_path):
    made, _ = await ran(tmp_path, params={"rollouts": 2, "share": 0.5})
    for row in made.records(RLExample):
        response = row.data["response"]
        marked = [response[start:end] for start, end in row.data["teacher_spans"]]
        assert marked == [made.sink.get(Lesson, name).text for name in row.lesson_ids]
        assert response.count("Answer:") == 1
    assert any(row.data["teacher_spans"] for row in made.records(RLExample))


def test_the_mask_holds_each_token_that_touches_the_teachers_words():
    segments = (Segment("student", "one two"), Segment("teacher", "wait"), Segment("student", "three"))
    assert teacher_spans(segments) == [(8, 12)]
    offsets = [(0, 3), (3, 7), (7, 8), (8, 10), (10, 12), (11, 14), (12, 13), (13, 18)]
    mask = off_policy_mask(teacher_spans(segments), offsets)
    assert mask == [False, False, False, True, True, True, False, False]


async def test_without_remarks_the_rows_are_those_of_plain_rollouts(tmp_path):
    made, _ = await ran(tmp_path, params={"rollouts": 3, "share": 0})
    rows = made.records(RLExample)
    assert made.teacher.asked == [] and made.student.asked == [] and len(rows) == 36
    assert all(authors(row) == ["student"] and row.data["teacher_spans"] == [] for row in rows)
    assert all(row.data["reward"] == row.data["reward_without_remark"] for row in rows)
    assert METHOD.needs(read_params(METHOD, {"share": 0})) == {"train"}
    woven, _ = await ran(tmp_path / "woven", params={"rollouts": 3, "share": 1})
    plain = {(row.problem_id, row.data["reward"]) for row in rows}
    assert {(row.problem_id, row.data["reward_without_remark"]) for row in woven.records(RLExample)} == plain


async def test_a_remark_that_states_the_answer_is_set_aside(tmp_path):
    made, state = await ran(tmp_path, teacher="leaky", params={"rollouts": 2, "share": 0.5})
    hints = made.records(Lesson)
    assert len(hints) == 12 and {hint.checks for hint in hints} == {("states the answer",)}
    assert state["remarks"] == [] and all(authors(row) == ["student"] for row in made.records(RLExample))
    assert next(score.value for score in made.records(Score) if score.kind == "remarks-usable") == 0


async def test_the_student_thinks_on_from_its_own_thoughts_and_the_remark_and_is_not_told_the_gold(tmp_path):
    made, _ = await ran(tmp_path, params={"rollouts": 2, "share": 0.5})
    golds = {problem.text: problem.gold for problem in made.cast.problems["train"]}
    lacking = 0
    for ask in made.student.asked:
        rollout = made.sink.get(Attempt, ask.about[0])
        shown = PromptLibrary().get(ask.prompt_id).render(ask.inputs).messages[1].content
        assert all(step in shown for step in rollout.steps) and ask.inputs["remark"] in shown
        if rollout.grade.outcome == "wrong":
            lacking += 1
            assert golds[ask.inputs["question"]["text"]] not in shown
    assert lacking


async def test_the_wrong_rollouts_come_first_where_that_is_wished(tmp_path):
    sloppy = "sim/perfect?slip=0.5"
    made, state = await ran(tmp_path, student=sloppy, params={"rollouts": 4, "share": 0.25, "choice": "wrong_first"})
    attempts = [made.sink.get(Attempt, name) for name in state["rollouts"]]
    failed = {attempt.problem_id for attempt in attempts if attempt.grade.outcome == "wrong"}
    chosen = [made.sink.get(Attempt, name) for name in state["chosen"]]
    assert failed and {a.problem_id for a in chosen if a.grade.outcome == "wrong"} == failed and len(chosen) == 12


async def test_what_ignores_the_remark_stays_wrong_and_is_no_example_to_imitate(tmp_path):
    blind = ScriptedTeacher(
        {
            "give_feedback": lambda _: {
                "opinion": "disagree",
                "behaviour": "self-conflict",
                "phrase": "Hm.",
                "reason": "Something is odd.",
            }
        }
    )
    made, state = await ran(tmp_path, teacher=blind, params={"rollouts": 2, "share": 0.5})
    taught = {row.problem_id for row in made.records(SFTExample)}
    right = {a.problem_id for a in made.records(Attempt) if a.phase == "train-0" and a.grade.outcome == "right"}
    assert taught == right and len(state["rows"]) > 0
    wrong = [row for row in made.records(RLExample) if row.problem_id not in right]
    assert wrong and all(row.data["reward"] == 0 and row.hard for row in wrong)


async def test_each_different_right_response_is_imitated_once(tmp_path):
    made, state = await ran(tmp_path, params={"rollouts": 4, "share": 0.5})
    rows = made.records(SFTExample)
    texts = [(row.problem_id, row.messages[1].content) for row in rows]
    assert len(set(texts)) == len(texts) and [row.id for row in rows] == state["rows"]
    golds = {problem.id: problem.gold for problem in made.cast.problems["train"]}
    assert all(content.endswith(f"Answer: {golds[name]}") for name, content in texts)
    assert any(row.data["authors"] == ["student", "teacher", "student"] for row in rows)


def test_an_advantage_is_the_distance_from_the_group():
    assert advantages([1, 0, 0, 1]) == [1, -1, -1, 1]
    assert advantages([1, 1]) == [0, 0] and advantages([]) == []
    assert sum(advantages([1, 0, 0])) == pytest.approx(0)


def test_its_fidelity_and_cost():
    assert METHOD.fidelity(read_params(METHOD, {})) == "variant:imitation"
    assert METHOD.fidelity(read_params(METHOD, {"train": False})) == "paper"
    cost = METHOD.cost(read_params(METHOD, {}), Sizes(train=500))
    assert (cost.teacher, cost.student) == (1000, 5000)

"""UNDO, as its section of the specification says how to see that it is right."""

from __future__ import annotations

from itertools import pairwise
from statistics import mean

import pytest
from support.bench import accuracy, bench, plan, rules

from tutorkit.errors import BadSetting
from tutorkit.lab import Lab
from tutorkit.methods._undo.exposure import counted, exposures, none_moves
from tutorkit.methods.registry import find_method, read_params
from tutorkit.methods.vocabulary import Sizes
from tutorkit.students.buggy import parse_sim
from tutorkit.tasks import load_task
from tutorkit.types import Attempt, Diagnosis, Lesson, Message, Problem, Score, SFTExample

SMALL = {"train": 10, "val": 10, "test": 20}
SLOW = "sim/two-bugs?learn_after=5"


def task(seed=0, sizes=SMALL, name="chains/1"):
    return load_task(name, data_dir=None, seed=seed, sizes=sizes)


class Ran:
    def __init__(self, made, ending):
        self.made, self.state, self.error = made, ending.state, ending.error

    def asked(self, purpose):
        return [ask for ask in self.made.teacher.asked if ask.purpose == purpose]

    def wrong(self, phase):
        attempts = [a for a in self.made.records(Attempt) if a.phase == phase and a.grade.outcome == "wrong"]
        return {attempt.problem_id: attempt for attempt in attempts}

    def lesson(self, problem_id):
        return self.made.sink.get(Lesson, self.state["dataset"][problem_id][0])


async def ran(folder, *, student=SLOW, seed=0, sizes=SMALL, **options) -> Ran:
    made = bench(folder, method="undo", student=student, task=task(seed, sizes), seed=seed, **options)
    return Ran(made, await made.run())


def method(**params):
    return find_method("undo"), read_params(find_method("undo"), params)


async def test_exactly_the_failed_problems_are_rewritten_from_the_last_version_and_the_students_output(tmp_path):
    undo = await ran(tmp_path)
    asked = undo.asked("refine_rationale")
    by_round = [undo.wrong(f"train-{turn}") for turn in range(3)]
    assert [len(wrong) for wrong in by_round] == [4, 4, 0] and len(asked) == 8
    assert [ask.inputs["problem"]["id"] for ask in asked] == [name for wrong in by_round for name in wrong]
    versions = {(lesson.data["problem_id"], lesson.data["round"]): lesson for lesson in undo.made.records(Lesson)}
    for place, ask in enumerate(asked):
        turn, name = place // 4, ask.inputs["problem"]["id"]
        assert ask.inputs["attempt"]["raw"] == by_round[turn][name].raw
        assert ask.inputs["previous"]["rationale"] == versions[name, turn].data["solution"]
    assert undo.state["stop"] == "no errors" and accuracy(undo.made.sink, undo.state, "taught") == 1


async def test_the_data_keep_their_size_and_what_was_passed_keeps_its_version(tmp_path):
    undo = await ran(tmp_path)
    sizes = {len(rows) for rows in undo.made.student.learnt}
    assert sizes == {10} and len(undo.state["rows"]) == 10
    failed = set(undo.wrong("train-0"))
    for name in undo.state["dataset"]:
        lesson = undo.lesson(name)
        assert lesson.version == (3 if name in failed else 1)
        chain = [lesson]
        while chain[-1].parent_id:
            chain.append(undo.made.sink.get(Lesson, chain[-1].parent_id))
        assert [each.version for each in chain] == list(range(lesson.version, 0, -1))
        assert {each.data["problem_id"] for each in chain} == {name}
        assert [bool(each.source_attempt_ids) for each in chain] == [each.version > 1 for each in chain]


async def test_every_row_is_about_a_train_problem_and_names_its_version(tmp_path):
    undo = await ran(tmp_path, params={"scope": "both"})
    train = {problem.id for problem in undo.made.cast.problems["train"]}
    rows = [undo.made.sink.get(SFTExample, name) for name in undo.state["rows"]]
    assert {row.problem_id for row in rows} == train and {row.split for row in rows} == {"train"}
    for row in rows:
        (lesson_id,) = row.lesson_ids
        lesson = undo.made.sink.get(Lesson, lesson_id)
        assert (row.data["version"], row.round) == (lesson.version, lesson.data["round"])
        assert row.messages[-1].content == f"{lesson.data['solution']}\nAnswer: {lesson.data['answer']}"
        assert row.messages[0].content == undo.made.sink.get(Problem, row.problem_id).question().as_text()


async def test_training_that_goes_on_keeps_the_old_rows_and_adds_the_rewritten_ones(tmp_path):
    undo = await ran(tmp_path, params={"training": "continued"})
    learnt = [[row.id for row in rows] for rows in undo.made.student.learnt]
    assert [len(rows) for rows in learnt[:2]] == [10, 14]
    assert all(later[: len(earlier)] == earlier for earlier, later in pairwise(learnt))


async def test_without_the_students_output_the_teacher_only_writes_again(tmp_path):
    shown = {}
    for name in ("with", "without"):
        undo = await ran(tmp_path / name, params={"with_output": name == "with", "rounds": 1, "scope": "both"})
        shown[name] = undo.asked("refine_rationale")
    assert [ask.inputs["problem"] for ask in shown["with"]] == [ask.inputs["problem"] for ask in shown["without"]]
    assert [ask.inputs["previous"] for ask in shown["with"]] == [ask.inputs["previous"] for ask in shown["without"]]
    assert all(ask.inputs["attempt"] or ask.inputs["weaknesses"] for ask in shown["with"])
    assert not any(ask.inputs["attempt"] or ask.inputs["weaknesses"] for ask in shown["without"])


@pytest.mark.parametrize("scope", ["val_aggregate", "both"])
async def test_weaknesses_on_val_condition_the_rewriting_and_no_val_problem_is_trained_on(tmp_path, scope):
    undo = await ran(tmp_path, params={"scope": scope})
    first = undo.asked("find_weaknesses")[0]
    named = {each["problem"]["id"] for each in first.inputs["mistakes"]}
    assert named == set(undo.wrong("val-0"))
    refined = undo.asked("refine_rationale")[:4]
    assert all({w["name"] for w in ask.inputs["weaknesses"]} == {"carry", "percent"} for ask in refined)
    # The train problems most like the val problems that went wrong are those of the same skills.
    assert {skill for ask in refined for skill in ask.inputs["problem"]["skills"]} == {"carry", "percent"}
    assert all((ask.inputs["attempt"] is None) == (scope == "val_aggregate") for ask in refined)
    assert undo.made.records(Diagnosis) and bool(undo.wrong("train-0")) == (scope == "both")
    cost = undo.made.method.cost(undo.made.cast.params, Sizes(train=10, val=10, wrong=(4, 4)))
    assert cost.teacher <= len(undo.made.teacher.asked) <= cost.teacher + cost.again


async def test_a_description_that_quotes_a_val_problem_is_no_weakness(tmp_path):
    class Quotes:
        ref, diagnoses_as = "quotes", "llm"

        async def call(self, ask):
            reply = await rules().call(ask)
            if ask.purpose != "find_weaknesses":
                return reply
            text = ask.inputs["mistakes"][0]["problem"]["text"]
            spoilt = [each.model_copy(update={"description": text}) for each in reply.value.weaknesses]
            return type(reply)(value=reply.value.model_copy(update={"weaknesses": spoilt}), calls=reply.calls)

    undo = await ran(tmp_path, teacher=Quotes(), params={"scope": "val_aggregate", "rounds": 1})
    assert undo.asked("refine_rationale") and undo.made.records(Diagnosis) == []
    assert all(ask.inputs["weaknesses"] == [] for ask in undo.asked("refine_rationale"))


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"answer": "0"}, "answer wrong"),
        ({"rationale": " "}, "empty"),
        (lambda said: {"rationale": f"{said.answer}."}, "nothing but"),
    ],
)
async def test_a_rejected_rewriting_leaves_the_old_version(tmp_path, change, fault):
    class Spoils:
        ref, diagnoses_as = "spoils", "rule"

        async def call(self, ask):
            reply = await rules().call(ask)
            if ask.purpose != "refine_rationale":
                return reply
            update = change(reply.value) if callable(change) else change
            return type(reply)(value=reply.value.model_copy(update=update), calls=reply.calls)

    undo = await ran(tmp_path, teacher=Spoils())
    rejected = [lesson for lesson in undo.made.records(Lesson) if not lesson.verified]
    assert len(undo.asked("refine_rationale")) == 12 and len(rejected) >= 4
    assert all(fault in lesson.checks[0] and lesson.parent_id for lesson in rejected)
    assert {undo.lesson(name).version for name in undo.state["dataset"]} == {1}
    assert len({tuple(row.id for row in rows) for rows in undo.made.student.learnt}) == 1


@pytest.mark.parametrize(
    ("student", "params", "stop"),
    [
        ("sim/perfect", {}, "no errors"),
        ("sim/two-bugs?learn_after=99", {"rounds": 2}, "rounds"),
        ("sim/two-bugs?learn_after=99", {"rounds": 9, "exposure": 4}, "exposure"),
    ],
)
async def test_it_says_why_it_stopped(tmp_path, student, params, stop):
    undo = await ran(tmp_path, student=student, params=params)
    assert undo.state["stop"] == stop
    (kept,) = [score for score in undo.made.records(Score) if score.kind.startswith("stop")]
    assert kept.kind == f"stop: {stop}"
    # Two rationales a round and skill: four are reached once two rounds have moved nothing.
    assert kept.round == {"no errors": 0, "rounds": 2, "exposure": 2}[stop]


async def test_errors_are_counted_by_skill_in_each_round(tmp_path):
    undo = await ran(tmp_path)
    errors = [score for score in undo.made.records(Score) if score.kind == "errors"]
    assert {(score.round, score.probe_set, score.value) for score in errors} == {
        (turn, f"val:{skill}", 2.0) for turn in range(2) for skill in ("carry", "percent")
    }


def test_exposure_counts_from_when_the_errors_last_moved():
    since = exposures({"a": 2, "b": 3}, {"a": 2, "b": 1}, {"a": 5, "b": 5})
    assert since == {"a": 5, "b": 0}
    assert not none_moves(since, enough=5) and none_moves({"a": 5}, enough=5) and not none_moves({}, enough=5)
    assert exposures({}, {"a": 2}, {}) == {"a": 0}
    assert counted([("a", "b"), ("a",), ()]) == {"": 1, "a": 2, "b": 1}


ARMS = {"targeted": {}, "once": {"progressive": False}, "random": {"target": "random", "with_output": False}}


async def test_targeted_beats_targeted_once_beats_random_at_the_same_effort(tmp_path):
    student = "sim/add.drops_carry+pct.divides_by_percent+sub.smaller_from_larger?learn_after=6"
    sizes = {"train": 12, "val": 10, "test": 20}
    means, effort = {}, {}
    for arm, params in ARMS.items():
        params = {"per_round": 5, **params}
        runs = [
            await ran(tmp_path / f"{arm}{s}", student=student, seed=s, sizes=sizes, params=params) for s in range(4)
        ]
        means[arm] = mean(accuracy(undo.made.sink, undo.state, "taught") for undo in runs)
        effort[arm] = sum(len(undo.asked("refine_rationale")) for undo in runs)
    assert means["targeted"] > means["once"] + 0.1 > means["random"] + 0.2
    assert effort["targeted"] <= min(effort.values())


async def test_a_limit_per_round_is_spent_on_what_was_rewritten_least(tmp_path):
    undo = await ran(tmp_path, student="sim/two-bugs?learn_after=99", params={"per_round": 2, "rounds": 4})
    asked = [ask.inputs["problem"]["id"] for ask in undo.asked("refine_rationale")]
    assert len(asked) == 8 and set(asked[:4]) == set(asked[4:]) == set(undo.wrong("train-0"))


async def test_another_student_learns_from_the_data_what_it_lacks_alike(tmp_path):
    undo = await ran(tmp_path)
    rows = [undo.made.sink.get(SFTExample, name) for name in undo.state["rows"]]
    other = await parse_sim("sim/add.drops_carry+sub.smaller_from_larger?learn_after=5").trained(rows, folder=tmp_path)
    assert other.live_skills == ("borrow",)


@pytest.mark.parametrize(("cues", "live"), [(1, True), (2, True), (3, False)])
async def test_a_simulated_student_learns_more_of_a_solution_that_dwells_on_a_skill(tmp_path, cues, live):
    item = {"domain": "add", "a": 18, "b": 25}
    text = "18 + 25 = 43" + " [[skill:carry]]" * cues + " [[skill:percent]]" * 5
    row = SFTExample(id="r", run_id="r", data={"item": item, "answer": "43"}, messages=_said(text))
    student = await parse_sim("sim/two-bugs?learn_after=3").trained([row], folder=tmp_path)
    assert ("carry" in student.live_skills) == live and "percent" in student.live_skills
    wrong = row.model_copy(update={"data": {"item": item, "answer": "33"}})
    assert (await parse_sim("sim/two-bugs").trained([wrong], folder=tmp_path)).right == {}
    unread = row.model_copy(update={"data": {"item": {"domain": "poem"}, "answer": "43"}})
    assert await parse_sim("sim/two-bugs").trained([unread], folder=tmp_path) == parse_sim("sim/two-bugs")


def _said(text):
    return (Message(role="user", content="?"), Message(role="assistant", content=text))


async def test_in_context_the_nearest_rationales_stand_in_for_training(tmp_path):
    undo = await ran(tmp_path, params={"student_use": "in_context", "k_demos": 3}, student="sim/two-bugs?capacity=1")
    assert undo.made.student.learnt == [] and undo.state["rows"] == []
    assert len(undo.state["lessons"]) == 10 and undo.state["retrieval"] == "top-3"
    taught = [undo.made.sink.get(Attempt, name) for name in undo.state["test"]["taught"]]
    assert {len(attempt.lesson_ids) for attempt in taught} == {3}
    groups = {problem.id: problem.group for problem in undo.made.cast.problems["train"]}
    for attempt in undo.made.records(Attempt):
        assert attempt.phase == "test-untaught" or len(attempt.lesson_ids) == 3
        shown = [undo.made.sink.get(Lesson, name) for name in attempt.lesson_ids]
        assert {lesson.kind for lesson in shown} <= {"demo"}
        assert groups.get(attempt.problem_id, "") not in {lesson.data["group"] for lesson in shown}
    assert accuracy(undo.made.sink, undo.state, "taught") > accuracy(undo.made.sink, undo.state, "untaught")
    found, params = method(student_use="in_context")
    assert found.fidelity(params) == "variant:in_context" and found.needs(params) == frozenset()


def test_a_student_that_cannot_be_trained_is_told_of_the_variant_that_does_without(tmp_path, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    with Lab(home=tmp_path) as lab, pytest.raises(BadSetting, match="student_use=in_context"):
        lab.teach_plan(plan("undo", student="openai/some-model", task="chains/1", sizes=SMALL))


async def test_without_train_problems_it_says_what_is_needed(tmp_path):
    undo = await ran(tmp_path, sizes={"train": 0, "val": 4, "test": 4})
    assert isinstance(undo.error, BadSetting) and "--train" in undo.error.remedy


@pytest.mark.parametrize(
    ("params", "name"),
    [
        ({}, "paper"),
        ({"scope": "both"}, "paper"),
        ({"training": "continued"}, "variant:continued"),
        ({"target": "random", "with_output": False}, "variant:random-target+without-output"),
        ({"progressive": False, "per_round": 3}, "variant:targeted-once+per-round"),
    ],
)
def test_every_variant_is_named(params, name):
    found, read = method(**params)
    assert found.fidelity(read) == name

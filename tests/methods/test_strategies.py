"""The strategy library, as its section of the specification says how to see that it is right."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.bench import accuracy, bench, chains, export, rules
from support.participants import ScriptedTeacher, never_teaches

from tutorkit.errors import BadSetting
from tutorkit.graphs.events import NodeFinished
from tutorkit.lab import Lab, Plan
from tutorkit.methods._strategies.library import conflict
from tutorkit.methods.registry import find_method, read_params
from tutorkit.methods.vocabulary import Sizes
from tutorkit.students.worlds import parse_world
from tutorkit.tasks import load_task
from tutorkit.types import Attempt, Call, Lesson, Problem, Score

SIZES = {"val": 16, "test": 40}
STUDENT = "sim/service?lacks=damaged+late"


@pytest.fixture(scope="module")
def service():
    return load_task("service", sizes=SIZES)


def library(made, state) -> list[Lesson]:
    return [made.sink.get(Lesson, name) for name in state["lessons"]]


async def ran(folder, task, *, student=STUDENT, **options):
    made = bench(folder, method="strategies", task=task, student=parse_world(student), **options)
    ending = await made.run()
    assert ending.status == "finished", ending
    return made, ending.state


def right_by_situation(made, state, condition) -> dict[str, float]:
    found: dict[str, list[bool]] = {}
    for name in state["test"][condition]:
        attempt = made.sink.get(Attempt, name)
        situation = made.sink.get(Problem, attempt.problem_id).skills[0]
        found.setdefault(situation, []).append(attempt.grade.outcome == "right")
    return {situation: sum(right) / len(right) for situation, right in sorted(found.items())}


async def test_after_one_round_strategies_for_exactly_the_two_wrong_moves_help(tmp_path, service):
    made, state = await ran(tmp_path, service)
    kept = library(made, state)
    assert {lesson.skill for lesson in kept} == {"damaged", "late"} and len(kept) == 2
    assert all((lesson.data["score_before"], lesson.data["score_after"]) == (0.0, 1.0) for lesson in kept)
    assert right_by_situation(made, state, "untaught") == {"angry": 1.0, "damaged": 0.0, "late": 0.0, "stranger": 1.0}
    assert set(right_by_situation(made, state, "taught").values()) == {1.0}


async def test_strategies_for_the_other_situations_change_nothing(tmp_path, service):
    made, state = await ran(tmp_path, service, params={"scenarios": "all"})
    data = {lesson.skill: lesson.data for lesson in library(made, state)}
    scores = {skill: (known["score_before"], known["score_after"]) for skill, known in data.items()}
    assert scores == {"damaged": (0, 1), "late": (0, 1), "angry": (1, 1), "stranger": (1, 1)}


async def test_a_question_gets_the_strategy_of_its_situation_and_not_the_others(tmp_path, service):
    made, state = await ran(tmp_path, service, params={"retrieve": "top-1 above 0.2"})
    skill_of = {lesson.id: lesson.skill for lesson in library(made, state)}
    for name in state["test"]["taught"]:
        attempt = made.sink.get(Attempt, name)
        situation = made.sink.get(Problem, attempt.problem_id).skills[0]
        given = {skill_of[lesson_id] for lesson_id in attempt.lesson_ids}
        assert situation not in skill_of.values() or given == {situation}


async def test_below_the_floor_nothing_is_retrieved_and_nothing_is_harmed(tmp_path, service):
    made, state = await ran(tmp_path, service, params={"retrieve": "top-3 above 0.99"})
    given = [made.sink.get(Attempt, name).lesson_ids for name in state["test"]["taught"]]
    assert set(given) == {()} and len(library(made, state)) == 2
    assert accuracy(made.sink, state, "taught") == accuracy(made.sink, state, "untaught")


async def test_what_does_not_help_is_kept_as_refused_versions_and_never_retrieved(tmp_path, service):
    class Vague:
        """Writes something new each time, and never what helps."""

        ref, diagnoses_as = "vague", "rule"

        async def call(self, ask):
            reply = await rules().call(ask)
            if ask.purpose != "write_strategy":
                return reply
            words = "again " * ask.sample
            return replace(reply, value=reply.value.model_copy(update={"strategy": f"Be {words}nice to everybody."}))

    made, state = await ran(tmp_path, service, teacher=Vague(), params={"tries": 3})
    assert state["lessons"] == []
    lessons = made.records(Lesson)
    assert {lesson.audit for lesson in lessons} == {"rejected"} and len(lessons) == 2 * 3
    for last in (lesson for lesson in lessons if lesson.version == 3):
        middle = made.sink.get(Lesson, last.parent_id)
        first = made.sink.get(Lesson, middle.parent_id)
        assert (first.version, first.parent_id, len({first.text, middle.text, last.text})) == (1, None, 3)
        assert "no better with it: 0.00 before, 0.00 after" in last.checks[0]
    asked = [ask.inputs["failed"] for ask in made.teacher.asked if ask.purpose == "write_strategy"]
    assert [bool(failed) for failed in asked] == [False, False, True, True, True, True]
    refused = {lesson.id for lesson in lessons}
    assert not any(refused & set(made.sink.get(Attempt, name).lesson_ids) for name in state["test"]["taught"])


async def test_a_strategy_that_helps_at_the_second_try_is_accepted_as_the_second_version(tmp_path, service):
    class SlowStarter:
        ref, diagnoses_as = "slow", "rule"

        async def call(self, ask):
            reply = await rules().call(ask)
            if ask.purpose == "write_strategy" and ask.inputs["failed"] is None:
                return replace(reply, value=reply.value.model_copy(update={"strategy": "Be nice."}))
            return reply

    made, state = await ran(tmp_path, service, teacher=SlowStarter())
    assert {lesson.version for lesson in library(made, state)} == {2}
    for lesson in library(made, state):
        tried = made.sink.get(Lesson, lesson.parent_id)
        assert not tried.verified and tried.data["score_after"] == 0.0


async def test_the_attempts_of_a_trial_name_the_version_that_was_tried(tmp_path, service):
    made, state = await ran(tmp_path, service)
    trials = [attempt for attempt in made.records(Attempt) if attempt.phase.startswith("trial-")]
    assert trials and {name for attempt in trials for name in attempt.lesson_ids} == set(state["lessons"])


async def test_it_transfers_to_a_student_with_the_same_wrong_move_and_not_to_one_with_another(tmp_path, service):
    made, state = await ran(tmp_path, service)
    strategies = library(made, state)
    gains = {}
    for lacks in ("damaged", "angry"):
        student = parse_world(f"sim/service?lacks={lacks}")
        right = {"without": 0, "with": 0}
        for problem in service.split("test"):
            for condition, given in (("without", []), ("with", strategies)):
                said = await student.answer(problem.question(), given)
                right[condition] += made.cast.scorer.grade(problem, said.raw).outcome == "right"
        gains[lacks] = right["with"] - right["without"]
    assert gains == {"damaged": 10, "angry": 0}


async def test_the_teacher_is_not_there_when_the_student_is_measured(tmp_path, service):
    def leaves(event):
        if isinstance(event, NodeFinished) and event.node == "upsert_library#0":
            made.teacher.inner = never_teaches()

    made = bench(tmp_path, method="strategies", task=service, student=parse_world(STUDENT), listen=leaves)
    ending = await made.run()
    assert ending.status == "finished" and made.teacher.inner.ref == "scripted"
    assert accuracy(made.sink, ending.state, "taught") == 1


async def test_a_second_round_rolls_out_the_taught_student_and_ends_when_nothing_is_new(tmp_path, service):
    made, state = await ran(tmp_path, service, params={"rounds": 4, "most_scenarios": 1})
    phases = {attempt.phase for attempt in made.records(Attempt)}
    assert {"val-0", "val-1", "val-2"} <= phases and "val-3" not in phases
    assert [lesson.data["round"] for lesson in library(made, state)] == [0, 1]
    second = [attempt for attempt in made.records(Attempt) if attempt.phase == "val-1"]
    assert any(state["lessons"][0] in attempt.lesson_ids for attempt in second)


async def test_situations_that_are_alike_are_one_and_the_commonest_come_first(tmp_path):
    made = bench(tmp_path, method="strategies", task=chains())
    ending = await made.run()
    kept = library(made, ending.state)
    assert {lesson.skill for lesson in kept} == {"carry", "percent"}
    counts = [len(lesson.source_attempt_ids) for lesson in kept]
    wrong = [a for a in made.records(Attempt) if a.phase == "val-0" and a.grade.outcome == "wrong"]
    assert counts == sorted(counts, reverse=True) and sum(counts) == len(wrong)


async def test_where_two_strategies_contradict_each_other_the_better_one_stays(tmp_path, service):
    def draft(inputs):
        money = inputs["scenario"]["skill"] == "damaged"
        move, other = ("offer a photo form", "offer money at once") if money else ("offer money at once", "wait")
        skill = inputs["scenario"]["skill"]
        return {
            "diagnosis": "", "strategy": f"Be clear. [[skill:{skill}]]", "do": [move], "dont": [other],
            "applicability": f"it is {skill}",
        }  # fmt: skip

    made, state = await ran(
        tmp_path,
        service,
        teacher=ScriptedTeacher(
            {
                "extract_scenario": lambda inputs: {
                    "situation": "A customer complains.", "difficulty": "", "needed": "",
                    "skill": inputs["problem"]["skills"][0],
                },
                "write_strategy": draft,
            }
        ),
    )  # fmt: skip
    (score,) = [score for score in made.records(Score) if score.kind == "conflict"]
    assert state["lessons"] == [score.probe_set] and score.subject_id not in state["lessons"]
    winner, loser = made.sink.get(Lesson, score.probe_set), made.sink.get(Lesson, score.subject_id)
    assert conflict(winner, loser, alike_from=0.8) and conflict(loser, winner, alike_from=0.8)
    elsewhere = loser.model_copy(update={"data": {**loser.data, "situation": "Two trains meet."}})
    assert not conflict(winner, elsewhere, alike_from=0.8)


async def test_a_judge_takes_the_scorers_place_and_sees_no_gold(tmp_path, service):
    blind = replace(service, problems=tuple(problem.model_copy(update={"gold": None}) for problem in service.problems))
    made, state = await ran(tmp_path, blind, params={"scored_by": "judge", "most_scenarios": 2})
    judged = [ask for ask in made.teacher.asked if ask.purpose == "judge_reply"]
    assert {ask.role for ask in judged} == {"judge"}
    assert all(set(ask.inputs["problem"]) == {"text", "item"} for ask in judged)
    assert {lesson.skill for lesson in library(made, state)} == {"damaged", "late"}
    scores = {score.kind: (score.value, score.n) for score in made.records(Score)}
    assert scores["judged_untaught"] == (0.5, 40) and scores["judged_taught"] == (1.0, 40)
    method = find_method("strategies")
    expected = method.cost(made.cast.params, Sizes(val=16, test=40, wrong=(0,)))
    assert sum(call.role == "judge" for call in made.records(Call)) == expected.judge


async def test_what_breaks_the_policy_is_worth_nothing_however_it_pleases(tmp_path, service):
    pleasing = {"reasons": [], "policy_ok": False, "satisfaction": 5}
    script = {
        "judge_reply": lambda _: pleasing,
        "extract_scenario": lambda _: {"situation": "", "difficulty": "", "needed": "", "skill": None},
    }
    made, _ = await ran(tmp_path, service, teacher=ScriptedTeacher(script), params={"scored_by": "judge"})
    assert sum(ask.purpose == "extract_scenario" for ask in made.teacher.asked) == SIZES["val"]


def plan(**over) -> Plan:
    given = {"task": "service", "student": STUDENT, "teacher": "rules", "sizes": SIZES, "controls": "none"}
    return Plan(method="strategies", **{**given, **over})


def test_with_a_human_audit_the_run_waits_and_what_is_rejected_is_not_retrieved(tmp_path):
    with Lab(home=tmp_path) as lab:
        waiting = plan(params={"audit": "human"})
        report = lab.teach_plan(waiting)
        assert report.status == "waiting" and "2 strategies" in report.message and "tutorkit review" in report.message
        drafts = [lesson for lesson in lab.lessons(report.run_id) if lesson.verified]
        assert {lesson.audit for lesson in drafts} == {"pending"}
        late, damaged = sorted(drafts, key=lambda lesson: lesson.skill != "late")
        lab.review(late.id, to="rejected", by="Ina", why="against the policy")
        assert lab.teach_plan(waiting).status == "waiting"
        lab.review(damaged.id, to="approved", by="Ina", why="fine")
        done = lab.teach_plan(waiting)
        assert done.status == "finished"
        assert done.arms[0].taught.value == pytest.approx(0.75)
        assert '"late"' in export(lab, done.run_id)


def test_it_runs_on_arithmetic_offline(tmp_path):
    with Lab(home=tmp_path) as lab:
        over = {"task": "arithmetic", "student": "sim/beginner", "sizes": {"val": 30, "test": 40}}
        report = lab.teach_plan(plan(**over))
    assert report.status == "finished" and report.arms[0].gain.low > 0


def test_every_setting_is_a_variant_with_a_name():
    method = find_method("strategies")

    def name(**params):
        return method.fidelity(read_params(method, params))

    assert name() == "variant:single-turn-failures-only"
    assert name(scenarios="all") == "variant:single-turn"
    assert name(**method.random_target) == "variant:random-target"


def test_a_rule_of_retrieval_that_is_none_is_refused():
    with pytest.raises(BadSetting):
        read_params(find_method("strategies"), {"retrieve": "the best"})

"""TPD, as its section of the specification says how to see that it is right."""

from __future__ import annotations

import pytest
from support.bench import accuracy, bench, chains, rules
from support.participants import ScriptedTeacher, never_teaches

from tutorkit.graphs.events import NodeFinished
from tutorkit.methods.registry import find_method, read_params
from tutorkit.methods.vocabulary import Sizes
from tutorkit.students.buggy import parse_sim
from tutorkit.types import Attempt, Diagnosis, Lesson, Problem, Score

HUNDRED = {"train": 6, "val": 100, "test": 100}
LIVE = {"carry", "percent"}


@pytest.fixture(scope="module")
def hundred():
    return chains(sizes=HUNDRED)


def principles(made) -> list[Lesson]:
    return [made.bench.sink.get(Lesson, name) for name in made.state["principles"]]


class Ran:
    def __init__(self, bench, ending):
        self.bench, self.state, self.status = bench, ending.state, ending.status


async def ran(tmp_path, **options) -> Ran:
    made = bench(tmp_path, **options)
    return Ran(made, await made.run())


async def test_a_two_bug_student_over_a_hundred_items(tmp_path, hundred):
    made = await ran(tmp_path, task=hundred)
    assert len(made.state["wrong"]) == 64
    assert {lesson.skill for lesson in principles(made)} == LIVE and len(principles(made)) == 2
    top = made.state["ranking"][:4]
    assert [len(made.state["violations"][name]) for name in top] == [2, 2, 2, 2]
    assert accuracy(made.bench.sink, made.state, "untaught") == pytest.approx(0.36, abs=0.05)
    assert accuracy(made.bench.sink, made.state, "taught") == 1


async def test_the_violation_matrix_is_the_set_of_wrong_skills_per_attempt(tmp_path, hundred):
    made = await ran(tmp_path, task=hundred)
    sink = made.bench.sink
    skill_of = {lesson.id: lesson.skill for lesson in principles(made)}
    for attempt_id, broken in made.state["violations"].items():
        problem = sink.get(Problem, sink.get(Attempt, attempt_id).problem_id)
        assert {skill_of[name] for name in broken} == LIVE & set(problem.skills)
        for name in skill_of:
            assert sink.get(Score, f"{attempt_id}:{name}").value == float(name in broken)


async def test_a_deranged_teacher_names_other_skills_and_changes_nothing(tmp_path, hundred):
    made = await ran(tmp_path, task=hundred, teacher="deranged")
    named = {lesson.skill for lesson in principles(made)}
    assert len(named) == 2 and not named & LIVE
    assert accuracy(made.bench.sink, made.state, "taught") == accuracy(made.bench.sink, made.state, "untaught")


@pytest.mark.parametrize(
    ("mode", "kinds", "nodes_not_asked"),
    [
        ("instruction_only", {"instruction"}, {"extract_errors", "write_demo", "refine_instruction"}),
        ("append_principles", {"instruction", "principle"}, {"write_demo"}),
        ("select_examples", {"instruction", "demo"}, {"refine_instruction"}),
        ("both", {"instruction", "principle", "demo"}, set()),
    ],
)
async def test_each_mode_makes_its_prompt_and_costs_what_it_says(tmp_path, mode, kinds, nodes_not_asked):
    made = await ran(tmp_path, params={"mode": mode})
    lessons = [made.bench.sink.get(Lesson, name) for name in made.state["lessons"]]
    assert {lesson.kind for lesson in lessons} == kinds
    order = ["instruction", "principle", "demo"]
    assert [lesson.kind for lesson in lessons] == sorted((lesson.kind for lesson in lessons), key=order.index)
    asked = [ask.purpose for ask in made.bench.teacher.asked]
    assert not nodes_not_asked & set(asked)
    expected = find_method("tpd").cost(
        read_params(find_method("tpd"), {"mode": mode}), Sizes(val=40, wrong=(len(made.state.get("wrong", ())),))
    )
    assert len(asked) == expected.teacher


async def test_with_a_capacity_of_one_the_order_of_the_same_principles_decides(tmp_path, hundred):
    made = await ran(tmp_path, task=hundred)
    student = parse_sim("sim/two-bugs?capacity=1")
    lessons = principles(made)
    filler = lessons[0].model_copy(update={"text": "Work with care."})

    async def right(shown) -> float:
        problems = hundred.split("test")
        scorer = made.bench.cast.scorer
        answers = [await student.answer(problem.question(), shown) for problem in problems]
        return sum(scorer.grade(p, a.raw).outcome == "right" for p, a in zip(problems, answers, strict=True)) / len(
            problems
        )

    untaught = await right([])
    assert await right(lessons) > untaught + 0.15
    assert await right([filler, *lessons]) == untaught


async def test_the_most_violated_principle_comes_first_and_the_list_is_capped(tmp_path, hundred):
    made = await ran(tmp_path, task=hundred, params={"max_principles": 1})
    (kept,) = principles(made)
    counts = {name: 0 for lesson in [kept] for name in [lesson.id]}
    for broken in made.state["violations"].values():
        for name in broken:
            counts[name] = counts.get(name, 0) + 1
    assert counts[kept.id] == max(counts.values())


async def test_the_student_is_taught_without_the_teacher(tmp_path):
    def leaves_after_assembling(event):
        if isinstance(event, NodeFinished) and event.node == "assemble#0":
            made.teacher.inner = never_teaches()

    made = bench(tmp_path, listen=leaves_after_assembling)
    ending = await made.run()
    assert ending.status == "finished" and made.teacher.inner.ref == "scripted"
    assert accuracy(made.sink, ending.state, "taught") == 1


async def test_a_diagnosis_counts_steps_from_zero_and_only_cites_what_is_there(tmp_path):
    replies = {
        "draft_instruction": lambda _: {"instruction": "Add.", "steps": []},
        "extract_errors": lambda inputs: {
            "analysis": "",
            "first_wrong_step": 1 if len(inputs["attempt"]["steps"]) % 2 else 99,
            "evidence": inputs["attempt"]["raw"][:10] if len(inputs["attempt"]["steps"]) % 2 else "nobody wrote this",
            "error_summary": "The sum is wrong.",
            "cause": "slip",
            "confidence": None,
        },
        "generate_principles": lambda _: {"principles": []},
        "check_violations": lambda _: {"violations": []},
        "refine_instruction": lambda inputs: {"instruction": inputs["instruction"], "principles_kept": []},
    }
    made = bench(tmp_path, teacher=ScriptedTeacher(replies))
    await made.run()
    found = made.records(Diagnosis)
    assert found
    for diagnosis in found:
        odd = len(made.sink.get(Attempt, diagnosis.attempt_id).steps) % 2
        assert diagnosis.first_wrong_step == (0 if odd else None)
        assert bool(diagnosis.evidence) == bool(odd)


async def test_an_off_by_one_teacher_moves_the_index_itself(tmp_path):
    right, moved = [
        await ran(tmp_path / t, teacher=t, params={"mode": "append_principles"}) for t in ("rules", "off-by-one")
    ]

    def steps(made):
        return {d.attempt_id: d.first_wrong_step for d in made.bench.records(Diagnosis)}

    shared = [name for name, step in steps(right).items() if step is not None]
    assert shared and all(steps(moved)[name] != steps(right)[name] for name in shared)


async def test_a_demo_whose_answer_is_wrong_is_kept_out_and_another_takes_its_place(tmp_path):
    class SometimesWrong:
        ref, diagnoses_as, asked = "sometimes", "rule", 0

        async def call(self, ask):
            reply = await rules().call(ask)
            if ask.purpose == "write_demo":
                self.asked += 1
                if self.asked <= 2:
                    return type(reply)(value=reply.value.model_copy(update={"final_answer": "0, 0"}), calls=reply.calls)
            return reply

    made = await ran(tmp_path, teacher=SometimesWrong())
    demos = [lesson for lesson in made.bench.records(Lesson) if lesson.kind == "demo"]
    assert [lesson.audit for lesson in demos].count("rejected") == 2
    assert len(made.state["demos"]) == 4
    for name in made.state["demos"]:
        lesson = made.bench.sink.get(Lesson, name)
        assert lesson.verified and lesson.audit == "pending"
    rejected = next(lesson for lesson in demos if not lesson.verified)
    assert "answer wrong" in rejected.checks[0]


async def test_outer_rounds_are_a_variant_and_learn_what_a_capped_list_left_out(tmp_path):
    params = {"max_principles": 1, "mode": "append_principles", "rounds": 3}
    made = await ran(tmp_path, params=params)
    assert find_method("tpd").fidelity(read_params(find_method("tpd"), params)) == "variant:outer-rounds"
    phases = [attempt.phase for attempt in made.bench.records(Attempt)]
    assert {"val-0", "val-1"} <= set(phases)
    assert made.status == "finished"


async def test_random_targets_take_as_many_attempts_as_there_are_errors(tmp_path):
    made = await ran(tmp_path, params={"target": "random"})
    wrong = [a for a in made.bench.records(Attempt) if a.phase == "val-0" and a.grade.outcome == "wrong"]
    assert len(made.state["wrong"]) == len(wrong)
    assert set(made.state["wrong"]) != {attempt.id for attempt in wrong}

"""TSMMG's pattern, as the specification says how to see that it is right."""

from __future__ import annotations

import pytest
from support.bench import accuracy, bench
from support.participants import ScriptedTeacher

from tutorkit.lab import Lab, Plan
from tutorkit.methods.registry import find_method
from tutorkit.methods.tsmmg import STYLES
from tutorkit.prompting import PromptLibrary
from tutorkit.students.worlds import parse_world
from tutorkit.tasks import TaskScorer, load_task
from tutorkit.tasks.strings import condition
from tutorkit.teachers.annotator import build_annotator
from tutorkit.types import Call, Lesson, Score, SFTExample

SIZES = {"train": 20, "val": 4, "test": 60}
STUDENT = "sim/strings?lacks=vowels"


@pytest.fixture(scope="module")
def strings():
    return load_task("strings", sizes=SIZES)


def annotator(name="words"):
    return build_annotator(name, prompts=PromptLibrary())


async def ran(folder, task, *, student=STUDENT, teacher=None, **options):
    teacher = teacher or annotator()
    made = bench(folder, method="tsmmg", task=task, student=parse_world(student), teacher=teacher, **options)
    ending = await made.run()
    assert ending.status == "finished", ending
    return made, ending.state, [made.sink.get(SFTExample, name) for name in ending.state["rows"]]


async def test_annotation_is_reproducible_and_keeps_tool_and_version(tmp_path, strings):
    found = []
    for name in ("one", "two"):
        made, _, rows = await ran(tmp_path / name, strings)
        found.append(([lesson.data["annotations"] for lesson in made.records(Lesson)], [row.messages for row in rows]))
    assert found[0] == found[1]
    told = [each for annotations in found[0][0] for each in annotations]
    assert told and {(each["tool"], each["version"]) for each in told} == {("len", "1"), ("slice", "1"), ("regex", "1")}


async def test_the_target_of_every_row_satisfies_its_own_text_under_another_tool(tmp_path, strings):
    _, _, rows = await ran(tmp_path, strings)
    scorer, problem = TaskScorer(), strings.split("train")[0]
    assert rows
    for row in rows:
        wanted = row.data["constraints"]
        name = "properties?" + "&".join(f"{key}={value}" for key, value in wanted.items())
        other = problem.model_copy(update={"scorer": name})
        assert scorer.grade(other, row.messages[1].content).outcome == "right"
        assert all(condition(key, value) in row.messages[0].content for key, value in wanted.items())
        assert row.data["item"]["wanted"] == wanted and 2 <= len(wanted) <= 4


async def test_held_out_combinations_are_not_in_the_training_data(tmp_path, strings):
    _, state, rows = await ran(tmp_path, strings, params={"held_out": 3, "per_item": 11})
    trained = {tuple(sorted(row.data["constraints"])) for row in rows}
    held_out = {tuple(names) for names in state["held_out"]}
    assert len(held_out) == 3 and len(trained) == 11 - 3 and not trained & held_out


async def test_success_is_told_apart_for_combinations_that_were_never_trained(tmp_path, strings):
    made, state, _ = await ran(tmp_path, strings, params={"held_out": 3})
    found = {(score.kind, score.probe_set): score for score in made.records(Score)}
    by_scorer = {name: score.n for (kind, name), score in found.items() if kind == "success_by_scorer"}
    held_out = {tuple(names) for names in state["held_out"]}
    zero_shot = sum(tuple(sorted(problem.skills)) in held_out for problem in strings.split("test"))
    assert by_scorer["test: zero-shot"] == zero_shot > 0
    assert by_scorer["test: all"] == 60 == by_scorer["test: trained"] + zero_shot
    assert sum(by_scorer[f"test: {count} properties"] for count in (2, 3, 4)) == 60
    assert found["success_by_tools", "test: all"].value == found["success_by_scorer", "test: all"].value
    assert found["success_by_scorer", "test: all"].value == accuracy(made.sink, state, "taught")


async def test_each_text_comes_once_in_each_of_the_wordings(tmp_path, strings):
    _, _, rows = await ran(tmp_path, strings, params={"per_item": 11, "held_out": 0})
    texts = [row.messages[0].content for row in rows]
    assert len(set(texts)) == len(texts)
    assert {row.data["style"] for row in rows} == set(range(len(STYLES)))
    opening = [text.split()[0] for text in texts]
    assert opening.count("Write") == opening.count("I") == opening.count("Which")


async def test_the_training_prompts_read_as_the_tasks_own_do(tmp_path, strings):
    _, _, rows = await ran(tmp_path, strings, params={"per_item": 11, "held_out": 0, "styles": 1})
    shared = {tuple(sorted(problem.skills)): problem.text for problem in strings.split("train")}
    texts = {row.messages[0].content for row in rows}
    assert any(set(text.split()) == set(made.split()) for text in shared.values() for made in texts)


async def test_an_annotation_that_the_judge_does_not_confirm_makes_no_row(tmp_path, strings):
    class SecondLooksDiffer:
        ref, diagnoses_as = "unsure", "rule"

        async def call(self, ask):
            reply = await annotator("words-recounted" if ask.sample else "words").call(ask)
            if not ask.sample:
                return reply
            others = [a for a in reply.value.annotations if a.property in ("length", "first")]
            others += [a.model_copy(update={"value": "9"}) for a in reply.value.annotations if a.property == "vowels"]
            return type(reply)(value=reply.value.model_copy(update={"annotations": others}), calls=reply.calls)

    made, _, rows = await ran(tmp_path, strings, teacher=SecondLooksDiffer(), params={"held_out": 0})
    assert {tuple(row.data["constraints"]) for row in rows} == {("first", "length")}
    told = [each["property"] for lesson in made.records(Lesson) for each in lesson.data["annotations"]]
    assert set(told) == {"length", "first"}


async def test_an_item_that_no_tool_can_measure_is_refused(tmp_path, strings):
    problems = [p.model_copy(update={"gold": "NOT a word"}) if p.split == "train" else p for p in strings.problems]
    made, state, rows = await ran(tmp_path, type(strings)(**{**vars(strings), "problems": tuple(problems)}))
    assert rows == [] and state["test"]["taught"] == state["test"]["untaught"]
    assert len(made.records(Lesson)) == SIZES["train"]
    assert {lesson.audit for lesson in made.records(Lesson)} == {"rejected"}


async def test_it_takes_no_model_at_all(tmp_path, strings):
    made, _, _ = await ran(tmp_path, strings)
    assert {call.cost_usd for call in made.records(Call)} == {0.0}
    assert {call.model for call in made.records(Call) if call.role != "student"} == {"annotator/words"}


async def test_a_teacher_that_annotates_badly_gains_nothing(tmp_path, strings):
    wrong = {"property": "vowels", "value": "9", "says": "has 9 vowels", "tool": "t", "version": "1"}
    first = {"property": "first", "value": "q", "says": "begins with q", "tool": "t", "version": "1"}
    script = {"annotate": lambda _: {"annotations": [wrong, first]}}
    made, state, rows = await ran(tmp_path, strings, teacher=ScriptedTeacher(script), params={"held_out": 0})
    assert rows and accuracy(made.sink, state, "taught") == accuracy(made.sink, state, "untaught")


def test_the_annotator_is_a_teacher_and_another_one_the_judge(tmp_path):
    plan = Plan(
        method="tsmmg", task="strings", student=STUDENT, teacher="annotator/words", judge="annotator/words-recounted",
        sizes={"train": 12, "val": 4, "test": 30}, controls="all",
    )  # fmt: skip
    with Lab(home=tmp_path) as lab:
        report = lab.teach_plan(plan)
        models = {call.model for call in lab.calls(report.run_id) if call.role == "judge"}
    assert report.status == "finished" and models == {"annotator/words-recounted"}
    arms = {arm.name: arm for arm in report.arms}
    assert arms["taught"].gain.low > 0 and arms["silent"].gain.value == arms["deranged"].gain.value == 0


def test_it_is_a_variant_and_says_so():
    assert find_method("tsmmg").fidelity(None) == "variant:any-tool"

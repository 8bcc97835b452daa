"""SuperCorrect, as its section of the specification says how to see that it is right."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.bench import bench, chains, rules
from support.participants import ScriptedTeacher

from tutorkit.methods.registry import find_method, read_params
from tutorkit.methods.super_correct import Template, TemplateStep, from_xml, template_faults, to_xml
from tutorkit.methods.vocabulary import Sizes
from tutorkit.misconceptions import solve
from tutorkit.prompting import PromptLibrary
from tutorkit.students.buggy import parse_sim
from tutorkit.teachers.purposes import PURPOSES
from tutorkit.types import Attempt, Diagnosis, Lesson, PreferencePair, Problem, Score, SFTExample

FEW = {"train": 24, "val": 2, "test": 20}
SLOW = "sim/two-bugs?learn_after=6"
"""Six templates are not enough for it: it goes wrong afterwards."""


async def ran(tmp_path, **options):
    given = {"task": chains(sizes=FEW), "student": SLOW, "params": {"templates": 0.25}}
    made = bench(tmp_path, method="super-correct", **{**given, **options})
    ending = await made.run()
    assert ending.status == "finished", ending.error
    return made, ending.state


def right_steps(made, problem_id) -> list[str]:
    return [step.text for step in solve(made.sink.get(Problem, problem_id).item).steps]


def first_wrong(made, attempt: Attempt) -> int:
    right = right_steps(made, attempt.problem_id)
    return next(i for i, step in enumerate(attempt.steps) if step != right[i])


async def test_the_first_error_is_the_simulators(tmp_path):
    made, _ = await ran(tmp_path)
    diagnoses = made.records(Diagnosis)
    assert len(diagnoses) > 5
    for diagnosis in diagnoses:
        assert diagnosis.first_wrong_step == first_wrong(made, made.sink.get(Attempt, diagnosis.attempt_id))
    assert {diagnosis.first_wrong_step for diagnosis in diagnoses} == {0, 1}


async def test_a_pair_is_the_correction_after_the_question_and_the_correct_prefix(tmp_path):
    made, state = await ran(tmp_path)
    pairs = made.records(PreferencePair)
    assert [pair.id for pair in pairs] == state["pairs"]
    for pair in pairs:
        attempt = made.sink.get(Attempt, pair.source_attempt_ids[0])
        place, right = first_wrong(made, attempt), right_steps(made, pair.problem_id)
        question = made.sink.get(Problem, pair.problem_id).question().as_text()
        assert pair.prompt == "\n".join([question, *right[:place]]) and pair.unit == "correction"
        assert pair.chosen.endswith(f"Correction: {right[place]}")
        assert pair.rejected.endswith(f"Correction: {attempt.steps[place]}") and pair.rejected != pair.chosen
    prefixes = {pair.data["step"] for pair in pairs}
    assert prefixes == {0, 1}


async def test_both_stages_are_learnt_and_in_their_order(tmp_path):
    made, state = await ran(tmp_path)
    assert state["rows"] == [*state["templates"], *state["pairs"]] and state["templates"] and state["pairs"]
    assert {type(row) for row in made.student.learnt[0]} == {SFTExample}
    assert [row.id for row in made.student.learnt[-1]] == state["rows"]
    solved = [attempt for attempt in made.records(Attempt) if attempt.phase == "train-0"]
    assert {"#" in attempt.student for attempt in solved} == {True}


async def test_a_student_that_learnt_enough_from_templates_has_nothing_to_correct(tmp_path):
    made, state = await ran(tmp_path, params={"templates": 1.0})
    assert len(state["templates"]) == 24 and made.records(PreferencePair) == []


async def test_a_teacher_that_is_off_by_one_passes_no_inspection(tmp_path):
    made, state = await ran(tmp_path, teacher="off-by-one")
    wrong = made.records(Diagnosis)
    assert wrong
    for diagnosis in wrong:
        true = first_wrong(made, made.sink.get(Attempt, diagnosis.attempt_id))
        assert abs(diagnosis.first_wrong_step - true) == 1
    assert state["pairs"] == []


def scripted(**over):
    """Script a teacher that does as the rules do, but for some purposes."""
    base = rules()
    names = ("rewrite_to_template", "locate_and_correct", "inspect_correction")
    own = {name: (lambda inputs, name=name: PURPOSES[name].do(inputs, base.cues)) for name in names}
    return ScriptedTeacher({**own, **over})


async def test_the_inspector_is_asked_three_times_and_then_it_is_unverified(tmp_path):
    refused = {"ok": False, "problems": ["It is unclear."]}
    teacher = scripted(inspect_correction=lambda _: refused)
    made, state = await ran(tmp_path, teacher=teacher)
    asked = [ask.purpose for ask in teacher.asked]
    wrong = len(state["wrong"])
    assert asked.count("inspect_correction") == asked.count("locate_and_correct") == 3 * wrong > 0
    lessons = [lesson for lesson in made.records(Lesson) if lesson.kind == "correction"]
    assert {lesson.checks for lesson in lessons} == {("unverified after 3 inspections", "It is unclear.")}
    assert not any(lesson.verified for lesson in lessons) and made.records(PreferencePair) == []
    assert {lesson.data["inspections"] for lesson in lessons} == {3}


async def test_what_the_inspector_found_goes_into_the_next_correction(tmp_path):
    seen = []

    def once(inputs):
        seen.append(inputs["correction"])
        return {"ok": len(seen) % 2 == 0, "problems": ["Say which column."]}

    teacher = scripted(inspect_correction=once)
    one = bench(
        tmp_path,
        method="super-correct",
        task=chains(sizes=FEW),
        student=SLOW,
        teacher=teacher,
        params={"templates": 0.25},
    )
    made = replace(one, cast=replace(one.cast, concurrency=1))
    await made.run()
    asks = [ask.inputs["objections"] for ask in teacher.asked if ask.purpose == "locate_and_correct"]
    assert asks[:4] == [[], ["Say which column."], [], ["Say which column."]]
    assert {lesson.data["inspections"] for lesson in made.records(Lesson) if lesson.kind == "correction"} == {2}


async def test_a_correction_that_does_not_come_to_the_gold_is_refused_whatever_the_inspector_says(tmp_path):
    base = scripted()

    def wrong(inputs):
        return {**base.script["locate_and_correct"](inputs), "answer": "0, 0"}

    teacher = scripted(locate_and_correct=wrong, inspect_correction=lambda _: {"ok": True, "problems": []})
    made, state = await ran(tmp_path, teacher=teacher)
    lessons = [lesson for lesson in made.records(Lesson) if lesson.kind == "correction"]
    assert state["pairs"] == [] and lessons and not any(lesson.verified for lesson in lessons)


class Mending:
    """Does as a simulated student, but for its corrections, which ``fix`` makes."""

    def __init__(self, inner, fix):
        self.inner, self.fix, self.ref = inner, fix, inner.ref

    def __getattr__(self, name):
        return getattr(self.inner, name)

    async def call(self, ask):
        reply = await self.inner.call(ask)
        return type(reply)(value=ask.schema.model_validate(self.fix(ask.inputs)), calls=reply.calls)

    async def trained(self, rows, *, folder):
        return type(self)(await self.inner.trained(rows, folder=folder), self.fix)


async def test_a_pair_is_dropped_where_the_student_corrects_itself_and_says_why(tmp_path):
    def fix(inputs):
        work = solve(inputs["question"]["item"])
        return {"cause": "I forgot it.", "correction": work.steps[len(inputs["done"])].text, "answer": work.answer}

    made, state = await ran(tmp_path, student=Mending(parse_sim(SLOW), fix))
    pairs = made.records(PreferencePair)
    assert pairs and state["pairs"] == []
    assert {pair.audit for pair in pairs} == {"rejected"}
    assert all("dropped: the student corrects itself" in pair.flags for pair in pairs)
    assert next(score.value for score in made.records(Score) if score.kind == "pairs-kept") == 0


async def test_the_student_is_not_told_the_gold_when_it_corrects_itself(tmp_path):
    made, _ = await ran(tmp_path)
    assert made.student.asked
    golds = {problem.text: problem.gold for problem in made.cast.problems["train"]}
    for ask in made.student.asked:
        shown = PromptLibrary().get(ask.prompt_id).render(ask.inputs).messages
        assert not any(golds[ask.inputs["question"]["text"]] in message.content for message in shown)
        assert ask.inputs["step"] in shown[1].content and ask.schema.__name__ == "Correction"


def template(**over) -> Template:
    steps = [
        TemplateStep(n=1, text="5 < 7 & 3", tricky=True, key="Mind the <sign>."),
        TemplateStep(n=2, text="two\nlines", tricky=False, key=None),
    ]
    return Template(**{"steps": steps, "generalized": "Compare.", "answer": "3", **over})


def test_a_template_goes_through_xml_and_back():
    made = template()
    assert from_xml(to_xml(made)) == made and template_faults(made) == ()
    assert "<key>Mind the &lt;sign&gt;.</key>" in to_xml(made)


@pytest.mark.parametrize(
    ("over", "fault"),
    [
        ({"generalized": "a\x00b"}, "it cannot be written as XML and read again"),
        ({"steps": [TemplateStep(n=2, text="a", tricky=False, key=None)]}, "the steps are not numbered in their order"),
        ({"steps": [TemplateStep(n=1, text="a", tricky=False, key="b")]}, "a note stands on a step that is not tricky"),
        ({"steps": []}, "a step is empty"),
    ],
)
def test_what_is_no_template_is_said(over, fault):
    assert fault in template_faults(template(**over))


async def test_notes_stand_on_tricky_steps_alone_and_a_template_that_breaks_this_is_no_example(tmp_path):
    made, _ = await ran(tmp_path)
    templates = [from_xml(lesson.text) for lesson in made.records(Lesson) if lesson.kind == "template"]
    flagged = [(step.tricky, step.key is not None) for each in templates for step in each.steps]
    assert set(flagged) == {(True, True), (False, False)}
    base = scripted()

    def noted(inputs):
        said = base.script["rewrite_to_template"](inputs)
        return {**said, "steps": [{**step, "tricky": False, "key": "Mind this."} for step in said["steps"]]}

    spoilt, state = await ran(tmp_path / "spoilt", teacher=scripted(rewrite_to_template=noted))
    assert state["templates"] == [] and spoilt.records(SFTExample) == []


async def test_a_template_that_reaches_another_answer_is_no_example(tmp_path):
    base = scripted()

    def wrong(inputs):
        return {**base.script["rewrite_to_template"](inputs), "answer": "1, 1"}

    made, _ = await ran(tmp_path, teacher=scripted(rewrite_to_template=wrong))
    assert made.records(SFTExample) == []
    assert {lesson.audit for lesson in made.records(Lesson) if lesson.kind == "template"} == {"rejected"}


async def test_without_training_the_untrained_student_is_corrected(tmp_path):
    made, state = await ran(tmp_path, params={"templates": 0.25, "train": False})
    assert made.student.learnt == [] and state["rows"] == [] and state["pairs"]
    assert {attempt.student for attempt in made.records(Attempt)} == {SLOW}


def test_its_fidelity_needs_and_cost():
    method = find_method("super-correct")
    whole, rows = read_params(method, {}), read_params(method, {"train": False})
    assert (method.fidelity(whole), method.fidelity(rows)) == ("paper", "variant:rows-only")
    assert method.needs(whole) == {"write", "train"} and method.needs(rows) == {"write"}
    cost = method.cost(whole, Sizes(train=1000, wrong=(300,)))
    assert (cost.teacher + cost.judge, cost.student, cost.again) == (1600, 1300, 1200)

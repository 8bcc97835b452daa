"""TPD's prompts, as a teacher sees them: what is shown, what is asked for, and what becomes of the reply."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from math import ceil

import pytest
from support.bench import bench, rules
from support.participants import ScriptedTeacher

from tutorkit.canonical import canonical_json
from tutorkit.methods import ErrorNote
from tutorkit.methods._tpd.wording import bare_steps, numbered
from tutorkit.methods.registry import find_method, read_params
from tutorkit.methods.vocabulary import Sizes
from tutorkit.models.schema import strict_schema
from tutorkit.prompting import PromptLibrary
from tutorkit.types import Attempt, Diagnosis, Lesson, Problem

NOTE = {
    "analysis": "",
    "first_wrong_step": None,
    "evidence": "",
    "error_summary": "The sum was made without its carry.",
    "cause": "carry",
    "misconception_id": "add.drops_carry",
    "confidence": None,
}
SCRIPT = {
    "draft_instruction": lambda _: {"instruction": "Work part by part.", "steps": ["Add.", "Say it."]},
    "extract_errors": lambda _: NOTE,
    "generate_principles": lambda _: {"principles": []},
    "check_violations": lambda _: {"violations": []},
    "write_demo": lambda _: {"solution": "", "final_answer": "", "principles_used": []},
    "refine_instruction": lambda inputs: {"instruction": inputs["instruction"], "principles_kept": []},
}


async def taught(folder, *, params=None, **script):
    """Run TPD with a scripted teacher, or with the rule-based one where there is no script."""
    made = bench(folder, teacher=ScriptedTeacher({**SCRIPT, **script}) if script else rules(), params=params)
    ending = await made.run()
    assert ending.status == "finished"
    return made, ending.state


def asks(made, purpose) -> list:
    return [ask for ask in made.teacher.asked if ask.purpose == purpose]


def words_of(ask) -> str:
    return "\n".join(each.content for each in PromptLibrary().get(ask.prompt_id).render(ask.inputs).messages)


def fields_of(schema: dict) -> set[str]:
    parts = [schema, *schema.get("$defs", {}).values()]
    return {name for part in parts for name in part.get("properties", {})}


def ids_in(value, name="") -> Iterator[str]:
    """Return whatever a reply names by an id."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from ids_in(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from ids_in(inner, name)
    elif isinstance(value, str) and (name.endswith(("_id", "_ids")) or name in ("principles_used", "principles_kept")):
        yield value


# --- what a model is asked for, it can know ---


async def test_every_id_that_a_teacher_is_asked_for_stands_in_its_prompt(tmp_path):
    made, _ = await taught(tmp_path)
    named: dict[str, set[str]] = {}
    for ask in made.teacher.asked:
        value = (await rules().call(ask)).value.model_dump(mode="json")
        asked_for = fields_of(ask.schema.model_json_schema())
        lines = words_of(ask).splitlines()
        for each in ids_in({name: inner for name, inner in value.items() if name in asked_for}):
            assert f"<data>{each}</data>" in lines
            named.setdefault(ask.purpose, set()).add(each)
    assert set(named) >= {"generate_principles", "check_violations", "write_demo", "refine_instruction"}


@pytest.mark.parametrize("schema", [ErrorNote.model_json_schema(), strict_schema(ErrorNote)], ids=["inbox", "strict"])
def test_no_teacher_is_asked_which_executable_misconception_it_was(schema):
    assert "misconception" not in canonical_json(schema)
    assert "first_wrong_step" in schema["properties"]


async def test_a_misconception_is_on_the_record_where_a_rule_named_it_and_nowhere_else(tmp_path):
    made, _ = await taught(tmp_path / "rule")
    assert {found.misconception_id for found in made.records(Diagnosis)} - {None}
    teacher = ScriptedTeacher(SCRIPT, diagnoses_as="llm")
    model = bench(tmp_path / "llm", teacher=teacher)
    await model.run()
    assert {found.misconception_id for found in model.records(Diagnosis)} == {None}


# --- one note, one error ---


async def test_of_two_errors_the_note_is_about_the_first(tmp_path):
    made, state = await taught(tmp_path)
    notes = {found.attempt_id: found for found in made.records(Diagnosis)}
    twice = [name for name, broken in state["violations"].items() if len(broken) == 2]
    assert twice
    for name in twice:
        attempt = made.sink.get(Attempt, name)
        skills = made.sink.get(Problem, attempt.problem_id).skills
        first = next(place for place, skill in enumerate(skills) if skill in ("carry", "percent"))
        assert notes[name].skill == skills[first]
        assert notes[name].evidence in attempt.steps[notes[name].first_wrong_step]


# --- principles come from errors that can be looked at, and each only once ---


async def test_each_error_is_shown_with_its_problem_its_answers_and_the_passage(tmp_path):
    made, _ = await taught(tmp_path)
    notes = {found.attempt_id: found for found in made.records(Diagnosis)}
    for ask in asks(made, "generate_principles"):
        words = words_of(ask)
        for attempt_id in ask.about:
            attempt = made.sink.get(Attempt, attempt_id)
            problem = made.sink.get(Problem, attempt.problem_id)
            for shown in (problem.text, problem.gold, attempt.grade.normalised, notes[attempt_id].evidence):
                assert shown and f"<data>{shown}</data>" in words


async def test_a_later_batch_is_shown_the_principles_so_far_and_adds_what_is_missing(tmp_path):
    made, state = await taught(tmp_path, params={"batch": 1, "mode": "append_principles"})
    batches = asks(made, "generate_principles")
    drafts = [made.sink.get(Lesson, name) for name in state["drafts"]]
    assert {lesson.skill for lesson in drafts} == {"carry", "percent"} and len(drafts) < len(batches) / 3
    assert batches[0].inputs["principles"] == []
    for ask in batches[len(batches) // 2 :]:
        skills = {shown["skill"] for shown in ask.inputs["principles"]}
        assert skills == {"carry", "percent"}
        for shown in ask.inputs["principles"]:
            assert f"<data>{shown['text']}</data>" in words_of(ask)


async def test_as_many_batches_are_asked_at_once_as_were_asked_before(tmp_path):
    rule = iter(range(1000))

    def another(_):
        return {"principles": [{"text": f"Do {'very ' * next(rule)}well.", "covers_error_ids": ["E1"]}]}

    made, state = await taught(tmp_path, params={"batch": 2, "mode": "append_principles"}, generate_principles=another)
    known = [len(ask.inputs["principles"]) for ask in asks(made, "generate_principles")]
    assert known[:9] == [0, 1, 2, 2, 4, 4, 4, 4, 8]
    params = read_params(find_method("tpd"), {"batch": 2, "mode": "append_principles"})
    wrong = len(state["wrong"])
    assert len(known) == ceil(wrong / 2)
    assert len(made.teacher.asked) == find_method("tpd").cost(params, Sizes(val=40, wrong=(wrong,))).teacher


async def test_a_principle_that_was_set_aside_is_not_shown_as_one(tmp_path):
    def quotes(inputs):
        quoted = {"text": f"Say {inputs['errors'][0]['gold']}.", "covers_error_ids": ["E1"]}
        return {"principles": [quoted, {"text": "Carry the ten.", "covers_error_ids": ["E1"]}]}

    made, _ = await taught(tmp_path, generate_principles=quotes)
    first, second, *_ = asks(made, "generate_principles")
    assert first.inputs["principles"] == []
    assert [shown["text"] for shown in second.inputs["principles"]] == ["Carry the ten."]


async def test_a_second_round_begins_with_the_principles_of_the_first(tmp_path):
    made, _ = await taught(tmp_path, params={"max_principles": 1, "mode": "append_principles", "rounds": 2})
    by_round = [
        [ask for ask in asks(made, "generate_principles") if made.sink.get(Attempt, ask.about[0]).phase == phase]
        for phase in ("val-0", "val-1")
    ]
    first, second = (asked[0].inputs["principles"] for asked in by_round)
    read = {name for attempt in made.records(Attempt) if attempt.phase == "val-1" for name in attempt.lesson_ids}
    taught_then = [lesson for lesson in map(partial(made.sink.get, Lesson), read) if lesson.kind == "principle"]
    assert first == [] and [shown["text"] for shown in second] == [lesson.text for lesson in taught_then]
    assert len(second) == 1


# --- steps are numbered once ---


@pytest.mark.parametrize("own", ["", "3. ", "3) ", "Step 3: ", "step 3. ", "- ", "* "])
def test_a_number_that_a_teacher_puts_before_a_step_goes(own):
    assert bare_steps([f"{own}Add the numbers."]) == ["Add the numbers."]


@pytest.mark.parametrize(
    "step", ["3.5 is read as a decimal.", "12:30 is half past twelve.", "Step back.", "-3 is less."]
)
def test_a_step_that_begins_with_a_number_of_its_own_stays(step):
    assert bare_steps([step, " "]) == [step]


def test_a_paragraph_and_its_steps_are_joined():
    assert numbered(" Do it. ", ["Add.", "Say it."]) == "Do it.\n1. Add.\n2. Say it."
    assert numbered("", ["Add."]) == "1. Add." and numbered("Do it.", []) == "Do it."


async def test_the_drafted_and_the_refined_instruction_are_numbered_alike_whoever_numbers(tmp_path):
    steps = ["Step 1: Take each part.", "2. Add.", "Say it."]
    made, state = await taught(
        tmp_path,
        draft_instruction=lambda _: {"instruction": "Work.", "steps": steps},
        refine_instruction=lambda _: {"instruction": "Work well.", "steps": steps, "principles_kept": []},
    )
    procedure = "\n1. Take each part.\n2. Add.\n3. Say it."
    (ask,) = asks(made, "refine_instruction")
    assert ask.inputs["instruction"] == f"Work.{procedure}"
    assert made.sink.get(Lesson, state["instruction"][0]).text == f"Work well.{procedure}"


async def test_the_gates_read_the_steps_and_take_no_number_of_a_step_for_an_answer(tmp_path):
    gold = next(p.gold for p in bench(tmp_path / "any").cast.problems["val"] if p.gold and len(p.gold) > 1)
    leaky, _ = await taught(
        tmp_path / "leaky", draft_instruction=lambda _: {"instruction": "Work.", "steps": [f"Say {gold}."]}
    )
    drafted = [lesson for lesson in leaky.records(Lesson) if lesson.kind == "instruction"]
    assert [lesson.audit for lesson in drafted[:1]] == ["rejected"]
    made, _ = await taught(
        tmp_path / "long", draft_instruction=lambda _: {"instruction": "Work.", "steps": ["Add."] * 12}
    )
    first = next(lesson for lesson in made.records(Lesson) if lesson.kind == "instruction")
    assert first.verified and first.text.endswith("\n12. Add.")

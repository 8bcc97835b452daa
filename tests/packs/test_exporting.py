"""A pack in the forms that other programs take. The programs are executed, against stand-ins of their libraries."""

from __future__ import annotations

import json
import runpy
import sys
from types import ModuleType, SimpleNamespace

import pytest
from test_packs import _lesson, _pack

from tutorkit.errors import BadSetting, PackError
from tutorkit.packs.exporting import FORMS, export_pack
from tutorkit.programs import DATA, SLOT, Program
from tutorkit.types import Message

DEMO = {"problem": "1 + 1?", "solution": "One more than one.", "answer": "2"}
LESSONS = (
    _lesson(1, kind="instruction", text="Work slowly."),
    _lesson(2, text="Carry the ten."),
    _lesson(3, kind="demo", text="Problem: 1 + 1?", data=DEMO),
)
PACK = _pack(
    *LESSONS, instruction="Work slowly.", provenance={"task_description": "Add.", "answer_format": "End with Answer:"}
)


def test_messages_are_what_stands_before_a_question(tmp_path):
    (file,) = export_pack(PACK, LESSONS, form="messages", folder=tmp_path)
    system, asked, said = json.loads(file.read_text(encoding="utf-8"))
    assert [part in system["content"] for part in ("Add.", "Work slowly.", "- Carry the ten.", "End with Answer:")]
    assert (asked["content"], said["content"]) == ("1 + 1?", "One more than one.\nAnswer: 2")


def test_a_prompt_says_all_of_it(tmp_path):
    (file,) = export_pack(PACK, LESSONS, form="prompt", folder=tmp_path / "new")
    assert all(words in file.read_text(encoding="utf-8") for words in ("Work slowly.", "Carry the ten.", "1 + 1?"))


def test_the_dspy_program_has_the_instruction_and_the_demos(tmp_path, monkeypatch):
    class Example(dict):
        def with_inputs(self, *names):
            return self | {"inputs": names}

    class Program:
        def __init__(self, signature):
            self.signature = signature

        def predictors(self):
            return [self]

    stand_in = ModuleType("dspy")
    stand_in.Module, stand_in.Example, stand_in.ChainOfThought = Program, Example, Program
    stand_in.Signature = lambda fields, instructions: (fields, instructions)
    monkeypatch.setitem(sys.modules, "dspy", stand_in)
    program_file, _ = export_pack(PACK, LESSONS, form="dspy", folder=tmp_path)
    program = runpy.run_path(str(program_file))["taught"]()
    fields, instructions = program.signature
    assert fields == "question -> answer" and "Carry the ten." in instructions
    assert program.demos == [
        {"question": "1 + 1?", "reasoning": "One more than one.", "answer": "2", "inputs": ("question",)}
    ]


async def test_the_inspect_solver_puts_the_lessons_before_the_conversation(tmp_path, monkeypatch):
    model, solver = ModuleType("inspect_ai.model"), ModuleType("inspect_ai.solver")
    for role in ("System", "User", "Assistant"):
        setattr(model, f"ChatMessage{role}", lambda content, role=role: (role, content))
    solver.Generate = solver.Solver = solver.TaskState = object
    solver.solver = lambda function: function
    monkeypatch.setitem(sys.modules, "inspect_ai", ModuleType("inspect_ai"))
    monkeypatch.setitem(sys.modules, "inspect_ai.model", model)
    monkeypatch.setitem(sys.modules, "inspect_ai.solver", solver)
    file, _ = export_pack(PACK, LESSONS, form="inspect", folder=tmp_path)
    state = SimpleNamespace(messages=[("User", "3 + 4?")])

    async def generate(given):
        return given

    asked = await runpy.run_path(str(file))["taught"]()(state, generate)
    assert [role for role, _ in asked.messages] == ["System", "User", "Assistant", "User"]
    assert asked.messages[-1] == ("User", "3 + 4?")


@pytest.mark.parametrize("form", FORMS)
def test_an_optimisers_whole_prompt_is_not_taken_apart(form, tmp_path):
    program = Program((Message(role="user", content=f"Q: {SLOT}"),))
    lesson = _lesson(9, kind="instruction", text="Short.", data={DATA: program.as_data()})
    with pytest.raises(BadSetting, match="cannot be exported"):
        export_pack(PACK, (lesson,), form=form, folder=tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("form", FORMS)
def test_tags_for_simulated_students_are_left_out(form, tmp_path):
    demo = {**DEMO, "solution": "One more than one. [[skill:carry]]"}
    tagged = (_lesson(1, text="Carry the ten. [[skill:carry]]"), _lesson(2, kind="demo", text="1 + 1?", data=demo))
    files = export_pack(_pack(*tagged), tagged, form=form, folder=tmp_path)
    written = "".join(file.read_text(encoding="utf-8") for file in files)
    assert "[[skill" not in written and "Carry the ten." in written and "One more than one." in written


def test_another_form_is_refused(tmp_path):
    with pytest.raises(BadSetting, match=", ".join(FORMS)):
        export_pack(PACK, LESSONS, form="pickle", folder=tmp_path)


def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(PackError, match="cannot be exported"):
        export_pack(PACK, LESSONS, form="prompt", folder=tmp_path / "file")

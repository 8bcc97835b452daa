"""A model as student: its lessons become its prompt, and a cut-off answer is not a wrong one."""

from __future__ import annotations

from tutorkit.models import AccountedGateway, Gateway, ScriptedProvider, ScriptedReply
from tutorkit.prompting import PromptLibrary
from tutorkit.students.model import ModelStudent
from tutorkit.types import Choice, Lesson, Question

WORKED = {"problem": "What is 1 + 1?", "solution": "1 + 1 = 2", "answer": "2"}
DEMO = Lesson(id="d", run_id="r", kind="demo", text="Problem: …", data=WORKED)
RULE = Lesson(id="p", run_id="r", kind="principle", text="Carry the ten.")
INSTRUCTION = Lesson(id="i", run_id="r", kind="instruction", text="Add column by column.")
QUESTION = Question(id="q", text="Which is larger?", choices=(Choice(label="A", text="2"), Choice(label="B", text="3")))


async def answered(tmp_path, *lessons: Lesson, reply: ScriptedReply | None = None):
    provider = ScriptedProvider([reply or ScriptedReply(text="3 is larger.\n\nAnswer: B")])
    async with Gateway(cache=tmp_path / "c.sqlite", adapters={"scripted": provider}) as gateway:
        student = ModelStudent(
            ref="scripted/student",
            chat=AccountedGateway(gateway),
            prompts=PromptLibrary(),
            description="Comparisons.",
            answer_format='End with "Answer: " and the letter.',
            options={"temperature": 0.0},
        )
        answer = await student.answer(QUESTION, lessons)
    return answer, [(message.role, message.content) for message in answer.calls[0].messages]


async def test_untaught_it_is_told_the_task_and_the_question(tmp_path):
    answer, messages = await answered(tmp_path)
    assert messages == [
        ("system", 'Comparisons.\n\nEnd with "Answer: " and the letter.'),
        ("user", "Which is larger?\nOptions:\n(A) 2\n(B) 3"),
    ]
    assert (
        answer.steps == ("3 is larger.", "Answer: B") and answer.raw == "3 is larger.\n\nAnswer: B" and answer.finished
    )
    assert (answer.calls[0].role, answer.calls[0].about) == ("student", ("q",))


async def test_lessons_become_instruction_rules_and_earlier_turns(tmp_path):
    _, messages = await answered(tmp_path, INSTRUCTION, RULE, DEMO)
    roles = [role for role, _ in messages]
    assert roles == ["system", "user", "assistant", "user"]
    assert "Add column by column.\n\nRules:\n- Carry the ten.\n" in messages[0][1]
    assert messages[1][1] == "What is 1 + 1?" and messages[2][1] == "1 + 1 = 2\nAnswer: 2"


async def test_tags_for_simulated_students_are_not_shown_to_a_model(tmp_path):
    tagged = [
        lesson.model_copy(update={"text": f"{lesson.text} [[skill:carry]] [[skill:sign]]"})
        for lesson in (INSTRUCTION, RULE)
    ]
    shown = DEMO.model_copy(update={"data": {**WORKED, "solution": "1 + 1 = 2 [[skill:carry]]"}})
    _, messages = await answered(tmp_path / "a", *tagged, shown)
    _, plain = await answered(tmp_path / "b", INSTRUCTION, RULE, DEMO)
    assert messages == plain


async def test_an_answer_that_hit_the_limit_is_not_finished(tmp_path):
    answer, _ = await answered(tmp_path, reply=ScriptedReply(text="First we", finish_reason="length"))
    assert not answer.finished and answer.calls[0].outcome == "truncated"

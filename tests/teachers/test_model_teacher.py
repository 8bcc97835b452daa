"""A model as teacher: the prompt of the purpose, a validated reply, and every try on the record."""

from __future__ import annotations

import json

import pytest

from tutorkit.errors import UnusableOutput
from tutorkit.methods._tpd.principles import Principles
from tutorkit.models import AccountedGateway, Gateway, ScriptedProvider, ScriptedReply
from tutorkit.ports import Ask
from tutorkit.prompting import PromptLibrary
from tutorkit.teachers.model import ModelTeacher

ABOUT = {"problem": "What is 27 + 15?", "gold": "42", "answer": "32", "evidence": "It is 32."}
ERRORS = [{"id": "E1", **ABOUT, "summary": "The ten was not carried.", "cause": "carry", "skill": None}]
ASK = Ask(
    prompt_id="tpd/generate_principles",
    inputs={"task": {"name": "t", "description": "Sums.", "answer_format": "f"}, "errors": ERRORS, "principles": []},
    schema=Principles,
    about=("attempt-1",),
)
GOOD = json.dumps({"principles": [{"text": "Carry the ten.", "covers_error_ids": ["E1"], "skill": None}]})


async def teach(tmp_path, *replies: str):
    provider = ScriptedProvider([ScriptedReply(text=reply) for reply in replies])
    async with Gateway(cache=tmp_path / "c.sqlite", adapters={"scripted": provider}) as gateway:
        teacher = ModelTeacher(
            ref="scripted/teacher",
            chat=AccountedGateway(gateway),
            prompts=PromptLibrary(),
            options={"temperature": 0.0},
        )
        return await teacher.call(ASK)


async def test_the_reply_is_a_value_of_the_schema_and_the_call_is_on_the_record(tmp_path):
    reply = await teach(tmp_path, GOOD)
    assert reply.value.principles[0].text == "Carry the ten."
    (call,) = reply.calls
    prompt = PromptLibrary().get("tpd/generate_principles")
    assert (call.role, call.purpose, call.prompt_digest) == ("teacher", "generate_principles", prompt.digest)
    assert call.about == ("attempt-1",) and "<data>The ten was not carried.</data>" in call.messages[-1].content
    assert call.reply == GOOD and call.outcome == "ok"


async def test_a_broken_reply_is_asked_for_again_and_both_tries_are_kept(tmp_path):
    reply = await teach(tmp_path, '{"principles": [{"text": 3}]}', f"Sorry:\n```json\n{GOOD}\n```")
    assert [call.outcome for call in reply.calls] == ["invalid", "ok"]
    assert [call.attempt for call in reply.calls] == [0, 1]


async def test_three_broken_replies_are_an_unusable_output_with_all_of_them(tmp_path):
    with pytest.raises(UnusableOutput) as caught:
        await teach(tmp_path, "no", "{}", '{"principles": 1}')
    assert [call.reply for call in caught.value.calls] == ["no", "{}", '{"principles": 1}']
    assert len(caught.value.data["attempts"]) == 3

"""Participants that do as they are told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tutorkit.canonical import stable_id
from tutorkit.ports import Answer, Ask, Reply
from tutorkit.types import Call


def call(role: str, purpose: str, *parts: object) -> Call:
    """Make a record of a call that cost nothing."""
    return Call(
        id=stable_id("call", purpose, *parts),
        role=role,
        purpose=purpose,
        model="scripted",
        prompt_id=f"toy/{purpose}",
        prompt_digest="0",
        messages=(),
        reply="",
        key=stable_id("key", purpose, *parts),
        cost_usd=0.0,
        tokens_in=0,
        tokens_out=0,
    )


@dataclass
class ScriptedTeacher:
    """Replies to each purpose with what the script makes of the inputs, and remembers what it was asked."""

    script: Mapping[str, Callable[[Mapping], Mapping]]
    ref: str = "scripted"
    diagnoses_as: str = "rule"
    asked: list[Ask] = field(default_factory=list)

    async def call(self, ask: Ask) -> Reply:
        self.asked.append(ask)
        value = ask.schema.model_validate(self.script[ask.purpose](ask.inputs))
        return Reply(value=value, calls=(call("teacher", ask.purpose, dict(ask.inputs), list(ask.about)),))


def never_teaches() -> ScriptedTeacher:
    return ScriptedTeacher({})


@dataclass
class SilentStudent:
    """Says the same to everything, and remembers what it was shown."""

    says: str = "I do not know."
    ref: str = "silent"
    shown: list = field(default_factory=list)

    async def answer(self, question, lessons, *, sample=0) -> Answer:
        self.shown.append((question, tuple(lessons)))
        record = call("student", "answer", question.id, [lesson.id for lesson in lessons], sample)
        return Answer(raw=self.says, steps=(self.says,), calls=(record,))

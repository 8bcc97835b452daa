"""The record of a call to a student that is a program: as honest as a model's, and free."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import JsonValue

from tutorkit.canonical import digest, stable_id
from tutorkit.ports import Ask, SchemaT
from tutorkit.types import Call, Lesson, Message, Question


def call_of(
    ref: str,
    key: str,
    *,
    purpose: str,
    prompt_id: str,
    prompt_digest: str,
    messages: Sequence[Message],
    reply: str,
    about: tuple[str, ...],
    sample: int,
    named: Sequence[JsonValue] = (),
) -> Call:
    """Make the record of a reply.

    Args:
        ref: the student.
        key: tells apart what may be replied to differently.
        purpose: what was asked for.
        prompt_id: the prompt, or what stands for one.
        prompt_digest: its digest.
        messages: what the student was shown.
        reply: what it said.
        about: ids of what it was about.
        sample: the number of the sample.
        named: what the record's id is made of besides the key.
    """
    return Call(
        id=stable_id("call", key, *named),
        role="student",
        purpose=purpose,
        model=ref,
        model_served=ref,
        prompt_id=prompt_id,
        prompt_digest=prompt_digest,
        messages=tuple(messages),
        reply=reply,
        key=key,
        sample=sample,
        tokens_in=0,
        tokens_out=0,
        cost_usd=0.0,
        about=about,
    )


def call_of_ask(ref: str, ask: Ask[SchemaT], reply: str) -> Call:
    """Make the record of a reply to anything but a question."""
    return call_of(
        ref,
        digest([ref, ask.prompt_id, dict(ask.inputs), ask.sample]),
        purpose=ask.purpose,
        prompt_id=ask.prompt_id,
        prompt_digest=digest([ref, ask.prompt_id]),
        messages=(),
        reply=reply,
        about=ask.about,
        sample=ask.sample,
        named=[list(ask.about)],
    )


def call_of_question(
    ref: str, key: str, question: Question, lessons: Sequence[Lesson], *, begun: Sequence[str], reply: str, sample: int
) -> Call:
    """Make the record of a reply to a question, and to the steps that were given after it."""
    return call_of(
        ref,
        key,
        purpose="go_on" if begun else "answer",
        prompt_id="student/sim",
        prompt_digest=digest([ref, question.model_dump()]),
        messages=shown(lessons, "\n".join((question.text, *begun))),
        reply=reply,
        about=(question.id,),
        sample=sample,
    )


def shown(lessons: Sequence[Lesson], asked: str) -> tuple[Message, ...]:
    """Return what a student that is a program was shown, as messages."""
    return (
        *(Message(role="system", content=lesson.text) for lesson in lessons),
        Message(role="user", content=asked),
    )

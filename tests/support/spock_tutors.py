"""Teachers that reply what a test gives them, and remember what they were asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tutorkit.errors import UnusableOutput
from tutorkit.ports import Ask, Reply, SchemaT
from tutorkit.prompting import PromptLibrary, request_of
from tutorkit.types import Call


def call(name: str) -> Call:
    return Call(
        id=name,
        role="teacher",
        purpose="turn",
        model="m",
        prompt_id="p",
        prompt_digest="d",
        messages=(),
        reply="",
        key=name,
    )


@dataclass
class ScriptedTutor:
    """Gives one reply after the other; None is for no usable output. Every ask is rendered, so that it is one."""

    replies: Sequence[dict[str, Any] | None]
    ref: str = "scripted"
    diagnoses_as: str = "llm"
    asked: list[Ask[Any]] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)

    async def call(self, ask: Ask[SchemaT]) -> Reply[SchemaT]:
        request, _ = request_of(ask, PromptLibrary(), model=self.ref, options={})
        self.shown.append("\n".join(message.content for message in request.messages))
        self.asked.append(ask)
        number = len(self.asked)
        given = self.replies[number - 1]
        made = call(f"c{number}")
        if given is None:
            raise UnusableOutput("Nothing fitted.", data={"calls": (made,)})
        return Reply(value=ask.schema.model_validate(given), calls=(made,))

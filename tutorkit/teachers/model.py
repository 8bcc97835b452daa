"""A language model as teacher: the prompt of the purpose, filled in, and a reply of its schema."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import JsonValue

from tutorkit.ports import AccountedChat, Answer, Ask, Reply, SchemaT
from tutorkit.prompting import PromptLibrary, request_as_it_is, request_of
from tutorkit.types import Message, Role


@dataclass(frozen=True, kw_only=True)
class ModelTeacher:
    """A model behind the gateway.

    ``ref`` is the model's name, ``provider/model``; ``options`` are sampling options as in ``ChatRequest``.
    """

    ref: str
    chat: AccountedChat
    prompts: PromptLibrary
    options: Mapping[str, JsonValue]
    diagnoses_as: Literal["rule", "llm", "human"] = "llm"

    async def call(self, ask: Ask[SchemaT]) -> Reply[SchemaT]:
        """Render the prompt, ask the model, return the validated reply with its calls."""
        request, context = request_of(ask, self.prompts, model=self.ref, options=self.options)
        return await self.chat.structured(request, ask.schema, context)

    async def say(
        self,
        messages: Sequence[Message],
        *,
        role: Role,
        purpose: str,
        options: Mapping[str, JsonValue],
        sample: int = 0,
    ) -> Answer:
        """Reply to messages as they are."""
        together = {**self.options, **options}
        request, context = request_as_it_is(
            messages, model=self.ref, options=together, role=role, purpose=purpose, sample=sample
        )
        reply, calls = await self.chat.text(request, context)
        return Answer(raw=reply.text, finished=reply.finish_reason != "length", calls=calls)

"""A language model as teacher: the prompt of the purpose, filled in, and a reply of its schema."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import JsonValue

from tutorkit.canonical import digest
from tutorkit.ports import AccountedChat, Answer, Ask, CallContext, ChatRequest, Reply, SchemaT
from tutorkit.prompting import PromptLibrary
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
        prompt = self.prompts.get(ask.prompt_id).render(ask.inputs)
        request = ChatRequest(model=self.ref, messages=prompt.messages, options=self.options, sample=ask.sample)
        context = CallContext(
            role=ask.role,
            purpose=ask.purpose,
            prompt_id=prompt.prompt_id,
            prompt_digest=prompt.digest,
            about=ask.about,
        )
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
        request = ChatRequest(
            model=self.ref, messages=tuple(messages), options={**self.options, **options}, sample=sample
        )
        said = digest([message.model_dump() for message in messages])
        context = CallContext(role=role, purpose=purpose, prompt_id=f"program/{purpose}", prompt_digest=said)
        reply, calls = await self.chat.text(request, context)
        return Answer(raw=reply.text, finished=reply.finish_reason != "length", calls=calls)

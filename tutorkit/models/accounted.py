"""The gateway for those who keep accounts: every answer comes with the records of all its tries."""

from __future__ import annotations

from dataclasses import dataclass

from tutorkit.models.records import complete_recorded
from tutorkit.models.structured import ask_structured
from tutorkit.ports import CallContext, Chat, ChatReply, ChatRequest, Reply, SchemaT
from tutorkit.types import Call


@dataclass(frozen=True)
class AccountedGateway:
    """Implements ``ports.AccountedChat`` over a chat model, as a rule the gateway."""

    chat: Chat

    async def text(self, request: ChatRequest, context: CallContext) -> tuple[ChatReply, tuple[Call, ...]]:
        """Answer in free text."""
        return await complete_recorded(self.chat, request, context)

    async def structured(self, request: ChatRequest, schema: type[SchemaT], context: CallContext) -> Reply[SchemaT]:
        """Answer with a value of the schema, asking again where the reply does not fit."""
        return await ask_structured(self.chat, request, schema, context)

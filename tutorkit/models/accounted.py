"""The gateway for those who keep accounts: every answer comes with the records of all its tries."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from tutorkit.models.records import complete_recorded
from tutorkit.models.structured import Refusal, ask_structured
from tutorkit.ports import CallContext, Chat, ChatReply, ChatRequest, Reply, SchemaT
from tutorkit.types import Call


@dataclass(frozen=True)
class AccountedGateway:
    """Implements ``ports.AccountedChat`` over a chat model, as a rule the gateway.

    It remembers which model refused which schema, and asks that one in words from then on.
    """

    chat: Chat
    _refused: set[Refusal] = field(default_factory=set, init=False, repr=False, compare=False)

    async def text(
        self, request: ChatRequest, context: CallContext, *, hear: Callable[[str], None] | None = None
    ) -> tuple[ChatReply, tuple[Call, ...]]:
        """Answer in free text, told piece by piece where somebody listens."""
        return await complete_recorded(self.chat, request, context, hear=hear)

    async def structured(self, request: ChatRequest, schema: type[SchemaT], context: CallContext) -> Reply[SchemaT]:
        """Answer with a value of the schema, asking again where the reply does not fit."""
        return await ask_structured(self.chat, request, schema, context, refused=self._refused)

"""A person who taught once, and whose replies were recorded: nobody is asked again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from tutorkit.ports import Ask, Reply, SchemaT
from tutorkit.prompting import PromptLibrary
from tutorkit.teachers.inbox import ReadReply
from tutorkit.teachers.records import own_call
from tutorkit.types import Call


@dataclass(frozen=True, kw_only=True)
class RecordedPerson:
    """Gives the replies that stood in an inbox when a run was made; the folder itself is neither read nor written.

    ``reply_to`` finds the text of a reply by its call, whose own reply is still empty; it raises a ReplayMiss for a
    request that was never answered.
    """

    ref: str
    prompts: PromptLibrary
    read: ReadReply
    reply_to: Callable[[Call], str]
    diagnoses_as: Literal["rule", "llm", "human"] = "human"

    async def call(self, ask: Ask[SchemaT]) -> Reply[SchemaT]:
        """Return the recorded reply to a request.

        Raises:
            ReplayMiss: when this request was never answered.
            UnusableOutput: when the reply does not fit the schema any more.
        """
        asked = own_call(ask, "", ref=self.ref, prompts=self.prompts)
        text = self.reply_to(asked)
        return Reply(value=self.read(text, ask.schema), calls=(asked.model_copy(update={"reply": text}),))

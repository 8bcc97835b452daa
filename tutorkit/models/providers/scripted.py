"""A provider for tests and demonstrations: it says what a script says, and needs neither key nor network."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from tutorkit.errors import ModelError, ProviderFailed
from tutorkit.models.capabilities import capabilities
from tutorkit.models.names import parse_model
from tutorkit.models.providers.base import Hear, Parsed, Sent
from tutorkit.models.providers.chat_wire import chat_body, read_chat
from tutorkit.ports import ChatRequest, FinishReason


@dataclass(frozen=True, kw_only=True)
class ScriptedReply:
    """One reply of a script. ``tokens_in`` and ``tokens_out`` are counted as words when left out."""

    text: str
    finish_reason: FinishReason = "stop"
    tokens_in: int | None = None
    tokens_out: int | None = None


Line = str | ScriptedReply | ModelError
Script = Iterable[Line] | Callable[[Mapping[str, JsonValue]], Line]


class ScriptedProvider:
    """Plays a script: a queue of lines, or a function of the request's body. A line that is an error is raised.

    ``seen`` holds the bodies of all requests, in order.
    """

    name = "scripted"
    base_url = "http://localhost/scripted"
    own_address = True
    account = None

    def __init__(self, script: Script) -> None:
        self.seen: list[Mapping[str, JsonValue]] = []
        if callable(script):
            self._next = script
        else:
            self._queue = deque(script)
            self._next = self._from_queue

    def body(self, request: ChatRequest) -> dict[str, JsonValue]:
        """Return the request's body in the form of a chat completion."""
        return chat_body(request, model=parse_model(request.model).name, can=capabilities(request.model))

    def check(self, model: str) -> None:
        """A script is always ready."""

    async def send(self, body: Mapping[str, JsonValue], *, hear: Hear | None = None) -> Sent:
        """Play the next line.

        Raises:
            ModelError: when the line is one, or the script has ended.
        """
        self.seen.append(body)
        line = self._next(body)
        if isinstance(line, ModelError):
            raise line
        reply = ScriptedReply(text=line) if isinstance(line, str) else line
        refused = reply.finish_reason == "refusal"
        if hear is not None:
            for word in re.findall(r"\s*\S+|\s+$", reply.text):
                hear(word)
        payload: JsonValue = {
            "model": body["model"],
            "choices": [
                {
                    "finish_reason": "stop" if refused else reply.finish_reason,
                    "message": {"content": reply.text, "refusal": reply.text if refused else None},
                }
            ],
            "usage": {
                "prompt_tokens": _words(body["messages"]) if reply.tokens_in is None else reply.tokens_in,
                "completion_tokens": len(reply.text.split()) if reply.tokens_out is None else reply.tokens_out,
            },
        }
        return Sent(payload)

    def read(self, payload: JsonValue) -> Parsed:
        """Read a raw reply."""
        return read_chat(payload, model="scripted")

    def batches(self) -> None:
        """There is no batch API here."""

    async def aclose(self) -> None:
        """Nothing is open."""

    def _from_queue(self, body: Mapping[str, JsonValue]) -> Line:
        if not self._queue:
            return ProviderFailed(
                "The script has no more lines.", remedy="Give the script as many lines as there are calls."
            )
        return self._queue.popleft()


def _words(messages: JsonValue) -> int:
    contents = (
        [message.get("content") for message in messages if isinstance(message, dict)]
        if isinstance(messages, list)
        else []
    )
    return sum(len(content.split()) for content in contents if isinstance(content, str))

"""OpenAI's chat-completions protocol as a server speaks it: what may be asked, and how replies and errors are written.

Source: OpenAI's API reference, chat completions, streaming and errors, as of 2026.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from tutorkit.errors import (
    BudgetExhausted,
    ModelError,
    RateLimited,
    Refused,
    RequestRejected,
    TooLong,
    TutorkitError,
    Unreachable,
)
from tutorkit.ports import ChatReply, FinishReason
from tutorkit.types import Message

_OPTIONS = (
    "temperature",
    "top_p",
    "max_tokens",
    "max_completion_tokens",
    "seed",
    "stop",
    "presence_penalty",
    "frequency_penalty",
)
_HARMLESS = frozenset({"user", "metadata", "store", "service_tier", "safety_identifier", "prompt_cache_key"})
_FINISH: Mapping[FinishReason, str] = {
    "stop": "stop",
    "length": "length",
    "refusal": "stop",
    "content_filter": "content_filter",
    "other": "stop",
}
_STATUS: tuple[tuple[type[TutorkitError], int, str], ...] = (
    (BudgetExhausted, 429, "insufficient_quota"),
    (RateLimited, 429, "rate_limit_exceeded"),
    (TooLong, 400, "context_length_exceeded"),
    (RequestRejected, 400, "invalid_request"),
    (Refused, 400, "content_filter"),
    (Unreachable, 502, "unreachable"),
    (ModelError, 502, "model_failed"),
)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A request that can be answered: the conversation, sampling options, and how the reply is to travel."""

    model: str
    messages: tuple[Message, ...]
    options: Mapping[str, JsonValue] = field(default_factory=dict)
    stream: bool = False
    usage: bool = False


class NotAsked(Exception):
    """A request that cannot be answered: what is wrong with it, with which field, and the HTTP status."""

    def __init__(self, message: str, *, param: str | None = None, status: int = 400, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.param = param
        self.status = status
        self.code = code


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore")

    type: str
    text: str = ""


class _Turn(BaseModel):
    model_config = ConfigDict(extra="ignore")

    role: str
    content: str | list[_Part] | None = None


class _StreamOptions(BaseModel):
    model_config = ConfigDict(extra="ignore")

    include_usage: bool = False


class _Body(BaseModel):
    model_config = ConfigDict(extra="allow")

    model: str
    messages: list[_Turn] = Field(min_length=1)
    stream: bool | None = None
    stream_options: _StreamOptions | None = None
    n: int | None = None
    response_format: dict[str, JsonValue] | None = None


def read_request(body: JsonValue) -> Asked:
    """Read a request's body.

    Raises:
        NotAsked: naming the field that is wrong, or that asks for something that a taught student does not do: nothing
            that was asked for is silently left out.
    """
    try:
        read = _Body.model_validate(body)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise NotAsked(f"{where or 'the body'}: {first['msg']}", param=where or None) from error
    extra = read.model_extra or {}
    for name, value in extra.items():
        if value is not None and name not in _OPTIONS and name not in _HARMLESS:
            raise NotAsked(f"A taught student takes no {name}.", param=name)
    if read.n not in (None, 1):
        raise NotAsked("One answer is given; ask again for another.", param="n")
    if read.response_format is not None and read.response_format.get("type") != "text":
        raise NotAsked("A taught student answers in text.", param="response_format")
    return Asked(
        model=read.model,
        messages=tuple(_message(place, turn) for place, turn in enumerate(read.messages)),
        options={name: value for name in _OPTIONS if (value := extra.get(name)) is not None},
        stream=bool(read.stream),
        usage=read.stream_options is not None and read.stream_options.include_usage,
    )


def _message(place: int, turn: _Turn) -> Message:
    content = turn.content
    if isinstance(content, list):
        if strange := next((part.type for part in content if part.type != "text"), None):
            raise NotAsked(f"A taught student reads text, no {strange}.", param=f"messages.{place}.content")
        content = "".join(part.text for part in content)
    match turn.role:
        case "system" | "developer":
            return Message(role="system", content=content or "")
        case "user":
            return Message(role="user", content=content or "")
        case "assistant":
            return Message(role="assistant", content=content or "")
        case unknown:
            raise NotAsked(f"A message cannot have the role {unknown}.", param=f"messages.{place}.role")


@dataclass(frozen=True, kw_only=True)
class Head:
    """What every part of one reply says: the model's name, the reply's id, and when it was made, since the epoch."""

    name: str
    number: str
    created: int


def completion(reply: ChatReply, head: Head) -> dict[str, JsonValue]:
    """Write a whole reply."""
    message: dict[str, JsonValue] = {"role": "assistant", "content": reply.text}
    choice: dict[str, JsonValue] = {"index": 0, "message": message, "finish_reason": _FINISH[reply.finish_reason]}
    return {**_part(head, "chat.completion"), "choices": [choice], "usage": _usage(reply)}


def chunk(delta: Mapping[str, JsonValue], head: Head, *, finish: FinishReason | None = None) -> dict[str, JsonValue]:
    """Write one piece of a streamed reply; the last one says why it ended."""
    ended = None if finish is None else _FINISH[finish]
    choice: dict[str, JsonValue] = {"index": 0, "delta": {**delta}, "finish_reason": ended}
    return {**_part(head, "chat.completion.chunk"), "choices": [choice]}


def usage_chunk(reply: ChatReply, head: Head) -> dict[str, JsonValue]:
    """Write the chunk that tells what a streamed reply took; it has no choices."""
    return {**_part(head, "chat.completion.chunk"), "choices": [], "usage": _usage(reply)}


def _part(head: Head, kind: str) -> dict[str, JsonValue]:
    return {"id": head.number, "object": kind, "created": head.created, "model": head.name}


def error_body(message: str, *, code: str | None, param: str | None = None) -> dict[str, JsonValue]:
    """Write an error as OpenAI's clients read it."""
    kind = "insufficient_quota" if code == "insufficient_quota" else "invalid_request_error"
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


def status_of(error: TutorkitError) -> tuple[int, str]:
    """Return the HTTP status and the code of an error of ours."""
    return next(((status, code) for kind, status, code in _STATUS if isinstance(error, kind)), (500, error.code))


def _usage(reply: ChatReply) -> dict[str, JsonValue] | None:
    if reply.tokens_in is None or reply.tokens_out is None:
        return None
    return {
        "prompt_tokens": reply.tokens_in,
        "completion_tokens": reply.tokens_out,
        "total_tokens": reply.tokens_in + reply.tokens_out,
    }

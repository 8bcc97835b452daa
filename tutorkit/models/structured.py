"""Structured answers: ask in the model's best way, repair the form for free, ask again at most twice, then give up."""

from __future__ import annotations

import json
import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from string import Template
from typing import Generic, Literal

from pydantic import BaseModel, JsonValue, ValidationError

from tutorkit.errors import ModelError, Refused, ReplayMiss, RequestRejected, Truncated, TutorkitError, UnusableOutput
from tutorkit.models.capabilities import capabilities
from tutorkit.models.records import error_records, reply_records, with_calls
from tutorkit.models.repair import NotJson, read_json
from tutorkit.models.schema import NotStrict, strict_schema
from tutorkit.ports import CallContext, Chat, ChatReply, ChatRequest, Reply, SchemaT
from tutorkit.types import Call, Message

RE_ASKS = 2

_PROBLEMS_SHOWN = 10
_TILDES = re.compile(r"~{3,}")
_ABOUT_SCHEMAS = re.compile(
    r"response.?format|json.?schema|structured.?output|output.?(config|format)|\btools?\b|tool.?choice|function.?call"
    r"|grammar|guided",
    re.IGNORECASE,
)

Refusal = tuple[str, type[BaseModel]]
"""A model, and a schema that its server did not take."""


async def ask_structured(
    chat: Chat,
    request: ChatRequest,
    schema: type[SchemaT],
    context: CallContext,
    *,
    mode: Literal["schema", "fenced"] | None = None,
    re_asks: int = RE_ASKS,
    refused: set[Refusal] | None = None,
) -> Reply[SchemaT]:
    """Answer a request with a value of the schema, and the record of every call that it took.

    The schema goes along natively or as a tool where the model's row in the capability table says so, and else as words
    with a code fence; also as words when the server refuses it. A reply is repaired where that needs no guessing, then
    checked by Pydantic, as strictly as the schema says. A reply that fails goes back to the model, quoted, with what is
    wrong.

    Args:
        chat: who is asked.
        request: the question; it has no schema of its own yet.
        schema: what the answer must be.
        context: what the calls are for.
        mode: ``schema`` or ``fenced`` in place of the table's choice.
        re_asks: how often it is asked again.
        refused: which models have refused which schemas; asked in words at once, and added to.

    Raises:
        UnusableOutput: when no reply fitted; ``data['attempts']`` holds each reply and what was wrong with it.
        Refused: when the model or its filter declined.
        Truncated: when a reply hit the token limit.
        TutorkitError: what ``chat.complete`` raises.
            Each of them has the records of all calls made in ``data['calls']``.
    """
    known = set() if refused is None else refused
    calls: list[Call] = []
    attempts: list[dict[str, str]] = []
    asked, reply = await _ask_first(chat, _ways(request, schema, mode, known), context, calls)
    if asked.response_schema is None:
        known.add((request.model, schema))
    first_words = asked.messages
    for attempt in range(re_asks + 1):
        if attempt:
            asked = replace(asked, messages=_re_ask(first_words, reply.text, attempts[-1]["error"], schema))
            reply = await _complete(chat, asked, context, calls, attempt=attempt)
        read = _read(reply, schema)
        calls += reply_records(context, asked, reply, attempt=attempt, error=read.problem)
        if read.value is not None:
            return Reply(value=read.value, calls=tuple(calls))
        _stop_if_ended_early(request.model, reply, calls)
        attempts.append({"reply": reply.text, "error": read.problem or ""})
    raise UnusableOutput(
        f"{request.model} gave no usable {schema.__name__} in {len(attempts)} replies; of the last:"
        f" {attempts[-1]['error']}",
        data={"attempts": tuple(attempts), "calls": tuple(calls)},
    )


async def _ask_first(
    chat: Chat, ways: Iterable[ChatRequest], context: CallContext, calls: list[Call]
) -> tuple[ChatRequest, ChatReply]:
    """Ask in the first way that the server takes, or in a replay in the one that was recorded: no cache holds refusals.

    Returns the way that was taken, and the reply. The records of refusals are added to ``calls``.
    """
    failures: list[ModelError] = []
    for way in ways:
        try:
            return way, await _complete(chat, way, context, calls)
        except ReplayMiss as error:
            failures.append(error)
        except RequestRejected as error:
            if not _refuses_schema(error, way):
                raise
            failures.append(error)
            calls += error_records(context, way, error)
    raise failures[0]


async def _complete(
    chat: Chat, asked: ChatRequest, context: CallContext, calls: Sequence[Call], *, attempt: int = 0
) -> ChatReply:
    try:
        return await chat.complete(asked)
    except TutorkitError as error:
        raise with_calls(error, [*calls, *error_records(context, asked, error, attempt=attempt)]) from error


def _refuses_schema(error: RequestRejected, asked: ChatRequest) -> bool:
    """Tell whether a refusal is about the schema: the provider's words name the field in which it was sent."""
    words = error.message.removeprefix(str(error.data.get("model", "")))
    return asked.response_schema is not None and _ABOUT_SCHEMAS.search(words) is not None


def read_reply(text: str, schema: type[SchemaT]) -> SchemaT:
    """Read a text as a value of the schema, with the same repairs as a model's reply gets.

    Raises:
        UnusableOutput: saying what does not fit.
    """
    read = _read_text(text, schema)
    if read.value is None:
        problem = read.problem or ""
        raise UnusableOutput(problem, data={"attempts": ({"reply": text, "error": problem},)})
    return read.value


@dataclass(frozen=True, kw_only=True)
class _Read(Generic[SchemaT]):
    """A reply, read: its value, or what is wrong with it."""

    value: SchemaT | None = None
    problem: str | None = None


def _read(reply: ChatReply, schema: type[SchemaT]) -> _Read[SchemaT]:
    if reply.finish_reason in ("refusal", "content_filter"):
        return _Read(problem="The model declined to answer.")
    return _read_text(reply.text, schema)


def _read_text(text: str, schema: type[SchemaT]) -> _Read[SchemaT]:
    try:
        return _Read(value=schema.model_validate_json(json.dumps(read_json(text))))
    except NotJson as error:
        return _Read(problem=str(error))
    except ValidationError as error:
        return _Read(problem=_problems(error))


def _problems(error: ValidationError) -> str:
    found = error.errors(include_url=False, include_context=False, include_input=False)
    lines = [f"- {_path(each['loc'])}: {each['msg']}" for each in found[:_PROBLEMS_SHOWN]]
    if len(found) > _PROBLEMS_SHOWN:
        lines.append(f"- and {len(found) - _PROBLEMS_SHOWN} more")
    return "\n".join(lines)


def _path(location: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in location) or "the whole object"


def _stop_if_ended_early(model: str, reply: ChatReply, calls: list[Call]) -> None:
    """A refusal is an answer, and a cut reply would be cut again: neither is asked for once more."""
    data: dict[str, object] = {"model": model, "calls": tuple(calls), "text": reply.text}
    if reply.finish_reason in ("refusal", "content_filter"):
        raise Refused(f"{model} declined to answer.", data=data)
    if reply.finish_reason == "length":
        raise Truncated(f"{model} hit the token limit before its answer was complete.", data=data)


def _ways(
    request: ChatRequest, schema: type[SchemaT], mode: Literal["schema", "fenced"] | None, refused: Container[Refusal]
) -> Iterator[ChatRequest]:
    """Make the ways in which the schema can go along, one after another, the one to try first before the others."""
    beside = _beside(request, schema, mode)
    words_first = beside is None or (request.model, schema) in refused
    if beside is not None and not words_first:
        yield beside
    if mode != "schema":
        yield replace(request, messages=_add_words(request.messages, _wording("fenced", schema=_schema_text(schema))))
    if beside is not None and words_first:
        yield beside


def _beside(
    request: ChatRequest, schema: type[SchemaT], mode: Literal["schema", "fenced"] | None
) -> ChatRequest | None:
    """Return the request with its schema beside the messages, or None where that is not the way."""
    if mode == "fenced" or (mode is None and capabilities(request.model).structure == "fenced"):
        return None
    try:
        return replace(request, response_schema=strict_schema(schema), schema_name=schema.__name__)
    except NotStrict:
        if mode == "schema":
            raise
        return None


def _re_ask(messages: tuple[Message, ...], text: str, problems: str, schema: type[SchemaT]) -> tuple[Message, ...]:
    words = _wording("reask", quoted=_quoted(text), problems=problems, schema=_schema_text(schema))
    return _add_words(messages, words)


def _add_words(messages: tuple[Message, ...], words: str) -> tuple[Message, ...]:
    """Add words to the last turn of the user's: many chat templates refuse two of them in a row."""
    if messages and messages[-1].role == "user":
        last = Message(role="user", content=f"{messages[-1].content}\n\n{words}")
        return (*messages[:-1], last)
    return (*messages, Message(role="user", content=words))


def _quoted(text: str) -> str:
    """Put a text between lines of tildes, more of them than it has itself anywhere: it cannot end its own quotation."""
    longest = max((len(run) for run in _TILDES.findall(text)), default=3)
    line = "~" * (longest + 1)
    return f"{line}\n{text}\n{line}"


def _schema_text(schema: type[SchemaT]) -> str:
    shown: Mapping[str, JsonValue] = schema.model_json_schema()
    return json.dumps(shown, ensure_ascii=False)


def _wording(name: str, **values: str) -> str:
    template = files("tutorkit.models").joinpath("wording", f"{name}.md").read_text(encoding="utf-8")
    return Template(template).substitute(values).strip()

"""Structured answers: ask in the model's best way, repair the form for free, ask again at most twice, then give up."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.resources import files
from string import Template
from typing import Generic, Literal

from pydantic import JsonValue, ValidationError

from tutorkit.errors import Refused, Truncated, TutorkitError, UnusableOutput
from tutorkit.models.capabilities import capabilities
from tutorkit.models.records import error_records, reply_records, with_calls
from tutorkit.models.repair import NotJson, read_json
from tutorkit.models.schema import NotStrict, strict_schema
from tutorkit.ports import CallContext, Chat, ChatReply, ChatRequest, Reply, SchemaT
from tutorkit.types import Call, Message

RE_ASKS = 2

_PROBLEMS_SHOWN = 10
_TILDES = re.compile(r"~{3,}")


async def ask_structured(
    chat: Chat,
    request: ChatRequest,
    schema: type[SchemaT],
    context: CallContext,
    *,
    mode: Literal["schema", "fenced"] | None = None,
    re_asks: int = RE_ASKS,
) -> Reply[SchemaT]:
    """Answer a request with a value of the schema, and the record of every call that it took.

    The schema goes along natively or as a tool where the model's row in the capability table says so, and else as words
    with a code fence. A reply is repaired where that needs no guessing, then checked by Pydantic, as strictly as the
    schema says. A reply that fails goes back to the model, quoted, with what is wrong.

    Args:
        chat: who is asked.
        request: the question; it has no schema of its own yet.
        schema: what the answer must be.
        context: what the calls are for.
        mode: ``schema`` or ``fenced`` in place of the table's choice.
        re_asks: how often it is asked again.

    Raises:
        UnusableOutput: when no reply fitted; ``data['attempts']`` holds each reply and what was wrong with it.
        Refused: when the model or its filter declined.
        Truncated: when a reply hit the token limit.
        TutorkitError: what ``chat.complete`` raises.
            Each of them has the records of all calls made in ``data['calls']``.
    """
    asked = _with_schema(request, schema, mode)
    first_words = asked.messages
    calls: list[Call] = []
    attempts: list[dict[str, str]] = []
    for attempt in range(re_asks + 1):
        try:
            reply = await chat.complete(asked)
        except TutorkitError as error:
            raise with_calls(error, [*calls, *error_records(context, asked, error, attempt=attempt)]) from error
        read = _read(reply, schema)
        calls += reply_records(context, asked, reply, attempt=attempt, error=read.problem)
        if read.value is not None:
            return Reply(value=read.value, calls=tuple(calls))
        _stop_if_ended_early(request.model, reply, calls)
        attempts.append({"reply": reply.text, "error": read.problem or ""})
        asked = replace(asked, messages=_re_ask(first_words, reply.text, read.problem or "", schema))
    raise UnusableOutput(
        f"{request.model} gave no usable {schema.__name__} in {len(attempts)} replies; of the last:"
        f" {attempts[-1]['error']}",
        data={"attempts": tuple(attempts), "calls": tuple(calls)},
    )


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


def _with_schema(request: ChatRequest, schema: type[SchemaT], mode: Literal["schema", "fenced"] | None) -> ChatRequest:
    fenced = mode == "fenced" or (mode is None and capabilities(request.model).structure == "fenced")
    if not fenced:
        try:
            return replace(request, response_schema=strict_schema(schema), schema_name=schema.__name__)
        except NotStrict:
            if mode == "schema":
                raise
    words = _wording("fenced", schema=_schema_text(schema))
    return replace(request, messages=_add_words(request.messages, words))


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

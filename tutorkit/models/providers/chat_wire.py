"""The chat-completions protocol: OpenAI's, and by now that of most other servers."""

from __future__ import annotations

import re
from collections.abc import Mapping

from pydantic import JsonValue

from tutorkit.models.capabilities import SAMPLING_OPTIONS, Capabilities
from tutorkit.models.providers.base import Parsed
from tutorkit.models.providers.failures import not_the_protocol
from tutorkit.ports import ChatRequest, FinishReason

_FINISH: dict[object, FinishReason] = {
    "stop": "stop",
    "tool_calls": "stop",
    "function_call": "stop",
    "length": "length",
    "content_filter": "content_filter",
}


def chat_body(request: ChatRequest, *, model: str, can: Capabilities) -> dict[str, JsonValue]:
    """Return the body of a chat-completions request; options that the model does not take are left out."""
    body: dict[str, JsonValue] = {
        "model": model,
        "messages": [{"role": message.role, "content": message.content} for message in request.messages],
    }
    for name, value in request.options.items():
        if (name in SAMPLING_OPTIONS and not can.sampling) or (name == "seed" and not can.seed):
            continue
        body[can.output_limit if name == "max_tokens" else name] = value
    if request.response_schema is not None:
        body.update(_structure(request.schema_name, request.response_schema, can))
    return body


def read_chat(payload: JsonValue, *, model: str) -> Parsed:
    """Read a chat completion.

    Raises:
        ProviderFailed: when there is no choice in it; what the usage says was billed is in its data.
    """
    reply = mapping(payload)
    usage = mapping(reply.get("usage"))
    tokens_in, tokens_out = _count(usage, "prompt_tokens"), _count(usage, "completion_tokens")
    choices = reply.get("choices")
    if not isinstance(choices, list) or not choices:
        said = mapping(reply.get("error")).get("message")
        why = f"no choices ({said})" if said else "no choices"
        raise not_the_protocol(model=model, why=why, tokens_in=tokens_in, tokens_out=tokens_out)
    choice = mapping(choices[0])
    message = mapping(choice.get("message"))
    refusal = message.get("refusal")
    return Parsed(
        text=refusal if isinstance(refusal, str) and refusal else _text(message),
        model_served=str(reply.get("model") or model),
        finish_reason="refusal" if refusal else _FINISH.get(choice.get("finish_reason"), "other"),
        tokens_in=tokens_in,
        tokens_out=tokens_out,
    )


def content_text(content: JsonValue) -> str:
    """Return the text of a message's content: a string, or a list of parts some of which are text."""
    if isinstance(content, list):
        return "".join(str(mapping(part).get("text") or "") for part in content)
    return content if isinstance(content, str) else ""


def mapping(value: JsonValue) -> Mapping[str, JsonValue]:
    """Return a mapping as it is, and an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def safe_name(name: str) -> str:
    """Return a schema's name as the protocols take it: letters, digits, ``_`` and ``-``, at most 64 of them."""
    return re.sub(r"[^A-Za-z0-9_-]", "_", name)[:64] or "reply"


def _structure(name: str, schema: Mapping[str, JsonValue], can: Capabilities) -> dict[str, JsonValue]:
    shown = safe_name(name)
    if can.structure == "tool":
        return {
            "tools": [{"type": "function", "function": {"name": shown, "parameters": dict(schema)}}],
            "tool_choice": {"type": "function", "function": {"name": shown}},
        }
    return {
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": shown, "strict": True, "schema": dict(schema)},
        }
    }


def _text(message: Mapping[str, JsonValue]) -> str:
    tools = message.get("tool_calls")
    if isinstance(tools, list) and tools:
        return str(mapping(mapping(tools[0]).get("function")).get("arguments") or "")
    return content_text(message.get("content"))


def _count(usage: Mapping[str, JsonValue], name: str) -> int | None:
    value = usage.get(name)
    return value if isinstance(value, int) else None

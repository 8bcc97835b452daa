"""The names by which OpenTelemetry knows model calls, and how a ``Call`` is told in them.

All ``gen_ai.*`` names stand in this file and nowhere else, and only such as the conventions define: they are still in
development and change from version to version. What the conventions do not know is told as ``tutorkit.*``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final
from urllib.parse import urlsplit

from pydantic import JsonValue

from tutorkit.models.names import ModelRef
from tutorkit.types import Call

SCHEMA_URL: Final = "https://opentelemetry.io/schemas/1.37.0"
"""The version of the semantic conventions that these names are from."""

OPERATION: Final = "chat"

OPERATION_NAME: Final = "gen_ai.operation.name"
PROVIDER_NAME: Final = "gen_ai.provider.name"
CONVERSATION_ID: Final = "gen_ai.conversation.id"
REQUEST_MODEL: Final = "gen_ai.request.model"
REQUEST_MAX_TOKENS: Final = "gen_ai.request.max_tokens"
REQUEST_STOP_SEQUENCES: Final = "gen_ai.request.stop_sequences"
REQUEST_CHOICE_COUNT: Final = "gen_ai.request.choice.count"
RESPONSE_MODEL: Final = "gen_ai.response.model"
RESPONSE_FINISH_REASONS: Final = "gen_ai.response.finish_reasons"
USAGE_INPUT_TOKENS: Final = "gen_ai.usage.input_tokens"
USAGE_OUTPUT_TOKENS: Final = "gen_ai.usage.output_tokens"
INPUT_MESSAGES: Final = "gen_ai.input.messages"
OUTPUT_MESSAGES: Final = "gen_ai.output.messages"
TOKEN_TYPE: Final = "gen_ai.token.type"  # noqa: S105 (no password)

TOKEN_USAGE: Final = "gen_ai.client.token.usage"  # noqa: S105 (no password)
TOKEN_USAGE_UNIT: Final = "{token}"  # noqa: S105 (no password)
TOKEN_USAGE_BUCKETS: Final = tuple(4**power for power in range(14))

SERVER_ADDRESS: Final = "server.address"
SERVER_PORT: Final = "server.port"
ERROR_TYPE: Final = "error.type"
ERROR_OTHER: Final = "_OTHER"

Attribute = str | bool | int | float | tuple[str, ...]
Attributes = dict[str, Attribute]

_NUMBERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "temperature": "gen_ai.request.temperature",
        "top_p": "gen_ai.request.top_p",
        "top_k": "gen_ai.request.top_k",
        "seed": "gen_ai.request.seed",
        "frequency_penalty": "gen_ai.request.frequency_penalty",
        "presence_penalty": "gen_ai.request.presence_penalty",
        "n": REQUEST_CHOICE_COUNT,
        "max_tokens": REQUEST_MAX_TOKENS,
        "max_completion_tokens": REQUEST_MAX_TOKENS,
    }
)
_STOPS: Final = ("stop", "stop_sequences")

_PROVIDERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "azure": "azure.ai.openai",
        "azure_ai": "azure.ai.inference",
        "bedrock": "aws.bedrock",
        "gemini": "gcp.gemini",
        "mistral": "mistral_ai",
        "vertex_ai": "gcp.vertex_ai",
        "watsonx": "ibm.watsonx.ai",
        "xai": "x_ai",
    }
)
"""Where the conventions call a provider otherwise than litellm does."""


def model_attributes(call: Call, ref: ModelRef) -> Attributes:
    """Say which model was asked and which one answered: what spans and counts of tokens have in common."""
    found: Attributes = {
        OPERATION_NAME: OPERATION,
        PROVIDER_NAME: _PROVIDERS.get(ref.provider, ref.provider),
        REQUEST_MODEL: ref.name,
    }
    if call.model_served is not None:
        found[RESPONSE_MODEL] = storable(call.model_served)
    if ref.base_url is not None:
        place = urlsplit(ref.base_url)
        found[SERVER_ADDRESS] = place.hostname or ""
        found[SERVER_PORT] = place.port or (443 if place.scheme == "https" else 80)
    return found


def request_attributes(sent: Mapping[str, JsonValue]) -> Attributes:
    """Say with which options the model was asked, from the body as it was really sent."""
    found: Attributes = {}
    for option, name in _NUMBERS.items():
        value = sent.get(option)
        if isinstance(value, int | float) and not isinstance(value, bool):
            found[name] = value
    for option in _STOPS:
        stops = sent.get(option)
        if stops:
            found[REQUEST_STOP_SEQUENCES] = tuple(map(str, stops)) if isinstance(stops, list) else (str(stops),)
    return found


def response_attributes(call: Call) -> Attributes:
    """Say what is known of the reply.

    A reply from the cache used no tokens: who adds up the spans would count them twice. Of the reasons to end only the
    token limit can be told for certain from a record.
    """
    found: Attributes = {}
    if call.outcome == "truncated":
        found[RESPONSE_FINISH_REASONS] = ("length",)
    found.update({} if call.cache_hit else usage(call))
    return found


def usage(call: Call) -> dict[str, int]:
    """Return the tokens that are known, by their names."""
    tokens = {USAGE_INPUT_TOKENS: call.tokens_in, USAGE_OUTPUT_TOKENS: call.tokens_out}
    return {name: count for name, count in tokens.items() if count is not None}


def content_attributes(call: Call, said: str) -> Attributes:
    """Return the words themselves, as JSON; only for whoever has asked for them."""
    asked = [{"role": one.role, "parts": [{"type": "text", "content": one.content}]} for one in call.messages]
    finish = {"truncated": "length", "refused": "content_filter", "error": "error"}.get(call.outcome, "stop")
    answered = [{"role": "assistant", "parts": [{"type": "text", "content": said}], "finish_reason": finish}]
    return {INPUT_MESSAGES: _json(asked), OUTPUT_MESSAGES: _json(answered)}


def storable(text: str) -> str:
    """Return a text that every exporter can encode: one half of a surrogate pair would cost it the whole batch."""
    return text.encode("utf-8", "replace").decode()


def _json(value: object) -> str:
    return storable(json.dumps(value, ensure_ascii=False))

"""Anthropic's Messages API."""

from __future__ import annotations

import json
from collections.abc import Mapping

from pydantic import JsonValue

from tutorkit.models.capabilities import SAMPLING_OPTIONS, Capabilities, capabilities
from tutorkit.models.names import parse_model
from tutorkit.models.providers.anthropic_batch import AnthropicBatches
from tutorkit.models.providers.anthropic_stream import STREAMED, MessageAssembly
from tutorkit.models.providers.base import Hear, Parsed, ProviderSettings, Sent
from tutorkit.models.providers.chat_wire import safe_name
from tutorkit.models.providers.endpoint import Endpoint
from tutorkit.models.providers.failures import not_the_protocol
from tutorkit.models.providers.streaming import Telling
from tutorkit.models.providers.wire import Wire
from tutorkit.ports import ChatRequest, FinishReason

KEY_VARIABLE = "ANTHROPIC_API_KEY"
HOME = "https://api.anthropic.com"
PATH = "/v1/messages"
API_VERSION = "2023-06-01"
DEFAULT_MAX_TOKENS = 4096

_FINISH: dict[object, FinishReason] = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "tool_use": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "refusal": "refusal",
}
_TOKENS_IN = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")


class AnthropicProvider:
    """Messages.

    The current models refuse sampling options, so the body that is sent has none; the reply's ``sent`` shows it.

    Args:
        settings: address and key.
        base_url: the address that the model's name gives, if it gives one.
        timeout: seconds for making a connection.
        connections: how many connections there may be.
    """

    name = "anthropic"

    def __init__(self, settings: ProviderSettings, *, base_url: str | None, timeout: float, connections: int) -> None:
        self._endpoint = Endpoint(
            provider="Anthropic", variable=KEY_VARIABLE, home=HOME, settings=settings, named=base_url
        )
        self.base_url = self._endpoint.base_url
        self.own_address = self.base_url != HOME
        self._wire = Wire(base_url=self.base_url, headers=self.headers, timeout=timeout, connections=connections)

    @property
    def account(self) -> str:
        """Who pays, as a digest."""
        return self._endpoint.account

    def body(self, request: ChatRequest) -> dict[str, JsonValue]:
        """Return the request's body exactly as ``send`` sends it."""
        return _body(request, capabilities(request.model))

    def check(self, model: str) -> None:
        """See that there is a key, where one is needed."""
        self._endpoint.key()

    async def send(self, body: Mapping[str, JsonValue], *, hear: Hear | None = None) -> Sent:
        """Make one call and return the raw reply.

        That its reply is to be streamed is added to the body on its way: it changes how the reply travels, and nothing
        about what is asked.
        """
        model = f"anthropic/{body['model']}"
        if hear is None:
            return await self._wire.post(PATH, body, model=model)
        telling = Telling(hear, live="tools" not in body)
        assembly = MessageAssembly(telling, model=model)
        sent = await self._wire.post(PATH, {**body, **STREAMED}, model=model, assembly=assembly)
        telling.finish(self.read(sent.payload), model=model)
        return sent

    def read(self, payload: JsonValue) -> Parsed:
        """Read a raw reply."""
        return _read(payload)

    def batches(self) -> AnthropicBatches:
        """Return the way to the batch API."""
        return AnthropicBatches(self._endpoint)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._wire.aclose()

    def headers(self) -> dict[str, str]:
        """Return the headers of a call, the key among them."""
        return {"x-api-key": self._endpoint.key(), "anthropic-version": API_VERSION}


def _body(request: ChatRequest, can: Capabilities) -> dict[str, JsonValue]:
    system = "\n\n".join(message.content for message in request.messages if message.role == "system")
    body: dict[str, JsonValue] = {
        "model": parse_model(request.model).name,
        "max_tokens": DEFAULT_MAX_TOKENS,
        "messages": [
            {"role": message.role, "content": message.content}
            for message in request.messages
            if message.role != "system"
        ],
    }
    if system:
        body["system"] = system
    for name, value in request.options.items():
        if (name in SAMPLING_OPTIONS and not can.sampling) or (name == "seed" and not can.seed):
            continue
        if name == "stop":
            body["stop_sequences"] = [value] if isinstance(value, str) else value
        else:
            body[name] = value
    if request.response_schema is not None:
        body.update(_structure(request.schema_name, request.response_schema, can))
    return body


def _structure(name: str, schema: Mapping[str, JsonValue], can: Capabilities) -> dict[str, JsonValue]:
    if can.structure == "tool":
        shown = safe_name(name)
        return {
            "tools": [{"name": shown, "input_schema": dict(schema)}],
            "tool_choice": {"type": "tool", "name": shown},
        }
    return {"output_config": {"format": {"type": "json_schema", "schema": dict(schema)}}}


def _read(payload: JsonValue) -> Parsed:
    reply = payload if isinstance(payload, dict) else {}
    usage = reply.get("usage")
    counts = usage if isinstance(usage, dict) else {}
    tokens_in, tokens_out = _sum(counts, _TOKENS_IN), _sum(counts, ("output_tokens",))
    blocks = reply.get("content")
    finish = _FINISH.get(reply.get("stop_reason"), "other")
    if not isinstance(blocks, list) or (not blocks and finish == "other"):
        raise not_the_protocol(model="anthropic", why="no content", tokens_in=tokens_in, tokens_out=tokens_out)
    return Parsed(
        text="".join(_block_text(block) for block in blocks),
        model_served=str(reply.get("model") or ""),
        finish_reason=finish,
        tokens_in=tokens_in,
        tokens_out=tokens_out,
    )


def _block_text(block: JsonValue) -> str:
    if not isinstance(block, dict):
        return ""
    if block.get("type") == "tool_use":
        return json.dumps(block.get("input"), ensure_ascii=False)
    return str(block.get("text") or "") if block.get("type") == "text" else ""


def _sum(counts: Mapping[str, JsonValue], names: tuple[str, ...]) -> int | None:
    """Add up token counts; the first name must be there, the others may be."""
    found = [value for value in (counts.get(name) for name in names) if isinstance(value, int)]
    return sum(found) if isinstance(counts.get(names[0]), int) else None

"""Anthropic's Messages API."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from pydantic import JsonValue

from tutorkit.models.capabilities import SAMPLING_OPTIONS, Capabilities, capabilities
from tutorkit.models.names import parse_model
from tutorkit.models.providers.base import Parsed, ProviderSettings
from tutorkit.models.providers.chat_wire import safe_name
from tutorkit.models.providers.endpoint import Endpoint
from tutorkit.models.providers.failures import json_payload, not_the_protocol, sdk_failure
from tutorkit.ports import ChatRequest, FinishReason

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic

KEY_VARIABLE = "ANTHROPIC_API_KEY"
HOME = "https://api.anthropic.com"
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
    """Messages through the anthropic SDK, which does the transport and nothing else: its own retries are off.

    The SDK's ``messages.create`` has no sampling options any more and the current models refuse them, so the body that
    is sent has none either; the reply's ``sent`` shows it.

    Args:
        settings: address and key.
        base_url: the address that the model's name gives, if it gives one.
        timeout: seconds without a sign of life from the server.
        connections: how many connections are kept open.
    """

    name = "anthropic"

    def __init__(self, settings: ProviderSettings, *, base_url: str | None, timeout: float, connections: int) -> None:
        self._endpoint = Endpoint(
            provider="Anthropic", variable=KEY_VARIABLE, home=HOME, settings=settings, named=base_url
        )
        self.base_url = self._endpoint.base_url
        self.own_address = self.base_url != HOME
        self._timeout = timeout
        self._connections = connections
        self._opened: AsyncAnthropic | None = None

    def body(self, request: ChatRequest) -> dict[str, JsonValue]:
        """Return the request's body exactly as ``send`` sends it."""
        return _body(request, capabilities(request.model))

    def check(self, model: str) -> None:
        """See that there is a key, where one is needed."""
        self._endpoint.key()

    async def send(self, body: Mapping[str, JsonValue]) -> JsonValue:
        """Make one call and return the raw reply."""
        import httpx2
        from anthropic import AnthropicError

        model = f"anthropic/{body['model']}"
        try:
            response = await self._client().post("/v1/messages", body=dict(body), cast_to=httpx2.Response)
        except AnthropicError as error:
            raise sdk_failure(error, model=model, base_url=self.base_url) from error
        return json_payload(response.content, model=model)

    def read(self, payload: JsonValue) -> Parsed:
        """Read a raw reply."""
        return _read(payload)

    async def aclose(self) -> None:
        """Close the connections."""
        if self._opened is not None:
            await self._opened.close()
            self._opened = None

    def _client(self) -> AsyncAnthropic:
        if self._opened is None:
            import httpx2
            from anthropic import AsyncAnthropic, DefaultAsyncHttpxClient

            limits = httpx2.Limits(max_connections=self._connections, max_keepalive_connections=self._connections)
            # A proxy of the environment must not carry what is meant for this very machine.
            http_client = DefaultAsyncHttpxClient(limits=limits, trust_env=not self._endpoint.loopback)
            self._opened = AsyncAnthropic(
                api_key=self._endpoint.key(),
                base_url=self.base_url,
                timeout=self._timeout,
                max_retries=0,
                http_client=http_client,
            )
        return self._opened


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

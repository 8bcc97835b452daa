"""OpenAI's own endpoint, and every server that speaks its protocol."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pydantic import JsonValue

from tutorkit.models.capabilities import capabilities
from tutorkit.models.names import parse_model
from tutorkit.models.providers.base import Parsed, ProviderSettings
from tutorkit.models.providers.chat_wire import chat_body, read_chat
from tutorkit.models.providers.endpoint import Endpoint
from tutorkit.models.providers.failures import json_payload, sdk_failure
from tutorkit.ports import ChatRequest

if TYPE_CHECKING:
    from openai import AsyncOpenAI

KEY_VARIABLE = "OPENAI_API_KEY"
HOME = "https://api.openai.com/v1"


class OpenAIProvider:
    """Chat completions through the openai SDK, which does the transport and nothing else: its own retries are off.

    Args:
        settings: address and key.
        base_url: the address that the model's name gives, if it gives one.
        timeout: seconds without a sign of life from the server.
        connections: how many connections are kept open.
    """

    name = "openai"

    def __init__(self, settings: ProviderSettings, *, base_url: str | None, timeout: float, connections: int) -> None:
        self._endpoint = Endpoint(
            provider="OpenAI", variable=KEY_VARIABLE, home=HOME, settings=settings, named=base_url
        )
        self.base_url = self._endpoint.base_url
        self.own_address = self.base_url != HOME
        self._timeout = timeout
        self._connections = connections
        self._opened: AsyncOpenAI | None = None

    def body(self, request: ChatRequest) -> dict[str, JsonValue]:
        """Return the request's body exactly as ``send`` sends it."""
        return chat_body(request, model=parse_model(request.model).name, can=capabilities(request.model))

    def check(self, model: str) -> None:
        """See that there is a key, where one is needed."""
        self._endpoint.key()

    async def send(self, body: Mapping[str, JsonValue]) -> JsonValue:
        """Make one call and return the raw reply."""
        import httpx
        from openai import OpenAIError

        model = f"openai/{body['model']}"
        try:
            response = await self._client().post("/chat/completions", body=dict(body), cast_to=httpx.Response)
        except OpenAIError as error:
            raise sdk_failure(error, model=model, base_url=self.base_url) from error
        return json_payload(response.content, model=model)

    def read(self, payload: JsonValue) -> Parsed:
        """Read a raw reply."""
        return read_chat(payload, model="openai")

    async def aclose(self) -> None:
        """Close the connections."""
        if self._opened is not None:
            await self._opened.close()
            self._opened = None

    def _client(self) -> AsyncOpenAI:
        if self._opened is None:
            import httpx
            from openai import AsyncOpenAI, DefaultAsyncHttpxClient

            limits = httpx.Limits(max_connections=self._connections, max_keepalive_connections=self._connections)
            # A proxy of the environment must not carry what is meant for this very machine.
            http_client = DefaultAsyncHttpxClient(limits=limits, trust_env=not self._endpoint.loopback)
            self._opened = AsyncOpenAI(
                api_key=self._endpoint.key(),
                base_url=self.base_url,
                timeout=self._timeout,
                max_retries=0,
                http_client=http_client,
            )
        return self._opened

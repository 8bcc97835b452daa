"""OpenAI's own endpoint, and every server that speaks its protocol."""

from __future__ import annotations

import os
from collections.abc import Mapping

from pydantic import JsonValue

from tutorkit.models.capabilities import capabilities
from tutorkit.models.names import parse_model
from tutorkit.models.providers.base import Parsed, ProviderSettings
from tutorkit.models.providers.chat_wire import chat_body, read_chat
from tutorkit.models.providers.endpoint import Endpoint
from tutorkit.models.providers.wire import Wire
from tutorkit.ports import ChatRequest

KEY_VARIABLE = "OPENAI_API_KEY"
HOME = "https://api.openai.com/v1"

_ACCOUNT = {"OpenAI-Organization": "OPENAI_ORG_ID", "OpenAI-Project": "OPENAI_PROJECT_ID"}


class OpenAIProvider:
    """Chat completions.

    Args:
        settings: address and key.
        base_url: the address that the model's name gives, if it gives one.
        timeout: seconds for making a connection.
        connections: how many connections there may be.
    """

    name = "openai"

    def __init__(self, settings: ProviderSettings, *, base_url: str | None, timeout: float, connections: int) -> None:
        self._endpoint = Endpoint(
            provider="OpenAI", variable=KEY_VARIABLE, home=HOME, settings=settings, named=base_url
        )
        self.base_url = self._endpoint.base_url
        self.own_address = self.base_url != HOME
        self._wire = Wire(base_url=self.base_url, headers=self.headers, timeout=timeout, connections=connections)

    def body(self, request: ChatRequest) -> dict[str, JsonValue]:
        """Return the request's body exactly as ``send`` sends it."""
        return chat_body(request, model=parse_model(request.model).name, can=capabilities(request.model))

    def check(self, model: str) -> None:
        """See that there is a key, where one is needed."""
        self._endpoint.key()

    async def send(self, body: Mapping[str, JsonValue]) -> JsonValue:
        """Make one call and return the raw reply."""
        return await self._wire.post("/chat/completions", body, model=f"openai/{body['model']}")

    def read(self, payload: JsonValue) -> Parsed:
        """Read a raw reply."""
        return read_chat(payload, model="openai")

    async def aclose(self) -> None:
        """Close the connections."""
        await self._wire.aclose()

    def headers(self) -> dict[str, str]:
        """Return the headers of a call, the key among them."""
        return {"Authorization": f"Bearer {self._endpoint.key()}", **_account(at_home=self.base_url == HOME)}


def _account(*, at_home: bool) -> dict[str, str]:
    """Return which organisation and project pay, where the usual variables name them; no other server is told."""
    named = {header: os.environ.get(variable) for header, variable in _ACCOUNT.items()}
    return {header: value for header, value in named.items() if value} if at_home else {}

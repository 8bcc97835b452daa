"""OpenAI's own endpoint, and every server that speaks its protocol."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping

from pydantic import JsonValue

from tutorkit.errors import RequestRejected
from tutorkit.models.capabilities import capabilities
from tutorkit.models.names import parse_model
from tutorkit.models.providers.base import Hear, Parsed, ProviderSettings, Sent
from tutorkit.models.providers.chat_stream import STREAMED, ChatAssembly, refused_field
from tutorkit.models.providers.chat_wire import chat_body, read_chat
from tutorkit.models.providers.endpoint import Endpoint
from tutorkit.models.providers.openai_batch import OpenAIBatches
from tutorkit.models.providers.streaming import Telling
from tutorkit.models.providers.wire import Wire
from tutorkit.ports import ChatRequest

KEY_VARIABLE = "OPENAI_API_KEY"
HOME = "https://api.openai.com/v1"
PATH = "/chat/completions"

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
        self._refused: set[tuple[str, str]] = set()
        self._wire = Wire(base_url=self.base_url, headers=self.headers, timeout=timeout, connections=connections)

    @property
    def account(self) -> str:
        """Who pays, as a digest."""
        return self._endpoint.account

    def body(self, request: ChatRequest) -> dict[str, JsonValue]:
        """Return the request's body exactly as ``send`` sends it."""
        return chat_body(request, model=parse_model(request.model).name, can=capabilities(request.model))

    def check(self, model: str) -> None:
        """See that there is a key, where one is needed."""
        self._endpoint.key()

    async def send(self, body: Mapping[str, JsonValue], *, hear: Hear | None = None) -> Sent:
        """Make one call and return the raw reply.

        That its reply is to be streamed is added to the body on its way: it changes how the reply travels, and nothing
        about what is asked. A server that refuses to stream, or to count the tokens of a stream, is asked without from
        then on; the try that it refused is a failed try like others, and costs nothing.
        """
        model = f"openai/{body['model']}"
        if hear is None:
            return await self._wire.post(PATH, body, model=model)
        telling = Telling(hear, live="tools" not in body)
        added = {name: value for name, value in STREAMED.items() if (model, name) not in self._refused}
        try:
            if "stream" in added:
                assembly = ChatAssembly(telling, model=model)
                sent = await self._wire.post(PATH, {**body, **added}, model=model, assembly=assembly)
            else:
                sent = await self._wire.post(PATH, body, model=model)
        except RequestRejected as error:
            self._learn_from(error, added, model=model)
            raise
        telling.finish(self.read(sent.payload), model=model)
        return sent

    def read(self, payload: JsonValue) -> Parsed:
        """Read a raw reply."""
        return read_chat(payload, model="openai")

    def batches(self) -> OpenAIBatches:
        """Return the way to the batch API."""
        return OpenAIBatches(self._endpoint)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._wire.aclose()

    def _learn_from(self, error: RequestRejected, added: Collection[str], *, model: str) -> None:
        refused = refused_field(error.message, added)
        if refused is not None:
            self._refused.add((model, refused))
            error.data.update(transient=True, retry_after=0.0)

    def headers(self) -> dict[str, str]:
        """Return the headers of a call, the key among them."""
        return {"Authorization": f"Bearer {self._endpoint.key()}", **_account(at_home=self.base_url == HOME)}


def _account(*, at_home: bool) -> dict[str, str]:
    """Return which organisation and project pay, where the usual variables name them; no other server is told."""
    named = {header: os.environ.get(variable) for header, variable in _ACCOUNT.items()}
    return {header: value for header, value in named.items() if value} if at_home else {}

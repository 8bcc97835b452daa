"""A small language model on this very machine, served for as long as it is asked.

The server is started at the first call that needs it: a replay, or a run whose replies are all recorded, starts none.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path

from pydantic import JsonValue

from tutorkit.errors import UnknownName
from tutorkit.models.capabilities import capabilities
from tutorkit.models.local_server import serve_gguf, smollm2_path
from tutorkit.models.names import parse_model
from tutorkit.models.providers.base import Hear, Parsed, ProviderSettings, Sent
from tutorkit.models.providers.chat_wire import chat_body, read_chat
from tutorkit.models.providers.openai import OpenAIProvider
from tutorkit.ports import ChatRequest

_FILES = {"smollm2-135m-instruct": smollm2_path}
_SLOTS, _CONTEXT = 8, 2048


class LocalProvider:
    """Models that packages bring along: ``local/smollm2-135m-instruct``.

    The cache key holds the model's name and no address, since its file is pinned by its digest.

    Args:
        timeout: seconds for one call.
    """

    name = "local"
    base_url = ""
    own_address = False
    account = None

    def __init__(self, *, timeout: float) -> None:
        self._timeout = timeout
        self._running = ExitStack()
        self._server: OpenAIProvider | None = None
        self._starting = asyncio.Lock()

    def body(self, request: ChatRequest) -> dict[str, JsonValue]:
        """Return the request's body exactly as ``send`` sends it."""
        return chat_body(request, model=parse_model(request.model).name, can=capabilities(request.model))

    def check(self, model: str) -> None:
        """See that the model's file is there and whole.

        Raises:
            UnknownName: for a model that no package brings along.
            ConfigError: when its file is not there, or damaged.
        """
        _path_of(model)()

    async def send(self, body: Mapping[str, JsonValue], *, hear: Hear | None = None) -> Sent:
        """Make one call, starting the server first if need be."""
        async with self._starting:
            if self._server is None:
                self._server = await asyncio.to_thread(self._start, f"local/{body['model']}")
        return await self._server.send(body, hear=hear)

    def read(self, payload: JsonValue) -> Parsed:
        """Read a raw reply."""
        return read_chat(payload, model="local")

    def batches(self) -> None:
        """There is no batch API here."""

    async def aclose(self) -> None:
        """Stop the server."""
        if self._server is not None:
            await self._server.aclose()
            self._server = None
        await asyncio.to_thread(self._running.close)

    def _start(self, model: str) -> OpenAIProvider:
        server = self._running.enter_context(serve_gguf(_path_of(model)(), slots=_SLOTS, context=_CONTEXT))
        return OpenAIProvider(
            ProviderSettings(), base_url=server.base_url, timeout=self._timeout, connections=4 * _SLOTS
        )


def _path_of(model: str) -> Callable[[], Path]:
    name = parse_model(model).name
    if name not in _FILES:
        raise UnknownName("local model", model, [f"local/{known}" for known in _FILES])
    return _FILES[name]

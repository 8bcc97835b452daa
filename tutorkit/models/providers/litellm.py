"""Every other provider, through litellm, which is imported at the first call: that takes seconds."""

from __future__ import annotations

import hashlib
import importlib
import os
from collections.abc import Mapping
from types import ModuleType

from pydantic import JsonValue

from tutorkit.errors import MissingExtra, MissingKey, UnknownName
from tutorkit.models.capabilities import capabilities
from tutorkit.models.names import parse_model
from tutorkit.models.providers.base import Hear, Parsed, ProviderSettings, Sent
from tutorkit.models.providers.chat_wire import chat_body, read_chat
from tutorkit.models.providers.failures import not_the_protocol, sdk_failure, storable
from tutorkit.ports import ChatRequest

_FIRST = ("openai", "anthropic")


class LiteLLMProvider:
    """Chat completions through litellm, with its telemetry, its fetching of price maps and its retries off.

    The body is what litellm is given; it translates that into the provider's own protocol.

    Args:
        name: the provider's name, as litellm has it.
        settings: address and key; without them litellm looks at the provider's usual variables.
        base_url: the address that the model's name gives, if it gives one.
        timeout: seconds without a sign of life from the server.
    """

    def __init__(self, name: str, settings: ProviderSettings, *, base_url: str | None, timeout: float) -> None:
        self.name = name
        self.base_url = base_url or settings.base_url or ""
        self.own_address = bool(self.base_url)
        self._key = settings.api_key if base_url in (None, settings.base_url) else None
        self._timeout = timeout
        self._called = False

    @property
    def account(self) -> str:
        """Who pays, as a digest of what is known here: litellm finds most keys by itself."""
        return hashlib.sha256(f"{self.name}\n{self.base_url}\n{self._key or ''}".encode()).hexdigest()[:16]

    def body(self, request: ChatRequest) -> dict[str, JsonValue]:
        """Return the request's body as litellm is given it."""
        ref = parse_model(request.model)
        return chat_body(request, model=f"{ref.provider}/{ref.name}", can=capabilities(request.model))

    def check(self, model: str) -> None:
        """See that litellm knows the provider, and that its key is set."""
        library = _litellm()
        known = sorted(str(getattr(each, "value", each)) for each in library.provider_list)
        if self.name not in known:
            raise UnknownName("model provider", self.name, [*_FIRST, *(name for name in known if name not in _FIRST)])
        if self._key or self.base_url:
            return
        ref = parse_model(model)
        missing = library.validate_environment(f"{ref.provider}/{ref.name}")["missing_keys"]
        variable = next((name for name in missing if "KEY" in name or "TOKEN" in name), None)
        if variable is not None:
            raise MissingKey(self.name, variable)

    async def send(self, body: Mapping[str, JsonValue], *, hear: Hear | None = None) -> Sent:
        """Make one call and return the raw reply; nothing is streamed, ``hear`` is told the text as a whole."""
        library = _litellm()
        self._called = True
        model = str(body["model"])
        address = {"api_base": self.base_url} if self.base_url else {}
        try:
            response = await library.acompletion(
                **body, **address, api_key=self._key, timeout=self._timeout, max_retries=0, num_retries=0
            )
        except library.exceptions.openai.OpenAIError as error:
            raise sdk_failure(error, model=model, base_url=self.base_url) from error
        payload: JsonValue = response.model_dump(mode="json")
        if not isinstance(payload, dict):
            raise not_the_protocol(model=model, why="no completion")
        sent = Sent(storable(payload))
        if hear is not None:
            hear(self.read(sent.payload).text)
        return sent

    def read(self, payload: JsonValue) -> Parsed:
        """Read a raw reply."""
        return read_chat(payload, model=self.name)

    def batches(self) -> None:
        """There is no batch API here."""

    async def aclose(self) -> None:
        """Close the connections; litellm shares them between all of its callers."""
        if self._called:
            await _litellm().close_litellm_async_clients()


def _litellm() -> ModuleType:
    """Import litellm, quietly, and without letting it fetch anything."""
    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    try:
        library = importlib.import_module("litellm")
    except ImportError as error:
        raise MissingExtra("litellm", "litellm", "A provider other than openai and anthropic") from error
    library.telemetry = False  # type: ignore[attr-defined]
    library.suppress_debug_info = True  # type: ignore[attr-defined]
    return library

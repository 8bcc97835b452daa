"""What the gateway expects of a provider."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from pydantic import JsonValue

from tutorkit.models.providers.batches import Batches
from tutorkit.models.providers.rates import Rates
from tutorkit.ports import ChatRequest, FinishReason

Hear = Callable[[str], None]
"""Is told each piece of a reply's text as it comes."""


@dataclass(frozen=True, kw_only=True)
class ProviderSettings:
    """How a provider is reached; what is None comes from the provider's own default or its usual variable.

    ``folder`` is where a provider on this machine keeps its models.
    """

    base_url: str | None = None
    api_key: str | None = field(default=None, repr=False)
    folder: Path | None = None


@dataclass(frozen=True, kw_only=True)
class Parsed:
    """A provider's raw reply, read."""

    text: str
    model_served: str
    finish_reason: FinishReason
    tokens_in: int | None
    tokens_out: int | None


@dataclass(frozen=True)
class Sent:
    """A provider's raw reply, and what it said of the account's rates; None when it said nothing."""

    payload: JsonValue
    rates: Rates | None = None


class Provider(Protocol):
    """One way to a model. Building one neither imports an SDK nor needs a key: a replay has neither."""

    @property
    def name(self) -> str:
        """The provider's name; it enters the cache key."""
        ...

    @property
    def base_url(self) -> str:
        """Where requests go, or empty when that is the SDK's affair."""
        ...

    @property
    def own_address(self) -> bool:
        """Whether that is an address of the user's own, where the provider's list prices do not hold."""
        ...

    @property
    def account(self) -> str | None:
        """Who pays, as a digest: limits hold for all who call one address with one key. None where nobody shares it."""
        ...

    def body(self, request: ChatRequest) -> dict[str, JsonValue]:
        """Return the request's body exactly as ``send`` sends it."""
        ...

    def check(self, model: str) -> None:
        """See that calls can be made, without making one.

        Raises:
            UnknownName: when there is no such provider.
            MissingKey: naming the variable that is not set.
            MissingExtra: when the SDK is not installed.
        """
        ...

    async def send(self, body: Mapping[str, JsonValue], *, hear: Hear | None = None) -> Sent:
        """Make one call, without retries of any kind, and return the raw reply.

        With ``hear`` the text is streamed, where the provider can, and told piece by piece; the raw reply that is
        returned has the same form as one that came in one piece.

        Raises:
            ModelError: one of its kinds, with the facts that ``failures`` states in its data.
        """
        ...

    def read(self, payload: JsonValue) -> Parsed:
        """Read a raw reply; also one that was recorded long ago.

        Raises:
            ProviderFailed: when it is not the protocol's.
        """
        ...

    def batches(self) -> Batches | None:
        """Return the way to the provider's batch API, or None when it has none."""
        ...

    async def aclose(self) -> None:
        """Close the connections."""
        ...

"""How a request's body gets to its provider: at once, within the account's limits."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Callable, Mapping
from typing import Protocol

from pydantic import JsonValue

from tutorkit.errors import ModelError
from tutorkit.models.limits import Limiter, Limiters, Place
from tutorkit.models.providers.base import Hear, Provider
from tutorkit.models.providers.failures import unreachable

_OVERLOADED = frozenset({429, 503, 529})
_CHARACTERS_PER_TOKEN = 4
_USUAL_REPLY = 256
_LONG_REPLY = 4096


class Way(Protocol):
    """A way to a provider: at once, or in a batch."""

    def gathers(self, provider: Provider) -> bool:
        """Tell whether calls wait for one another here: then all are admitted before any has ended."""
        ...

    def discounts(self, provider: Provider) -> bool:
        """Tell whether the provider bills what comes this way at its batch price."""
        ...

    async def send(
        self,
        provider: Provider,
        body: Mapping[str, JsonValue],
        *,
        key: str,
        begin: Callable[[], None],
        hear: Hear | None,
    ) -> JsonValue:
        """Send a body, and return the raw reply.

        Args:
            provider: who answers.
            body: what is sent.
            key: the request's cache key.
            begin: called when the body is about to leave; what it raises ends the sending.
            hear: is told the text as it comes, where the way can do that.

        Raises:
            ModelError: one of its kinds, with the facts that ``providers.failures`` states in its data.
        """
        ...

    async def aclose(self) -> None:
        """End what is open."""
        ...


class Direct:
    """Each call by itself, as soon as the account's limits allow.

    Args:
        limiters: the limits of all accounts.
        timeout: seconds for one call, from the moment when it may be sent.
    """

    def __init__(self, limiters: Limiters, *, timeout: float) -> None:
        self._limiters = limiters
        self._timeout = timeout

    def gathers(self, provider: Provider) -> bool:
        """No call waits for another."""
        return False

    def discounts(self, provider: Provider) -> bool:
        """Nothing is cheaper this way."""
        return False

    async def send(
        self,
        provider: Provider,
        body: Mapping[str, JsonValue],
        *,
        key: str,
        begin: Callable[[], None],
        hear: Hear | None,
    ) -> JsonValue:
        """Send a body when its turn has come, and return the raw reply."""
        limiter = self._limiters.of(provider)
        place = await limiter.enter(tokens_needed(body) if limiter.counts_tokens else 0.0)
        succeeded, used = False, 0.0
        try:
            begin()
            used = place.tokens
            async with asyncio.timeout(self._timeout):
                sent = await provider.send(body, hear=hear)
            succeeded = True
            if limiter.counts_tokens:
                used = _tokens_used(provider, sent.payload, otherwise=place.tokens)
        except ModelError as error:
            _hear_of_limits(limiter, place, error)
            raise
        except TimeoutError as error:
            raise self._too_late(provider, body) from error
        finally:
            limiter.leave(place, succeeded=succeeded, used=used)
        if sent.rates is not None and sent.rates.wait:
            limiter.pause(sent.rates.wait)
        return sent.payload

    async def aclose(self) -> None:
        """Give the shares of all accounts back."""
        self._limiters.close()

    def _too_late(self, provider: Provider, body: Mapping[str, JsonValue]) -> ModelError:
        model = f"{provider.name}/{body.get('model', '')}"
        why = f"nothing came within {self._timeout:g} seconds"
        return unreachable(model=model, base_url=provider.base_url, why=why, reached=True)


def tokens_needed(body: Mapping[str, JsonValue]) -> float:
    """Guess how many tokens a request takes, in and out: four characters a token, and the room that its reply has."""
    messages = body.get("messages")
    turns = messages if isinstance(messages, list) else []
    contents = [turn.get("content") for turn in turns if isinstance(turn, dict)]
    asked = sum(len(content) for content in contents if isinstance(content, str)) / _CHARACTERS_PER_TOKEN
    room = _room(body)
    return asked + (_USUAL_REPLY if room is None else room)


def most_tokens(body: Mapping[str, JsonValue]) -> tuple[int, int]:
    """Bound the tokens that a request may take, in and out: four bytes of the whole body a token, and its reply's room.

    A reply without a limit of its own is taken for a long one.
    """
    asked = len(json.dumps(body, ensure_ascii=False).encode("utf-8", "replace"))
    room = _room(body)
    return math.ceil(asked / _CHARACTERS_PER_TOKEN), _LONG_REPLY if room is None else room


def _room(body: Mapping[str, JsonValue]) -> int | None:
    limits = (body.get(name) for name in ("max_completion_tokens", "max_tokens"))
    return next((limit for limit in limits if isinstance(limit, int)), None)


def _tokens_used(provider: Provider, payload: JsonValue, *, otherwise: float) -> float:
    try:
        parsed = provider.read(payload)
    except ModelError:
        return otherwise
    if parsed.tokens_in is None or parsed.tokens_out is None:
        return otherwise
    return parsed.tokens_in + parsed.tokens_out


def _hear_of_limits(limiter: Limiter, place: Place, error: ModelError) -> None:
    if error.data.get("status") in _OVERLOADED:
        asked = error.data.get("retry_after")
        limiter.overloaded(place, retry_after=asked if isinstance(asked, float) else None)

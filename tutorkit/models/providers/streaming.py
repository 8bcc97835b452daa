"""What both protocols need to stream a reply: to tell its text as it comes, and to see that it is whole in the end."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Protocol

from pydantic import JsonValue

from tutorkit.errors import ModelError
from tutorkit.models.providers.base import Hear, Parsed
from tutorkit.models.providers.failures import not_the_protocol, status_failure, storable
from tutorkit.models.providers.sse import Event

_STATUS = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "insufficient_quota": 429,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "rate_limit_exceeded": 429,
    "timeout_error": 504,
    "overloaded_error": 529,
}
_FIRST_HALVES = ("\ud800", "\udbff")


class Assembly(Protocol):
    """Puts the events of one reply together."""

    @property
    def done(self) -> bool:
        """Whether nothing more is to come."""
        ...

    @property
    def complete(self) -> bool:
        """Whether the reply is whole, also if its last event has not come."""
        ...

    def add(self, event: Event) -> None:
        """Take the next event.

        Raises:
            ModelError: when the event is an error, or not the protocol's.
        """
        ...

    def payload(self) -> JsonValue:
        """Return the reply in the form of one that came in one piece."""
        ...


class Telling:
    """Tells a reply's text on while it comes.

    Args:
        hear: is told each piece, in whole characters.
        live: whether to begin at once. A reply that may be a tool call is told when it is whole: only then is it known
            whether its text is the call's arguments.
    """

    def __init__(self, hear: Hear, *, live: bool) -> None:
        self._hear = hear
        self._live = live
        self._told: list[str] = []
        self._half = ""

    def say(self, piece: str) -> None:
        """Tell a piece. Half a character at its end, which JSON's escapes can spell, waits for its other half."""
        if not self._live:
            return
        text = self._half + piece
        last = text[-1:]
        self._half = last if last and _FIRST_HALVES[0] <= last <= _FIRST_HALVES[1] else ""
        self._tell(text.removesuffix(self._half))

    def finish(self, reply: Parsed, *, model: str) -> None:
        """Tell what has not been told of the whole reply's text, so that all pieces together are that text.

        Raises:
            ProviderFailed: when something else has been told.
        """
        told = "".join(self._told)
        if not reply.text.startswith(told):
            raise not_the_protocol(
                model=model,
                why="the text of the whole reply is not the one that was streamed",
                tokens_in=reply.tokens_in,
                tokens_out=reply.tokens_out,
            )
        self._tell(reply.text[len(told) :])

    def _tell(self, text: str) -> None:
        if text:
            self._told.append(str(in_whole_characters(text)))
            self._hear(self._told[-1])


def event_object(event: Event, *, model: str) -> Mapping[str, JsonValue]:
    """Read an event's data.

    Raises:
        ProviderFailed: when it is not a JSON object.
    """
    try:
        value: JsonValue = json.loads(event.data, parse_constant=lambda _: None)
    except (ValueError, RecursionError) as error:
        raise not_the_protocol(model=model, why=f"an event of broken JSON ({error})") from error
    if not isinstance(value, dict):
        raise not_the_protocol(model=model, why="an event that is no object")
    return value


def stream_failure(error: JsonValue, *, model: str) -> ModelError:
    """Make the error that a provider sent in place of the next piece.

    Its status is the one that it names, or the one that goes with its type. Whether what came before is billed, nobody
    knows.
    """
    facts = error if isinstance(error, dict) else {"message": error}
    code, kind = facts.get("code"), str(facts.get("type") or "")
    named = str(code or kind)
    status = code if isinstance(code, int) and 400 <= code < 600 else _STATUS.get(named, _STATUS.get(kind, 500))
    words = str(in_whole_characters(str(facts.get("message") or ""))).strip().rstrip(".")
    failure = status_failure(status, model=model, code=named, words=words, headers={})
    failure.data["billed"] = None
    return failure


def in_whole_characters(value: JsonValue) -> JsonValue:
    """Join characters whose halves came apart; a half without its other one is replaced as ``storable`` does."""
    return storable(json.loads(json.dumps(value)))

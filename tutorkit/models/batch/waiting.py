"""A request that waits for its result, and how long the desk waits for what."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from pydantic import JsonValue

from tutorkit.errors import TutorkitError

AnyT = TypeVar("AnyT")


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How long is waited for what, in seconds.

    A batch is closed when for ``linger`` nothing has joined it. It is looked at after ``first_look``, then after waits
    that grow by ``growth`` up to ``longest_look``; ``patience`` looks in a row may fail. A submission that was cut off
    is looked for once it is ``settle`` old: until then the provider may not show it. A wish to stop is seen within
    ``stop_check``.
    """

    linger: float = 1.0
    first_look: float = 1.0
    growth: float = 1.5
    longest_look: float = 60.0
    patience: int = 30
    settle: float = 10.0
    stop_check: float = 0.2


@dataclass(frozen=True)
class BatchNews:
    """How far a batch is, in requests."""

    batch: str
    done: int
    total: int


Hear = Callable[[BatchNews], None]


@dataclass(frozen=True, kw_only=True, eq=False)
class Waiting:
    """A request in a batch, with its cache key and the place for its raw reply."""

    key: str
    body: Mapping[str, JsonValue]
    size: int
    reply: asyncio.Future[JsonValue]


def give(reply: asyncio.Future[JsonValue], payload: JsonValue) -> None:
    """Hand a raw reply over; nobody may be there any more."""
    if not reply.done():
        reply.set_result(payload)


def refuse(reply: asyncio.Future[AnyT], error: TutorkitError) -> None:
    """Hand an error over; each who waits gets one of his own, which he may add his records to."""
    if not reply.done():
        reply.set_exception(copy.copy(error))


def forsake(reply: asyncio.Future[AnyT]) -> None:
    """End the waiting where an error of another kind is on its way up: nobody may wait for ever."""
    if not reply.done():
        reply.cancel()


def custom_id(local_id: str, number: int) -> str:
    """Name a request within its batch, in at most 64 letters, digits and hyphens."""
    return f"{local_id}-{number}"

"""What the batch desk expects of a batch API: hand requests in together, look how far they are, take the results."""

from __future__ import annotations

import copy
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import NamedTuple, Protocol

from pydantic import JsonValue

from tutorkit.errors import ModelError

_IN_DOUBT = frozenset({408, 409})


@dataclass(frozen=True)
class Line:
    """One request of a batch, and the name by which its result is known."""

    custom_id: str
    body: Mapping[str, JsonValue]


@dataclass(frozen=True)
class Result:
    """What became of one request: its raw reply, or the error that came instead."""

    custom_id: str
    _: KW_ONLY
    payload: JsonValue = None
    failure: ModelError | None = None


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a batch is, in requests. ``failure`` is why it was refused as a whole: none of its requests was tried."""

    done: int
    total: int
    ended: bool
    failure: ModelError | None = None


class Found(NamedTuple):
    """What a search for a batch brought: its id, or None where there is none; not ``sure`` while others may be it."""

    remote_id: str | None
    sure: bool = True


class Batches(Protocol):
    """A batch API at one address. Making one neither imports an SDK nor needs a key."""

    @property
    def place(self) -> str:
        """Where batches go, as the journal names it."""
        ...

    @property
    def discounted(self) -> bool:
        """Whether the provider bills these requests at its batch price."""
        ...

    @property
    def one_model(self) -> bool:
        """Whether a batch may hold requests to one model only."""
        ...

    @property
    def most_requests(self) -> int:
        """How many requests a batch may hold."""
        ...

    @property
    def most_bytes(self) -> int:
        """How many bytes its requests may have together, as ``size`` counts them."""
        ...

    def size(self, body: Mapping[str, JsonValue]) -> int:
        """Return the bytes that a request takes in a batch."""
        ...

    async def newest(self) -> str | None:
        """Return the id of the account's newest batch, or None when it has none."""
        ...

    async def submit(self, local_id: str, lines: Sequence[Line]) -> str:
        """Hand a batch in and return the provider's id of it.

        Raises:
            ModelError: one of its kinds; ``surely_not_submitted`` tells whether there may be a batch all the same.
        """
        ...

    async def find(self, local_id: str, *, count: int, after: str | None, apart_from: Collection[str]) -> Found:
        """Look for a batch whose submission was cut off.

        Args:
            local_id: our name of it; every custom id begins with it.
            count: how many requests it has.
            after: the id of the account's newest batch before the submission; None when there was none.
            apart_from: ids of batches that are known to be others.
        """
        ...

    async def look(self, remote_id: str) -> Progress | None:
        """Return how far a batch is, or None when the provider knows no such batch.

        Raises:
            ReplyPending: when the batch waits for a person to run it.
        """
        ...

    def results(self, remote_id: str) -> AsyncIterator[Result]:
        """Return the results of an ended batch in any order; a request of which nothing is known is left out."""
        ...

    async def aclose(self) -> None:
        """Close the connections."""
        ...


def surely_not_submitted(error: ModelError) -> bool:
    """Tell whether a submission that failed with this error surely made no batch."""
    status = error.data.get("status")
    if isinstance(status, int):
        return status < 500 and status not in _IN_DOUBT
    return error.data.get("reached") is False


def not_tried(error: ModelError) -> ModelError:
    """Return a copy of an error that befell a whole batch, for one of its requests, which by itself was never tried."""
    twin = copy.copy(error)
    twin.data.update(reached=False, billed=False)
    return twin

"""The item runner: a bounded pool that resumes, keeps each item's failure to itself, and knows when to give up."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic

from pydantic import JsonValue

from tutorkit.canonical import canonical_json
from tutorkit.errors import (
    AllowanceSpent,
    MethodInvalid,
    ProviderFailed,
    RateLimited,
    Refused,
    ReplyPending,
    RunInterrupted,
    TooLong,
    Truncated,
    TutorkitError,
    Unreachable,
    UnusableOutput,
)
from tutorkit.graphs.events import StopSignal
from tutorkit.methods.vocabulary import ItemFailure, ItemT, Mapped
from tutorkit.ports import Sink

logger = logging.getLogger(__name__)

FINAL = (AllowanceSpent, Refused, TooLong, Truncated, UnusableOutput)
"""Asking again would bring the same: the item is set aside for good."""

PASSING = (Unreachable, RateLimited, ProviderFailed)
"""The provider's trouble: the item is tried again when the run is resumed."""

PASSING_IN_A_ROW = 8
"""So many in a row mean that the provider is down: no new item is begun."""


@dataclass(kw_only=True)
class ItemPool(Generic[ItemT]):
    """Does one piece of work for many items, at most ``concurrency`` at once.

    A finished item is remembered in the sink under the node's visit; when the run is resumed it is not done again.
    """

    sink: Sink
    run_id: str
    visit: str
    concurrency: int
    stop: StopSignal
    advanced: Callable[[int, int], None]
    _done: dict[str, JsonValue] = field(default_factory=dict)
    _failed: dict[str, ItemFailure] = field(default_factory=dict)
    _waiting: list[ReplyPending] = field(default_factory=list)
    _passing: list[TutorkitError] = field(default_factory=list)
    _in_a_row: int = 0
    _halt: TutorkitError | None = None
    _unexpected: Exception | None = None

    async def map(
        self, work: Callable[[ItemT], Awaitable[JsonValue]], items: Sequence[ItemT], *, key: Callable[[ItemT], str]
    ) -> Mapped:
        """Do the work for every item and return the results in the order of the items.

        Raises:
            ReplyPending: after all other items, when a person's replies are still to come; names every waiting request.
            RunInterrupted: when a stop was asked for; what was under way has been finished and kept.
            TutorkitError: what makes going on pointless (an exhausted budget, a refused key, a full disk), as soon as
                what is under way has ended; or the provider's trouble, after all other items.
        """
        names = [key(item) for item in items]
        if len(set(names)) < len(names):
            raise MethodInvalid(f"The node {self.visit} maps two items under one key.", data={"visit": self.visit})
        self._recall(names)
        fresh = [(name, item) for name, item in zip(names, items, strict=True) if not self._is_closed(name)]
        self.advanced(len(items) - len(fresh), len(items))
        queue = iter(fresh)
        await asyncio.gather(*(self._worker(work, queue, len(items)) for _ in range(min(self.concurrency, len(fresh)))))
        self._raise_what_stops(len(items))
        return Mapped(
            done={name: self._done[name] for name in names if name in self._done},
            failed=tuple(self._failed[name] for name in names if name in self._failed),
        )

    def _recall(self, names: Sequence[str]) -> None:
        for name, kept in self.sink.recall(self.run_id, self.visit, items=names).items():
            if isinstance(kept, Mapping):
                if "failed" in kept:
                    code, message = str(kept["failed"]), str(kept["message"])
                    self._failed[name] = ItemFailure(name, code, message)
                else:
                    self._done[name] = kept["done"]

    def _is_closed(self, name: str) -> bool:
        return name in self._done or name in self._failed

    async def _worker(
        self, work: Callable[[ItemT], Awaitable[JsonValue]], queue: Iterator[tuple[str, ItemT]], total: int
    ) -> None:
        for name, item in queue:
            if self.stop.requested or self._halt is not None:
                return
            await self._one(work, name, item)
            self.advanced(len(self._done) + len(self._failed), total)
            # Work that never waits would otherwise starve the loop, and with it Ctrl-C.
            await asyncio.sleep(0)

    async def _one(self, work: Callable[[ItemT], Awaitable[JsonValue]], name: str, item: ItemT) -> None:
        try:
            value = await work(item)
            canonical_json(value)
            self.sink.remember(self.run_id, self.visit, name, {"done": value})
            self._done[name] = value
            self._in_a_row = 0
        except FINAL as error:
            self._failed[name] = ItemFailure(name, error.code, error.message)
            self.sink.remember(self.run_id, self.visit, name, {"failed": error.code, "message": error.message})
        except ReplyPending as error:
            self._waiting.append(error)
        except PASSING as error:
            self._passing.append(error)
            self._in_a_row += 1
            if self._in_a_row >= PASSING_IN_A_ROW:
                self._halt = error
        except TutorkitError as error:
            self._halt = self._halt or error
        except Exception as error:
            logger.exception("The item %s of %s failed in a way that nobody foresaw.", name, self.visit)
            self._failed[name] = ItemFailure(name, "unexpected", f"{type(error).__name__}: {error}")
            self._unexpected = error

    def _raise_what_stops(self, total: int) -> None:
        if self._halt is not None:
            raise self._halt
        if self.stop.requested and len(self._done) + len(self._failed) < total:
            raise RunInterrupted(f"The run {self.run_id} was interrupted; what was under way is kept.")
        if self._passing:
            raise self._passing[0]
        if self._waiting:
            raise _all_waiting(self._waiting)
        if self._unexpected is not None and not self._done:
            raise self._unexpected


def _all_waiting(waiting: Sequence[ReplyPending]) -> ReplyPending:
    """Say of all requests at once that they wait, and of the replies that do not fit what is wrong with them."""
    if len({tuple(_files(error)) for error in waiting}) == 1:
        return waiting[0]
    files = sorted({str(file) for error in waiting for file in _files(error)})
    folder = str(waiting[0].data.get("folder", ""))
    misfits = [error.message for error in waiting if error.data.get("misfit")]
    return ReplyPending(
        " ".join([f"{len(files)} requests in {folder} wait for a reply.", *misfits]),
        remedy=" ".join(dict.fromkeys(error.remedy for error in waiting)),
        data={"files": files, "folder": folder, "misfit": bool(misfits)},
    )


def _files(error: ReplyPending) -> Sequence[object]:
    files = error.data.get("files", ())
    return files if isinstance(files, list | tuple) else ()

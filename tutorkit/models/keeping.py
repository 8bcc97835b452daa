"""What a call paid for reaches the disk before its reply is used; replies that come together share a transaction."""

from __future__ import annotations

import asyncio
import copy

from tutorkit.errors import TutorkitError
from tutorkit.models.cache import Paid, ReplyCache

GATHERING_S = 0.002
"""Seconds for which the first reply of a transaction waits for others: little beside a call, much beside a commit."""


class Keeper:
    """Writes what is put within ``GATHERING_S`` in one transaction: a commit costs more than its rows.

    Args:
        cache: where replies are kept.
    """

    def __init__(self, cache: ReplyCache) -> None:
        self._cache = cache
        self._waiting: list[tuple[Paid, asyncio.Future[None]]] = []

    async def put(self, paid: Paid) -> None:
        """Return when the reply is on the disk. Who is cancelled while waiting has it kept all the same.

        Raises:
            DiskFull, StoreUnavailable: when it could not be kept; the others of its transaction are told so too.
        """
        loop = asyncio.get_running_loop()
        kept = loop.create_future()
        self._waiting.append((paid, kept))
        if len(self._waiting) == 1:
            loop.call_later(GATHERING_S, self.flush)
        await kept

    def flush(self) -> None:
        """Write what waits, now."""
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        failure: TutorkitError | None = None
        written = False
        try:
            self._cache.put(*(paid for paid, _ in waiting))
            written = True
        except TutorkitError as error:
            failure = error
        finally:
            for _, kept in waiting:
                _settle(kept, written=written, failure=failure)


def _settle(kept: asyncio.Future[None], *, written: bool, failure: TutorkitError | None) -> None:
    if kept.done():
        return
    if written:
        kept.set_result(None)
    elif failure is not None:
        kept.set_exception(copy.copy(failure))
    else:
        # An error of another kind is on its way up: nobody may wait for ever.
        kept.cancel()

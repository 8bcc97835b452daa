"""One call that several wait for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Generic, TypeVar

ResultT = TypeVar("ResultT")


class Flight(Generic[ResultT]):
    """A call under way, shared by all who ask for the same.

    It ends with the last who waits: one of several waiters may be cancelled without harm to the others, and when all
    are, the call is too.

    Args:
        call: the call; it starts at once.
        landed: called with the flight when the call has ended, however it ended.
    """

    def __init__(self, call: Coroutine[object, object, ResultT], *, landed: Callable[[Flight[ResultT]], None]) -> None:
        self._task = asyncio.create_task(call)
        self._task.add_done_callback(lambda _: landed(self))
        self._waiting = 0
        self._claimed = False
        self._abandoned = False

    @property
    def open(self) -> bool:
        """Whether one may still join."""
        return not self._abandoned and not self._task.done()

    async def wait(self) -> tuple[ResultT, bool]:
        """Return the result, and whether this waiter is the first to get it."""
        self._waiting += 1
        try:
            result = await asyncio.shield(self._task)
        finally:
            self._waiting -= 1
            if not self._waiting and not self._task.done():
                self._abandon()
        first, self._claimed = not self._claimed, True
        return result, first

    async def cancel(self) -> None:
        """End the call, and return when it has ended."""
        self._abandon()
        await asyncio.wait([self._task])

    def _abandon(self) -> None:
        self._abandoned = True
        self._task.cancel()

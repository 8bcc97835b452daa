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
        key: what the call is known by.
        call: the call; it starts at once.
        landed: called with the flight when the call has ended, however it ended.
    """

    def __init__(
        self, key: str, call: Coroutine[object, object, ResultT], *, landed: Callable[[Flight[ResultT]], None]
    ) -> None:
        self.key = key
        self._task = asyncio.create_task(call)
        self._task.add_done_callback(self._land)
        self._landed = landed
        self._waiting: list[asyncio.Future[None]] = []
        self._claimed = False
        self._abandoned = False

    @property
    def open(self) -> bool:
        """Whether one may still join."""
        return not self._abandoned and not self._task.done()

    async def wait(self) -> tuple[ResultT, bool]:
        """Return the result, and whether this waiter is the first to get it."""
        turn: asyncio.Future[None] = self._task.get_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        finally:
            self._waiting.remove(turn)
            if not self._waiting and not self._task.done():
                self._abandon()
        result = self._task.result()
        first, self._claimed = not self._claimed, True
        return result, first

    async def cancel(self) -> None:
        """End the call, and return when it has ended."""
        self._abandon()
        await asyncio.wait([self._task])

    def _land(self, task: asyncio.Task[ResultT]) -> None:
        self._landed(self)
        if not task.cancelled():
            # Looked at once, a failure counts as seen, also where nobody waits any more.
            task.exception()
        for turn in self._waiting:
            if not turn.done():
                turn.set_result(None)

    def _abandon(self) -> None:
        self._abandoned = True
        self._task.cancel()

"""Watch over one batch that was handed in: look how far it is, and give each request its own result."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from pydantic import JsonValue

from tutorkit.errors import ModelError, TutorkitError
from tutorkit.models.batch.journal import Entry, Journal
from tutorkit.models.batch.waiting import BatchNews, Hear, Pace, custom_id, forsake, give, refuse
from tutorkit.models.providers.batch_failures import ended_without_answer
from tutorkit.models.providers.batches import Batches, Progress, Result, not_tried
from tutorkit.models.providers.failures import not_the_protocol

logger = logging.getLogger(__name__)

ValueT = TypeVar("ValueT")

_AT_ONCE = 500
"""After so many results whoever got one may work with it."""


class Watch:
    """One batch, and those who wait for results of it. It is looked at as long as somebody waits.

    Args:
        batches: the batch API.
        entry: the batch; the provider's id of it is known.
        journal: where it is written down.
        pace: how long is waited for what.
        hear: is told how far the batch is.
        rested: is called whenever nobody waits any more.
    """

    def __init__(
        self, batches: Batches, entry: Entry, *, journal: Journal, pace: Pace, hear: Hear, rested: Callable[[], None]
    ) -> None:
        self.entry = entry
        self._batches = batches
        self._journal = journal
        self._pace = pace
        self._hear = hear
        self._rested = rested
        self._remote_id = entry.name
        self._waiting: dict[int, asyncio.Future[JsonValue]] = {}
        self._given: set[int] = set()
        self._gone = False
        self._task: asyncio.Task[None] | None = None

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._waiting)

    def has(self, number: int) -> bool:
        """Tell whether the result of a request is still to be had here."""
        return not self._gone and number not in self._given and number not in self._waiting

    def join(self, number: int, reply: asyncio.Future[JsonValue]) -> None:
        """Wait for the result of a request of this batch."""
        self._waiting[number] = reply
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())

    def halt(self, error: TutorkitError) -> None:
        """Let nobody wait any longer; the batch itself goes on."""
        self._refuse_all(error)
        if self._task is not None:
            self._task.cancel()

    async def aclose(self) -> None:
        """Stop watching."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _run(self) -> None:
        try:
            while self._waiting:
                await self._once()
        except ModelError as error:
            # The batch goes on, whatever became of our looking: who asks again waits for it again.
            self._refuse_all(not_tried(error))
        except TutorkitError as error:
            self._refuse_all(error)
        finally:
            for reply in self._waiting.values():
                forsake(reply)
            self._waiting.clear()
            self._rested()

    async def _once(self) -> None:
        progress = await self._until_ended()
        if progress is None:
            self._gone = True
            self._journal.dropped(self.entry.local_id)
            logger.warning("The batch %s is no longer at its provider; its requests are sent anew.", self._remote_id)
            gone = ended_without_answer(
                model=f"The batch {self._remote_id}", why="it is no longer at its provider", transient=True
            )
            self._refuse_all(not_tried(gone))
        elif progress.failure is not None:
            self._gone = True
            self._journal.dropped(self.entry.local_id)
            self._refuse_all(not_tried(progress.failure))
        else:
            await self._patiently(self._take)
            self._journal.ended(self.entry.local_id)

    async def _until_ended(self) -> Progress | None:
        wait = self._pace.first_look
        while True:
            progress = await self._patiently(self._look)
            if progress is None or progress.ended:
                return progress
            await asyncio.sleep(wait)
            wait = min(wait * self._pace.growth, self._pace.longest_look)

    async def _look(self) -> Progress | None:
        progress = await self._batches.look(self._remote_id)
        if progress is not None:
            self._hear(BatchNews(self._remote_id, progress.done, progress.total))
        return progress

    async def _patiently(self, call: Callable[[], Awaitable[ValueT]]) -> ValueT:
        """Make a call again when it fails: a batch that takes a night outlives a broken line."""
        wait = self._pace.first_look
        for _ in range(self._pace.patience - 1):
            try:
                return await call()
            except ModelError as error:
                if not error.data.get("transient"):
                    raise
                logger.warning("The batch %s could not be looked at: %s", self._remote_id, error.message)
            await asyncio.sleep(wait)
            wait = min(wait * self._pace.growth, self._pace.longest_look)
        return await call()

    async def _take(self) -> None:
        expected = set(self._waiting)
        part: list[Result] = []
        async for result in self._batches.results(self._remote_id):
            part.append(result)
            if len(part) == _AT_ONCE:
                self._hand_out(part)
                part = []
                await asyncio.sleep(0)
        self._hand_out(part)
        missing = sorted(expected & self._waiting.keys())
        error = not_the_protocol(
            model=self._batches.place, why=f"no result for a request of the batch {self._remote_id}"
        )
        self._hand_out([Result(custom_id(self.entry.local_id, number), failure=error) for number in missing])

    def _hand_out(self, results: Sequence[Result]) -> None:
        """Give each result to whoever waits for it. Of two results of one request the second one finds nobody."""
        awaited = [(self._number(result), result) for result in results]
        failed = [number for number, result in awaited if result.failure is not None and number in self._waiting]
        if failed:
            # Before anybody hears of it: what has failed is asked anew, and must not be taken from here again.
            self._journal.failed(self.entry.local_id, failed)
        for number, result in awaited:
            reply = self._waiting.pop(number, None)
            if reply is None:
                continue
            self._given.add(number)
            if result.failure is None:
                give(reply, result.payload)
            else:
                refuse(reply, result.failure)

    def _number(self, result: Result) -> int:
        local_id, _, number = result.custom_id.rpartition("-")
        return int(number) if local_id == self.entry.local_id and number.isdecimal() else -1

    def _refuse_all(self, error: TutorkitError) -> None:
        waiting, self._waiting = self._waiting, {}
        for reply in waiting.values():
            refuse(reply, error)

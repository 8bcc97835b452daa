"""The way of a request through a batch API, as any other way: who sends it waits for its own reply."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Callable, Mapping

from pydantic import JsonValue

from tutorkit.errors import BudgetExhausted, RunInterrupted
from tutorkit.models.batch.counter import Counter
from tutorkit.models.batch.journal import Journal
from tutorkit.models.batch.waiting import BatchNews, Pace, forsake, refuse
from tutorkit.models.providers.base import Hear, Provider
from tutorkit.models.providers.batches import Batches
from tutorkit.models.sending import Way


class BatchDesk:
    """Gathers what is sent at the same time into batches, and gives each sender the reply to what he sent.

    All that the work under way has to ask comes together; what follows from the replies, a re-ask for example, makes
    the next batch. A batch is written down before it leaves, so that the same run finds it again whatever became of
    the process. A request that would pass a limit of the budget waits until the batches under way have ended: then it
    is known what they took. One process at a time may execute a run.

    Args:
        direct: how that is sent which cannot go in a batch.
        batches_of: the batch API for what a provider answers; None sends it directly.
        journal: where batches are written down.
        run_id: the run that pays.
        pace: how long is waited for what.
        stopped: tells whether a stop was asked for: then nobody waits any longer.
        news: is told how far the batches are.
    """

    def __init__(
        self,
        direct: Way,
        *,
        batches_of: Callable[[Provider], Batches | None],
        journal: Journal,
        run_id: str,
        pace: Pace | None = None,
        stopped: Callable[[], bool] = lambda: False,
        news: Callable[[BatchNews], None] = lambda _: None,
    ) -> None:
        self._direct = direct
        self._batches_of = batches_of
        self._journal = journal
        self._run_id = run_id
        self._pace = pace or Pace()
        self._stopped = stopped
        self._news = news
        self._counters: dict[tuple[str, str], Counter | None] = {}
        self._discounted: dict[tuple[str, str], bool] = {}
        self._under_way = 0
        self._queue: list[asyncio.Future[None]] = []
        self._guard: asyncio.Task[None] | None = None
        self._halted: RunInterrupted | None = None

    def gathers(self, provider: Provider) -> bool:
        """Tell whether the provider is asked in batches."""
        return self._counter(provider) is not None

    def discounts(self, provider: Provider) -> bool:
        """Tell whether the provider bills what comes this way at its batch price."""
        return self.gathers(provider) and self._discounted[_place(provider)]

    async def send(
        self,
        provider: Provider,
        body: Mapping[str, JsonValue],
        *,
        key: str,
        begin: Callable[[], None],
        hear: Hear | None,
    ) -> JsonValue:
        """Send a body with the next batch, or find it in an earlier one, and return the raw reply.

        Raises:
            RunInterrupted: when a stop was asked for; the batches under way go on.
            ReplyPending: when a batch waits for a person to run it.
        """
        counter = self._counter(provider)
        if counter is None:
            return await self._direct.send(provider, body, key=key, begin=begin, hear=hear)
        if self._guard is None:
            self._guard = asyncio.create_task(self._halt_when_stopped())
        await counter.ready()
        await self._admit(begin)
        self._under_way += 1
        try:
            payload = await counter.join(key, body)
        finally:
            self._under_way -= 1
        if hear is not None:
            hear(provider.read(payload).text)
        return payload

    async def aclose(self) -> None:
        """Stop waiting, and close what is open; batches under way go on."""
        if self._guard is not None:
            self._guard.cancel()
        for turn in self._queue:
            forsake(turn)
        for counter in self._counters.values():
            if counter is not None:
                await counter.aclose()
        self._journal.close()
        await self._direct.aclose()

    def _counter(self, provider: Provider) -> Counter | None:
        place = _place(provider)
        if place not in self._counters:
            batches = self._batches_of(provider)
            self._discounted[place] = batches is not None and batches.discounted
            self._counters[place] = None if batches is None else self._opened(batches)
        return self._counters[place]

    def _opened(self, batches: Batches) -> Counter:
        return Counter(
            batches,
            run_id=self._run_id,
            journal=self._journal,
            pace=self._pace,
            hear=self._news,
            rested=self._next_turn,
        )

    async def _admit(self, begin: Callable[[], None]) -> None:
        """Let a request begin. One that would pass a limit waits for its turn while others are under way."""
        while True:
            self._refuse_when_halted()
            try:
                begin()
            except BudgetExhausted:
                if not self._under_way:
                    raise
            else:
                return
            turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._queue.append(turn)
            await turn

    def _next_turn(self) -> None:
        queue, self._queue = self._queue, []
        for turn in queue:
            if not turn.done():
                turn.set_result(None)

    async def _halt_when_stopped(self) -> None:
        while not self._stopped():
            await asyncio.sleep(self._pace.stop_check)
        counters = [counter for counter in self._counters.values() if counter is not None]
        self._halted = _interrupted([words for counter in counters for words in counter.under_way])
        for counter in counters:
            counter.halt(self._halted)
        for turn in self._queue:
            refuse(turn, self._halted)

    def _refuse_when_halted(self) -> None:
        if self._halted is not None:
            raise copy.copy(self._halted)


def _place(provider: Provider) -> tuple[str, str]:
    return provider.name, provider.base_url


def _interrupted(under_way: list[str]) -> RunInterrupted:
    if not under_way:
        return RunInterrupted("The run was interrupted; no batch is under way.")
    return RunInterrupted(
        f"The run was interrupted; under way at the provider: {', '.join(under_way)}.",
        remedy="Run the same command again: it takes the replies once they are there, and submits nothing twice.",
        data={"under_way": under_way},
    )

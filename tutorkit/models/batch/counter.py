"""The desk's counter for one batch API: gather requests, hand batches in, and find those again that were handed in."""

from __future__ import annotations

import asyncio
import copy
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pydantic import JsonValue

from tutorkit.errors import ModelError, TutorkitError
from tutorkit.models.batch.journal import Entry, Journal
from tutorkit.models.batch.waiting import Hear, Pace, Waiting, custom_id, forsake, refuse
from tutorkit.models.batch.watch import Watch
from tutorkit.models.providers.batches import Batches, Line, not_tried, surely_not_submitted

_OURS = "tk"


@dataclass
class _Tray:
    """Requests that will make one batch."""

    requests: list[Waiting] = field(default_factory=list)
    bytes: int = 0
    touched: float = 0.0


class Counter:
    """Hands in what is asked at one batch API on behalf of one run, and nothing twice.

    Args:
        batches: the batch API.
        run_id: the run that pays.
        journal: where batches are written down.
        pace: how long is waited for what.
        hear: is told how far batches are.
        rested: is called whenever a batch has given out all that was waited for.
    """

    def __init__(
        self, batches: Batches, *, run_id: str, journal: Journal, pace: Pace, hear: Hear, rested: Callable[[], None]
    ) -> None:
        self._batches = batches
        self._run_id = run_id
        self._journal = journal
        self._pace = pace
        self._hear = hear
        self._rested = rested
        self._trays: dict[str, _Tray] = {}
        self._watches: dict[str, Watch] = {}
        self._by_key: defaultdict[str, list[tuple[Watch, int]]] = defaultdict(list)
        self._submitting: dict[str, Sequence[Waiting]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._recovery: asyncio.Task[None] | None = None
        # What is known of the run's batches is as old as the number of the doubt that was cleared up last.
        self._doubts = 1
        self._cleared = 0
        self._halted: TutorkitError | None = None

    @property
    def under_way(self) -> list[str]:
        """What somebody waits for, in words."""
        watched = [(watch.entry.name, watch.waiting) for watch in self._watches.values() if watch.waiting]
        submitting = [(local_id, len(requests)) for local_id, requests in self._submitting.items()]
        return [f"{name} ({count} requests)" for name, count in [*watched, *submitting]]

    async def ready(self) -> None:
        """Return when it is certain which batches the run has here.

        Raises:
            ModelError: when the provider could not be asked.
        """
        while self._cleared < self._doubts:
            if self._recovery is None or self._recovery.done():
                self._recovery = asyncio.create_task(self._recover())
            recovery = self._recovery
            try:
                await asyncio.shield(recovery)
            except ModelError as error:
                raise not_tried(error) from error
            except asyncio.CancelledError:
                if self._halted is not None and recovery.cancelled():
                    raise copy.copy(self._halted) from None
                raise

    def join(self, key: str, body: Mapping[str, JsonValue]) -> asyncio.Future[JsonValue]:
        """Wait for a request's raw reply: from a batch that was handed in, or else from one that is being gathered."""
        reply: asyncio.Future[JsonValue] = asyncio.get_running_loop().create_future()
        known = next(((watch, number) for watch, number in self._by_key.get(key, ()) if watch.has(number)), None)
        if known is not None:
            watch, number = known
            watch.join(number, reply)
        else:
            self._gather(Waiting(key=key, body=body, size=self._batches.size(body), reply=reply))
        return reply

    def halt(self, error: TutorkitError) -> None:
        """Let nobody wait any longer; batches that were handed in go on at their provider."""
        self._halted = error
        for tray in self._trays.values():
            for waiting in tray.requests:
                refuse(waiting.reply, error)
        self._trays.clear()
        for requests in self._submitting.values():
            for waiting in requests:
                refuse(waiting.reply, error)
        for watch in self._watches.values():
            watch.halt(error)
        if self._recovery is not None:
            self._recovery.cancel()

    async def aclose(self) -> None:
        """Stop everything here, and close the connections."""
        tasks = [*self._tasks, *([self._recovery] if self._recovery is not None else [])]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        for tray in self._trays.values():
            for waiting in tray.requests:
                forsake(waiting.reply)
        self._trays.clear()
        for watch in self._watches.values():
            await watch.aclose()
        await self._batches.aclose()

    def _gather(self, waiting: Waiting) -> None:
        loop = asyncio.get_running_loop()
        model = str(waiting.body.get("model", "")) if self._batches.one_model else ""
        tray = self._trays.get(model)
        if tray is not None and tray.bytes + waiting.size > self._batches.most_bytes:
            self._close(model, tray)
            tray = None
        if tray is None:
            tray = self._trays[model] = _Tray()
            loop.call_later(self._pace.linger, self._close_when_quiet, model, tray)
        tray.requests.append(waiting)
        tray.bytes += waiting.size
        tray.touched = loop.time()
        if len(tray.requests) == self._batches.most_requests:
            self._close(model, tray)

    def _close_when_quiet(self, model: str, tray: _Tray) -> None:
        if self._trays.get(model) is not tray:
            return
        loop = asyncio.get_running_loop()
        left = tray.touched + self._pace.linger - loop.time()
        if left > 0:
            loop.call_later(left, self._close_when_quiet, model, tray)
        else:
            self._close(model, tray)

    def _close(self, model: str, tray: _Tray) -> None:
        del self._trays[model]
        task = asyncio.create_task(self._submit(tray.requests))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _submit(self, requests: Sequence[Waiting]) -> None:
        local_id = f"{_OURS}{uuid.uuid4().hex[:16]}"
        self._submitting[local_id] = requests
        try:
            entry = await self._hand_in(local_id, requests)
            watch = self._watch(entry)
            for number, waiting in enumerate(requests):
                watch.join(number, waiting.reply)
        except ModelError as error:
            for waiting in requests:
                refuse(waiting.reply, not_tried(error))
        except TutorkitError as error:
            for waiting in requests:
                refuse(waiting.reply, error)
        finally:
            del self._submitting[local_id]
            if local_id not in self._watches:
                for waiting in requests:
                    forsake(waiting.reply)
                self._rested()

    async def _hand_in(self, local_id: str, requests: Sequence[Waiting]) -> Entry:
        entry = Entry(
            local_id=local_id,
            run_id=self._run_id,
            place=self._batches.place,
            model=str(requests[0].body.get("model", "")),
            newest_before=await self._batches.newest(),
            remote_id=None,
            status="prepared",
            prepared_at=time.time(),
        )
        self._journal.prepare(entry, [waiting.key for waiting in requests])
        lines = [Line(custom_id(local_id, number), waiting.body) for number, waiting in enumerate(requests)]
        try:
            remote_id = await self._batches.submit(local_id, lines)
        except ModelError as error:
            if surely_not_submitted(error):
                self._journal.dropped(local_id)
            else:
                self._doubts += 1
            raise
        return self._note(entry, remote_id)

    def _note(self, entry: Entry, remote_id: str) -> Entry:
        self._journal.submitted(entry.local_id, remote_id=remote_id)
        return replace(entry, remote_id=remote_id, status="submitted")

    def _watch(self, entry: Entry) -> Watch:
        watch = Watch(
            self._batches, entry, journal=self._journal, pace=self._pace, hear=self._hear, rested=self._rested
        )
        self._watches[entry.local_id] = watch
        for number, key in self._journal.items(entry.local_id).items():
            self._by_key[key].append((watch, number))
        return watch

    async def _recover(self) -> None:
        """Find every batch that this run has handed in here, also one of which only the intention is written down."""
        doubts = self._doubts
        for entry in self._journal.of_run(self._run_id, place=self._batches.place):
            if entry.local_id in self._watches or entry.local_id in self._submitting:
                continue
            known = await self._found(entry) if entry.status == "prepared" else entry
            if known is not None:
                self._watch(known)
        self._cleared = doubts

    async def _found(self, entry: Entry) -> Entry | None:
        await asyncio.sleep(max(0.0, min(entry.prepared_at + self._pace.settle - time.time(), self._pace.settle)))
        wait = self._pace.first_look
        while True:
            found = await self._batches.find(
                entry.local_id,
                count=self._journal.size(entry.local_id),
                after=entry.newest_before,
                apart_from=self._journal.remote_ids(entry.place),
            )
            if found.remote_id is not None:
                return self._note(entry, found.remote_id)
            if found.sure:
                self._journal.dropped(entry.local_id)
                return None
            await asyncio.sleep(wait)
            wait = min(wait * self._pace.growth, self._pace.longest_look)

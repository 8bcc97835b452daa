"""One thread that writes in batches, so that whoever puts something need not wait for the disk."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import Generic, TypeVar

from tutorkit.errors import StoreError

T = TypeVar("T")

LINGER_S = 0.05


class BatchWriter(Generic[T]):
    """Writes what is put, in order, at most ``batch`` at a time.

    What could not be written stays in the queue, before everything put later. The failure is raised at the next
    ``put``, which then takes nothing, and at the next ``flush``, which first tries again. At an orderly end of the
    interpreter the queue is written even when nobody called ``close``.

    Args:
        write: writes a batch whole or raises; it may be called again with the same items.
        batch: most items in one call.
        linger: seconds to wait for company before a batch is written, unless somebody waits for it: a transaction costs
            more than its rows.
    """

    def __init__(self, write: Callable[[Sequence[T]], None], *, batch: int = 1000, linger: float = LINGER_S) -> None:
        self._write = write
        self._batch = batch
        self._linger = linger
        self._hurry = threading.Event()
        self._lock = threading.Lock()
        self._pending: deque[T] = deque()
        self._accepted = 0
        self._written = 0
        self._job: Future[None] | None = None
        self._scheduled = False
        self._closed = False
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="tutorkit-store")

    def put(self, items: Iterable[T]) -> None:
        """Queue the items.

        Raises:
            StoreError: what went wrong with an earlier batch, or that the writer is closed; these items are not queued.
        """
        with self._lock:
            self._refuse_when_closed()
            if self._job is not None and self._job.done():
                self._job.result()
            before = len(self._pending)
            self._pending.extend(items)
            self._accepted += len(self._pending) - before
            if len(self._pending) >= self._batch:
                self._hurry.set()
            self._schedule()

    def flush(self) -> None:
        """Return when everything put before this call is written.

        Raises:
            StoreError: when it could not be; it is still queued.
        """
        with self._lock:
            target = self._accepted
        while True:
            with self._lock:
                if self._written >= target:
                    return
                self._refuse_when_closed()
                self._hurry.set()
                self._schedule()
                job = self._job
            if job is not None:
                job.result()

    def close(self) -> None:
        """Write what is queued and end the thread; closing once more does nothing.

        Raises:
            StoreError: when it could not be written; the thread ends all the same.
        """
        if self._closed:
            return
        try:
            self.flush()
        finally:
            with self._lock:
                self._closed = True
            self._thread.shutdown()

    def _refuse_when_closed(self) -> None:
        if self._closed:
            raise StoreError("The database was closed before this was put.", remedy="Open the store again.")

    def _schedule(self) -> None:
        """Have a job wait that has not begun; the lock is held."""
        if self._pending and not self._scheduled:
            self._scheduled = True
            self._job = self._thread.submit(self._drain)

    def _drain(self) -> None:
        self._hurry.wait(self._linger)
        with self._lock:
            self._hurry.clear()
            self._scheduled = False
        while batch := self._next():
            self._write(batch)
            with self._lock:
                for _ in batch:
                    self._pending.popleft()
                self._written += len(batch)

    def _next(self) -> list[T]:
        with self._lock:
            return list(islice(self._pending, self._batch))

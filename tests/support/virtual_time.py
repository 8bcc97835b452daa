"""An event loop whose clock jumps to the next thing that is to happen: minutes pass in no time, and always alike."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any


class _Jumping(selectors.DefaultSelector):
    """Waits for nothing: what was to be waited is added to the clock."""

    now = 1_000_000.0

    def select(self, timeout: float | None = None):
        found = super().select(0)
        if not found and timeout:
            self.now += timeout
        return found


class VirtualTime:
    """The clock of one simulated world; ``run`` plays a coroutine in it."""

    def __init__(self) -> None:
        self._selector = _Jumping()

    def __call__(self) -> float:
        return self._selector.now

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        loop = asyncio.SelectorEventLoop(self._selector)
        loop.time = self  # type: ignore[method-assign]
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            return runner.run(work)

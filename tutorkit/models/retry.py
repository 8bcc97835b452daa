"""Which failures are tried again, how often, and after how long."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt, wait_random_exponential

from tutorkit.errors import ModelError

ResultT = TypeVar("ResultT")


@dataclass(frozen=True, kw_only=True)
class RetryPolicy:
    """How a failed try is made again.

    The wait before the n-th retry is drawn evenly from 0 to ``base`` · 2ⁿ⁻¹ seconds, and not above ``longest``: "full
    jitter". What a provider asks for with Retry-After is waited in full; more than ``longest`` ends the tries.
    """

    tries: int = 5
    base: float = 1.0
    longest: float = 60.0


async def retrying(policy: RetryPolicy, attempt: Callable[[], Awaitable[ResultT]]) -> ResultT:
    """Run the attempt until it succeeds, fails for good, or the tries are used up; then its last error is raised."""
    backoff = wait_random_exponential(multiplier=policy.base, max=policy.longest)

    def wait(state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = _asked(error)
        return backoff(state) if asked is None else asked

    def helps(error: BaseException) -> bool:
        if not isinstance(error, ModelError) or not error.data.get("transient"):
            return False
        asked = _asked(error)
        return asked is None or asked <= policy.longest

    async def run() -> ResultT:
        return await attempt()

    retries = AsyncRetrying(
        sleep=asyncio.sleep,
        stop=stop_after_attempt(policy.tries),
        wait=wait,
        retry=retry_if_exception(helps),
        reraise=True,
    )
    return await retries(run)


def _asked(error: BaseException | None) -> float | None:
    seconds = error.data.get("retry_after") if isinstance(error, ModelError) else None
    return seconds if isinstance(seconds, float) else None

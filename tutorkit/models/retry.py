"""Which failures are tried again, how often, and after how long.

A loop of our own, and shorter than the wrapping of a library: tenacity was measured to add 0.05 ms of processor time to
every call, also to one that succeeds at once, a sixth of what a bare HTTP call takes.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

from tutorkit.errors import ModelError

ArgumentsT = ParamSpec("ArgumentsT")
ResultT = TypeVar("ResultT")


@dataclass(frozen=True, kw_only=True)
class RetryPolicy:
    """How a failed try is made again.

    The wait before the n-th retry is drawn evenly from 0 to ``base`` · 2ⁿ⁻¹ seconds, and not above ``longest``: "full
    jitter". What a provider asks for with Retry-After is waited at least; more than ``longest`` ends the tries.
    """

    tries: int = 5
    base: float = 1.0
    longest: float = 60.0


async def retrying(
    policy: RetryPolicy,
    attempt: Callable[ArgumentsT, Awaitable[ResultT]],
    *arguments: ArgumentsT.args,
    **named: ArgumentsT.kwargs,
) -> ResultT:
    """Run the attempt until it succeeds, fails for good, or the tries are used up; then its last error is raised."""
    for number in range(1, policy.tries):
        try:
            return await attempt(*arguments, **named)
        except ModelError as error:
            wait = _wait(policy, error, number)
            if wait is None:
                raise
        await asyncio.sleep(wait)
    return await attempt(*arguments, **named)


def _wait(policy: RetryPolicy, error: ModelError, number: int) -> float | None:
    """Return the seconds to wait after the failed try with this number, from 1; None when no retry helps."""
    if not error.data.get("transient"):
        return None
    drawn = random.uniform(0, min(policy.longest, policy.base * 2 ** (number - 1)))  # noqa: S311
    asked = error.data.get("retry_after")
    if not isinstance(asked, float):
        return drawn
    return max(asked, drawn) if asked <= policy.longest else None

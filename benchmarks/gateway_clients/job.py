"""The job that every client does, and how it is measured. Needs nothing but Python, since each runs in its own world.

A client is a script beside this one: it says what it does beside the calls in its docstring's first line, and hands
``measured`` a coroutine function that makes all calls and returns the answers.
"""

from __future__ import annotations

import asyncio
import gc
import json
import resource
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

MODEL = "stand-in"
_PROCESSES = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
SCHEMA = {
    "type": "object",
    "properties": {"answer": {"type": "integer"}, "why": {"type": "string"}},
    "required": ["answer", "why"],
    "additionalProperties": False,
}


@dataclass(frozen=True)
class Job:
    """``calls`` structured calls to ``url``, ``in_flight`` of them at a time."""

    url: str
    calls: int
    in_flight: int

    @property
    def prompts(self) -> list[str]:
        """The questions, each another one: none can be answered from a cache."""
        return [f"Item {number}: what are {number} and {number + 1} together?" for number in range(self.calls)]


def measured(work: Callable[[Job], Awaitable[Sequence[int]]]) -> None:
    """Do the job that the arguments name, and print what it took as JSON: ``cpu`` is the job's, ``start`` the rest."""
    url, calls, in_flight = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    # What the imports left for the collector is no part of the job.
    gc.collect()
    started, began = _cpu(), time.perf_counter()
    answers = asyncio.run(_checked(work, Job(url=url, calls=calls, in_flight=in_flight)))
    found = {
        "wall": time.perf_counter() - began,
        "cpu": _cpu() - started,
        "start": started,
        "rss_mb": max(resource.getrusage(who).ru_maxrss for who in _PROCESSES) / 1024,
        "answers": len(answers),
    }
    sys.stdout.write("\n" + json.dumps(found) + "\n")


async def in_turn(job: Job, one: Callable[[str], Awaitable[int]]) -> list[int]:
    """Make one call for each prompt, so many at a time: for clients that have no such thing of their own."""
    places = asyncio.Semaphore(job.in_flight)

    async def placed(prompt: str) -> int:
        async with places:
            return await one(prompt)

    return list(await asyncio.gather(*map(placed, job.prompts)))


async def _checked(work: Callable[[Job], Awaitable[Sequence[int]]], job: Job) -> Sequence[int]:
    answers = await work(job)
    if list(answers) != [7] * job.calls:
        raise SystemExit(f"{sum(answer == 7 for answer in answers)} of {job.calls} answers came through")
    return answers


def _cpu() -> float:
    return sum(sum(resource.getrusage(who)[:2]) for who in _PROCESSES)

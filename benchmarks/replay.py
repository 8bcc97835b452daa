"""Cached calls per second through the whole path, beside a bare loop over the same rows.

    python benchmarks/replay.py                     10,000 calls, three rounds
    python benchmarks/replay.py --calls 2000 --json

First the gateway records the calls, from a server on this machine that answers at once. Then, in every round:

- ``bare``: ``SELECT`` by a known key and ``json.loads`` of the reply and of the JSON in it, by ``sqlite3`` alone: the
  least that a cache written by hand does, without making the key;
- ``structured``: ``AccountedGateway.structured`` for each request: the strict schema, the body, the canonical key, the
  look-up, the reply read, its JSON parsed and checked by Pydantic, the ``Call`` record. One after another: a hit never
  waits, so that more of them at a time would be no faster;
- ``map``: a run of its own, whose node has a model student answer as many problems through ``deps.map``: also prompt,
  free text, grade, stamped ``Call``, attempt and remembered item as rows in a new SQLite store, checkpoint, events.

Every hit belongs to another run, which pays nothing. All is read from the file, which the system has in memory. The
figures are medians over the rounds, in one process and one thread beside the store's own; CPU counts both.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

from measuring_run import measuring_run, problems, rows
from pydantic import BaseModel, ConfigDict
from stand_in import reset, seen, stand_in

from tutorkit.graphs.events import ignore
from tutorkit.models import AccountedGateway, Gateway
from tutorkit.ports import CallContext, ChatRequest
from tutorkit.store import calls as calls_of
from tutorkit.store import open_store
from tutorkit.types import Message

IN_FLIGHT = 64
CONTEXT = CallContext(role="student", purpose="benchmark", prompt_id="", prompt_digest="", about=())
DOES = {
    "bare": "SELECT by a known key, json.loads of the reply and of the JSON in it",
    "structured": "schema, body, key, look-up, reply read, JSON parsed and checked, Call record",
    "map": "a run's deps.map: prompt, body, key, look-up, grade; call, attempt and item rows in SQLite",
}


class Answer(BaseModel):
    """What every call asks for."""

    model_config = ConfigDict(extra="forbid", strict=True)

    answer: int
    why: str


@dataclass(frozen=True, kw_only=True)
class Took:
    """Seconds for a number of hits, by the clock and of the processor."""

    hits: int
    wall: float
    cpu: float

    @property
    def per_second(self) -> float:
        """Hits per second."""
        return self.hits / self.wall

    @property
    def cpu_ms(self) -> float:
        """Milliseconds of processor time for each hit."""
        return self.cpu / self.hits * 1000


@dataclass(frozen=True, kw_only=True)
class Found:
    """What all rounds brought.

    ``requests`` is what the server saw while they went on; ``hits`` and ``rows`` are the last round's.
    """

    calls: int
    rounds: int
    requests: int
    hits: dict[str, int]
    rows: dict[str, int]
    per_second: dict[str, float]
    cpu_ms: dict[str, float]


async def measure(folder: Path, url: str, *, calls: int, rounds: int) -> Found:
    """Record the calls, answer them from the cache ``rounds`` times, and say how long that took.

    Raises:
        SystemExit: when a call was not a hit.
    """
    requests = [_request(url, number) for number in range(calls)]
    async with Gateway(cache=folder / "cache.sqlite", run_id="recorded", concurrency=IN_FLIGHT) as gateway:
        await _at_once(requests, lambda request: _structured(gateway, request))
        await _map(folder, "recorded", url=url, gateway=gateway, calls=calls)
    keys = _keys(folder / "cache.sqlite", calls)
    reset(url)
    took: dict[str, list[Took]] = {name: [] for name in DOES}
    for number in range(rounds):
        run_id = f"replayed-{number}"
        took["bare"].append(_all_hits("bare", _bare(folder / "cache.sqlite", keys), calls))
        async with Gateway(cache=folder / "cache.sqlite", run_id=run_id) as gateway:
            took["structured"].append(_all_hits("structured", await _in_turn(gateway, requests), calls))
            mapped, kept = await _map(folder, run_id, url=url, gateway=gateway, calls=calls)
            took["map"].append(_all_hits("map", mapped, calls))
    return Found(
        calls=calls,
        rounds=rounds,
        requests=int(seen(url)["requests"]),
        hits={name: found[-1].hits for name, found in took.items()},
        rows=kept,
        per_second={name: statistics.median(each.per_second for each in found) for name, found in took.items()},
        cpu_ms={name: statistics.median(each.cpu_ms for each in found) for name, found in took.items()},
    )


def _request(url: str, number: int) -> ChatRequest:
    asked = f"Item {number}: what are {number} and {number + 1} together?"
    return ChatRequest(model=f"openai/stand-in@{url}/v1", messages=(Message(role="user", content=asked),))


async def _structured(gateway: Gateway, request: ChatRequest) -> bool:
    """Make one call, and tell whether it was a hit."""
    reply = await AccountedGateway(gateway).structured(request, Answer, CONTEXT)
    return reply.value.answer == 7 and reply.calls[-1].cache_hit


async def _at_once(requests: Sequence[ChatRequest], one: Callable[[ChatRequest], Awaitable[object]]) -> None:
    waiting = iter(requests)

    async def worker() -> None:
        for request in waiting:
            await one(request)

    await asyncio.gather(*(worker() for _ in range(IN_FLIGHT)))


async def _in_turn(gateway: Gateway, requests: Sequence[ChatRequest]) -> Took:
    wall, cpu = time.perf_counter(), time.process_time()
    hits = 0
    for request in requests:
        hits += await _structured(gateway, request)
    return Took(hits=hits, wall=time.perf_counter() - wall, cpu=time.process_time() - cpu)


async def _map(folder: Path, run_id: str, *, url: str, gateway: Gateway, calls: int) -> tuple[Took, dict[str, int]]:
    asked = problems(calls)
    with open_store(f"sqlite:///{folder / run_id}.sqlite") as store:
        wall, cpu = time.perf_counter(), time.process_time()
        await measuring_run(
            run_id,
            asked=asked,
            url=url,
            gateway=gateway,
            store=store,
            folder=folder / run_id,
            concurrency=IN_FLIGHT,
            listen=ignore,
        )
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        hits = sum(call.cache_hit for call in calls_of(store, run_id=run_id))
        return Took(hits=hits, wall=wall, cpu=cpu), rows(store, run_id)


def _keys(cache: Path, calls: int) -> list[str]:
    with closing(sqlite3.connect(cache)) as connection:
        return [key for (key,) in connection.execute("SELECT key FROM reply ORDER BY rowid LIMIT ?", (calls,))]


def _bare(cache: Path, keys: Sequence[str]) -> Took:
    with closing(sqlite3.connect(cache)) as connection:
        wall, cpu = time.perf_counter(), time.process_time()
        hits = 0
        for key in keys:
            (payload,) = connection.execute("SELECT payload FROM reply WHERE key = ?", (key,)).fetchone()
            hits += json.loads(json.loads(payload)["choices"][0]["message"]["content"])["answer"] == 7
        return Took(hits=hits, wall=time.perf_counter() - wall, cpu=time.process_time() - cpu)


def _all_hits(what: str, took: Took, calls: int) -> Took:
    if took.hits != calls:
        raise SystemExit(f"{what}: {took.hits} of {calls} calls were answered from the cache")
    return took


def table(found: Found) -> str:
    """Return the figures as a Markdown table."""
    lines = ["| path | hits/s | CPU ms | × bare | does |", "|---" * 5 + "|"]
    for name, does in DOES.items():
        ratio = found.cpu_ms[name] / found.cpu_ms["bare"]
        lines.append(f"| {name} | {found.per_second[name]:,.0f} | {found.cpu_ms[name]:.3f} | {ratio:.1f} | {does} |")
    return "\n".join(lines)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    if min(given.calls, given.rounds) < 1:
        parser.error("give at least one call and one round")
    with tempfile.TemporaryDirectory() as folder, stand_in(0.0) as url:
        found = asyncio.run(measure(Path(folder), url, calls=given.calls, rounds=given.rounds))
    if given.json:
        sys.stdout.write(json.dumps(asdict(found), indent=1) + "\n")
        return
    kept = ", ".join(f"{number:,} {name}" for name, number in found.rows.items())
    sys.stdout.write(f"\n{found.calls:,} calls, {found.rounds} rounds; the server saw {found.requests} requests.\n")
    sys.stdout.write(f"Rows of one mapped run: {kept}.\n\n{table(found)}\n")


if __name__ == "__main__":
    main()

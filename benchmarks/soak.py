"""Twenty thousand calls through a method's ``map``: does memory stay flat, and is every call in the ledger once?

    python benchmarks/soak.py                       20,000 calls, 64 in flight, server's latency 0
    python benchmarks/soak.py --calls 5000 --latency 0.05 --json

The run is a real one: graph, item pool, model student, gateway with cache and budget, call, attempt and item rows in
SQLite. A server on this machine answers and counts. Memory is the process's resident set (Linux), read whenever another
tenth of the calls is done; growth is from 20 %, when pools, caches and connections have been filled, to the end of the
run, its last checkpoint included. The problems are made before it begins.
It fails when memory grew by the goal of 50 MB or more, or when server and ledgers differ.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

from measuring_run import measuring_run, problems, rows
from stand_in import reset, seen, stand_in

from tutorkit.graphs.events import Event, ItemsAdvanced
from tutorkit.models import Gateway, RunBudget, spent_by
from tutorkit.store import open_store

RUN_ID = "soak"
WARM_AT = 20
GOAL_MB = 50


@dataclass
class Memory:
    """Reads the resident set, in MB, as tenths of the calls are done."""

    by_percent: dict[int, float] = field(default_factory=dict)

    def __call__(self, event: Event) -> None:
        """Hear of the run's progress."""
        if isinstance(event, ItemsAdvanced):
            tenth = event.done * 10 // event.total * 10
            if tenth not in self.by_percent:
                self.by_percent[tenth] = resident_mb()


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a soak brought.

    ``requests`` is what the server counted; ``rows`` are the run's in the store, ``tries`` the paid ones in the cache's
    own ledger, ``admitted`` the budget's. Memory is in MB.
    """

    calls: int
    in_flight: int
    requests: int
    tries: int
    admitted: int
    rows: dict[str, int]
    peak_in_flight: int
    per_second: float
    cpu_ms: float
    resident: dict[int, float]
    end: float
    peak: float
    growth: float

    @property
    def exact(self) -> bool:
        """Whether server, cache, budget and store have every call once."""
        return {self.requests, self.tries, self.admitted, *self.rows.values()} == {self.calls}

    @property
    def flat(self) -> bool:
        """Whether memory stayed within the goal."""
        return self.growth < GOAL_MB


def resident_mb() -> float:
    """Return how much memory this process holds."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


async def soak(folder: Path, url: str, *, calls: int, in_flight: int) -> Found:
    """Make the calls, and say what they left."""
    memory, budget = Memory(), RunBudget()
    asked = problems(calls)
    cache = folder / "cache.sqlite"
    reset(url)
    with open_store(f"sqlite:///{folder / 'store.sqlite'}") as store:
        wall, cpu = time.perf_counter(), time.process_time()
        async with Gateway(cache=cache, run_id=RUN_ID, budget=budget, concurrency=in_flight) as gateway:
            await measuring_run(
                RUN_ID,
                asked=asked,
                url=url,
                gateway=gateway,
                store=store,
                folder=folder / RUN_ID,
                concurrency=in_flight,
                listen=memory,
            )
            wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
            end = resident_mb()
        counted = seen(url)
        return Found(
            calls=calls,
            in_flight=in_flight,
            requests=int(counted["requests"]),
            tries=spent_by(cache, RUN_ID).calls,
            admitted=budget.spent.calls,
            rows=rows(store, RUN_ID),
            peak_in_flight=int(counted["peak"]),
            per_second=calls / wall,
            cpu_ms=cpu / calls * 1000,
            resident=memory.by_percent,
            end=end,
            peak=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            growth=end - memory.by_percent[WARM_AT],
        )


def words(found: Found) -> str:
    """Return what was found as a person reads it."""
    steps = "\n".join(f"| {percent} % | {held:.1f} |" for percent, held in found.resident.items())
    verdict = "within" if found.flat else "ABOVE"
    ledger = ", ".join(f"{number:,} {name} rows" for name, number in found.rows.items())
    return (
        f"\n{found.calls:,} calls, {found.in_flight} in flight: {found.per_second:,.0f} calls/s,"
        f" {found.cpu_ms:.2f} ms of processor time each\n\n"
        f"| calls done | MB |\n|---|---|\n{steps}\n| end of run | {found.end:.1f} |\n\n"
        f"Growth after {WARM_AT} %: {found.growth:.1f} MB, {verdict} the goal of {GOAL_MB} MB;"
        f" peak {found.peak:.0f} MB\n"
        f"The server counted {found.requests:,} requests, at most {found.peak_in_flight} at once; the ledger has"
        f" {ledger}, {found.tries:,} paid tries: {'all the same' if found.exact else 'THEY DIFFER'}\n"
    )


def main() -> None:
    """Soak and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=20_000)
    parser.add_argument("--in-flight", type=int, default=64)
    parser.add_argument("--latency", type=float, default=0.0, help="seconds until the server answers")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    if not Path("/proc/self/statm").exists():
        parser.error("memory is read from /proc/self/statm, which this system does not have: run it on Linux")
    if given.calls < 10:
        parser.error("give at least 10 calls: memory is read at every tenth of them")
    with tempfile.TemporaryDirectory() as folder, stand_in(given.latency) as url:
        found = asyncio.run(soak(Path(folder), url, calls=given.calls, in_flight=given.in_flight))
    sys.stdout.write(json.dumps(asdict(found), indent=1) + "\n" if given.json else words(found))
    sys.exit(0 if found.exact and found.flat else 1)


if __name__ == "__main__":
    main()

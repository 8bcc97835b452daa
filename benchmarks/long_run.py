"""Ten thousand problems through a whole method: does memory stay flat, and how soon does a killed run go on?

    python benchmarks/long_run.py                         tpd, 5,000 val and 5,000 test; student and teacher over HTTP
    python benchmarks/long_run.py --student sim/two-bugs  a simulated student, taught by rules
    python benchmarks/long_run.py --method undo --student sim/two-bugs --items 2000 --json

The experiment is run twice by the command's own path (``Lab.teach_plan``), each life of it a process of its own. First
whole, to see its memory: growth is from the first fifth of its calls to its largest later, the report included. Then in
a new home, killed with SIGKILL after 10, 30, 50, 80 and 97 % of the calls, and begun again each time: how long is it
from the process's start to the first new call and to the first new item finished, and what was asked twice?

Over HTTP a server on this machine answers at once (``classroom.py``): the student is always wrong, so every problem of
``val`` is diagnosed and checked. It fails when memory grew by 50 MB or more, when a life took 10 s or more to go on,
when more was asked twice than was in flight, or when the two runs end differently.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from stand_in import reset, seen, stand_in

from tutorkit.methods.registry import find_method
from tutorkit.settings import Settings

WORKER = Path(__file__).resolve().with_name("long_run_worker.py")
KILL_AT = (0.10, 0.30, 0.50, 0.80, 0.97)
WARM = 0.2
GOAL_MB = 50
GOAL_S = 10

Line = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Memory:
    """The resident set of the whole run, in MB: the largest in every tenth of the calls.

    ``warm`` is when a fifth of them was done, ``end`` when the report was written.
    """

    by_percent: dict[int, float]
    warm: float
    end: float

    @property
    def growth(self) -> float:
        """From the first fifth of the calls to the largest later."""
        later = [held for percent, held in self.by_percent.items() if percent >= WARM * 100]
        return max(*later, self.end) - self.warm


@dataclass(frozen=True, kw_only=True)
class Resumed:
    """One kill, and what it took to go on: seconds from the new process's start, and of the processor until then."""

    percent: int
    node: str
    imported: float
    first_call: float
    first_item: float
    cpu: float


@dataclass(frozen=True, kw_only=True)
class Found:
    """What both runs brought; ``again`` is how many requests the server had more than once in the killed one."""

    method: str
    student: str
    sizes: dict[str, int]
    calls: int
    seconds: float
    cpu: float
    in_flight: int
    memory: Memory
    resumed: tuple[Resumed, ...]
    requests: int
    again: int
    same_end: bool

    def judged(self) -> list[str]:
        """Return what is not as it should be."""
        faults = [f"memory grew by {self.memory.growth:.0f} MB"] * (self.memory.growth >= GOAL_MB)
        faults += [
            f"{each.first_item:.1f} s until it went on at {each.percent} %"
            for each in self.resumed
            if each.first_item >= GOAL_S
        ]
        faults += [f"{self.again} requests were made twice"] * (self.again > self.in_flight * len(self.resumed))
        return faults + ["the killed run ended otherwise"] * (not self.same_end)


def life(plan: Mapping[str, object], home: Path, *, expected: int, kill_after: int | None = None) -> Iterator[Line]:
    """Start a process and yield its lines, ``start`` first; kill it when it has told of so many calls."""
    command = [sys.executable, str(WORKER), json.dumps(plan), str(home), str(expected)]
    settings = {**os.environ, "OPENAI_API_KEY": "none", "TUTORKIT_LIMITS_DIR": str(home / "limits")}
    yield {"what": "start", "at": time.monotonic()}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=settings) as process:
        assert process.stdout is not None
        for text in process.stdout:
            line: Line = json.loads(text)
            yield line
            if kill_after is not None and line["what"] == "calls" and line["calls"] >= kill_after:
                process.send_signal(signal.SIGKILL)
                break
    if kill_after is None and process.returncode:
        raise SystemExit(f"the run failed with the exit code {process.returncode}")


def whole(plan: Mapping[str, object], home: Path, *, expected: int) -> list[Line]:
    """Run it to its end without a kill."""
    return list(life(plan, home, expected=expected))


def memory_of(lines: list[Line], calls: int) -> Memory:
    """Read how it went from what a process told."""
    told = [(line["calls"] / calls, line["mb"]) for line in lines if "calls" in line and line["what"] != "end"]
    found: dict[int, float] = {}
    for share, held in told:
        percent = int(share * 10) * 10
        found[percent] = max(found.get(percent, 0.0), held)
    warm = next(held for share, held in told if share >= WARM)
    return Memory(by_percent=found, warm=warm, end=lines[-1]["mb"])


def killed(plan: Mapping[str, object], home: Path, *, calls: int) -> tuple[list[Resumed], Line]:
    """Run it with all kills, and return how it went on after each and its last line."""
    resumed: list[Resumed] = []
    made, moment = 0, (0, "")
    for share in (*KILL_AT, None):
        kill_after = None if share is None else max(1, int(calls * share) - made)
        lines = list(life(plan, home, expected=calls, kill_after=kill_after))
        if moment[1]:
            resumed.append(_resumed(lines, *moment))
        last = lines[-1]
        made += int(last["calls"]) if share is not None else 0
        moment = (round((share or 1) * 100), str(last.get("node", "")))
    return resumed, last


def _resumed(lines: list[Line], percent: int, node: str) -> Resumed:
    first = {line["what"]: line for line in reversed(lines)}
    begun = first["start"]["at"]
    return Resumed(
        percent=percent,
        node=node,
        imported=first["imported"]["at"] - begun,
        first_call=first["first call"]["at"] - begun,
        first_item=first["first item"]["at"] - begun,
        cpu=first["first item"]["cpu"],
    )


def measure(folder: Path, url: str, *, method: str, student: str, items: int) -> Found:
    """Run both, and say what was found."""
    over_http = student == "http"
    name = f"openai/stand-in@{url}/v1"
    sizes = sizes_for(method, items)
    plan = {
        "method": method,
        "task": "chains",
        "student": name if over_http else student,
        "teacher": name if over_http else "rules",
        "sizes": sizes,
        "controls": "none",
    }
    complete = whole(plan, folder / "whole", expected=5 * items // 2)
    end = complete[-1]
    reset(url)
    resumed, last = killed(plan, folder / "killed", calls=end["calls"])
    counted = seen(url)
    return Found(
        method=method,
        student=student,
        sizes=sizes,
        calls=end["calls"],
        seconds=end["at"] - complete[0]["at"],
        cpu=end["cpu"],
        in_flight=Settings().concurrency,
        memory=memory_of(complete, end["calls"]),
        resumed=tuple(resumed),
        requests=int(counted["requests"]),
        again=int(counted["requests"] - counted["different"]),
        same_end=(end["figures"], end["failed"]) == (last["figures"], last["failed"]),
    )


def sizes_for(method: str, items: int) -> dict[str, int]:
    """Deal the problems out: half to be tested on, or few where a method practises on ``train``."""
    if find_method(method).practice == "train":
        return {"train": items, "val": 60, "test": 200}
    return {"train": 3, "val": items // 2, "test": items // 2}


def words(found: Found) -> str:
    """Return what was found as a person reads it."""
    held = "\n".join(f"| {percent} % | {mb:.0f} |" for percent, mb in found.memory.by_percent.items())
    went_on = "\n".join(
        f"| {each.percent} % | {each.node.partition('#')[0]} | {each.imported:.1f} | {each.first_call:.1f} |"
        f" {each.first_item:.1f} | {each.cpu:.1f} |"
        for each in found.resumed
    )
    asked = f"The server had {found.requests:,} requests, {found.again} of them twice.\n" if found.requests else ""
    dealt = ", ".join(f"{size:,} {split}" for split, size in found.sizes.items())
    return (
        f"\n{found.method}, {found.student}: {dealt}; {found.calls:,} calls in {found.seconds:.0f} s,"
        f" {found.cpu:.0f} s of the processor\n\n"
        f"| calls done | MB |\n|---|---|\n{held}\n| with the report | {found.memory.end:.0f} |\n\n"
        f"Growth after {WARM:.0%}: {found.memory.growth:.1f} MB (goal: under {GOAL_MB})\n\n"
        "| killed at | in | imports s | first call s | first item s | processor s |\n"
        f"|---|---|---|---|---|---|\n{went_on}\n\n"
        f"{asked}{'; '.join(found.judged()) or 'All is as it should be.'}\n"
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--method", default="tpd")
    parser.add_argument("--student", default="http", help="http, or a simulated student such as sim/two-bugs")
    parser.add_argument("--items", type=int, default=10_000, help="problems")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    if not Path("/proc/self/statm").exists():
        parser.error("memory is read from /proc/self/statm, which this system does not have: run it on Linux")
    if given.items < 100:
        parser.error("give at least 100 items: it is killed at percents of their calls")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = stack.enter_context(stand_in(0.0, classroom=True))
        found = measure(folder, url, method=given.method, student=given.student, items=given.items)
    faults = found.judged()
    told = json.dumps({**asdict(found), "growth": found.memory.growth, "faults": faults}, indent=1) + "\n"
    sys.stdout.write(told if given.json else words(found))
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()

"""One life of a long run: what ``long_run.py`` starts, listens to, and kills.

It runs an experiment in a home folder, or goes on with it, and writes a JSON line for whatever is worth knowing: when
the imports are done, when a node begins, the first new call and the first item that is finished after it, the calls so
far at every half percent of them, and the end. Each line has the time (``time.monotonic``, which all processes share),
the processor time in seconds and the resident set in MB.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from tutorkit.graphs.events import CallMade, Event, ItemsAdvanced, NodeStarted, RunEnded
from tutorkit.lab import Lab, Plan

MARKS = 200


class Teller:
    """Listens to a run, and tells; ``expected`` is how many calls the whole of it has, as far as is known."""

    def __init__(self, expected: int) -> None:
        self._every = max(1, expected // MARKS)
        self._calls = 0
        self._waits_for_item = False
        self._done = 0

    def __call__(self, event: Event) -> None:
        """Hear of the run's progress."""
        match event:
            case NodeStarted():
                tell("node", node=event.node, calls=self._calls)
            case CallMade():
                self._calls += 1
                if self._calls == 1:
                    self._waits_for_item = True
                    tell("first call", node=event.node)
                if self._calls % self._every == 0:
                    tell("calls", node=event.node, calls=self._calls)
            case ItemsAdvanced() if self._waits_for_item and event.done > self._done:
                self._waits_for_item = False
                tell("first item", node=event.node, done=event.done, total=event.total)
            case ItemsAdvanced():
                self._done = event.done
            case RunEnded():
                tell("taught", status=event.status, calls=self._calls)


def tell(what: str, **more: object) -> None:
    """Write one line."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    held = pages * os.sysconf("SC_PAGE_SIZE") / 2**20
    line = {"what": what, "at": time.monotonic(), "cpu": time.process_time(), "mb": held, **more}
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Run the plan of the first argument, JSON, in the home of the second; the third is how many calls are expected."""
    given: dict[str, Any] = json.loads(sys.argv[1])
    tell("imported")
    with Lab(home=Path(sys.argv[2])) as lab:
        report = lab.teach_plan(Plan(**given), listen=Teller(int(sys.argv[3])))
        calls = sum(line.calls + line.cache_hits for line in report.spending)
        figures = [arm.model_dump(include={"untaught", "taught", "outcomes"}) for arm in report.arms]
        tell("end", calls=calls, failed=report.failed_items, figures=figures)


if __name__ == "__main__":
    main()

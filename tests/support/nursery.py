"""Start the command line in a fraction of a second, as often as a test wants to kill it.

Run as a script this is the nursery: it imports everything once, forks a process for each command that it reads from its
standard input (a line with a JSON list: home folder and arguments), and tells the process's number and then how it
ended. What it forks has opened no file, no database and no connection before.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple


class Ended(NamedTuple):
    """How a command ended: its exit code, or minus the signal that killed it, and all that it said."""

    code: int
    said: str


def _nobody(number: int) -> None:
    """Nobody wants to know."""


class Nursery:
    """Runs commands one after another."""

    def __init__(self, process: subprocess.Popen[str], log: Path) -> None:
        self._process = process
        self._log = log

    def run(self, arguments: Sequence[str], *, home: Path, started: Callable[[int], None] = _nobody) -> Ended:
        """Run a command to its end with this home folder; ``started`` is told its process's number."""
        before = self._log.stat().st_size
        self._process.stdin.write(json.dumps([str(home), *arguments]) + "\n")
        self._process.stdin.flush()
        started(int(self._process.stdout.readline()))
        code = int(self._process.stdout.readline())
        return Ended(code, self._log.read_bytes()[before:].decode("utf-8", "replace"))


@contextmanager
def nursery(folder: Path) -> Iterator[Nursery]:
    """Open a nursery that keeps its things in the folder; the settings of the test (``TUTORKIT_*``) hold in it."""
    log = folder / "said.txt"
    log.touch()
    root = Path(__file__).resolve().parents[2]
    settings = {name: value for name, value in os.environ.items() if name.startswith("TUTORKIT_")}
    with subprocess.Popen(
        [sys.executable, __file__, str(log)],
        env={**settings, "PATH": "", "PYTHONPATH": str(root), "TUTORKIT_LIMITS_DIR": str(folder / "limits")},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield Nursery(process, log)
        process.stdin.close()


def _tend(log: str) -> None:
    import aiohttp  # noqa: F401
    import langgraph.checkpoint.sqlite.aio
    import langgraph.graph  # noqa: F401

    from tutorkit.cli.main import run

    for line in sys.stdin:
        child = os.fork()
        if not child:
            said = os.open(log, os.O_WRONLY | os.O_APPEND)
            os.dup2(said, 1)
            os.dup2(said, 2)
            os.environ["TUTORKIT_HOME"], *arguments = json.loads(line)
            sys.argv = ["tutorkit", *arguments]
            run()
            return
        _tell(child)
        _tell(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


def _tell(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    _tend(sys.argv[1])

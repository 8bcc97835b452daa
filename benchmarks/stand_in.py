"""The stand-in provider as the benchmarks use it: started, reset, asked what it saw."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SERVER = Path(__file__).resolve().with_name("server.py")


@contextmanager
def stand_in(latency: float, *, classroom: bool = False) -> Iterator[str]:
    """Serve the stand-in provider, which answers after ``latency`` seconds, and give its address.

    With ``classroom`` it answers as a student and as a teacher.
    """
    command = [sys.executable, str(SERVER), "--latency", str(latency), *(["--classroom"] if classroom else [])]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None and server.stdin is not None
        try:
            yield f"http://127.0.0.1:{int(server.stdout.readline())}"
        finally:
            server.stdin.close()


def reset(url: str) -> None:
    """Have it forget what it saw."""
    _ask(f"{url}/reset", data=b"{}")


def seen(url: str) -> dict[str, float]:
    """Return what it saw since the last reset: ``requests``, ``different`` ones, ``peak`` in flight, ``span`` in s."""
    return _ask(f"{url}/stats")


def _ask(url: str, data: bytes | None = None) -> dict[str, float]:
    with urllib.request.urlopen(url, data=data, timeout=10) as reply:
        found: dict[str, float] = json.loads(reply.read())
    return found

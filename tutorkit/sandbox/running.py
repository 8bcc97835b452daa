"""Start a boxed program, listen to it, and end it, whatever it does."""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Literal

from tutorkit.sandbox.outcome import Limits

_PIECE = 65_536
_STATUS_SIZE = 4096
_DYING_S = 10.0

CutBy = Literal["timed_out", "output_cut"]


@dataclass(frozen=True, kw_only=True)
class Heard:
    """What came out of the box. ``cut_by`` says why it was ended, if it was; ``exit_code`` is 128 + N for signal N."""

    report: bytes
    output: bytes
    exit_code: int
    cut_by: CutBy | None


@dataclass
class _Listening:
    """What there is of a run while it goes on. ``first`` is a descriptor of the first process in the box, if known."""

    limits: Limits
    process: subprocess.Popen[bytes]
    report: bytearray = field(default_factory=bytearray)
    output: bytearray = field(default_factory=bytearray)
    status: bytearray = field(default_factory=bytearray)
    first: int | None = None
    cut_by: CutBy | None = None

    def hear_report(self, piece: bytes) -> None:
        self._keep(self.report, piece, self.limits.report)

    def hear_output(self, piece: bytes) -> None:
        self._keep(self.output, piece, self.limits.output)

    def hear_status(self, piece: bytes) -> None:
        """Learn from bubblewrap which process is the first one in the box: with it all others die."""
        self.status += piece[: _STATUS_SIZE - len(self.status)]
        line, ended, _ = self.status.partition(b"\n")
        if ended and self.first is None:
            # Bubblewrap collects it only when it has ended, and there is hardly a moment in which it could have.
            with suppress(ProcessLookupError):
                self.first = os.pidfd_open(json.loads(line)["child-pid"])
        if self.cut_by is not None:
            self.kill()

    def end(self, why: CutBy) -> None:
        """Kill everything in the box: now, or as soon as it is known what that is."""
        self.cut_by = self.cut_by or why
        self.kill()

    def kill(self) -> None:
        """Kill the first process in the box, if it is known. Bubblewrap ends by itself then.

        The other way round would not do: killed at its beginning it leaves a child that does not know of its death.
        """
        if self.first is not None:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self.first, signal.SIGKILL)

    def _keep(self, kept: bytearray, piece: bytes, most: int) -> None:
        kept += piece[: most - len(kept)]
        if len(kept) >= most and self.cut_by is None:
            self.end("output_cut")


def watch(command: Sequence[str], *, passed: Sequence[int], status: tuple[int, int], limits: Limits) -> Heard:
    """Run bubblewrap to its end, or to the end of what is allowed.

    Args:
        command: bubblewrap with its arguments.
        passed: descriptors that it inherits.
        status: both ends of the pipe for its ``--json-status-fd``; both are closed here.
        limits: how long it may take, and how much it may say.

    Returns:
        What was heard. By then no process of the box is alive.
    """
    deadline = time.monotonic() + limits.wall_s
    with _started(command, passed, status) as process, selectors.DefaultSelector() as waiting:
        listening = _Listening(limits, process)
        hearers: dict[int, Callable[[bytes], None]] = {
            _fileno(process.stdout): listening.hear_report,
            _fileno(process.stderr): listening.hear_output,
            status[0]: listening.hear_status,
        }
        for descriptor in hearers:
            waiting.register(descriptor, selectors.EVENT_READ)
        with _emptied(listening, waiting, hearers), _watched(process.pid) as end:
            waiting.register(end, selectors.EVENT_READ)
            while process.poll() is None:
                left = deadline - time.monotonic()
                if left <= 0 and listening.cut_by is None:
                    listening.end("timed_out")
                if left <= -_DYING_S:
                    process.kill()
                _hear(waiting, hearers, timeout=left if left > 0 and listening.cut_by is None else _DYING_S)
            waiting.unregister(end)
        # The box is empty: what is still in the pipes is all that there will be.
        while waiting.get_map():
            _hear(waiting, hearers, timeout=_DYING_S)
        code = process.returncode
    return Heard(
        report=bytes(listening.report),
        output=bytes(listening.output),
        exit_code=code if code >= 0 else 128 - code,
        cut_by=listening.cut_by,
    )


@contextmanager
def _started(
    command: Sequence[str], passed: Sequence[int], status: tuple[int, int]
) -> Iterator[subprocess.Popen[bytes]]:
    """Start bubblewrap, and wait for its end when the block is left."""
    try:
        process = subprocess.Popen(  # noqa: S603 - the arguments are ours
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={}, pass_fds=passed
        )
    except OSError:
        os.close(status[0])
        raise
    finally:
        os.close(status[1])
    with process:
        try:
            yield process
        finally:
            os.close(status[0])


@contextmanager
def _emptied(
    listening: _Listening, waiting: selectors.BaseSelector, hearers: dict[int, Callable[[bytes], None]]
) -> Iterator[None]:
    """See to it that nothing is alive in the box when the block is left, by Ctrl-C too."""
    try:
        yield
    finally:
        if listening.process.poll() is None:
            listening.end("timed_out")
            given_up = time.monotonic() + _DYING_S
            while listening.first is None and time.monotonic() < given_up and listening.process.poll() is None:
                _hear(waiting, hearers, timeout=0.1)
            if listening.first is None:
                listening.process.kill()
        if listening.first is not None:
            with selectors.DefaultSelector() as dying:
                dying.register(listening.first, selectors.EVENT_READ)
                # It is gone only after all others are.
                dying.select(_DYING_S)
            os.close(listening.first)


@contextmanager
def _watched(pid: int) -> Iterator[int]:
    descriptor = os.pidfd_open(pid)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _hear(waiting: selectors.BaseSelector, hearers: dict[int, Callable[[bytes], None]], *, timeout: float) -> None:
    """Take one piece of each that has something; who has nothing more is listened to no longer."""
    for key, _ in waiting.select(timeout):
        if key.fd not in hearers:
            continue
        piece = os.read(key.fd, _PIECE)
        if piece:
            hearers[key.fd](piece)
        else:
            waiting.unregister(key.fd)


def _fileno(stream: object) -> int:
    return stream.fileno()  # type: ignore[attr-defined, no-any-return]

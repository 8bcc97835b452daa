"""What runs beside a learner's program in the sandbox: it calls it, watches which lines run, and reports what came out.

It stands alone: it is carried into the box as a file, and nothing of tutorkit is there. It knows which calls are made
but not what is expected of them. ``/work/job.json`` holds the programs, the calls and the limits; a line of JSON goes
to descriptor 3 for each program loaded and each call made.
"""

from __future__ import annotations

import io
import json
import os
import random
import signal
import sys
import types
from collections.abc import Callable
from typing import Any

REPORT = 3
FILE = "answer.py"
_LONGEST = 5_000
_LONGEST_INT = 10_000
_AFTER_TIME_UP_S = 0.25
_MOST_VALUES = 10_000


class TimeUp(BaseException):
    """A call has taken its time. No ``except Exception`` of the learner's catches it."""


class OutputCut(BaseException):
    """A call has printed more than it may."""


class Printed(io.TextIOBase):
    """Keeps what is printed, up to a limit."""

    def __init__(self, most: int) -> None:
        self.kept: list[str] = []
        self.left = most

    def write(self, text: str) -> int:
        """Keep the text, or cut it off and complain."""
        piece = str(text)[: self.left]
        self.kept.append(piece)
        self.left -= len(piece)
        if len(piece) < len(text):
            raise OutputCut
        return len(text)


class Guarded:
    """A block in which a stranger's code runs: whatever it raises is kept in ``error`` and goes no further.

    Learners raise everything, SystemExit and KeyboardInterrupt too; the calls that follow must be made all the same.
    """

    def __init__(self, most: int, seconds: float, lines: set[int] | None) -> None:
        self.printed = Printed(most)
        self.seconds = seconds
        self.lines = lines
        self.error: BaseException | None = None

    def __enter__(self) -> Guarded:
        self._usual = sys.stdout, sys.stderr
        sys.stdout = sys.stderr = self.printed
        signal.signal(signal.SIGALRM, _time_up)
        signal.setitimer(signal.ITIMER_REAL, self.seconds)
        if self.lines is not None:
            sys.settrace(_tracer(self.lines))
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> bool:
        sys.settrace(None)
        signal.setitimer(signal.ITIMER_REAL, 0)
        sys.stdout, sys.stderr = self._usual
        self.error = error
        return True


def encoded(value: object, left: list[int]) -> Any:  # noqa: ANN401 - JSON
    """Return a value of Python's own plain types as JSON, tagged where JSON has no such type; of others the name only.

    Only exact types are read: a learner's subclass could say anything of itself. What is too long is named so, and is
    equal to nothing. ``left`` holds how many values may still be written.
    """
    kind = type(value)
    left[0] -= 1
    if left[0] < 0 or _is_long(value):
        return {"t": "long", "v": f"<{kind.__name__}>"}
    if value is None or kind in (bool, int, float, str):
        return value
    if kind in (list, tuple, set, frozenset):
        inner = [encoded(item, left) for item in value]  # type: ignore[attr-defined]
        return inner if kind is list else {"t": kind.__name__, "v": inner}
    if kind is dict:
        pairs = value.items()  # type: ignore[attr-defined]
        return {"t": "dict", "v": [[encoded(key, left), encoded(each, left)] for key, each in pairs]}
    if kind in (bytes, complex):
        return {"t": kind.__name__, "v": repr(value)}
    return {"t": "other", "v": f"<{kind.__name__}>"}


def _is_long(value: object) -> bool:
    kind = type(value)
    if kind is int:
        # More digits than Python writes out.
        return value.bit_length() > _LONGEST_INT  # type: ignore[attr-defined, no-any-return]
    return kind in (str, bytes, list, tuple, set, frozenset, dict) and len(value) > _LONGEST  # type: ignore[arg-type]


def error_of(error: BaseException, quiet: Guarded) -> dict[str, Any]:
    """Return what is known of an error: its names, its message, and the learner's line that it came from."""
    line, trace = None, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == FILE:
            line = trace.tb_lineno
        trace = trace.tb_next
    if isinstance(error, SyntaxError) and error.filename == FILE:
        line = error.lineno
    message = ""
    with quiet:
        # A learner's own exception may do anything when it is asked for its text.
        message = str(error)[:300]
    kinds = [kind.__name__ for kind in type(error).__mro__ if kind not in (object, BaseException)]
    return {"kinds": kinds, "message": message, "line": line}


def status_of(error: BaseException | None) -> str:
    """Return how a call ended, as a word."""
    kinds: tuple[tuple[type[BaseException], str], ...] = (
        (TimeUp, "timed_out"),
        (OutputCut, "output_cut"),
        (MemoryError, "out_of_memory"),
    )
    if error is None:
        return "returned"
    return next((word for kind, word in kinds if isinstance(error, kind)), "raised")


def work(job: dict[str, Any], tell: Callable[[dict[str, Any]], None]) -> None:
    """Load each program and make all calls of it."""
    for program in job["programs"]:
        _work_on(program, job, tell)


def _work_on(program: dict[str, Any], job: dict[str, Any], tell: Callable[[dict[str, Any]], None]) -> None:
    module = types.ModuleType("answer")
    lines: set[int] | None = set() if job["traced"] else None
    random.seed(0)
    with _guarded(job, lines) as loading:
        sys.modules["answer"] = module
        exec(compile(program["source"], FILE, "exec"), module.__dict__)  # noqa: S102 - this is what the box is for
    said = {"program": program["index"], "call": None, **_seen(loading, job)}
    tell(said)
    if loading.error is not None:
        return
    for index in program["calls"]:
        seen = set[int]() if job["traced"] else None
        random.seed(0)
        value: object = None
        with _guarded(job, seen) as calling:
            value = eval(compile(job["calls"][index], "<test>", "eval"), module.__dict__)  # noqa: S307
        shown: Any = None
        with _guarded(job, None) as showing:
            shown = encoded(value, [_MOST_VALUES])
        calling.error = calling.error or showing.error
        said = {"program": program["index"], "call": index, "value": shown, **_seen(calling, job)}
        tell(said)
        if job["until_error"] and calling.error is not None:
            return
        if isinstance(calling.error, TimeUp):
            # A program that does not come to an end in one call rarely does in the others.
            job = {**job, "seconds": min(job["seconds"], _AFTER_TIME_UP_S)}


def _guarded(job: dict[str, Any], lines: set[int] | None) -> Guarded:
    return Guarded(job["output"], job["seconds"], lines)


def _seen(block: Guarded, job: dict[str, Any]) -> dict[str, Any]:
    error = block.error
    return {
        "status": status_of(error),
        "printed": "".join(block.printed.kept),
        "error": None if error is None else error_of(error, _guarded(job, None)),
        "lines": sorted(block.lines or ()),
    }


def _time_up(_number: int, _frame: object) -> None:
    raise TimeUp


def _tracer(lines: set[int]) -> Callable[[types.FrameType, str, object], Any]:
    def per_line(frame: types.FrameType, event: str, _argument: object) -> Any:  # noqa: ANN401
        if event == "line":
            lines.add(frame.f_lineno)
        return per_line

    def per_frame(frame: types.FrameType, _event: str, _argument: object) -> Any:  # noqa: ANN401
        return per_line if frame.f_code.co_filename == FILE else None

    return per_frame


def main() -> None:
    """Do the job, and end at once: what a learner left to be done at the exit is not waited for."""
    with open("/work/job.json", encoding="utf-8") as opened:
        job = json.loads(opened.read())
    os.unlink("/work/job.json")
    write, encode = os.write, json.JSONEncoder(ensure_ascii=False).encode

    def tell(said: dict[str, Any]) -> None:
        rest = encode(said).encode("utf-8", "replace") + b"\n"
        while rest:
            rest = rest[write(REPORT, rest) :]

    work(job, tell)
    os._exit(0)


if __name__ == "__main__":
    main()

"""What a boxed program may take, and how it ended."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Status = Literal["finished", "timed_out", "killed", "out_of_memory", "output_cut", "refused"]

_UNREADABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one run may take.

    ``wall_s`` and ``cpu_s`` are seconds; all others bytes, but for ``files``. ``memory`` is address space, ``file`` the
    largest file, ``disk`` all files together, ``output`` what is printed, ``report`` what is written to descriptor 3.
    ``source`` is all that goes in, in at most ``files`` files.
    """

    wall_s: float = 5.0
    cpu_s: int = 2
    memory: int = 512 * 1024 * 1024
    file: int = 1024 * 1024
    disk: int = 8 * 1024 * 1024
    output: int = 10_000
    report: int = 1024 * 1024
    source: int = 1024 * 1024
    files: int = 64


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How a run ended.

    ``finished`` programs ended by themselves, with ``exit_code``; ``killed`` ones by ``signal``. ``output`` is what
    they printed, at most ``Limits.output`` bytes of it; ``report`` what they wrote to descriptor 3. ``why`` says why
    one was refused: nothing was run then. None of it is trusted: the program may have written whatever it wanted.
    """

    status: Status
    exit_code: int | None = None
    signal: int | None = None
    output: str = ""
    report: bytes = b""
    seconds: float = 0.0
    why: str = ""


def readable(text: str | bytes) -> str:
    """Return a stranger's text as one that can be stored and shown: it moves no cursor and turns no line around.

    Bytes that are no UTF-8, half surrogate pairs, control characters other than tabs and newlines, and overrides of the
    direction of writing become U+FFFD; line ends become newlines.
    """
    decoded = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return _UNREADABLE.sub("�", decoded.replace("\r\n", "\n").replace("\r", "\n"))

"""The file in which a learner's practice is kept: one event a line, written before anything more is shown."""

from __future__ import annotations

import os
import re
from errno import ENOSPC
from pathlib import Path
from types import TracebackType
from typing import Self

from filelock import FileLock, Timeout
from pydantic import ValidationError

from tutorkit.errors import BadRow, BadSetting, DiskFull, RunBusy, StoreUnavailable
from tutorkit.lab.practice_events import EVENTS, PracticeEvent

_NAME = re.compile(r"\w[\w.-]{0,63}")


class PracticeBook:
    """One learner's file, which this process alone may write while it is open. Use it in a ``with``.

    A last line that a crash has left torn is not there for the reader, and is cut off before the next one is written.

    Raises:
        BadSetting: for a name that cannot be a file's.
        RunBusy: when another process has it open.
    """

    def __init__(self, folder: Path, learner: str) -> None:
        self.path = learner_file(folder, learner)
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = FileLock(folder / f"{learner}.lock", timeout=0)
        try:
            self._lock.acquire()
        except Timeout as error:
            raise RunBusy(
                f"{learner} is practising in another window.",
                remedy="Go on there, or close it and run the command again.",
                data={"learner": learner},
            ) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let others write."""
        self._lock.release()

    def read(self) -> list[PracticeEvent]:
        """Return everything that was kept, oldest first.

        Raises:
            BadRow: when a line other than a torn last one cannot be read.
        """
        return read_events(self.path)

    def write(self, *events: PracticeEvent) -> None:
        """Add events; when this returns they are on the disk.

        Raises:
            DiskFull, StoreUnavailable: when they cannot be written.
        """
        lines = b"".join(event.model_dump_json().encode() + b"\n" for event in events)
        try:
            with self.path.open("ab") as file:
                file.truncate(len(_whole(self.path.read_bytes())))
                file.write(lines)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            kind = DiskFull if error.errno == ENOSPC else StoreUnavailable
            raise kind(f"{self.path} cannot be written: {error.strerror}.", data={"path": str(self.path)}) from error


def learner_file(folder: Path, learner: str) -> Path:
    """Return the path of a learner's file.

    Raises:
        BadSetting: for a name that cannot be a file's.
    """
    if not _NAME.fullmatch(learner):
        raise BadSetting(
            f"{learner!r} cannot name a learner.",
            remedy="Use up to 64 letters, digits, points, hyphens and underscores, a letter or digit first.",
        )
    return folder / f"{learner}.jsonl"


def read_events(path: Path) -> list[PracticeEvent]:
    """Return what a file holds, without a torn last line; nothing where there is no file.

    Raises:
        BadRow: when another line cannot be read.
    """
    if not path.is_file():
        return []
    events: list[PracticeEvent] = []
    for number, line in enumerate(_whole(path.read_bytes()).splitlines(), start=1):
        try:
            events.append(EVENTS.validate_json(line))
        except ValidationError as error:
            raise BadRow(
                f"Line {number} of {path} cannot be read: {error.errors()[0]['msg']}.",
                remedy="Mend or remove that line; the other lines are as they were.",
                data={"path": str(path), "rows": [number]},
            ) from error
    return events


def _whole(data: bytes) -> bytes:
    """Return the part that ends with the last line feed: what comes after it was never wholly written."""
    return data[: data.rfind(b"\n") + 1]

"""Files that are there whole or not at all."""

from __future__ import annotations

import errno
import hashlib
import os
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Final, NamedTuple

from tutorkit.errors import DiskFull, ExportError

_NO_SPACE: Final = frozenset({errno.ENOSPC, errno.EDQUOT})


class Draft(NamedTuple):
    """A file under way beside its place: where it will stand, where it stands, and what to write to."""

    path: Path
    part: Path
    file: IO[bytes]

    def digest(self) -> str:
        """Return the SHA-256 of what has been written."""
        self.file.flush()
        with self.part.open("rb") as written:
            return hashlib.file_digest(written, "sha256").hexdigest()

    def size(self) -> int:
        """Return how many bytes have been written."""
        self.file.flush()
        return self.part.stat().st_size


@contextmanager
def drafts(paths: Sequence[Path]) -> Iterator[list[Draft]]:
    """Give a draft for each path; at the end all are on the disk and then take their places, in this order.

    When an error leaves the block nothing of what was there before has changed, and no draft is left behind.

    Raises:
        DiskFull: when there is no space.
        ExportError: when a file cannot be written for another reason.
    """
    made: list[Draft] = []
    try:
        for path in paths:
            path.parent.mkdir(parents=True, exist_ok=True)
            part = path.with_name(f".{path.name}.{uuid.uuid4().hex}.part")
            made.append(Draft(path, part, part.open("xb")))
        yield made
        for draft in made:
            draft.file.flush()
            os.fsync(draft.file.fileno())
            draft.file.close()
        for draft in made:
            draft.part.replace(draft.path)
    except OSError as error:
        raise _typed(error, paths[0]) from error
    finally:
        for draft in made:
            # Closing writes what is buffered: on a full disk it fails once more, and nobody wants these bytes.
            with suppress(OSError):
                draft.file.close()
            draft.part.unlink(missing_ok=True)


def _typed(error: OSError, path: Path) -> DiskFull | ExportError:
    if error.errno in _NO_SPACE:
        return DiskFull(
            f"The disk of {path} is full: nothing was exported.",
            remedy="Free some space, or export to another disk with --to FILE.",
            data={"path": str(path)},
        )
    return ExportError(f"{path} cannot be written: {error.strerror or error}.", data={"path": str(path)})

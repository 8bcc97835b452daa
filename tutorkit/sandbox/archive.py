"""What a learner hands in, a folder or a zip archive, as plain files: no links, no way out of the folder, no bombs."""

from __future__ import annotations

import io
import stat
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from tutorkit.errors import SubmissionInvalid
from tutorkit.sandbox.outcome import Limits


def files_of_zip(archive: bytes, *, limits: Limits | None = None) -> Mapping[str, bytes]:
    """Read a zip archive.

    Raises:
        SubmissionInvalid: when it is none, holds a link or a name that leads out of it, is encrypted, or is too large.
    """
    allowed = limits or Limits()
    found: dict[str, bytes] = {}
    left = allowed.source
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            for entry in opened.infolist():
                if entry.is_dir():
                    continue
                if stat.S_IFMT(entry.external_attr >> 16) not in (0, stat.S_IFREG):
                    raise _bad(f"holds {entry.filename!r}, which is a link or something else that is no file")
                # The size in the head is the sender's word; what counts is what comes out.
                with opened.open(entry) as packed:
                    content = packed.read(left + 1)
                left -= len(content)
                found[entry.filename] = content
                _check(found, left, allowed)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, zlib.error, EOFError, ValueError) as error:
        raise _bad(f"cannot be read as a zip archive: {error}") from error
    return found


def files_of_folder(folder: Path, *, limits: Limits | None = None) -> Mapping[str, bytes]:
    """Read a folder with everything below it.

    Raises:
        SubmissionInvalid: when it holds a link, anything else that is no file, or too much.
    """
    allowed = limits or Limits()
    found: dict[str, bytes] = {}
    left = allowed.source
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            raise _bad(f"holds {name!r}, which is a link")
        if path.is_dir():
            continue
        if not path.is_file():
            raise _bad(f"holds {name!r}, which is no file")
        with path.open("rb") as opened:
            content = opened.read(left + 1)
        left -= len(content)
        found[name] = content
        _check(found, left, allowed)
    return found


def fault_of_name(name: str) -> str | None:
    """Say what is wrong with a file's name in the box; None when nothing is."""
    path = PurePosixPath(name)
    if not name or path.is_absolute() or ".." in path.parts or "\\" in name or name != path.as_posix():
        return f"{name!r} is no plain path inside the folder"
    if not name.isprintable() or len(name.encode("utf-8", "replace")) > 200:
        return f"{name!r} is a name that no file should have"
    return None


def _check(found: Mapping[str, bytes], left: int, limits: Limits) -> None:
    if fault := fault_of_name(next(reversed(list(found)))):
        raise _bad(f"holds a file whose name cannot be: {fault}")
    if left < 0:
        raise _bad(f"is larger than {limits.source} bytes")
    if len(found) > limits.files:
        raise _bad(f"holds more than {limits.files} files")


def _bad(what: str) -> SubmissionInvalid:
    return SubmissionInvalid(f"What was handed in {what}.")

"""Writes a pack as a folder, and reads it again only when nothing in it has changed."""

from __future__ import annotations

import errno
import hashlib
import json
import shutil
import uuid
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from tutorkit.errors import DiskFull, PackDamaged, PackError
from tutorkit.packs.card import render_card
from tutorkit.packs.pack import content_digest
from tutorkit.packs.prompt import render_prompt
from tutorkit.types import Pack

PACK: Final = "pack.json"
PROMPT: Final = "prompt.md"
EVIDENCE: Final = "evidence.json"
CARD: Final = "README.md"


class _PackFile(BaseModel):
    """What ``pack.json`` holds: the pack, and the SHA-256 of the files beside it but the card, which may be edited."""

    model_config = ConfigDict(extra="forbid")

    format: Literal[1] = 1
    files: dict[str, str]
    pack: Pack


def save_pack(pack: Pack, folder: Path) -> Path:
    """Write the pack's folder whole or not at all; a pack that is there is replaced.

    The folder holds ``pack.json``, ``prompt.md`` (every lesson that was not rejected), ``evidence.json`` and the card,
    ``README.md``.

    Returns:
        The folder.

    Raises:
        PackError: when something else is there, or the place cannot be written.
        DiskFull: when there is no space.
    """
    if folder.exists() and not (folder / PACK).is_file() and (not folder.is_dir() or any(folder.iterdir())):
        raise PackError(
            f"{folder} is not empty and is no pack, so it is not overwritten.",
            remedy="Give another folder.",
            data={"folder": str(folder)},
        )
    fresh = folder.with_name(f".{folder.name}.{uuid.uuid4().hex}")
    try:
        fresh.mkdir(parents=True)
        for name, content in _files(pack).items():
            (fresh / name).write_bytes(content)
        _put_in_place(fresh, folder)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull(f"The pack cannot be written to {folder}: the disk is full.") from error
        raise PackError(
            f"The pack cannot be written to {folder}: {error.strerror}.",
            remedy="Give a folder that you may write to.",
            data={"folder": str(folder)},
        ) from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return folder


def load_pack(folder: Path) -> Pack:
    """Read a pack's folder.

    Raises:
        PackError: when there is no pack there.
        PackDamaged: when a file is missing, cannot be read, or is not what was written; it names the file.
    """
    if not (folder / PACK).is_file():
        raise PackError(f"There is no pack at {folder}.", remedy=f"Give a folder that holds a {PACK}.")
    try:
        found = _PackFile.model_validate_json((folder / PACK).read_bytes())
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise _damaged(folder, PACK, f"{where}: {first['msg']}" if where else first["msg"]) from error
    actual = content_digest(found.pack)
    if actual != found.pack.digest:
        raise _damaged(folder, PACK, f"its content has the digest {actual[:12]}… and it says {found.pack.digest[:12]}…")
    for name, expected in found.files.items():
        if not (folder / name).is_file():
            raise _damaged(folder, name, "it is missing")
        if _sha256((folder / name).read_bytes()) != expected:
            raise _damaged(folder, name, "it was changed after the pack was made")
    return found.pack


def _files(pack: Pack) -> dict[str, bytes]:
    prompt = render_prompt(pack.instruction, (lesson for lesson in pack.lessons if lesson.audit != "rejected"))
    beside = {PROMPT: prompt.encode(), EVIDENCE: _json(pack.evidence)}
    whole = _PackFile(files={name: _sha256(content) for name, content in beside.items()}, pack=pack)
    return {PACK: _json(whole.model_dump(mode="json")), **beside, CARD: render_card(pack).encode()}


def _put_in_place(fresh: Path, folder: Path) -> None:
    """A folder cannot be renamed onto one that is not empty: the old one steps aside first."""
    if not folder.exists():
        fresh.rename(folder)
        return
    old = fresh.with_name(f"{fresh.name}.old")
    folder.rename(old)
    fresh.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def _json(value: JsonValue | dict[str, JsonValue]) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True, allow_nan=False) + "\n").encode()


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _damaged(folder: Path, name: str, what: str) -> PackDamaged:
    return PackDamaged(
        f"The pack {folder} is damaged: {name}: {what}.", data={"folder": str(folder), "file": name, "what": what}
    )

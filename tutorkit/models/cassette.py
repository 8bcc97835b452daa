"""Recorded calls as a file that travels: one JSON line each, the same bytes whenever the same calls are written."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from tutorkit.canonical import canonical_json
from tutorkit.errors import BadRow, DataNotFound, RecordNotFound
from tutorkit.models.cache import Entry, ReplyCache
from tutorkit.models.disk import disk_errors
from tutorkit.models.request import cache_key
from tutorkit.ports import FinishReason


class CassetteLine(BaseModel):
    """One recorded call as it stands in a file. ``body`` is None where the requests were not to be handed on."""

    model_config = ConfigDict(extra="forbid", strict=True)

    key: str
    provider: str
    base_url: str
    model: str
    sample: int
    body: dict[str, JsonValue] | None
    payload: JsonValue
    model_served: str
    finish: FinishReason
    tokens_in: int | None
    tokens_out: int | None
    cost_usd: float | None
    paid_by: str


def export_cassette(cache: ReplyCache, path: Path, keys: Iterable[str], *, requests: bool = True) -> int:
    """Write recorded calls to a file, sorted by key; compressed when its name ends in ``.gz``.

    Args:
        cache: where they are recorded.
        path: the file.
        keys: which calls.
        requests: write the requests too. Without them the file holds no text that is not ours to hand on; it replays as
            well, but a miss can say less.

    Returns:
        How many calls were written.

    Raises:
        RecordNotFound: when a key is not recorded; nothing is written then.
    """
    entries = [_recorded(cache, key) for key in sorted(set(keys))]
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.part")
        with _writing(draft, compressed=path.suffix == ".gz") as file:
            for entry in entries:
                line = vars(entry) if requests else {**vars(entry), "body": None}
                file.write(canonical_json(line).encode() + b"\n")
        os.replace(draft, path)
    return len(entries)


def import_cassette(cache: ReplyCache, path: Path) -> int:
    """Take the calls of a file into the cache; a call that is there already stays as it is.

    Returns:
        How many calls were new.

    Raises:
        DataNotFound: when there is no such file.
        BadRow: when a line is damaged, or its key is not that of its request; nothing is taken over then.
    """
    if not path.is_file():
        raise DataNotFound(f"There is no cassette {path}.", remedy="Check the path.", data={"path": str(path)})
    return cache.put_recorded([_entry(line, number, path) for number, line in _lines(path)])


def _recorded(cache: ReplyCache, key: str) -> Entry:
    entry = cache.get(key)
    if entry is None:
        raise RecordNotFound(f"No call with the key {key} is recorded in {cache.path}.", data={"key": key})
    return entry


@contextmanager
def _writing(path: Path, *, compressed: bool) -> Iterator[IO[bytes] | gzip.GzipFile]:
    with path.open("wb") as raw:
        if not compressed:
            yield raw
            return
        # Neither the hour nor the file's name may enter the bytes.
        with gzip.GzipFile(filename="", fileobj=raw, mode="wb", mtime=0) as packed:
            yield packed


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    number = 0
    try:
        with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    yield number, line.decode()
    except (OSError, EOFError, ValueError) as error:
        raise _bad(path, number + 1, str(error)) from error


def _entry(line: str, number: int, path: Path) -> Entry:
    try:
        found = CassetteLine.model_validate(json.loads(line))
    except (ValidationError, ValueError) as error:
        raise _bad(path, number, str(error).splitlines()[0]) from error
    if found.body is not None:
        key = cache_key(provider=found.provider, base_url=found.base_url, body=found.body, sample=found.sample)
        if key != found.key:
            raise _bad(path, number, "its key is not that of its request")
    return Entry(**{**dict(found), "body": found.body or {}})


def _bad(path: Path, number: int, why: str) -> BadRow:
    return BadRow(
        f"Line {number} of the cassette {path} cannot be used: {why}.",
        remedy="Export the cassette again from the cache that recorded it.",
        data={"path": str(path), "rows": [number]},
    )

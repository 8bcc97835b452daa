"""Recorded calls as a file that travels: one JSON line each, the same bytes whenever the same calls are written."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import IO, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from tutorkit.canonical import canonical_json
from tutorkit.errors import BadRow, DataNotFound, RecordNotFound
from tutorkit.models.cache import Entry, ReplyCache
from tutorkit.models.disk import DiskErrors
from tutorkit.models.names import refuse_credentials
from tutorkit.models.records import FailedTry
from tutorkit.models.replay import NOBODY
from tutorkit.models.request import cache_key
from tutorkit.ports import FinishReason


class _Line(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class LabelLine(_Line):
    """The first line, where there is one: what the calls belong to. ``cassette`` is the version of the format."""

    cassette: Literal[1]
    label: dict[str, JsonValue]


class CassetteLine(_Line):
    """One recorded call as it stands in a file.

    ``body`` is None where the requests were not to be handed on. ``heard_by`` names the runs that heard this reply,
    where others heard another one to the same request.
    """

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
    heard_by: list[str] = Field(default_factory=list)


class RefusalLine(_Line):
    """One call that the provider declined without any reply."""

    key: str
    number: int
    outcome: Literal["refused"]
    error: str
    tokens_in: int | None
    tokens_out: int | None
    cost_usd: float | None
    heard_by: list[str] = Field(default_factory=list)


@dataclass(frozen=True)
class Take:
    """One recorded call: its reply, or that it was declined. ``heard_by`` names runs; empty for all of them."""

    what: Entry | FailedTry
    _: KW_ONLY
    heard_by: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Cassette:
    """What a file holds. ``label`` says what the calls belong to; for whom it is meant, knows how to read it."""

    takes: tuple[Take, ...]
    label: Mapping[str, JsonValue] | None = None


def write_cassette(path: Path, cassette: Cassette, *, requests: bool = True) -> None:
    """Write a cassette, sorted by key; compressed when the file's name ends in ``.gz``.

    Args:
        path: the file; an older one is replaced when all is written.
        cassette: what it is to hold.
        requests: write the requests too. Without them the file holds no text that is not ours to hand on; it replays as
            well, but a miss can say less.

    Raises:
        BadSetting: when an address holds a user name or password; nothing is written then.
        DiskFull, StoreUnavailable: when the file cannot be written.
    """
    for take in cassette.takes:
        refuse_credentials(take.what.base_url if isinstance(take.what, Entry) else "")
    with DiskErrors(path, what="cassette"):
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.part")
        with _writing(draft, compressed=path.suffix == ".gz") as file:
            if cassette.label is not None:
                # In its own order: a plan's splits are drawn in the order in which it names them.
                file.write(_bytes(json.dumps({"cassette": 1, "label": cassette.label}, ensure_ascii=False)))
            for take in sorted(cassette.takes, key=lambda take: take.what.key):
                file.write(_bytes(canonical_json(_facts(take, requests=requests))))
        os.replace(draft, path)


def read_cassette(path: Path) -> Cassette:
    """Read a cassette.

    Raises:
        DataNotFound: when there is no such file.
        BadRow: when a line is damaged, or its key is not that of its request.
    """
    if not path.is_file():
        raise DataNotFound(f"There is no cassette {path}.", remedy="Check the path.", data={"path": str(path)})
    label: Mapping[str, JsonValue] | None = None
    takes: list[Take] = []
    for number, line in _lines(path):
        found = _read(line, number, path)
        if isinstance(found, LabelLine):
            label = found.label
        else:
            takes.append(_take(found, number, path))
    return Cassette(takes=tuple(takes), label=label)


def keep_takes(cache: ReplyCache, takes: Iterable[Take]) -> int:
    """Take calls into the cache; a call that is there already stays as it is.

    Returns:
        How many calls were new.
    """
    found = [take.what for take in takes]
    declined = [each for each in found if isinstance(each, FailedTry)]
    new = [each for each in declined if not cache.failed_tries(run_id=NOBODY, key=each.key)]
    for each in new:
        cache.note_failed(each, run_id=NOBODY)
    return len(new) + cache.put_recorded([each for each in found if isinstance(each, Entry)])


def export_cassette(cache: ReplyCache, path: Path, keys: Iterable[str], *, requests: bool = True) -> int:
    """Write recorded calls to a file; see ``write_cassette``.

    Args:
        cache: where they are recorded.
        path: the file.
        keys: which calls.
        requests: write the requests too.

    Returns:
        How many calls were written.

    Raises:
        RecordNotFound: when a key is not recorded; nothing is written then.
    """
    takes = tuple(Take(_recorded(cache, key)) for key in sorted(set(keys)))
    write_cassette(path, Cassette(takes=takes), requests=requests)
    return len(takes)


def import_cassette(cache: ReplyCache, path: Path) -> int:
    """Take the calls of a file into the cache; a call that is there already stays as it is.

    Returns:
        How many calls were new.

    Raises:
        DataNotFound: when there is no such file.
        BadRow: when a line is damaged, or its key is not that of its request; nothing is taken over then.
    """
    return keep_takes(cache, read_cassette(path).takes)


def _recorded(cache: ReplyCache, key: str) -> Entry:
    entry = cache.get(key)
    if entry is None:
        raise RecordNotFound(f"No call with the key {key} is recorded in {cache.path}.", data={"key": key})
    return entry


def _facts(take: Take, *, requests: bool) -> dict[str, object]:
    facts = vars(take.what) if requests or isinstance(take.what, FailedTry) else {**vars(take.what), "body": None}
    return {**facts, "heard_by": take.heard_by} if take.heard_by else facts


def _bytes(line: str) -> bytes:
    # A model's reply can hold half a surrogate pair, which is no UTF-8: it is escaped, as JSON allows.
    return line.encode("utf-8", "backslashreplace") + b"\n"


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


def _read(line: str, number: int, path: Path) -> LabelLine | CassetteLine | RefusalLine:
    try:
        facts = json.loads(line)
        kind = LabelLine if "label" in facts else RefusalLine if "outcome" in facts else CassetteLine
        return kind.model_validate(facts)
    except ValidationError as error:
        fault = error.errors()[0]
        raise _bad(path, number, f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}") from error
    except (ValueError, TypeError) as error:
        raise _bad(path, number, str(error)) from error


def _take(found: CassetteLine | RefusalLine, number: int, path: Path) -> Take:
    facts = {name: value for name, value in found if name != "heard_by"}
    if isinstance(found, RefusalLine):
        return Take(FailedTry(**facts), heard_by=tuple(found.heard_by))
    if found.body is not None:
        key = cache_key(provider=found.provider, base_url=found.base_url, body=found.body, sample=found.sample)
        if key != found.key:
            raise _bad(path, number, "its key is not that of its request")
    return Take(Entry(**{**facts, "body": found.body or {}}), heard_by=tuple(found.heard_by))


def _bad(path: Path, number: int, why: str) -> BadRow:
    return BadRow(
        f"Line {number} of the cassette {path} cannot be used: {why}.",
        remedy="Export the cassette again from the cache that recorded it.",
        data={"path": str(path), "rows": [number]},
    )

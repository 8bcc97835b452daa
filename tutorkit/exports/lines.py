"""JSON lines, strictly: what is written can be read by any reader, and what is read has one meaning only."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any, Final, NamedTuple

from pydantic import JsonValue

from tutorkit.canonical import canonical_json
from tutorkit.errors import NotCanonical

BOM: Final = b"\xef\xbb\xbf"
LONGEST_LINE: Final = 64 * 2**20
"""Bytes. A line that is longer is no example but a file of another kind, and is not read into memory."""

_SEPARATORS: Final = re.compile("[\u0085\u2028\u2029]")
"""Characters that end a line for some readers and not for JSON."""


class Line(NamedTuple):
    """One line of a file, numbered from 1: the object in it, or why it cannot be had."""

    number: int
    value: Mapping[str, Any] | None
    fault: str = ""
    size: int = 0


def as_line(value: Mapping[str, JsonValue]) -> bytes:
    """Return a JSON object as a line of UTF-8, its keys in the order in which they stand.

    Raises:
        UnicodeEncodeError: when a text holds half a surrogate pair, which no UTF-8 file can.
        ValueError: when a number is NaN or infinite.
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return _SEPARATORS.sub(lambda found: f"\\u{ord(found[0]):04x}", text).encode("utf-8") + b"\n"


def read_lines(path: Path) -> Iterator[Line]:
    """Yield a file's lines, one at a time. A mark of the byte order is the first line's fault.

    Raises:
        OSError: when the file cannot be read.
    """
    with path.open("rb") as file:
        for number, raw in enumerate(_raw_lines(file), start=1):
            yield _line(number, raw)


def _raw_lines(file: IO[bytes]) -> Iterator[bytes]:
    """Cut a file at its line feeds; of a line that is too long only the beginning is kept."""
    while raw := file.readline(LONGEST_LINE + 1):
        rest = raw
        while len(rest) > LONGEST_LINE and not rest.endswith(b"\n"):
            rest = file.readline(LONGEST_LINE + 1)
        yield raw


def _line(number: int, raw: bytes) -> Line:
    if len(raw) > LONGEST_LINE:
        return Line(number, None, f"the line is longer than {LONGEST_LINE // 2**20} MiB")
    if number == 1 and raw.startswith(BOM):
        return Line(number, None, "the file begins with a byte order mark; save it as UTF-8 without one")
    if raw.rstrip(b"\n").endswith(b"\r"):
        return Line(number, None, "the line ends in CR LF; lines end in LF")
    if not raw.strip():
        return Line(number, None, "the line is empty")
    try:
        value = json.loads(raw.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_refuse_constant)
        canonical_json(value).encode("utf-8")
    except (ValueError, NotCanonical, RecursionError) as error:
        return Line(number, None, _reason(error, raw))
    if not isinstance(value, dict):
        return Line(number, None, f"no JSON object but a {_kind(value)}; each line holds one example")
    return Line(number, value, size=len(raw))


def _reason(error: Exception, raw: bytes) -> str:
    if isinstance(error, UnicodeDecodeError):
        return f"no UTF-8: byte {raw[error.start]:#04x} at place {error.start + 1}"
    if isinstance(error, UnicodeEncodeError):
        return "a text holds half a surrogate pair"
    if isinstance(error, json.JSONDecodeError):
        return f"no JSON: {error.msg} at character {error.pos + 1}"
    if isinstance(error, NotCanonical):
        return "a number is too large"
    return "it is nested too deeply" if isinstance(error, RecursionError) else str(error)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {twice!r} stands twice in one object")
    return found


def _refuse_constant(word: str) -> None:
    raise ValueError(f"{word} is no JSON number")


def _kind(value: object) -> str:
    names = {list: "list", str: "text", bool: "truth value", int: "number", float: "number"}
    return names.get(type(value), "null")

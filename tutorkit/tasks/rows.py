"""Rows out of files: JSON Lines, JSON, CSV, TSV and Parquet, each row with the number that its reader would give it."""

from __future__ import annotations

import csv
import importlib
import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tutorkit.errors import BadRow, DataError, DataNotFound, EmptyData, MissingExtra

SHOWN_ROWS = 20


@dataclass(frozen=True)
class Row:
    """One row. ``number`` counts from 1: lines in JSON Lines, entries in JSON, rows without the header in CSV."""

    number: int
    values: Mapping[str, object]


@dataclass(frozen=True)
class Table:
    """The rows of a file. ``unit`` is what its rows are called in messages."""

    path: Path
    unit: str
    rows: tuple[Row, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that any row has, in the order of first appearance."""
        return tuple(dict.fromkeys(column for row in self.rows for column in row.values))


@dataclass
class Complaints:
    """Collects what is wrong with a file's rows, so that all of it is told at once."""

    path: Path
    unit: str
    found: list[tuple[int, str]] = field(default_factory=list)

    def add(self, number: int, what: str) -> None:
        """Note one bad row."""
        self.found.append((number, what))

    def raise_if_any(self, error: type[DataError] = BadRow) -> None:
        """Raise one error that shows up to 20 of the rows and carries all their numbers in ``data['rows']``."""
        if not self.found:
            return
        shown = "; ".join(f"{self.unit} {number}: {what}" for number, what in self.found[:SHOWN_ROWS])
        rest = len(self.found) - SHOWN_ROWS
        more = f"; and {rest} more" if rest > 0 else ""
        counted = " (the header is not counted)" if self.unit == "row" and self.path.suffix != ".parquet" else ""
        raise error(
            f"{self.path}: {shown}{more}{counted}.",
            data={"path": str(self.path), "rows": [number for number, _ in self.found]},
        )


def read_table(path: Path) -> Table:
    """Read a file of problems by its name's ending.

    Raises:
        DataNotFound: when there is no such file, or its ending is none of those known.
        EmptyData: when it holds no row.
        BadRow: when rows cannot be read; every bad row is named.
        MissingExtra: for Parquet without pyarrow.
    """
    if not path.is_file():
        raise DataNotFound(f"There is no file {path}.", remedy="Check the path.", data={"path": str(path)})
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        known = ", ".join(READERS)
        raise DataNotFound(f"{path.name} is none of the kinds that can be read: {known}.", data={"path": str(path)})
    table = reader(path)
    if not table.rows:
        raise EmptyData(f"{path} holds no problem.", data={"path": str(path)})
    return table


def _text(path: Path) -> str:
    data = path.read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise BadRow(
            f"{path} is not UTF-8: line {line} holds the byte 0x{data[error.start]:02x}.",
            remedy="Save the file as UTF-8 and run the command again.",
            data={"path": str(path), "rows": [line]},
        ) from error


def _read_json_lines(path: Path) -> Table:
    complaints = Complaints(path, "line")
    rows = []
    for number, line in enumerate(_text(path).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            values = json.loads(line)
        except ValueError as error:
            complaints.add(number, f"broken JSON ({error})")
            continue
        if isinstance(values, dict):
            rows.append(Row(number, values))
        else:
            complaints.add(number, "no JSON object")
    complaints.raise_if_any()
    return Table(path, "line", tuple(rows))


def _read_json(path: Path) -> Table:
    text = _text(path)
    try:
        whole = json.loads(text) if text.strip() else []
    except ValueError as error:
        if text.lstrip().startswith("{") and "Extra data" in str(error):
            return _read_json_lines(path)  # JSON Lines by another name, as AQuA's files are
        where = getattr(error, "lineno", 1)
        raise BadRow(
            f"{path}: line {where}: broken JSON ({error}).", data={"path": str(path), "rows": [where]}
        ) from error
    if isinstance(whole, dict):
        # BIG-Bench wraps its rows so; else the file is JSON Lines of one line.
        whole = whole["examples"] if isinstance(whole.get("examples"), list) else [whole]
    if not isinstance(whole, list):
        raise BadRow(f"{path} holds no list of objects.", data={"path": str(path), "rows": []})
    complaints = Complaints(path, "entry")
    for number, values in enumerate(whole, start=1):
        if not isinstance(values, dict):
            complaints.add(number, "no JSON object")
    complaints.raise_if_any()
    return Table(path, "entry", tuple(Row(number, values) for number, values in enumerate(whole, start=1)))


def _read_delimited(path: Path, *, delimiter: str) -> Table:
    reader = csv.reader(io.StringIO(_text(path), newline=""), delimiter=delimiter, strict=True)
    complaints = Complaints(path, "row")
    rows: list[Row] = []
    number = 0
    try:
        header = [column.strip() for column in next(reader, [])]
        _check_header(path, header)
        for cells in reader:
            number += 1
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) == len(header):
                rows.append(Row(number, dict(zip(header, cells, strict=True))))
            else:
                complaints.add(number, f"{len(cells)} cells where the header has {len(header)}")
    except csv.Error as error:
        complaints.add(number + 1, f"broken CSV ({error})")
    complaints.raise_if_any()
    return Table(path, "row", tuple(rows))


def _check_header(path: Path, header: Sequence[str]) -> None:
    twice = sorted({column for column in header if header.count(column) > 1})
    if twice:
        raise BadRow(
            f"{path}: the header names {', '.join(map(repr, twice))} twice.", data={"path": str(path), "rows": []}
        )


def _read_parquet(path: Path) -> Table:
    try:
        parquet = importlib.import_module("pyarrow.parquet")
        arrow = importlib.import_module("pyarrow")
    except ImportError as error:
        raise MissingExtra("pyarrow", "parquet", "Reading Parquet") from error
    try:
        entries: Iterable[dict[str, object]] = parquet.read_table(path).to_pylist()
    except (arrow.ArrowException, OSError) as error:
        raise BadRow(f"{path} is no Parquet file ({error}).", data={"path": str(path), "rows": []}) from error
    return Table(path, "row", tuple(Row(number, values) for number, values in enumerate(entries, start=1)))


READERS: Mapping[str, Callable[[Path], Table]] = {
    ".jsonl": _read_json_lines,
    ".json": _read_json,
    ".csv": lambda path: _read_delimited(path, delimiter=","),
    ".tsv": lambda path: _read_delimited(path, delimiter="\t"),
    ".parquet": _read_parquet,
}

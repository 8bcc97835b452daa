"""Rows as Parquet: one column for each field, through pyarrow, which is loaded at first use."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import IO, Any

from pydantic import JsonValue

from tutorkit.errors import BadRow, MissingExtra
from tutorkit.exports.lines import Line
from tutorkit.store import CallFacts, RowKind

_ROWS_AT_ONCE = 1_000


class ParquetRows:
    """Writes rows of one kind, a thousand at a time.

    Args:
        file: where the bytes go; it is left open.
        kind: of which kind all rows are.

    Raises:
        MissingExtra: when pyarrow is not installed.
    """

    def __init__(self, file: IO[bytes], kind: RowKind) -> None:
        self._arrow, parquet = _arrow()
        self._schema = _schema(self._arrow, kind)
        self._writer = parquet.ParquetWriter(file, self._schema, compression="zstd")
        self._waiting: list[Mapping[str, JsonValue]] = []

    def write(self, row: Mapping[str, JsonValue]) -> None:
        """Write a row in tutorkit's own form; ``data`` becomes JSON text, since its fields differ from row to row."""
        self._waiting.append({**row, "data": json.dumps(row["data"], ensure_ascii=False, sort_keys=True)})
        if len(self._waiting) == _ROWS_AT_ONCE:
            self._hand_over()

    def close(self) -> None:
        """Write what waits, and the file's end."""
        self._hand_over()
        self._writer.close()

    def _hand_over(self) -> None:
        if self._waiting:
            self._writer.write_table(self._arrow.Table.from_pylist(self._waiting, schema=self._schema))
            self._waiting.clear()


def read_parquet(path: Path) -> Iterator[Line]:
    """Yield a file's rows in tutorkit's own form, numbered from 1.

    Raises:
        MissingExtra: when pyarrow is not installed.
        BadRow: when it is no Parquet file.
    """
    arrow, parquet = _arrow()
    number = 0
    try:
        with parquet.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=_ROWS_AT_ONCE):
                for row in batch.to_pylist():
                    number += 1
                    yield _line(number, row)
    except (arrow.ArrowException, OSError) as error:
        raise BadRow(
            f"{path} is no Parquet file, or a damaged one ({error}).", data={"path": str(path), "rows": [number + 1]}
        ) from error


def _line(number: int, row: dict[str, Any]) -> Line:
    try:
        return Line(number, {**row, "data": json.loads(row.get("data") or "null")})
    except (ValueError, TypeError):
        return Line(number, None, "data is no JSON text")


def _arrow() -> tuple[ModuleType, ModuleType]:
    try:
        return importlib.import_module("pyarrow"), importlib.import_module("pyarrow.parquet")
    except ImportError as error:
        raise MissingExtra("pyarrow", "parquet", "Parquet") from error


def _schema(arrow: Any, kind: RowKind) -> Any:  # noqa: ANN401 (pyarrow has no types)
    text, texts = arrow.string(), arrow.list_(arrow.string())
    message = arrow.struct([("role", text), ("content", text)])
    behind = arrow.struct([(name, text) for name in CallFacts.model_fields])
    own: Mapping[RowKind, Sequence[tuple[str, Any]]] = {
        "sft": [("messages", arrow.list_(message)), ("weight", arrow.float64())],
        "preference": [
            *((name, text) for name in ("prompt", "chosen", "rejected", "unit")),
            ("margin", arrow.float64()),
            ("both_orders", arrow.bool_()),
        ],
        "rl": [
            ("messages", arrow.list_(message)),
            ("prefix_steps", texts),
            *((name, text) for name in ("reference_step", "bad_step", "reward_spec")),
            ("hard", arrow.bool_()),
        ],
    }
    common = [
        *((name, text) for name in ("kind", "id", "run_id", "problem_id", "split", "student")),
        *((name, texts) for name in ("lesson_ids", "source_attempt_ids", "call_ids")),
        ("round", arrow.int64()),
        ("audit", text),
        ("flags", texts),
        ("data", text),
    ]
    return arrow.schema([*common, *own[kind], ("calls", arrow.list_(behind))])

"""Checks a file as its target would: every line that would be refused, with the reason."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from tutorkit.canonical import canonical_json
from tutorkit.errors import DataNotFound
from tutorkit.exports.formats import Format
from tutorkit.exports.lines import Line, read_lines
from tutorkit.exports.parquet import read_parquet
from tutorkit.exports.report import CheckReport, Fault
from tutorkit.exports.row_faults import Example

_BYTES_A_TOKEN = 4
"""An estimate for English text; the note that uses it says that it is one."""
_ADVISED = 50


class _Found:
    """What has been seen of a file so far; of its lines only eight bytes each are kept."""

    def __init__(self, target: Format) -> None:
        self.faults: list[Fault] = []
        self.rows = 0
        self.twice = self.contradictory = self.long = 0
        self._target = target
        self._form: tuple[int, str] | None = None
        self._seen: set[bytes] = set()

    def take(self, line: Line) -> None:
        """Look at one line."""
        self.rows += 1
        if line.value is None:
            self.faults.append(Fault(line=line.number, reason=line.fault))
            return
        self.faults += (Fault(line=line.number, reason=reason) for reason in self._target.faults(line.value))
        self.faults += (Fault(line=line.number, reason=reason) for reason in self._other_form(line.number, line.value))
        if self._target.max_tokens is not None and line.size > self._target.max_tokens * _BYTES_A_TOKEN:
            self.long += 1
        self._remember(line.value)

    def _other_form(self, number: int, example: Example) -> Iterator[str]:
        if self._target.form is None:
            return
        form = self._target.form(example)
        if self._form is None:
            self._form = (number, form)
        elif form != self._form[1]:
            yield f"a file holds examples of one form: here {form}; on line {self._form[0]} {self._form[1]}"

    def _remember(self, example: Example) -> None:
        mark = _mark(example)
        self.twice += mark in self._seen
        if self._target.outputs is not None:
            better, worse = self._target.outputs
            turned = {**example, better: example.get(worse), worse: example.get(better)}
            self.contradictory += _mark(turned) in self._seen
        self._seen.add(mark)


def check_file(path: Path, target: Format) -> CheckReport:
    """Check a file for a target.

    Raises:
        DataNotFound: when there is no such file.
        MissingExtra: for Parquet without pyarrow.
        BadRow: when it is no Parquet file.
    """
    if not path.is_file():
        raise DataNotFound(f"There is no file {path}.", remedy="Check the path.", data={"path": str(path)})
    found = _Found(target)
    for line in read_parquet(path) if target.suffix == ".parquet" else read_lines(path):
        found.take(line)
    return CheckReport(
        path=str(path),
        format=target.name,
        rows=found.rows,
        faults=(*found.faults, *_file_faults(path, found.rows, target)),
        notes=tuple(_notes(found, target)),
    )


def _file_faults(path: Path, rows: int, target: Format) -> Iterator[Fault]:
    if rows < target.at_least:
        yield Fault(line=None, reason=f"the file has {rows} examples and the target wants at least {target.at_least}")
    if target.max_bytes is not None and path.stat().st_size > target.max_bytes:
        yield Fault(line=None, reason=f"the file is larger than {target.max_bytes // 2**20} MiB")


def _notes(found: _Found, target: Format) -> Iterator[str]:
    if target.at_least <= found.rows < _ADVISED and target.at_least > 1:
        yield f"{found.rows} examples are few: 50 to 100 are advised to see an effect."
    if found.twice:
        yield f"{found.twice} lines say the same as an earlier one."
    if found.contradictory:
        yield f"{found.contradictory} lines prefer what an earlier line rejects, to the same prompt."
    if found.long:
        yield (
            f"{found.long} examples may be longer than {target.max_tokens:,} tokens (estimated at "
            f"{_BYTES_A_TOKEN} bytes each): the end of such an example is cut off."
        )


def _mark(example: Example) -> bytes:
    text = canonical_json(example).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(text, digest_size=8).digest()

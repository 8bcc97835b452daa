"""A class's answers out of a CSV file, as a teacher has them; what cannot be read is told and left out."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tutorkit.errors import BadRow, DataError, DataNotFound, EmptyData, MissingColumn
from tutorkit.misconceptions import Item, ItemAnswer, read_text
from tutorkit.types import Record

_NAMES: Mapping[str, tuple[str, ...]] = {
    "pupil": ("pupil", "student", "learner", "name"),
    "item": ("item", "question", "problem", "task"),
    "answer": ("answer", "response"),
    "working": ("working", "steps", "work"),
}
_ONE_PUPIL = "the pupil"
_DATE = "a spreadsheet may have made a date of a fraction; format the column as text"


class BadLine(Record):
    """A line of the file, counted from 1 with the header, or a column, that could not be used, and why."""

    line: int
    why: str


class PupilAnswers(Record):
    """One pupil's answers in the order of the file, and the line of each."""

    pupil: str
    answers: tuple[ItemAnswer, ...]
    lines: tuple[int, ...]


class AnswerFile(Record):
    """What a file of answers holds."""

    pupils: tuple[PupilAnswers, ...]
    bad: tuple[BadLine, ...]


@dataclass(frozen=True)
class _Line:
    number: int
    cells: tuple[str, ...]


def read_answers(path: Path) -> AnswerFile:
    """Read a file of answers.

    It has either the columns ``pupil``, ``item``, ``answer`` and perhaps ``working``, one line for each answer; or one
    line for each pupil, whose name is the first column, and a column for each item, headed by it. Items are texts such
    as ``52 - 18``, or JSON. Commas, semicolons and tabs can divide the columns. Without a column ``pupil`` all answers
    are one pupil's. An empty cell of the wide form was not asked and counts as nothing.

    Raises:
        DataNotFound: when there is no such file.
        BadRow: when it is not UTF-8, or no CSV.
        EmptyData: when no answer in it can be used.
        MissingColumn: when it has neither form.
    """
    header, *rows = _lines(path)
    names = [cell.strip().lower() for cell in header.cells]
    places = {field: _place(names, known) for field, known in _NAMES.items()}
    bad: list[BadLine] = []
    if places["item"] is not None and places["answer"] is not None:
        found = list(_long(rows, places, bad))
    else:
        found = list(_wide(path, header, rows, bad))
    pupils: dict[str, list[tuple[int, ItemAnswer]]] = {}
    for line, pupil, answer in found:
        pupils.setdefault(pupil, []).append((line, answer))
    if not pupils:
        raise EmptyData(
            f"{path} holds no answer that can be used."
            + "".join(f" Line {each.line}: {each.why}." for each in bad[:3]),
            remedy="Give lines such as: Ada,52 - 18,46 under the header pupil,item,answer.",
            data={"path": str(path)},
        )
    return AnswerFile(
        pupils=tuple(
            PupilAnswers(
                pupil=pupil,
                answers=tuple(answer for _, answer in answers),
                lines=tuple(line for line, _ in answers),
            )
            for pupil, answers in pupils.items()
        ),
        bad=tuple(sorted(bad, key=lambda each: each.line)),
    )


def _lines(path: Path) -> list[_Line]:
    if not path.is_file():
        raise DataNotFound(f"There is no file {path}.", remedy="Check the path.", data={"path": str(path)})
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadRow(
            f"{path} is not UTF-8.",
            remedy="Save it as CSV UTF-8 and run the command again.",
            data={"path": str(path)},
        ) from error
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    lines: list[_Line] = []
    start = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                lines.append(_Line(start, tuple(cells)))
            start = reader.line_num + 1
    except csv.Error as error:
        raise BadRow(
            f"{path} is broken CSV from line {start} on: {error}.",
            remedy="A quotation mark is not closed, perhaps; correct it and run the command again.",
            data={"path": str(path), "rows": [start]},
        ) from error
    if not lines:
        raise EmptyData(f"{path} is empty.", remedy="Give a file with a header and answers.", data={"path": str(path)})
    return lines


def _place(names: Sequence[str], known: Sequence[str]) -> int | None:
    return next((names.index(name) for name in known if name in names), None)


def _long(
    rows: Sequence[_Line], places: Mapping[str, int | None], bad: list[BadLine]
) -> Iterator[tuple[int, str, ItemAnswer]]:
    """Yield line, pupil and answer of each usable line; note the others."""
    items: dict[str, Item | DataError] = {}
    for row in rows:
        cell = {field: _cell(row, place) for field, place in places.items()}
        pupil = cell["pupil"].strip() if places["pupil"] is not None else _ONE_PUPIL
        item = _item(cell["item"], items)
        if not pupil:
            bad.append(BadLine(line=row.number, why="the pupil is missing"))
        elif isinstance(item, DataError):
            bad.append(BadLine(line=row.number, why=_why(cell["item"], item)))
        else:
            steps = tuple(line for line in cell["working"].splitlines() if line.strip())
            yield row.number, pupil, ItemAnswer(item=dict(item), answer=cell["answer"], steps=steps)


def _wide(
    path: Path, header: _Line, rows: Sequence[_Line], bad: list[BadLine]
) -> Iterator[tuple[int, str, ItemAnswer]]:
    known: dict[str, Item | DataError] = {}
    items: dict[int, Item] = {}
    for place, text in enumerate(header.cells[1:], start=1):
        item = _item(text, known)
        if isinstance(item, DataError):
            bad.append(BadLine(line=header.number, why=f"column {place + 1}: {_why(text, item)}"))
        else:
            items[place] = item
    if not items:
        raise MissingColumn(
            f"{path} has the columns {', '.join(header.cells)[:200]}: neither item and answer, nor items.",
            remedy="Write the header pupil,item,answer; or pupil and an item in each column: pupil,52 - 18,47 + 26.",
            data={"path": str(path), "columns": list(header.cells)},
        )
    for row in rows:
        pupil = row.cells[0].strip()
        if not pupil:
            bad.append(BadLine(line=row.number, why="the pupil is missing"))
            continue
        for place, item in items.items():
            if answer := _cell(row, place).strip():
                yield row.number, pupil, ItemAnswer(item=dict(item), answer=answer)


def _cell(row: _Line, place: int | None) -> str:
    return row.cells[place] if place is not None and place < len(row.cells) else ""


def _item(text: str, known: dict[str, Item | DataError]) -> Item | DataError:
    """Read an item once: a class has the same ones on every page."""
    if text not in known:
        try:
            known[text] = read_text(text)
        except DataError as error:
            known[text] = error
    return known[text]


def _why(text: str, error: DataError) -> str:
    if not text.strip():
        return "the item is missing"
    words = error.message.rstrip(".")
    return f"{words} ({_DATE})" if looks_like_date(text) else words


def looks_like_date(text: str) -> bool:
    """Tell whether a cell looks like what a spreadsheet makes of 1/2: ``01-Feb``, ``2024-02-01``, ``1. Feb``."""
    plain = text.strip().lower()
    months = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec", "mai", "okt", "dez")
    named = any(month in plain for month in months) and any(character.isdigit() for character in plain)
    return named or (plain.count("-") == 2 and plain.replace("-", "").isdigit())

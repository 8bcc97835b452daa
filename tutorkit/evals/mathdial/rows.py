"""MathDial's dialogues as files: one JSON object a line, as its authors publish them.

Source: Macina et al. (2023), arXiv:2305.14536; eth-nlped/mathdial. Only the form is checked: which dialogues a file
holds is for whoever made it to say, so a loaded set carries the digest of every byte it came from.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from pydantic import Field, ValidationError

from tutorkit.errors import DataNotFound, MissingColumn
from tutorkit.evals.mathdial.conversation import read_conversation
from tutorkit.tasks.benchmarks.base import SourceRow
from tutorkit.tasks.rows import Complaints, Table, read_table
from tutorkit.tasks.scorers.numbers import Number, as_written, parse_number
from tutorkit.tasks.splits import normalised
from tutorkit.types import Problem, Record, Step

Side = Literal["test", "train"]
Correctness = Literal["Yes", "Yes, but I had to reveal the answer", "No"]

REVISION: Final = "b452be46f28b1e64cfe2646302e3ca8c502926d0"
"""The commit of eth-nlped/mathdial whose form is read here."""
_FOLDERS: Final = (".", "mathdial", "data")


class MathDialRow(SourceRow):
    """One dialogue. What the teacher said of it afterwards is None where it was not filled in."""

    qid: int | str
    scenario: int | None = None
    question: str = Field(min_length=1)
    ground_truth: str = Field(min_length=1)
    student_incorrect_solution: str = Field(min_length=1)
    student_profile: str = ""
    teacher_described_confusion: str | None = None
    self_correctness: Correctness | None = Field(default=None, alias="self-correctness")
    self_typical_confusion: float | None = Field(default=None, alias="self-typical-confusion")
    self_typical_interactions: float | None = Field(default=None, alias="self-typical-interactions")
    conversation: str = Field(min_length=1)

    @property
    def gold(self) -> str:
        """The answer: the number on the last line of the reference solution."""
        number = _answer(self.ground_truth)
        if number is None:
            raise ValueError("the last line of ground_truth is no number")
        return number

    @property
    def group(self) -> str:
        """The problem's leak family: its normalised text."""
        return normalised(self.question)


class FileNote(Record):
    """Which bytes were read."""

    name: str
    rows: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class MathDial:
    """A set of dialogues, and where it came from."""

    rows: tuple[MathDialRow, ...]
    file: FileNote

    @property
    def note(self) -> str:
        """What a report says of the data: file, count, digest, and the revision whose form it has."""
        return (
            f"{self.file.name}: {self.file.rows} dialogues on {len({row.group for row in self.rows})} problems, "
            f"sha256 {self.file.sha256[:16]}…; the form is that of eth-nlped/mathdial at {REVISION[:12]}."
        )


def load_mathdial(path: Path, *, side: Side = "test") -> MathDial:
    """Read a side of MathDial.

    Args:
        path: the file itself, the folder that holds ``test.jsonl`` or ``train.jsonl``, or the folder above it.
        side: which of the two; passed over where ``path`` is a file.

    Raises:
        DataNotFound: when there is no such file.
        EmptyData: when it holds no dialogue.
        MissingColumn: when no row has one of the columns that are needed.
        BadRow: when rows cannot be read, with the numbers of all of them: half a line, a missing value, a solution that
            ends in no number, a conversation that nobody speaks in.
    """
    file = _file(path, side)
    table = read_table(file)
    _check_columns(table)
    complaints = Complaints(file, table.unit)
    rows = []
    for row in table.rows:
        try:
            rows.append(_checked(MathDialRow.model_validate(row.values)))
        except ValidationError as error:
            complaints.add(
                row.number, "; ".join(f"{_where(detail['loc'])}: {detail['msg']}" for detail in error.errors())
            )
        except ValueError as error:
            complaints.add(row.number, str(error))
    complaints.raise_if_any()
    note = FileNote(name=file.name, rows=len(rows), sha256=hashlib.sha256(file.read_bytes()).hexdigest())
    return MathDial(rows=tuple(rows), file=note)


def problem_of(row: MathDialRow) -> Problem:
    """Make a problem of a row: its steps are the reference solution's lines without the last, which is the answer."""
    lines = [line.strip() for line in _lines(row.ground_truth)]
    return Problem(
        id=f"mathdial-{row.qid}",
        task="mathdial",
        text=row.question.strip(),
        gold=row.gold,
        scorer="number",
        split="test",
        group=row.group,
        steps=tuple(Step(text=line) for line in lines[:-1]),
        source="mathdial",
    )


def _file(path: Path, side: Side) -> Path:
    if path.is_file():
        return path
    found = next(
        (path / folder / f"{side}.jsonl" for folder in _FOLDERS if (path / folder / f"{side}.jsonl").is_file()), None
    )
    if found is not None:
        return found
    raise DataNotFound(
        f"There is no {side}.jsonl of MathDial in {path}.",
        remedy="Give the folder that holds it: eth-nlped/mathdial has it under data/.",
        data={"path": str(path), "side": side},
    )


def _check_columns(table: Table) -> None:
    needed = [field.alias or name for name, field in MathDialRow.model_fields.items() if field.is_required()]
    missing = [name for name in needed if name not in table.columns]
    if missing:
        raise MissingColumn(
            f"{table.path} has no column {', '.join(missing)}: it has {', '.join(table.columns)}.",
            remedy="Give MathDial's own test.jsonl or train.jsonl, with the columns named as they are published.",
            data={"path": str(table.path), "missing": missing, "columns": list(table.columns)},
        )


def _checked(row: MathDialRow) -> MathDialRow:
    """Return the row if its answer and its conversation can be read.

    Raises:
        ValueError: saying what cannot.
    """
    _ = row.gold
    read_conversation(row.conversation)
    return row


def _answer(solution: str) -> str | None:
    number = parse_number(_lines(solution)[-1]) if _lines(solution) else None
    return as_written(number) if isinstance(number, Number) else None


def _lines(text: str) -> list[str]:
    """Part a solution into lines; some releases of the data have the line break written out as two characters."""
    return [line for line in text.replace("\\n", "\n").split("\n") if line.strip()]


def _where(location: tuple[int | str, ...]) -> str:
    return ".".join(map(str, location))

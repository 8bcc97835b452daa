"""Misconceptions in middle-school algebra: 55 of them with worked examples, as a test of naming a misconception.

Source: Otero et al., nancyotero-projects/math-misconceptions (MIT). A case is a question and a learner's wrong answer;
the misconception is to be named by its id.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from pydantic import Field, ValidationError

from tutorkit.errors import BadSetting, DataNotFound, MissingColumn
from tutorkit.evals.labels import LabelReport, label_report
from tutorkit.retrieval import similarities
from tutorkit.tasks.benchmarks.base import SourceRow
from tutorkit.tasks.rows import Complaints, Table, read_table

REVISION: Final = "12bee142d49dfb3c874149035cfbad28547a818b"
"""The commit of the repository whose form is read here."""
_FILE: Final = "data.json"
_FOLDERS: Final = (".", "mae_misconceptions", "data")


class MaeExample(SourceRow):
    """A learner's wrong answer, with the misconception that is behind it.

    The images that some questions and answers have are named and not shipped.
    """

    misconception: str = Field(alias="Misconception", min_length=1)
    misconception_id: str = Field(alias="Misconception ID", pattern=r"^MaE\d{2}$")
    topic: str = Field(alias="Topic", min_length=1)
    number: int = Field(alias="Example Number", ge=1)
    question: str = Field(alias="Question", min_length=1)
    wrong: str = Field(alias="Incorrect Answer", min_length=1)
    right: str = Field(alias="Correct Answer", min_length=1)
    question_image: str = Field(default="", alias="Question image")
    wrong_image: str = Field(default="", alias="Learner Answer image")
    source: str = Field(default="", alias="Source")
    explanation: str = Field(default="", alias="Explanation")

    @property
    def id(self) -> str:
        """The name of the example: its misconception and its number."""
        return f"{self.misconception_id}-{self.number}"

    @property
    def needs_image(self) -> bool:
        """Whether what is asked or answered is in an image, so that the text alone does not tell it."""
        return bool(self.question_image.strip() or self.wrong_image.strip())


def load_mae(path: Path) -> tuple[MaeExample, ...]:
    """Read the examples, in the order of the file.

    Args:
        path: the file, the folder that holds ``data.json``, or the folder above it.

    Raises:
        DataNotFound: when there is no such file.
        EmptyData: when it holds no example.
        MissingColumn: when a column is absent.
        BadRow: when rows cannot be read, or two disagree about what a misconception is.
    """
    file = _file(path)
    table = read_table(file)
    _check_columns(table)
    complaints = Complaints(file, table.unit)
    examples: list[MaeExample] = []
    known: dict[str, str] = {}
    for row in table.rows:
        try:
            example = MaeExample.model_validate(row.values)
        except ValidationError as error:
            told = [f"{'.'.join(map(str, detail['loc']))}: {detail['msg']}" for detail in error.errors()]
            complaints.add(row.number, "; ".join(told))
            continue
        if known.setdefault(example.misconception_id, example.misconception) != example.misconception:
            complaints.add(row.number, f"{example.misconception_id} is described in two ways")
        examples.append(example)
    complaints.raise_if_any()
    return tuple(examples)


def misconceptions_in(examples: Sequence[MaeExample]) -> dict[str, str]:
    """Return what each misconception is, by id: the labels that there are to choose from."""
    return {example.misconception_id: example.misconception for example in examples}


def score_mae(examples: Sequence[MaeExample], named: Sequence[str | None]) -> LabelReport:
    """Compare the misconceptions that were named with the right ones; None is where none was named.

    Raises:
        BadSetting: when there are not as many names as examples.
        EmptyData: when there are no examples.
    """
    return label_report([example.misconception_id for example in examples], named)


def nearest_named(examples: Sequence[MaeExample], *, within_topic: bool = False) -> tuple[str | None, ...]:
    """Name the misconception of the most similar other example, by words: a baseline that understands nothing.

    Args:
        examples: each is compared with all others.
        within_topic: compare with those of its topic alone.

    Raises:
        BadSetting: for fewer than two examples.
    """
    if len(examples) < 2:
        raise BadSetting("With fewer than two examples there is no other one to compare with.")
    named: list[str | None] = []
    for place, example in enumerate(examples):
        others = [
            other
            for index, other in enumerate(examples)
            if index != place and (not within_topic or other.topic == example.topic)
        ]
        near = similarities(_text(example), [_text(other) for other in others])
        best = max(range(len(others)), key=lambda index: near[index], default=None)
        named.append(None if best is None else others[best].misconception_id)
    return tuple(named)


def _text(example: MaeExample) -> str:
    return f"{example.question}\n{example.wrong}"


def _file(path: Path) -> Path:
    if path.is_file():
        return path
    for folder in _FOLDERS:
        if (path / folder / _FILE).is_file():
            return path / folder / _FILE
    raise DataNotFound(
        f"There is no {_FILE} of the misconceptions in {path}.",
        remedy="Give the folder that holds it: nancyotero-projects/math-misconceptions has it under data/.",
        data={"path": str(path)},
    )


def _check_columns(table: Table) -> None:
    needed = [field.alias or name for name, field in MaeExample.model_fields.items() if field.is_required()]
    missing = [name for name in needed if name not in table.columns]
    if missing:
        raise MissingColumn(
            f"{table.path} has no column {', '.join(missing)}.",
            remedy="Give the published data.json, with the columns named as they are there.",
            data={"path": str(table.path), "missing": missing, "columns": list(table.columns)},
        )

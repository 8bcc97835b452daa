"""Models of mastery on answers of your own: read the file, fit and predict student by student, measure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Final

from tutorkit.errors import BadSetting, EmptyData, MissingColumn
from tutorkit.knowledge.evaluating import Calibration, Measures, by_skill, measured, subgroups
from tutorkit.knowledge.interactions import Interaction, by_question
from tutorkit.knowledge.mastery import Assisted
from tutorkit.knowledge.models import new_model
from tutorkit.knowledge.predictions import cross_validated
from tutorkit.tasks.rows import Complaints, Row, read_table
from tutorkit.types import Record

COLUMNS: Final = ("student", "skills", "correct", "id", "item", "at", "assisted", "group")
_NEEDED: Final = ("student", "skills", "correct")
_TRUE, _FALSE = {"1", "1.0", "true", "yes", "right"}, {"0", "0.0", "false", "no", "wrong", ""}


class ModelQuality(Record):
    """How well one model predicts students whom it was not fitted to; ``groups`` tells whether it is fair to them."""

    model: str
    measures: Measures
    skills: dict[str, Measures]
    groups: tuple[Calibration, ...]


class KnowledgeReport(Record):
    """The models beside each other on one file. ``left_out`` counts the rows that name no skill."""

    file: str
    answers: int
    students: int
    left_out: int
    folds: int
    seed: int
    models: tuple[ModelQuality, ...]


class AnswerFile(Record):
    """A file's answers, oldest first, and the subgroup of each student where the file tells it."""

    interactions: tuple[Interaction, ...]
    groups: dict[str, str]
    left_out: int


def evaluate_models(
    path: Path,
    *,
    models: Sequence[str] = ("bkt", "pfa"),
    columns: Mapping[str, str] = MappingProxyType({}),
    folds: int = 5,
    seed: int = 0,
    assisted: Assisted = "ignored",
) -> KnowledgeReport:
    """Predict every answer of a file by models that are fitted to other students, and measure the predictions.

    Args:
        path: a file of answers, see ``read_answers``.
        models: names of models.
        columns: what the file calls the columns.
        folds: into how many parts the students are dealt.
        seed: of the dealing and of the intervals.
        assisted: what an answer with much help counts as.

    Raises:
        DataError: when the file cannot be used.
        UnknownName, MissingExtra: for a model that is not there.
        BadSetting: for fewer students than folds.
    """
    made = [new_model(name, assisted=assisted) for name in models]
    data = read_answers(path, columns=columns)
    found = []
    for model in made:
        predictions = cross_validated(model, data.interactions, folds=folds, seed=seed)
        found.append(
            ModelQuality(
                model=model.name,
                measures=measured(predictions, seed=seed),
                skills=by_skill(predictions, seed=seed),
                groups=subgroups(predictions, data.groups, seed=seed),
            )
        )
    return KnowledgeReport(
        file=str(path),
        answers=len(data.interactions),
        students=len({each.student for each in data.interactions}),
        left_out=data.left_out,
        folds=folds,
        seed=seed,
        models=tuple(found),
    )


def read_answers(path: Path, *, columns: Mapping[str, str] = MappingProxyType({})) -> AnswerFile:
    """Read answers from JSON Lines, JSON, CSV, TSV or Parquet.

    A row has ``student``, ``skills`` (a list, or names between ``;`` or ``~~``) and ``correct`` (0 or 1); where it is
    known also ``id`` (of the attempt: rows of one student and one id are one question), ``item``, ``at`` (a time in
    ISO 8601; the order of the file otherwise), ``assisted`` and ``group`` (of the student).

    Raises:
        DataNotFound, EmptyData, BadRow, MissingExtra: when the file cannot be read.
        MissingColumn: when one that is needed is absent.
        BadSetting: for a column that there is no use for.
    """
    unknown = set(columns) - set(COLUMNS)
    if unknown:
        raise BadSetting(f"There is no use for {', '.join(sorted(unknown))}: the columns are {', '.join(COLUMNS)}.")
    table = read_table(path)
    names = {name: columns.get(name, name) for name in COLUMNS}
    absent = [names[name] for name in _NEEDED if names[name] not in table.columns]
    if absent:
        raise MissingColumn(
            f"{path} has no column {' or '.join(absent)}; it has {', '.join(table.columns)}.",
            remedy="Say what they are called: --map student=USER --map skills=KC --map correct=SCORE.",
            data={"path": str(path), "missing": absent},
        )
    complaints = Complaints(path, table.unit)
    found, groups, left_out = [], {}, 0
    for row in table.rows:
        values = {name: row.values.get(column) for name, column in names.items()}
        skills = _skills(values["skills"])
        if not skills:
            left_out += 1
            continue
        read = _interaction(row, values, skills, complaints)
        if read is not None:
            found.append(read)
            if values["group"] not in (None, ""):
                groups[read.student] = str(values["group"])
    complaints.raise_if_any()
    if not found:
        raise EmptyData(f"No row of {path} names a skill.", data={"path": str(path)})
    if all(each.at is not None for each in found):
        found.sort(key=lambda each: each.at or datetime.min.replace(tzinfo=UTC))
    return AnswerFile(interactions=by_question(found), groups=groups, left_out=left_out)


def _interaction(
    row: Row, values: Mapping[str, object], skills: tuple[str, ...], complaints: Complaints
) -> Interaction | None:
    correct, assisted = _truth(values["correct"]), _truth(values["assisted"] or "0")
    at = _time(values["at"])
    faults = [
        said
        for wrong, said in (
            (correct is None, f"correct is {values['correct']!r}, not 0 or 1"),
            (assisted is None, f"assisted is {values['assisted']!r}, not 0 or 1"),
            (at is None and values["at"] not in (None, ""), f"at is {values['at']!r}, which is no time"),
            (values["student"] in (None, ""), "names no student"),
        )
        if wrong
    ]
    if faults:
        complaints.add(row.number, "; ".join(faults))
        return None
    named = values["id"] not in (None, "")
    return Interaction(
        id=str(values["id"]) if named else f"row {row.number}",
        student=str(values["student"]),
        skills=skills,
        item=None if values["item"] in (None, "") else str(values["item"]),
        correct=bool(correct),
        at=at,
        assisted=bool(assisted),
    )


def _skills(value: object) -> tuple[str, ...]:
    given = value if isinstance(value, list) else re.split(r";|~~", "" if value is None else str(value))
    return tuple(dict.fromkeys(name for each in given if (name := str(each).strip())))


def _truth(value: object) -> bool | None:
    word = str(value).strip().lower()
    return True if word in _TRUE else False if word in _FALSE and value not in (None, "") else None


def _time(value: object) -> datetime | None:
    """Read a time; one without a zone is taken as UTC."""
    try:
        found = datetime.fromisoformat(str(value).strip())
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)

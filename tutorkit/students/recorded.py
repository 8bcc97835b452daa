"""Students whose answers were recorded: real right and wrong solutions, to be diagnosed.

A recorded student cannot learn: it says what it once said, whatever lessons it is given.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from tutorkit.canonical import digest
from tutorkit.errors import BadSetting, DataNotFound, MissingColumn, ReplayMiss, UnknownName
from tutorkit.ports import Answer
from tutorkit.students.records import call_of, shown
from tutorkit.tasks.rows import Complaints, Row, Table, read_table
from tutorkit.tasks.splits import normalised
from tutorkit.types import Call, Lesson, Question

PREFIX = "recorded/"
GSM8K_MODELS = ("6b_finetuning", "6b_verification", "175b_finetuning", "175b_verification")
"""The four models of GSM8K's ``example_model_solutions.jsonl``."""

_GSM8K_FILE = "example_model_solutions.jsonl"
_TEXT_COLUMNS = ("text", "question", "problem")
_ID_COLUMNS = ("problem_id", "id")
_ANSWER_COLUMNS = ("raw", "answer", "solution", "response")


@dataclass(frozen=True, kw_only=True)
class RecordedStudent:
    """Repeats recorded answers. ``answers`` holds those to each question, by its id or its normalised text.

    Several answers to one question are the samples of it, in the order of the file.
    """

    ref: str
    answers: Mapping[str, tuple[str, ...]]
    source: Path

    async def answer(self, question: Question, lessons: Sequence[Lesson], *, sample: int = 0) -> Answer:
        """Say what was recorded; the lessons change nothing.

        Raises:
            ReplayMiss: when this sample of this question was not recorded.
        """
        said = self.answers.get(question.id) or self.answers.get(normalised(question.text)) or ()
        if sample >= len(said):
            raise ReplayMiss(
                f"{self.source} holds no answer to the problem {question.id}"
                + (f", sample {sample}: it has {len(said)}." if said else "."),
                remedy=f"Use a recorded student on the problems of {self.source.name} only: take the task from a "
                "folder or file that holds no others.",
                data={"path": str(self.source), "question": question.id, "sample": sample},
            )
        raw = said[sample]
        return Answer(
            raw=raw,
            steps=tuple(line for line in raw.splitlines() if line.strip()),
            calls=(self._call(question, raw, sample),),
        )

    def _call(self, question: Question, raw: str, sample: int) -> Call:
        key = digest([self.ref, question.id, question.text, sample, raw])
        return call_of(
            self.ref,
            key,
            purpose="answer",
            prompt_id="student/recorded",
            prompt_digest=digest([self.ref, question.text]),
            messages=shown((), question.text),
            reply=raw,
            about=(question.id,),
            sample=sample,
        )


def load_recorded(ref: str, *, data_dir: Path | None) -> RecordedStudent:
    """Load a recorded student.

    Args:
        ref: ``recorded/gsm8k:MODEL`` for one of ``GSM8K_MODELS``, or ``recorded/FILE.jsonl`` for a file of rows
            ``{text or id, answer}``; CSV, TSV, JSON and Parquet work as well.
        data_dir: the folder of public sets, which holds ``gsm8k/example_model_solutions.jsonl``.

    Raises:
        DataNotFound: when the file is not there.
        UnknownName: for another model, or another set.
        MissingColumn: when the file has no column of questions or of answers.
        BadRow: when rows lack their question or answer.
    """
    name = ref.removeprefix(PREFIX)
    collection, colon, model = name.partition(":")
    if colon and not Path(name).suffix:
        if collection != "gsm8k":
            raise UnknownName("collection of recorded students", collection, ("gsm8k",))
        return _from_gsm8k(ref, model, data_dir)
    if not name:
        raise BadSetting(
            "The recorded student has no name.", remedy=f"Name {PREFIX}gsm8k:{GSM8K_MODELS[0]} or {PREFIX}FILE.jsonl."
        )
    return _from_file(ref, Path(name))


def _from_gsm8k(ref: str, model: str, data_dir: Path | None) -> RecordedStudent:
    if model not in GSM8K_MODELS:
        raise UnknownName("recorded student of gsm8k", model, GSM8K_MODELS)
    places = [data_dir / "gsm8k" / _GSM8K_FILE, data_dir / _GSM8K_FILE] if data_dir else []
    path = next((place for place in places if place.is_file()), None)
    if path is None:
        raise DataNotFound(
            f"The recorded solutions gsm8k/{_GSM8K_FILE} are not there.",
            remedy="Give the folder that holds gsm8k/ with --data DIR or TUTORKIT_DATA_DIR; the file is part of the "
            "public repository openai/grade-school-math.",
            data={"looked_at": [str(place) for place in places]},
        )
    table = read_table(path)
    complaints = Complaints(path, table.unit)
    pairs = []
    for row in table.rows:
        entry = row.values.get(model)
        solution = entry.get("solution") if isinstance(entry, dict) else None
        question = row.values.get("question")
        if isinstance(question, str) and isinstance(solution, str) and normalised(question):
            pairs.append((normalised(question), solution))
        else:
            complaints.add(row.number, f"no question, or no solution of {model}")
    complaints.raise_if_any()
    return RecordedStudent(ref=ref, answers=_grouped(pairs), source=path)


def _from_file(ref: str, path: Path) -> RecordedStudent:
    table = read_table(path)
    answers = _column(table, _ANSWER_COLUMNS, "the answers")
    questions = [column for column in (*_TEXT_COLUMNS, *_ID_COLUMNS) if column in table.columns]
    if not questions:
        _column(table, (*_TEXT_COLUMNS, *_ID_COLUMNS), "the questions")
    complaints = Complaints(path, table.unit)
    pairs = []
    for row in table.rows:
        keys, said = _keys(row, questions), row.values.get(answers)
        if not keys or said is None:
            complaints.add(row.number, "no question" if not keys else f"no {answers}")
        else:
            pairs += [(key, str(said)) for key in keys]
    complaints.raise_if_any()
    return RecordedStudent(ref=ref, answers=_grouped(pairs), source=path)


def _column(table: Table, names: Sequence[str], what: str) -> str:
    found = next((name for name in names if name in table.columns), None)
    if found is None:
        raise MissingColumn(
            f"{table.path} has no column of {what}; it has {', '.join(table.columns)}.",
            remedy=f"Name one of its columns {', '.join(names[:-1])} or {names[-1]}.",
            data={"path": str(table.path), "columns": list(table.columns), "wanted": list(names)},
        )
    return found


def _keys(row: Row, columns: Sequence[str]) -> tuple[str, ...]:
    """Return what a question is found by: its id as it is, its text normalised."""
    values = {column: row.values[column] for column in columns if row.values.get(column) not in (None, "")}
    texts = [normalised(str(values[column])) for column in _TEXT_COLUMNS if column in values]
    ids = [str(values[column]) for column in _ID_COLUMNS if column in values]
    return tuple(dict.fromkeys(key for key in (*texts, *ids) if key))


def _grouped(pairs: Iterable[tuple[str, str]]) -> Mapping[str, tuple[str, ...]]:
    grouped: dict[str, tuple[str, ...]] = {}
    for key, said in pairs:
        grouped[key] = (*grouped.get(key, ()), said)
    return MappingProxyType(grouped)

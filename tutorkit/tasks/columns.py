"""Which column of a user's file is what, and what its cells say."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Literal, get_args

from tutorkit.errors import BadSetting, MissingColumn
from tutorkit.tasks.rows import Table
from tutorkit.types import Choice

Field = Literal["text", "gold", "id", "skills", "group", "split", "choices"]
FIELDS: tuple[Field, ...] = get_args(Field)

USUAL_NAMES: Mapping[Field, tuple[str, ...]] = {
    "text": ("text", "question", "problem", "prompt", "input", "query", "stem"),
    "gold": ("gold", "answer", "target", "label", "answerkey", "answer_key", "correct", "solution"),
    "id": ("id", "qid", "uid", "problem_id", "question_id"),
    "skills": ("skills", "skill", "tags"),
    "group": ("group", "family"),
    "split": ("split",),
    "choices": ("choices", "options"),
}


def read_mapping(table: Table, columns: Mapping[str, str]) -> tuple[dict[Field, str], list[str]]:
    """Say which column is what: as told, else by its usual names; the guesses are noted.

    Raises:
        BadSetting: when something is mapped that is no field.
        MissingColumn: when a mapped column is absent, or nothing looks like the text or the gold.
    """
    known = {str(field): field for field in FIELDS}
    unknown = sorted(set(columns) - set(known))
    if unknown:
        raise BadSetting(
            f"A column can be mapped to {', '.join(FIELDS)}, not to {', '.join(unknown)}.",
            remedy="Write field=column, as in text=question,gold=answer.",
            data={"unknown": unknown},
        )
    mapping = {known[field]: column for field, column in columns.items()}
    absent = [column for column in mapping.values() if column not in table.columns]
    if absent:
        raise _missing(table, absent[0], f"the column {absent[0]!r} is absent")
    folded = {column.lower(): column for column in reversed(table.columns)}
    notes = []
    for field in FIELDS:
        taken = set(mapping.values())
        guess = next((folded[usual] for usual in USUAL_NAMES[field] if folded.get(usual, "") not in {"", *taken}), None)
        if field not in mapping and guess is not None:
            mapping[field] = guess
            notes.append(f"Column {guess!r} read as {field}.")
    for needed in ("text", "gold"):
        if needed not in mapping:
            raise _missing(table, needed, f"no column looks like the {needed}")
    return mapping, notes


def _missing(table: Table, wanted: str, what: str) -> MissingColumn:
    near = get_close_matches(wanted, table.columns, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    return MissingColumn(
        f"{table.path}: {what}; it has {', '.join(map(repr, table.columns))}.{hint}",
        data={"path": str(table.path), "column": wanted, "columns": list(table.columns)},
    )


def read_string(value: object) -> str:
    """Read a cell as text: missing values as nothing, whole floats without their point."""
    if value is None or value != value:  # NaN, as Parquet has it
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip()


def read_names(value: object) -> tuple[str, ...]:
    """Read a list of names, or names parted by commas, semicolons or bars."""
    parts: Iterable[object] = value if isinstance(value, list | tuple) else re.split(r"[,;|]", read_string(value))
    return tuple(dict.fromkeys(name for name in map(read_string, parts) if name))


def read_choices(value: object) -> tuple[Choice, ...]:
    """Read options: a list of texts or of {label, text}, the two lists of Hugging Face, JSON, or lines or ``|``.

    Raises:
        ValueError: when it is none of these.
    """
    if isinstance(value, str):
        value = value.strip()
        if value[:1] in ("[", "{"):
            try:
                value = json.loads(value)
            except ValueError as error:
                raise ValueError(f"the choices are broken JSON ({error})") from error
        else:
            value = [part for part in re.split(r"[|\n]", value) if part.strip()]
    if isinstance(value, Mapping):
        labels, texts = value.get("label"), value.get("text")
        if not (isinstance(labels, list) and isinstance(texts, list) and len(labels) == len(texts)):
            raise ValueError("the choices have no label and text lists of one length")
        value = [{"label": label, "text": text} for label, text in zip(labels, texts, strict=True)]
    if value is None or value == "" or value == []:
        return ()
    if not isinstance(value, Sequence):
        raise ValueError("the choices are no list")
    return tuple(_choice(position, part) for position, part in enumerate(value))


def _choice(position: int, part: object) -> Choice:
    if isinstance(part, Mapping):
        return Choice(label=read_string(part.get("label")) or chr(65 + position), text=read_string(part.get("text")))
    text = read_string(part)
    labelled = re.match(r"\(?([A-Z])[).:]\s*(?=\S)", text)
    if labelled:
        return Choice(label=labelled[1], text=text[labelled.end() :])
    return Choice(label=chr(65 + position), text=text)

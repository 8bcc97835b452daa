"""Takes out of a row what only simulated students read; the store keeps the row as it is."""

from __future__ import annotations

from typing import Any, TypeVar

from tutorkit.exports.shapes import TEXTS
from tutorkit.students.tags import without_tags
from tutorkit.types import TrainingRow

RowT = TypeVar("RowT", bound=TrainingRow)


def untagged(row: RowT) -> RowT:
    """Return the row without tags in its texts and in what the method kept besides; itself where it has none."""
    texts = row.model_dump(include=set(TEXTS))
    plain = _plain(texts)
    return row if plain == texts else type(row).model_validate({**row.model_dump(), **plain})


def _plain(value: Any) -> Any:  # noqa: ANN401 (a dumped record)
    if isinstance(value, str):
        return without_tags(value)
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    return type(value)(map(_plain, value)) if isinstance(value, list | tuple) else value

"""Rewriting every text of a reply, and only what is text: names, labels and quotations stay as they are."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal, get_origin

from annotated_types import MaxLen
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from tutorkit.ports import SchemaT
from tutorkit.teachers.purposes.base import split_cues

Rewrite = Callable[[str, int], str]
"""From a text and the most characters that it may have to another text."""

_NO_LIMIT = 100_000
_NOT_TEXT = re.compile(r"(?:.*_)?(?:id|ids|used|kept)|skill|skills|cause|evidence|final_answer|answer|level|label")


def rewritten(value: SchemaT, rewrite: Rewrite) -> SchemaT:
    """Return a copy in which every text is rewritten; cue tags stay at the end of theirs."""
    return type(value).model_validate(_fields(value, rewrite))


def _fields(value: BaseModel, rewrite: Rewrite) -> dict[str, object]:
    return {
        name: getattr(value, name)
        if _NOT_TEXT.fullmatch(name) or get_origin(field.annotation) is Literal
        else _changed(getattr(value, name), rewrite, _limit(field))
        for name, field in type(value).model_fields.items()
    }


def _changed(value: object, rewrite: Rewrite, limit: int) -> object:
    if isinstance(value, str):
        said, cues = split_cues(value)
        return rewrite(said, limit - len(cues)) + cues
    if isinstance(value, BaseModel):
        return _fields(value, rewrite)
    if isinstance(value, list | tuple):
        return [_changed(inner, rewrite, _NO_LIMIT) for inner in value]
    return value


def _limit(field: FieldInfo) -> int:
    return next((bound.max_length for bound in field.metadata if isinstance(bound, MaxLen)), _NO_LIMIT)

"""A teacher that says nothing, in whatever form it is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, MinLen
from pydantic import BaseModel, JsonValue

from tutorkit.canonical import digest, stable_id
from tutorkit.ports import Answer, Ask, Reply, SchemaT
from tutorkit.prompting import PromptLibrary
from tutorkit.teachers.records import own_call
from tutorkit.types import Call, Message, Role


@dataclass(frozen=True, kw_only=True)
class SilentTeacher:
    """Replies to everything with empty texts, empty lists and nulls. What is gained from it is not due to teaching."""

    ref: str
    prompts: PromptLibrary
    diagnoses_as: Literal["rule", "llm", "human"] = "rule"

    async def call(self, ask: Ask[SchemaT]) -> Reply[SchemaT]:
        """Say nothing."""
        value = blank(ask.schema)
        return Reply(value=value, calls=(own_call(ask, value, ref=self.ref, prompts=self.prompts),))

    async def say(
        self,
        messages: Sequence[Message],
        *,
        role: Role,
        purpose: str,
        options: Mapping[str, JsonValue],
        sample: int = 0,
    ) -> Answer:
        """Say nothing."""
        said = digest([message.model_dump() for message in messages])
        key = digest([self.ref, said, dict(options), sample])
        record = Call(
            id=stable_id("call", key),
            role=role,
            purpose=purpose,
            model=self.ref,
            model_served=self.ref,
            prompt_id=f"program/{purpose}",
            prompt_digest=said,
            messages=tuple(messages),
            reply="",
            key=key,
            sample=sample,
            tokens_in=0,
            tokens_out=0,
            cost_usd=0.0,
        )
        return Answer(raw="", calls=(record,))


def blank(schema: type[SchemaT]) -> SchemaT:
    """Return the emptiest value that a schema allows."""
    return schema.model_validate({name: _empty(f.annotation, f.metadata) for name, f in schema.model_fields.items()})


def _empty(annotation: Any, metadata: list[Any]) -> object:  # noqa: ANN401 (an annotation is anything)
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _empty(arguments[0], [*metadata, *arguments[1:]])
    if origin in (Union, UnionType):
        return None if NoneType in arguments else _empty(arguments[0], metadata)
    if origin is Literal:
        return arguments[0]
    kind = origin or annotation
    if kind is str:
        return "-" * _at_least(metadata)
    if kind in (list, tuple, set, frozenset):
        return [_empty(arguments[0], []) for _ in range(_at_least(metadata))]
    return _empty_value(kind, metadata)


def _empty_value(kind: Any, metadata: list[Any]) -> object:  # noqa: ANN401 (an annotation is anything)
    if kind is bool:
        return False
    if kind in (int, float):
        low = next((bound.ge for bound in metadata if isinstance(bound, Ge)), 0)
        return next((bound.gt + 1 for bound in metadata if isinstance(bound, Gt)), low)  # type: ignore[operator]
    if kind is dict:
        return {}
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return blank(kind).model_dump()
    if isinstance(kind, type) and issubclass(kind, Enum):
        return next(iter(kind))
    return None


def _at_least(metadata: list[Any]) -> int:
    return next((bound.min_length for bound in metadata if isinstance(bound, MinLen)), 0)

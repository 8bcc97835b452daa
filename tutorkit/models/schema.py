"""A Pydantic model as the strict JSON schema that providers take: closed objects, every field required.

OpenAI's strict mode and Anthropic's structured output take a subset of JSON Schema. What they do not take, a bound or a
pattern, moves into the description, where the model still reads it; Pydantic checks it when the reply is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from pydantic import BaseModel, JsonValue

_DROPPED = frozenset({"default", "title", "discriminator", "examples"})
_TOLD = (
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "uniqueItems",
    "pattern",
    "format",
)


class NotStrict(ValueError):
    """The model has a part that no strict schema can express, such as a mapping with free names."""


@lru_cache(maxsize=256)
def strict_schema(model: type[BaseModel]) -> dict[str, JsonValue]:
    """Return the strict JSON schema of a model. It is made once and shared: not to be changed.

    Raises:
        NotStrict: for free mappings, fixed-length tuples, and fields of any type.
    """
    schema = _strict(model.model_json_schema(), "the schema")
    if schema.get("type") != "object" and "$ref" not in schema:
        raise NotStrict(f"{model.__name__} is not an object.")
    return schema


def _strict(schema: Mapping[str, JsonValue], where: str) -> dict[str, JsonValue]:
    closed: dict[str, JsonValue] = {}
    if isinstance(definitions := schema.get("$defs"), dict):
        closed["$defs"] = {name: _strict(_part(inner), name) for name, inner in definitions.items()}
    if "$ref" in schema:
        # Nothing may stand beside a reference.
        return {**closed, "$ref": schema["$ref"]}
    if "prefixItems" in schema:
        raise NotStrict(f"{where} is a tuple of fixed length.")
    for name, value in schema.items():
        if name not in _DROPPED and name not in _TOLD and name != "$defs":
            closed[name] = value
    _close_alternatives(closed, where)
    _close_object(closed, where)
    if "items" in closed:
        closed["items"] = _strict(_part(closed["items"]), f"{where}[]")
    if not {"type", "anyOf", "enum", "const"} & closed.keys():
        raise NotStrict(f"{where} may be anything.")
    _tell_bounds(closed, schema)
    return closed


def _close_alternatives(closed: dict[str, JsonValue], where: str) -> None:
    for name in ("anyOf", "oneOf"):
        if isinstance(variants := closed.pop(name, None), list):
            closed["anyOf"] = [_strict(_part(variant), where) for variant in variants]


def _close_object(closed: dict[str, JsonValue], where: str) -> None:
    if closed.get("type") != "object":
        return
    properties = closed.get("properties", {})
    if closed.get("additionalProperties", False) is not False or not isinstance(properties, dict) or not properties:
        raise NotStrict(f"{where} is a mapping with free names.")
    closed["properties"] = {name: _strict(_part(inner), f"{where}.{name}") for name, inner in properties.items()}
    closed["required"] = list(properties)
    closed["additionalProperties"] = False


def _tell_bounds(closed: dict[str, JsonValue], schema: Mapping[str, JsonValue]) -> None:
    bounds = ", ".join(f"{name}: {schema[name]}" for name in _TOLD if name in schema)
    if bounds:
        said = closed.get("description")
        closed["description"] = f"{said} ({bounds})" if said else f"({bounds})"


def _part(value: JsonValue) -> Mapping[str, JsonValue]:
    """A part of a schema; ``True`` is JSON Schema's other way to say *anything*."""
    return value if isinstance(value, dict) else {}

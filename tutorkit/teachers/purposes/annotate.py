"""What TSMMG asks of a teacher: to annotate, with the tools of ``annotator``."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pydantic import JsonValue

from tutorkit.teachers.annotator import PURPOSE, TOOLS, told_by
from tutorkit.teachers.purposes.base import Inputs, Misdirection, Purpose, Said

_ALPHABET = "abcdefghijklmnopqrstuvwxyz"


def _annotate(inputs: Inputs, _cues: bool) -> dict[str, JsonValue]:
    wanted = inputs["properties"]
    names = frozenset(str(name) for name in wanted) if isinstance(wanted, list) else frozenset[str]()
    return {"annotations": told_by(str(inputs["item"]), TOOLS["words"], wanted=names)}


def _other_values(_inputs: Inputs, said: Said, _other: Misdirection) -> dict[str, JsonValue]:
    """Give every property the value next to the one that the item has."""
    told = said["annotations"]
    return {
        "annotations": [
            {**each, "value": _next(str(each["value"])), "says": _said_of_next(each)}
            for each in (told if isinstance(told, list) else [])
            if isinstance(each, dict)
        ]
    }


def _next(value: str) -> str:
    if value.isdigit():
        return str(int(value) + 1)
    return _ALPHABET[(_ALPHABET.find(value) + 1) % len(_ALPHABET)]


def _said_of_next(told: Mapping[str, JsonValue]) -> str:
    value = str(told["value"])
    return " ".join(_next(value) if word == value else word for word in str(told["says"]).split())


PURPOSES: Mapping[str, Purpose] = MappingProxyType({PURPOSE: Purpose(do=_annotate, misdirect=_other_values)})

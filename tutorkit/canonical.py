"""Canonical JSON and digests: one way to turn data into bytes, used wherever identity matters."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from types import NoneType
from typing import Any

from tutorkit.errors import NotCanonical

_ENCODER = json.JSONEncoder(sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
_LEAVES = frozenset({str, int, float, bool, NoneType})


def canonical_json(value: object) -> str:
    """Render ``value`` as the one JSON text that stands for it.

    Keys are sorted, text is UTF-8, ints and floats stay distinct (``1`` is not ``1.0``).

    Args:
        value: None, bool, int, finite float, str, and lists, tuples and string-keyed mappings of these.

    Returns:
        A JSON text without insignificant white space.

    Raises:
        NotCanonical: for anything else. There is no fallback to ``str()``: two objects never share a digest.
    """
    try:
        return _ENCODER.encode(value if _is_plain(value) else _plain(value, "value"))
    except (TypeError, ValueError) as error:
        raise NotCanonical(f"This value has no canonical JSON form: {error}.") from error


def digest(value: object) -> str:
    """Return the SHA-256 of the canonical JSON of ``value``, as 64 hexadecimal digits."""
    return text_digest(canonical_json(value))


def text_digest(text: str) -> str:
    """Return the SHA-256 of a text, as 64 hexadecimal digits."""
    # A model's reply can hold half a surrogate pair; it is kept as it is, so it must have a digest too.
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def stable_id(prefix: str, *parts: object) -> str:
    """Name a record by what it is made of, so that making it twice gives the same name.

    Returns:
        ``prefix-`` and 16 hexadecimal digits.
    """
    return f"{prefix}-{digest(list(parts))[:16]}"


def _is_plain(value: Any) -> bool:  # noqa: ANN401 (any value is asked about)
    """Tell whether a value is made of JSON's own types alone: nothing to convert, and nothing that could be bent.

    A run makes thousands of keys, each of a whole request, and nearly all are such.
    """
    kind = type(value)
    if kind is dict:
        for key, inner in value.items():
            if type(key) is not str or not (type(inner) in _LEAVES or _is_plain(inner)):
                return False
        return True
    if kind is list or kind is tuple:
        for inner in value:  # noqa: SIM110 (a generator takes half as long again)
            if not (type(inner) in _LEAVES or _is_plain(inner)):
                return False
        return True
    return kind in _LEAVES


def _plain(value: object, where: object) -> object:
    """Return the value in JSON's own types; what the standard encoder would bend silently is an error here."""
    if isinstance(value, Mapping):
        return {_name(key, where): _plain(inner, (where, key)) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner, (where, position)) for position, inner in enumerate(value)]
    if value is None or isinstance(value, int | float | str):
        return value
    raise NotCanonical(f"{_path(where)} is a {type(value).__name__}, which has no canonical JSON form.")


def _name(key: object, where: object) -> str:
    if not isinstance(key, str):
        raise NotCanonical(f"The key {key!r} in {_path(where)} is not text.")
    return key


def _path(where: object) -> str:
    """Put together where a value stands, from pairs of (place, key or position): only when it has to be named."""
    if not isinstance(where, tuple):
        return str(where)
    place, step = where
    return _path(place) + (f"[{step}]" if isinstance(step, int) else f".{step}")

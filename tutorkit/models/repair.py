"""JSON out of what a model wrote: free repairs of the form, and none that would have to guess the meaning.

Repaired are: white space, a fence and prose around it, thoughts before ``</think>``, line breaks inside strings,
trailing commas, typographic or single quotes as delimiters, and Python's ``True``, ``False`` and ``None``. Not repaired
are: text that was cut off, two different values in one reply, a name that stands twice in one object, ``NaN``. Those go
back to the model.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress

from pydantic import JsonValue

_FENCE = re.compile(r"^[ \t]*(`{3,}|~{3,})[^\n`~]*\n(?P<inside>.*?)\n?^[ \t]*\1[ \t]*$", re.DOTALL | re.MULTILINE)
_THOUGHTS = re.compile(r"\A(?![{\[`~]).*?</think>", re.DOTALL)
"""What a model that reasons says first, where its server does not part it from the answer; not all say ``<think>``."""

_CLOSING = {"{": "}", "[": "]"}
_CLOSING_QUOTE = {'"': '"', "'": "'", "“": "”", "„": "“"}
_PYTHON = {"True": "true", "False": "false", "None": "null"}
_TRAILING_COMMA = re.compile(r",(?=\s*[}\]])")
_OPENING = re.compile(r"[{\[]")
_ESCAPE_OR_QUOTE = re.compile(r"\\.|\"", re.DOTALL)
_REQUOTED = {"\\'": "'", '"': '\\"'}
_WORD = re.compile(r"[A-Za-z_]+")
_DEEPEST = 200


class NotJson(ValueError):
    """There is not exactly one JSON value in the text; the message says what there is, for the model to read."""


def read_json(text: str) -> JsonValue:
    """Return the one JSON object that a text holds, or, where it holds no object, the one array.

    Raises:
        NotJson: when there is none, or several that differ, or it is damaged beyond its form.
    """
    stripped = text.strip().lstrip("\ufeff")
    if not stripped:
        raise NotJson("The reply is empty.")
    if stripped[0] == "{":
        # Nearly every reply is an object and nothing else; what follows is for the others.
        with suppress(json.JSONDecodeError):
            return _strict(stripped)
    problem = "There is no JSON object in the reply."
    for region in _regions(_THOUGHTS.sub("", stripped, count=1)):
        objects: list[JsonValue] = []
        arrays: list[JsonValue] = []
        for candidate in _candidates(region):
            try:
                value = _value(candidate)
            except NotJson as error:
                problem = str(error)
                continue
            _add(value, objects if isinstance(value, dict) else arrays)
        found = objects or arrays
        if len(found) > 1:
            raise NotJson("There are different JSON values in the reply where one is wanted.")
        if found:
            return found[0]
    raise NotJson(problem)


def _add(value: JsonValue, found: list[JsonValue]) -> None:
    """Add a value that is new; two are enough to know that there is no single one."""
    if len(found) < 2 and value not in found:
        found.append(value)


def _regions(text: str) -> Iterator[str]:
    """The places to look at, the surest first: what stands in fences, and then all of it."""
    fenced = [match["inside"] for match in _FENCE.finditer(text)]
    if fenced:
        yield "\n".join(fenced)
    yield text


def _candidates(text: str) -> Iterator[str]:
    """Cut out every outermost bracketed stretch; one that is never closed is the last, and nothing inside it counts."""
    position = 0
    while (bracket := _OPENING.search(text, position)) is not None:
        end = _matching_end(text, bracket.start())
        if end is None:
            yield text[bracket.start() :]
            return
        yield text[bracket.start() : end]
        position = end


def _matching_end(text: str, start: int) -> int | None:
    open_brackets: list[str] = []
    position = start
    while position < len(text):
        sign = text[position]
        if sign in '"“„':
            position = _end_of_string(text, position)
            continue
        if sign in _CLOSING:
            open_brackets.append(_CLOSING[sign])
            if len(open_brackets) > _DEEPEST:
                raise NotJson(f"The JSON is broken: brackets more than {_DEEPEST} deep.")
        elif open_brackets and sign == open_brackets[-1]:
            open_brackets.pop()
            if not open_brackets:
                return position + 1
        position += 1
    return None


def _end_of_string(text: str, start: int) -> int:
    """Return the position after a string's closing quote, or the text's end when it is never closed."""
    closing = _CLOSING_QUOTE[text[start]]
    position = start + 1
    while position < len(text) and text[position] != closing:
        position += 2 if text[position] == "\\" else 1
    return position + 1


def _value(candidate: str) -> JsonValue:
    try:
        return _strict(candidate)
    except json.JSONDecodeError as first:
        try:
            return _strict(_normalised(candidate))
        except json.JSONDecodeError:
            raise NotJson(f"The JSON is broken: {first}.") from first


def _strict(text: str) -> JsonValue:
    value: JsonValue = _DECODER.decode(text)
    return value


def _unique(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise NotJson(f"The name {next(name for name in names if names.count(name) > 1)!r} stands twice in one object.")
    return found


def _no_constant(name: str) -> JsonValue:
    raise NotJson(f"{name} is not a JSON value.")


def _normalised(text: str) -> str:
    """Rewrite the delimiters and the words between strings as JSON has them; the inside of a string is kept."""
    parts: list[str] = []
    between: list[str] = []
    position = 0
    while position < len(text):
        sign = text[position]
        if sign not in _CLOSING_QUOTE:
            between.append(sign)
            position += 1
            continue
        end = _end_of_string(text, position)
        parts += [_plain("".join(between)), _json_string(text[position + 1 : end - 1])]
        between = []
        position = end
    return "".join([*parts, _plain("".join(between))])


def _json_string(inside: str) -> str:
    """Put a string between JSON's quotes, whichever it stood between."""
    return f'"{_ESCAPE_OR_QUOTE.sub(lambda found: _REQUOTED.get(found[0], found[0]), inside)}"'


def _plain(text: str) -> str:
    return _TRAILING_COMMA.sub("", _WORD.sub(lambda word: _PYTHON.get(word[0], word[0]), text))


_DECODER = json.JSONDecoder(strict=False, object_pairs_hook=_unique, parse_constant=_no_constant)

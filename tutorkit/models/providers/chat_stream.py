"""A chat completion that comes in pieces, put together into one that came whole."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from pydantic import JsonValue

from tutorkit.models.providers.chat_wire import content_text, mapping
from tutorkit.models.providers.sse import Event
from tutorkit.models.providers.streaming import Telling, event_object, in_whole_characters, stream_failure

STREAMED: Mapping[str, JsonValue] = {"stream": True, "stream_options": {"include_usage": True}}
"""What is added to a request's body. Without the option the usage would not be told, and the tokens be unknown."""

_REFUSALS = {"stream_options": re.compile("stream_options|include_usage"), "stream": re.compile(r"\bstream(ing|ed)?\b")}
_SAID_WHOLE = frozenset({"finish_reason", "id", "index", "name", "role", "type"})


class ChatAssembly:
    """Puts the chunks of the first choice together; implements ``Assembly``.

    Texts are joined, entries of lists joined by their index; a field that is said whole keeps its first value, since
    some servers repeat it in every chunk. Of everything else the last value counts, the usage's above all.

    Args:
        telling: is told content and refusal.
        model: the model's name, for errors.
    """

    def __init__(self, telling: Telling, *, model: str) -> None:
        self._telling = telling
        self._model = model
        self._head: dict[str, JsonValue] = {}
        self._choice: dict[str, JsonValue] = {}
        self._message: dict[str, JsonValue] = {}
        self._content: list[str] = []
        self._done = False

    @property
    def done(self) -> bool:
        """Whether the word for the end has come."""
        return self._done

    @property
    def complete(self) -> bool:
        """Whether it was said why the reply ended; not all servers say the word for the end."""
        return self._done or self._choice.get("finish_reason") is not None

    def add(self, event: Event) -> None:
        """Take the next chunk."""
        if event.data.startswith(b"[DONE]"):
            self._done = True
        elif event.data.strip():
            self._add(event_object(event, model=self._model), named=event.name)

    def payload(self) -> JsonValue:
        """Return the completion."""
        choices: list[JsonValue] = []
        if self._choice or self._message or self._content:
            content = "".join(self._content) if self._content else None
            message = {"role": "assistant", "content": content, **self._message}
            if isinstance(tools := message.get("tool_calls"), list):
                message["tool_calls"] = [_without_index(tool) for tool in tools]
            choices.append({"index": 0, "finish_reason": None, **self._choice, "message": message})
        return in_whole_characters({**self._head, "object": "chat.completion", "choices": choices})

    def _add(self, chunk: Mapping[str, JsonValue], *, named: str) -> None:
        error = chunk.get("error")
        if error or named == "error":
            raise stream_failure(error or dict(chunk), model=self._model)
        self._head.update({name: value for name, value in chunk.items() if name != "choices" and value})
        for choice in _entries(chunk.get("choices")):
            if choice.get("index") in (0, None):
                self._take(choice)

    def _take(self, choice: Mapping[str, JsonValue]) -> None:
        for name, value in choice.items():
            if name != "delta":
                self._choice[name] = _joined(name, self._choice.get(name), value)
        for name, value in mapping(choice.get("delta")).items():
            if name == "content":
                if value is not None:
                    self._content.append(content_text(value))
                    self._telling.say(self._content[-1])
                continue
            self._message[name] = _joined(name, self._message.get(name), value)
            if name == "refusal" and isinstance(value, str):
                self._telling.say(value)


def refused_field(words: str, added: Collection[str]) -> str | None:
    """Return which of the fields that were added a server's refusal names, the lesser one first; None for no one."""
    return next((name for name, words_for in _REFUSALS.items() if name in added and words_for.search(words)), None)


def _joined(name: str, known: JsonValue, new: JsonValue) -> JsonValue:
    if new is None or (known and name in _SAID_WHOLE):
        return known
    if isinstance(known, str) and isinstance(new, str):
        return known + new
    if isinstance(new, dict):
        before = mapping(known)
        return {**before, **{inner: _joined(inner, before.get(inner), value) for inner, value in new.items()}}
    if isinstance(new, list):
        return _joined_list(known if isinstance(known, list) else [], new)
    return new


def _joined_list(known: list[JsonValue], new: list[JsonValue]) -> list[JsonValue]:
    """Join the entries of equal index; entries without an index follow one another."""
    joined = list(known)
    places = {
        index: place for place, entry in enumerate(known) if isinstance(index := mapping(entry).get("index"), int)
    }
    for entry in new:
        index = mapping(entry).get("index")
        if not isinstance(index, int):
            joined.append(entry)
        elif index in places:
            joined[places[index]] = _joined("", joined[places[index]], entry)
        else:
            places[index] = len(joined)
            joined.append(entry)
    return joined


def _without_index(tool: JsonValue) -> JsonValue:
    return {name: value for name, value in tool.items() if name != "index"} if isinstance(tool, dict) else tool


def _entries(value: JsonValue) -> Iterator[Mapping[str, JsonValue]]:
    return (mapping(entry) for entry in value) if isinstance(value, list) else iter(())

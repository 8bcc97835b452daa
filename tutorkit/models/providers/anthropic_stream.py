"""A message of Anthropic's that comes in pieces, put together into one that came whole."""

from __future__ import annotations

import json
from collections.abc import Mapping

from pydantic import JsonValue

from tutorkit.models.providers.chat_wire import mapping
from tutorkit.models.providers.failures import not_the_protocol
from tutorkit.models.providers.sse import Event
from tutorkit.models.providers.streaming import Telling, event_object, in_whole_characters, stream_failure

STREAMED: Mapping[str, JsonValue] = {"stream": True}
"""What is added to a request's body."""

_TEXTS = {"text_delta": "text", "thinking_delta": "thinking", "signature_delta": "signature"}


class MessageAssembly:
    """Puts the content blocks and the usage together; implements ``Assembly``.

    Args:
        telling: is told the text blocks.
        model: the model's name, for errors.
    """

    def __init__(self, telling: Telling, *, model: str) -> None:
        self._telling = telling
        self._model = model
        self._message: dict[str, JsonValue] = {}
        self._blocks: dict[int, dict[str, JsonValue]] = {}
        self._pieces: dict[tuple[int, str], list[str]] = {}
        self._done = False
        self._takes = {
            "message_start": self._start,
            "content_block_start": self._open_block,
            "content_block_delta": self._add_to_block,
            "message_delta": self._change,
            "message_stop": self._stop,
            "error": self._fail,
        }

    @property
    def done(self) -> bool:
        """Whether the message has been closed."""
        return self._done

    @property
    def complete(self) -> bool:
        """Whether it was said why the message ended."""
        return self._done or self._message.get("stop_reason") is not None

    def add(self, event: Event) -> None:
        """Take the next event; a ping, and an event that is not known yet, change nothing."""
        if event.data.strip():
            data = event_object(event, model=self._model)
            take = self._takes.get(str(data.get("type") or event.name))
            if take is not None:
                take(data)

    def payload(self) -> JsonValue:
        """Return the message."""
        blocks: list[JsonValue] = [self._closed(index) for index in sorted(self._blocks)]
        return in_whole_characters({**self._message, "content": blocks})

    def _start(self, data: Mapping[str, JsonValue]) -> None:
        self._message = dict(mapping(data.get("message")))

    def _open_block(self, data: Mapping[str, JsonValue]) -> None:
        block = dict(mapping(data.get("content_block")))
        self._blocks[self._index(data)] = block
        if block.get("type") == "text":
            self._telling.say(str(block.get("text") or ""))

    def _add_to_block(self, data: Mapping[str, JsonValue]) -> None:
        index, delta = self._index(data), mapping(data.get("delta"))
        block = self._blocks.get(index)
        if block is None:
            raise not_the_protocol(model=self._model, why="a piece of a block that was never begun")
        kind = str(delta.get("type"))
        if kind in _TEXTS:
            piece = str(delta.get(_TEXTS[kind]) or "")
            self._pieces.setdefault((index, _TEXTS[kind]), []).append(piece)
            if kind == "text_delta":
                self._telling.say(piece)
        elif kind == "input_json_delta":
            self._pieces.setdefault((index, "input"), []).append(str(delta.get("partial_json") or ""))
        elif kind == "citations_delta":
            known = block.get("citations")
            block["citations"] = [*(known if isinstance(known, list) else []), delta.get("citation")]

    def _change(self, data: Mapping[str, JsonValue]) -> None:
        """Take what is known of the message only now; the counts of its usage are totals."""
        self._message.update(_said(data.get("delta")))
        self._message["usage"] = {**mapping(self._message.get("usage")), **_said(data.get("usage"))}

    def _stop(self, _: Mapping[str, JsonValue]) -> None:
        self._done = True

    def _fail(self, data: Mapping[str, JsonValue]) -> None:
        raise stream_failure(data.get("error"), model=self._model)

    def _index(self, data: Mapping[str, JsonValue]) -> int:
        index = data.get("index")
        if not isinstance(index, int):
            raise not_the_protocol(model=self._model, why="a block without a number")
        return index

    def _closed(self, index: int) -> dict[str, JsonValue]:
        block = dict(self._blocks[index])
        for (of, name), pieces in self._pieces.items():
            if of == index:
                text = "".join(pieces)
                block[name] = _input(text) if name == "input" else str(block.get(name) or "") + text
        return block


def _said(value: JsonValue) -> dict[str, JsonValue]:
    return {name: inner for name, inner in mapping(value).items() if inner is not None}


def _input(text: str) -> JsonValue:
    """Read a tool's input; one that was cut off by the token limit stays the text that there is."""
    try:
        value: JsonValue = json.loads(text) if text else {}
    except ValueError:
        return text
    return value

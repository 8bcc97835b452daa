"""Server-sent events, from bytes that may be cut anywhere.

The format is WHATWG's (HTML, 9.2): lines end with CR LF, LF or CR; an empty line ends an event; a line that begins with
a colon is a comment; an event whose end never comes is none. ``id`` and ``retry`` are for reconnecting, which would pay
for a reply a second time, and are left out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_LINE_END = re.compile(rb"\r\n|\n|\r")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Event:
    """One event: its name, empty when it has none, and its data, the lines of which are joined by line feeds."""

    name: str
    data: bytes


class EventReader:
    """Reads events from a stream of bytes."""

    def __init__(self) -> None:
        self._line = bytearray()
        self._after_return = False
        self._at_start = True
        self._name = ""
        self._data: list[bytes] = []

    def feed(self, part: bytes) -> list[Event]:
        """Take the next bytes, and return the events that they complete.

        Only the new bytes are searched for an end of line, so that a long line in many parts costs no more than a short
        one.
        """
        if self._after_return and part.startswith(b"\n"):
            # The second half of a CR LF, whose first has ended the line already.
            part = part[1:]
            self._after_return = False
        if not part:
            return []
        self._after_return = part.endswith(b"\r")
        *ended, rest = _LINE_END.split(part)
        events: list[Event] = []
        for end in ended:
            event = self._take(bytes(self._line + end))
            self._line.clear()
            if event is not None:
                events.append(event)
        self._line += rest
        return events

    def _take(self, line: bytes) -> Event | None:
        if self._at_start:
            line = line.removeprefix(_BYTE_ORDER_MARK)
            self._at_start = False
        if not line:
            return self._ended()
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field == b"data":
            self._data.append(value)
        elif field == b"event":
            self._name = value.decode("utf-8", "replace")
        return None

    def _ended(self) -> Event | None:
        event = Event(self._name, b"\n".join(self._data)) if self._data else None
        self._name = ""
        self._data = []
        return event

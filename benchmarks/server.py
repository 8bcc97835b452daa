"""A stand-in for a provider: answers every chat completion after a fixed time, and counts what it sees.

    python benchmarks/server.py --latency 0.2        prints its port, then serves until its input ends

``GET /stats`` tells the requests since the last ``POST /reset``, how many of them were different ones, the most that
were in flight at once, and the seconds from the first request to the last reply. With ``--classroom`` the answers are
those of ``classroom.py``. Plain asyncio, since it shares the machine with what it measures.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256

from classroom import classroom

ANSWER = json.dumps({"answer": 7, "why": "Three and four are seven."})
COMPLETION = json.dumps(
    {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "stand-in",
        "choices": [
            {"index": 0, "finish_reason": "stop", "logprobs": None, "message": {"role": "assistant", "content": ANSWER}}
        ],
        "usage": {"prompt_tokens": 40, "completion_tokens": 12, "total_tokens": 52},
    }
).encode()
TOOL_COMPLETION = COMPLETION.replace(
    json.dumps({"role": "assistant", "content": ANSWER}).encode(),
    json.dumps(
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {"id": "call-1", "type": "function", "function": {"name": "TOOL-NAME", "arguments": ANSWER}}
            ],
        }
    ).encode(),
)


@dataclass
class Seen:
    """What came since the last reset."""

    requests: int = 0
    different: set[bytes] = field(default_factory=set)
    in_flight: int = 0
    peak: int = 0
    first: float = 0.0
    last: float = 0.0

    def begin(self, body: bytes) -> None:
        """Count a request."""
        self.first = self.first or time.perf_counter()
        self.requests += 1
        self.different.add(sha256(body).digest())
        self.in_flight += 1
        self.peak = max(self.peak, self.in_flight)

    def end(self) -> None:
        """Count its reply."""
        self.in_flight -= 1
        self.last = time.perf_counter()


@dataclass
class StandIn:
    """The server. ``latency`` is in seconds; ``answer`` makes a completion of a request's body."""

    latency: float
    answer: Callable[[bytes], bytes]
    seen: Seen = field(default_factory=Seen)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection until it ends."""
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                body = await reader.readexactly(_length(head))
                writer.write(_http(await self._reply(head.split(b" ", 2), body)))
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _reply(self, first_words: list[bytes], body: bytes) -> bytes:
        path = first_words[1]
        if path == b"/reset":
            self.seen = Seen()
            return b"{}"
        if path == b"/stats":
            span = self.seen.last - self.seen.first
            counts = {"requests": self.seen.requests, "different": len(self.seen.different), "peak": self.seen.peak}
            return json.dumps({**counts, "span": span}).encode()
        self.seen.begin(body)
        await asyncio.sleep(self.latency)
        self.seen.end()
        return self.answer(body)


def _completion(body: bytes) -> bytes:
    if b'"tools"' not in body:
        return COMPLETION
    name = json.loads(body)["tools"][0]["function"]["name"]
    return TOOL_COMPLETION.replace(b"TOOL-NAME", name.encode())


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            return int(line.split(b":")[1])
    return 0


def _http(content: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (
        len(content),
        content,
    )


async def main() -> None:
    """Serve until the input ends."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--latency", type=float, required=True)
    parser.add_argument("--classroom", action="store_true", help="answer as a student and as a teacher")
    given = parser.parse_args()
    stand_in = StandIn(given.latency, answer=classroom if given.classroom else _completion)
    server = await asyncio.start_server(stand_in.serve, "127.0.0.1", 0, backlog=2048)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())

"""A loopback server that speaks both chat protocols and breaks them on request.

``FAULTS`` holds every fault by its name. ``docs/faults.md`` states the outcome of each, and ``test_faults.py`` holds
the gateway to it.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Literal

Protocol = Literal["openai", "anthropic"]


@dataclass(frozen=True)
class Reply:
    """What the server does with one request.

    ``behaviour`` is how the reply goes out:

    - ``whole``: all at once. ``dribble``: in small pieces. ``late``: after ``wait`` seconds of silence.
    - ``hang``: never; the connection stays open.
    - ``reset-before``: the connection is reset instead. ``reset``: after half the body. ``cut``: it is closed there.
    - ``twice``: and once more on the same connection, ``wait`` seconds later.
    - ``close``: and then the connection is closed, though the reply did not say so.
    - ``raw``: the body alone, without a status line or headers.
    - ``stall``: the first half comes, and then nothing more until the client gives up.
    """

    status: int = 200
    body: dict | str | bytes = field(default_factory=dict)
    headers: dict = field(default_factory=dict)
    behaviour: str = "whole"
    wait: float = 0.0

    @property
    def content(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        return (self.body if isinstance(self.body, str) else json.dumps(self.body)).encode()


def chat(
    text: str | None = "Hello.", *, finish: str = "stop", tokens: tuple[int, int] | None = (10, 2), **message
) -> Reply:
    usage = {} if tokens is None else {"usage": {"prompt_tokens": tokens[0], "completion_tokens": tokens[1]}}
    said = {"role": "assistant", "content": text, **message}
    choice = {"index": 0, "finish_reason": finish, "message": said}
    return Reply(body={"id": "c1", "model": "served-model", "choices": [choice], **usage})


def message(text: str = "Hello.", *, stop: str = "end_turn", blocks: list | None = None) -> Reply:
    return Reply(
        body={
            "id": "m1",
            "type": "message",
            "role": "assistant",
            "model": "served-claude",
            "content": [{"type": "text", "text": text}] if blocks is None else blocks,
            "stop_reason": stop,
            "usage": {"input_tokens": 7, "output_tokens": 3, "cache_read_input_tokens": 5},
        }
    )


def failure(status: int, text: str = "no", *, code: str | None = None, **headers: str) -> Reply:
    body = {"error": {"message": text, "code": code, "type": code}}
    return Reply(status=status, body=body, headers={name.replace("_", "-"): value for name, value in headers.items()})


def good(protocol: Protocol, text: str = '{"reason": "Hello."}') -> Reply:
    """A reply in which nothing is wrong, be it read as text or as structure."""
    return chat(text) if protocol == "openai" else message(text)


def _without_answer(protocol: Protocol) -> Reply:
    """A completion with usage and no choice, or a message with usage and no content."""
    return replace(chat(), body={**chat().body, "choices": []}) if protocol == "openai" else message(blocks=[], stop="")


def _ended(finish: str, stop: str, text: str) -> Callable[[Protocol], Reply]:
    return lambda protocol: chat(text, finish=finish) if protocol == "openai" else message(text, stop=stop)


def _refusal(protocol: Protocol) -> Reply:
    return chat(None, refusal="I will not.") if protocol == "openai" else message("I will not.", stop="refusal")


def _going_out(behaviour: str, *, wait: float = 0.0) -> Callable[[Protocol], Reply]:
    return lambda protocol: replace(good(protocol), behaviour=behaviour, wait=wait)


def _with_body(body: dict | str | bytes) -> Callable[[Protocol], Reply]:
    return lambda protocol: Reply(body=body)


def _with_status(status: int, text: str = "no", **fields: str) -> Callable[[Protocol], Reply]:
    return lambda protocol: failure(status, text, **fields)


def _without_usage(protocol: Protocol) -> Reply:
    reply = good(protocol)
    return replace(reply, body={name: value for name, value in reply.body.items() if name != "usage"})


def _skewed(protocol: Protocol) -> Reply:
    """A reply of a server whose clock is years ahead, and whose rate is used up until a moment that is now to it."""
    return replace(
        good(protocol),
        headers={
            "Date": "Wed, 21 Oct 2099 07:28:00 GMT",
            "anthropic-ratelimit-requests-remaining": "0",
            "anthropic-ratelimit-requests-reset": "2099-10-21T07:28:00Z",
        },
    )


HALF = '{"reason": "half a sign \\ud83d"}'
OVERSIZED = 300_000
"""Bytes; the tests lower the gateway's limit below that."""

FAULTS: dict[str, Callable[[Protocol], Reply]] = {
    # No reply comes.
    "rate-limit": _with_status(429, "slow down"),
    "rate-limit-seconds": _with_status(429, "slow down", retry_after="0"),
    "rate-limit-milliseconds": _with_status(429, "slow down", retry_after_ms="1"),
    "rate-limit-date": _with_status(
        429, "slow down", date="Wed, 21 Oct 2015 07:28:00 GMT", retry_after="Wed, 21 Oct 2015 07:28:00 GMT"
    ),
    "rate-limit-skewed-date": _with_status(
        429, "slow down", date="Wed, 21 Oct 2099 07:28:00 GMT", retry_after="Wed, 21 Oct 2099 07:28:00 GMT"
    ),
    "rate-limit-too-long": _with_status(429, "come back tomorrow", retry_after="86400"),
    "out-of-credit": _with_status(429, "You exceeded your quota", code="insufficient_quota"),
    "payment-required": _with_status(402, "Insufficient balance"),
    "request-time-out": _with_status(408),
    "conflict": _with_status(409),
    "server-error": _with_status(500, "oops"),
    "not-implemented": _with_status(501),
    "bad-gateway": lambda protocol: Reply(status=502, body="<html><h1>502 Bad Gateway</h1></html>"),
    "unavailable": _with_status(503, "restarting", retry_after="0"),
    "overloaded": _with_status(529, "Overloaded", code="overloaded_error"),
    "bad-key": _with_status(401, "Incorrect API key"),
    "forbidden": _with_status(403),
    "no-such-model": _with_status(404, "The model tiny does not exist", code="model_not_found"),
    "bad-request": _with_status(400, "min_p is not supported"),
    "too-long": _with_status(400, "This model's maximum context length is 8192 tokens", code="context_length_exceeded"),
    "too-large": _with_status(413, "Request exceeds the maximum size", code="request_too_large"),
    "unprocessable": _with_status(422),
    "redirect": lambda protocol: Reply(status=307, headers={"Location": "https://elsewhere.example/v1"}),
    "filtered": _with_status(400, "The prompt was filtered", code="content_filter"),
    "hang": _going_out("hang"),
    "reset-before-headers": _going_out("reset-before"),
    "reset-mid-body": _going_out("reset"),
    "cut-mid-body": _going_out("cut"),
    "not-http": lambda protocol: Reply(body=b"\x15\x03\x01 this is not HTTP\r\n\r\n", behaviour="raw"),
    "truncated-json": lambda protocol: Reply(body=good(protocol).content[:-20]),
    "html": _with_body("<!DOCTYPE html><title>Sign in</title>"),
    "empty-body": _with_body(""),
    "not-an-object": _with_body("[]"),
    "invalid-utf-8": lambda protocol: Reply(body=good(protocol).content.replace(b"Hello", b"Hell\xf6")),
    "oversized": lambda protocol: good(protocol, "x" * OVERSIZED),
    "error-with-success": _with_body({"error": {"message": "overloaded"}}),
    "no-answer": _without_answer,
    # A reply comes.
    "late": _going_out("late", wait=0.02),
    "dribble": _going_out("dribble"),
    "twice-at-once": _going_out("twice"),
    "twice-later": _going_out("twice", wait=0.01),
    "closed-after": _going_out("close"),
    "skewed-clock": _skewed,
    "no-usage": _without_usage,
    "half-sign": lambda protocol: good(protocol, HALF.encode().decode("unicode_escape")),
    "empty-content": lambda protocol: good(protocol, ""),
    "wrong-schema": lambda protocol: good(protocol, '{"reason": 7}'),
    "cut-off": _ended("length", "max_tokens", '{"reason": "To be contin'),
    "refusal": _refusal,
    "content-filter": lambda protocol: (
        chat("", finish="content_filter") if protocol == "openai" else message(blocks=[], stop="refusal")
    ),
}


class FaultServer:
    """Answers from a script, one line a request, and then with ``default``; counts what it sees."""

    def __init__(self) -> None:
        self.script: list[Reply] = []
        self.default: Reply | Callable[[dict], Reply] = chat()
        self.delay = 0.0
        self.bodies: list[dict] = []
        self.headers: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.peak = 0
        self._in_flight = 0
        self._writers: set[asyncio.StreamWriter] = set()

    async def __aenter__(self) -> FaultServer:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for writer in list(self._writers):
            writer.transport.abort()
        await self._server.wait_closed()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def model(self) -> str:
        return f"openai/tiny@{self.url}"

    @property
    def claude(self) -> str:
        return f"anthropic/claude-sonnet-4-5@http://127.0.0.1:{self.port}"

    @property
    def count(self) -> int:
        return len(self.bodies)

    def plays(self, *lines: Reply) -> None:
        self.script.extend(lines)

    async def all_is_said(self) -> None:
        """Return when no reply is on its way any more, and all that was sent has arrived."""
        while self._in_flight:
            await asyncio.sleep(0.001)
        for _ in range(10):
            # The kernel delivers on the loopback at once; the client reads at the loop's next turns.
            await asyncio.sleep(0)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            while await self._one(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        first, *lines = head.strip().split("\r\n")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        body = json.loads(await reader.readexactly(int(headers.get("content-length", "0"))))
        self.paths.append(first.split()[1])
        self.headers.append(headers)
        self.bodies.append(body)
        self._in_flight += 1
        self.peak = max(self.peak, self._in_flight)
        try:
            reply = self.script.pop(0) if self.script else self.default
            if callable(reply):
                reply = reply(body)
            await asyncio.sleep(self.delay)
            return await _answer(reply, reader, writer)
        finally:
            self._in_flight -= 1


async def _answer(reply: Reply, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    """Send the reply as it behaves, and tell whether the connection goes on."""
    headers = {"Content-Type": "application/json", "Content-Length": str(len(reply.content)), **reply.headers}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    head = f"HTTP/1.1 {reply.status} Said\r\n{lines}\r\n".encode()
    half = reply.content[: len(reply.content) // 2]
    match reply.behaviour:
        case "hang" | "stall":
            writer.write(head + half if reply.behaviour == "stall" else b"")
            # Until the client gives up.
            await reader.read()
            return False
        case "reset-before":
            return _reset(writer)
        case "reset":
            writer.write(head + half)
            await writer.drain()
            return _reset(writer)
        case "cut":
            writer.write(head + half)
            return False
        case "raw":
            writer.write(reply.content)
            return False
        case "dribble":
            await _dribble(head + reply.content, writer)
        case "late":
            await asyncio.sleep(reply.wait)
            writer.write(head + reply.content)
        case "twice" if not reply.wait:
            writer.write(2 * (head + reply.content))
        case "twice":
            writer.write(head + reply.content)
            await asyncio.sleep(reply.wait)
            writer.write(head + reply.content)
        case _:
            writer.write(head + reply.content)
    await writer.drain()
    return reply.behaviour != "close"


def _reset(writer: asyncio.StreamWriter) -> bool:
    writer.transport.abort()
    return False


async def _dribble(content: bytes, writer: asyncio.StreamWriter) -> None:
    for start in range(0, len(content), 16):
        writer.write(content[start : start + 16])
        await writer.drain()
        await asyncio.sleep(0)


def texts(bodies: Iterable[dict]) -> list[str]:
    return [body["messages"][-1]["content"] for body in bodies]

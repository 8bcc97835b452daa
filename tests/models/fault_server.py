"""A loopback server that speaks both chat protocols and breaks them on request."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Reply:
    """What the server does with one request."""

    status: int = 200
    body: dict | str = field(default_factory=dict)
    headers: dict = field(default_factory=dict)
    behaviour: str = "whole"  # or "hang", or "reset": half the body and then no more


def chat(text: str = "Hello.", *, finish: str = "stop", tokens: tuple[int, int] = (10, 2), **message) -> Reply:
    return Reply(
        body={
            "id": "c1",
            "model": "served-model",
            "choices": [
                {"index": 0, "finish_reason": finish, "message": {"role": "assistant", "content": text, **message}}
            ],
            "usage": {"prompt_tokens": tokens[0], "completion_tokens": tokens[1]},
        }
    )


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
            return await _answer(reply, writer)
        finally:
            self._in_flight -= 1


async def _answer(reply: Reply, writer: asyncio.StreamWriter) -> bool:
    if reply.behaviour == "hang":
        await asyncio.sleep(30)
    content = reply.body.encode() if isinstance(reply.body, str) else json.dumps(reply.body).encode()
    headers = {"Content-Type": "application/json", "Content-Length": str(len(content)), **reply.headers}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    writer.write(f"HTTP/1.1 {reply.status} Said\r\n{lines}\r\n".encode())
    if reply.behaviour == "reset":
        writer.write(content[: len(content) // 2])
        await writer.drain()
        writer.transport.abort()
        return False
    writer.write(content)
    await writer.drain()
    return True


def texts(bodies: Iterable[dict]) -> list[str]:
    return [body["messages"][-1]["content"] for body in bodies]

"""The HTTP endpoint of a taught student. It imports aiohttp's server, so it is imported where one is started."""

from __future__ import annotations

import hmac
import json
import time
import uuid
from asyncio import Queue, create_task
from dataclasses import dataclass

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from pydantic import JsonValue

from tutorkit.errors import TutorkitError
from tutorkit.packs.protocol import (
    Asked,
    Head,
    NotAsked,
    chunk,
    completion,
    error_body,
    read_request,
    status_of,
    usage_chunk,
)
from tutorkit.packs.serving import LOOPBACK, Address, TaughtStudent
from tutorkit.ports import ChatReply

LARGEST = 8 * 2**20
"""Bytes that a request may have."""


def runner_of(student: TaughtStudent, address: Address) -> web.AppRunner:
    """Make what runs the application; nobody's questions are logged."""
    return web.AppRunner(application(student, address), access_log=None)


async def start(runner: web.AppRunner, address: Address) -> None:
    """Listen.

    Raises:
        OSError: when that cannot be done.
    """
    await web.TCPSite(runner, address.host, address.port).start()


def application(student: TaughtStudent, address: Address) -> web.Application:
    """Make the application: chat completions and the list of the one model that there is."""
    handlers = _Handlers(student, address)
    made = web.Application(client_max_size=LARGEST, middlewares=[handlers.guarded])
    made.router.add_post("/v1/chat/completions", handlers.complete)
    made.router.add_get("/v1/models", handlers.models)
    return made


@dataclass(frozen=True)
class _Handlers:
    student: TaughtStudent
    address: Address

    @property
    def guarded(self) -> Middleware:
        """Let only those through who may ask, and write every refusal in the protocol's form."""

        @web.middleware
        async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
            try:
                self._admit(request)
                return await handler(request)
            except NotAsked as error:
                body = error_body(error.message, code=error.code, param=error.param)
                return web.json_response(body, status=error.status)
            except web.HTTPException as error:
                return web.json_response(error_body(error.reason, code=None), status=error.status)
            except TutorkitError as error:
                status, code = status_of(error)
                return web.json_response(error_body(f"{error.message} {error.remedy}", code=code), status=status)

        return guard

    def _admit(self, request: web.Request) -> None:
        """Without a key only this machine may ask, under its own name: a web page could have it asked by another."""
        if self.address.key:
            given = request.headers.get("Authorization", "").removeprefix("Bearer ")
            if not hmac.compare_digest(given.encode(), self.address.key.encode()):
                raise NotAsked("The key is missing or wrong.", status=401, code="invalid_api_key")
        elif request.url.host not in LOOPBACK:
            raise NotAsked(f"Nothing is served under the name {request.url.host}.", status=403)
        elif "Origin" in request.headers:
            raise NotAsked("Web pages are not answered; set a key to allow them.", status=403)

    def _head(self) -> Head:
        return Head(name=self.student.name, number=f"chatcmpl-{uuid.uuid4().hex}", created=int(time.time()))

    async def models(self, _request: web.Request) -> web.Response:
        one: JsonValue = {"id": self.student.name, "object": "model", "created": 0, "owned_by": "tutorkit"}
        return web.json_response({"object": "list", "data": [one]})

    async def complete(self, request: web.Request) -> web.StreamResponse:
        """Answer, whatever model is asked for: a program that changes its base URL alone asks for another one."""
        try:
            body = await request.json()
        except ValueError as error:
            raise NotAsked("The body is no JSON.") from error
        asked = read_request(body)
        if asked.stream:
            return await self._stream(request, asked)
        reply = await self.student.reply(asked)
        return web.json_response(completion(reply, self._head()))

    async def _stream(self, request: web.Request, asked: Asked) -> web.StreamResponse:
        """Pass the text on as it comes. Nothing is sent before the first piece, so that an error can still be one."""
        head = self._head()
        pieces: Queue[str | None] = Queue()
        answering = create_task(self.student.reply(asked, hear=pieces.put_nowait))
        answering.add_done_callback(lambda _: pieces.put_nowait(None))
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-cache"})
        try:
            piece = await pieces.get()
            if piece is None:
                # It failed, or said nothing; an error is raised before anything is sent.
                answering.result()
            await response.prepare(request)
            await _send(response, chunk({"role": "assistant", "content": ""}, head))
            while piece is not None:
                await _send(response, chunk({"content": piece}, head))
                piece = await pieces.get()
            await self._end(response, answering.result(), asked, head)
        except TutorkitError as error:
            if not response.prepared:
                raise
            status, code = status_of(error)
            await _send(response, {**error_body(f"{error.message} {error.remedy}", code=code), "status": status})
        finally:
            answering.cancel()
        return response

    async def _end(self, response: web.StreamResponse, reply: ChatReply, asked: Asked, head: Head) -> None:
        await _send(response, chunk({}, head, finish=reply.finish_reason))
        if asked.usage:
            await _send(response, usage_chunk(reply, head))
        await response.write(b"data: [DONE]\n\n")


async def _send(response: web.StreamResponse, event: dict[str, JsonValue]) -> None:
    await response.write(f"data: {json.dumps(event, ensure_ascii=False)}\n\n".encode())

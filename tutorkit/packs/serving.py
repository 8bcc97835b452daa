"""Serve a taught student over HTTP, so that a program which talks to OpenAI talks to it by changing its base URL."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Protocol

from tutorkit.errors import BadSetting
from tutorkit.packs.protocol import Asked
from tutorkit.ports import ChatReply

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1", "[::1]"})


class TaughtStudent(Protocol):
    """Whoever answers."""

    @property
    def name(self) -> str:
        """What it is called in requests and replies."""
        ...

    async def reply(self, asked: Asked, *, hear: Callable[[str], None] | None = None) -> ChatReply:
        """Answer a conversation.

        Args:
            asked: what was asked.
            hear: is told the text piece by piece as it comes, all pieces together being the reply's text.

        Raises:
            TutorkitError: when there is no answer.
        """
        ...


@dataclass(frozen=True, kw_only=True)
class Address:
    """Where a student is served. Beyond the loopback interface a ``key`` is required of every client."""

    host: str = "127.0.0.1"
    port: int = 8765
    key: str | None = None

    def check(self) -> None:
        """See that the address may be served.

        Raises:
            BadSetting: when everybody could ask.
        """
        if self.host not in LOOPBACK and not self.key:
            raise BadSetting(
                f"On {self.host} everybody who reaches this machine could ask, at your cost.",
                remedy="Set a key that clients must send (--key, or TUTORKIT_SERVE_KEY), or leave --host out.",
                data={"host": self.host},
            )


@asynccontextmanager
async def serving(student: TaughtStudent, address: Address) -> AsyncIterator[str]:
    """Serve a student while the block is open, and give its base URL.

    Raises:
        BadSetting: when the address may not be served, or is taken.
    """
    # aiohttp's server takes a sixth of the time in which everything else is imported.
    from tutorkit.packs.endpoint import runner_of, start

    address.check()
    runner = runner_of(student, address)
    await runner.setup()
    try:
        try:
            await start(runner, address)
        except OSError as error:
            raise BadSetting(
                f"Nothing can be served at {address.host}:{address.port}: {error.strerror or error}.",
                remedy="Take another --port; 0 takes a free one.",
                data={"host": address.host, "port": address.port},
            ) from error
        port = runner.addresses[0][1]
        host = f"[{address.host}]" if ":" in address.host and not address.host.startswith("[") else address.host
        yield f"http://{host}:{port}/v1"
    finally:
        await runner.cleanup()

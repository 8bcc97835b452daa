"""JSON over HTTP to one provider's address: the transport of every chat call that we make ourselves.

aiohttp, since the SDKs' own clients cost several times as much processor time for each call (``benchmarks/gateway.py``
measures that). A call is one POST and nothing more: no retries, no redirects.
"""

from __future__ import annotations

import json
import os
import re
import ssl
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from pydantic import JsonValue

from tutorkit.errors import Unreachable
from tutorkit.models.names import is_loopback
from tutorkit.models.providers.base import Sent
from tutorkit.models.providers.failures import json_payload, not_the_protocol, reply_failure, unreachable
from tutorkit.models.providers.rates import read_rates
from tutorkit.models.providers.sse import EventReader
from tutorkit.models.providers.streaming import Assembly

if TYPE_CHECKING:
    import aiohttp

CONNECT_SECONDS = 30.0
LARGEST = 64 * 2**20
"""Bytes that a reply may have; no model says so much."""

AGENT = "tutorkit"

_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False)
_NO_STREAM = re.compile("json|html")


class Wire:
    """Kept-open connections to one address.

    Args:
        base_url: what every path is appended to.
        headers: gives the headers of a call, the key among them; asked once, at the first call.
        timeout: seconds for making a connection, at most ``CONNECT_SECONDS``. How long a reply may take is the
            gateway's decision.
        connections: how many connections there may be.
    """

    def __init__(
        self, *, base_url: str, headers: Callable[[], Mapping[str, str]], timeout: float, connections: int
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._headers = headers
        self._timeout = timeout
        self._connections = connections
        self._opened: aiohttp.ClientSession | None = None

    async def post(
        self, path: str, body: Mapping[str, JsonValue], *, model: str, assembly: Assembly | None = None
    ) -> Sent:
        """Send a body and return the reply's JSON, with what its headers say of the rates.

        Args:
            path: where to, below the base URL.
            body: what is sent.
            model: who is called, for messages.
            assembly: puts a stream together, where the body asks for one. A server that does not know streams answers
                with JSON; that reply is returned as it is.

        Raises:
            ModelError: one of its kinds, with the facts that ``failures`` states in its data; also when a stream ends
                before the reply does.
            MissingKey: when the headers need a key that is not there.
        """
        import aiohttp

        session = self._session()
        sent = _ENCODER.encode(body).encode()
        try:
            async with session.post(self._base_url + path, data=sent, allow_redirects=False) as response:
                if response.status >= 300:
                    content = await _whole(response, model=model)
                    raise reply_failure(response.status, content, headers=response.headers, model=model)
                if assembly is None or _NO_STREAM.search(response.content_type):
                    payload = json_payload(await _whole(response, model=model), model=model)
                else:
                    payload = await self._assembled(response, assembly, model=model)
                return Sent(payload, read_rates(response.headers))
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL) as error:
            raise self._unreachable(error, model=model, reached=False) from error
        except (aiohttp.ClientError, OSError) as error:
            raise self._unreachable(error, model=model, reached=True) from error

    async def _assembled(self, response: aiohttp.ClientResponse, assembly: Assembly, *, model: str) -> JsonValue:
        payload = await _assemble(response, assembly, model=model)
        if payload is None:
            why = "the stream ended before the reply did"
            raise unreachable(model=model, base_url=self._base_url, why=why, reached=True)
        return payload

    async def aclose(self) -> None:
        """Close the connections."""
        if self._opened is not None:
            await self._opened.close()
            self._opened = None

    def _unreachable(self, error: Exception, *, model: str, reached: bool) -> Unreachable:
        why = str(error) or type(error).__name__
        return unreachable(model=model, base_url=self._base_url, why=why, reached=reached)

    def _session(self) -> aiohttp.ClientSession:
        if self._opened is None:
            import aiohttp

            headers = {"Content-Type": "application/json", "User-Agent": AGENT, **self._headers()}
            self._opened = aiohttp.ClientSession(
                headers=headers,
                connector=_connector(limit=self._connections, trust=self._trust()),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=min(self._timeout, CONNECT_SECONDS)),
                cookie_jar=aiohttp.DummyCookieJar(),
                # A proxy of the environment must not carry what is meant for this very machine.
                trust_env=not is_loopback(self._base_url),
            )
        return self._opened

    def _trust(self) -> ssl.SSLContext | bool:
        """Return whose certificates are believed: those of ``SSL_CERT_FILE``, else certifi's, on every system alike."""
        if not self._base_url.lower().startswith("https:"):
            return True
        import certifi

        return ssl.create_default_context(cafile=os.environ.get("SSL_CERT_FILE") or certifi.where())


async def _whole(response: aiohttp.ClientResponse, *, model: str) -> bytes:
    length = response.content_length
    if length is not None and length <= LARGEST and "Content-Encoding" not in response.headers:
        return await response.read()
    parts: list[bytes] = []
    await _read(response, parts.append, model=model)
    return b"".join(parts)


async def _assemble(response: aiohttp.ClientResponse, assembly: Assembly, *, model: str) -> JsonValue:
    """Put a reply's events together.

    What a server may still send after the last of them, or never sends, is not waited for: leaving the reply then
    closes the connection.
    """
    reader = EventReader()

    def take(part: bytes) -> bool:
        for event in reader.feed(part):
            assembly.add(event)
        return assembly.done

    try:
        await _read(response, take, model=model)
        return assembly.payload() if assembly.complete else None
    except RecursionError as error:
        raise not_the_protocol(model=model, why="an event that is nested too deep") from error


async def _read(response: aiohttp.ClientResponse, take: Callable[[bytes], bool | None], *, model: str) -> None:
    """Read a reply's body until it ends, or the taker has enough. One without an end must not fill the memory."""
    size = 0
    async for part in response.content.iter_any():
        size += len(part)
        if size > LARGEST:
            raise not_the_protocol(model=model, why=f"more than {LARGEST} bytes")
        if take(part):
            return


def _connector(*, limit: int, trust: ssl.SSLContext | bool) -> aiohttp.TCPConnector:
    import aiohttp

    class Connector(aiohttp.TCPConnector):
        """Lends no connection on which something came that nobody asked for.

        Some servers answer a request twice. aiohttp keeps the second reply of an idle connection, and would give it to
        the next request: another request's words, and for ever in the cache.
        """

        async def connect(
            self, req: aiohttp.ClientRequest, traces: list[aiohttp.tracing.Trace], timeout: aiohttp.ClientTimeout
        ) -> aiohttp.connector.Connection:
            connection = await super().connect(req, traces, timeout)
            while connection.protocol is not None and connection.protocol.should_close:
                connection.close()
                connection = await super().connect(req, traces, timeout)
            return connection

    return Connector(limit=limit, ssl=trust)

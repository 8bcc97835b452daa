"""JSON over HTTP to one provider's address: the transport of every chat call that we make ourselves.

aiohttp, since the SDKs' own clients cost several times as much processor time for each call (``benchmarks/gateway.py``
measures that). A call is one POST and nothing more: no retries, no redirects.
"""

from __future__ import annotations

import json
import os
import ssl
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from pydantic import JsonValue

from tutorkit.errors import Unreachable
from tutorkit.models.names import is_loopback
from tutorkit.models.providers.failures import json_payload, reply_failure, unreachable

if TYPE_CHECKING:
    import aiohttp

CONNECT_SECONDS = 30.0
AGENT = "tutorkit"


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

    async def post(self, path: str, body: Mapping[str, JsonValue], *, model: str) -> JsonValue:
        """Send a body and return the reply's JSON.

        Raises:
            ModelError: one of its kinds, with the facts that ``failures`` states in its data.
            MissingKey: when the headers need a key that is not there.
        """
        import aiohttp

        session = self._session()
        sent = json.dumps(body, ensure_ascii=False, allow_nan=False).encode()
        try:
            async with session.post(self._base_url + path, data=sent, allow_redirects=False) as response:
                content = await response.read()
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL) as error:
            raise self._unreachable(error, model=model, reached=False) from error
        except (aiohttp.ClientError, OSError) as error:
            raise self._unreachable(error, model=model, reached=True) from error
        if response.status >= 300:
            raise reply_failure(response.status, content, headers=response.headers, model=model)
        return json_payload(content, model=model)

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
                connector=aiohttp.TCPConnector(limit=self._connections, ssl=self._trust()),
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

"""How a model is named: ``provider/name``, and ``provider/name@http://host:port/v1`` for a server of one's own."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

from tutorkit.errors import BadSetting, UnknownName

_SHAPE = re.compile(r"(?P<provider>[^/@\s]+)/(?P<name>.+?)(?:@(?P<url>https?://\S+))?")
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, kw_only=True)
class ModelRef:
    """A model's name, taken apart. ``base_url`` is None unless the name itself says where the model is served."""

    provider: str
    name: str
    base_url: str | None = None


@lru_cache(maxsize=1024)
def parse_model(model: str) -> ModelRef:
    """Take a model's name apart.

    An ``@`` inside the name stays there unless an ``http(s)://`` address follows it: some providers version with it.

    Raises:
        UnknownName: when it does not have the form ``provider/name``.
    """
    match = _SHAPE.fullmatch(model.strip())
    if match is None:
        raise UnknownName(
            "model", model, ["provider/name", "openai/NAME", "anthropic/NAME", "openai/NAME@http://HOST:PORT/v1"]
        )
    return ModelRef(provider=match["provider"], name=match["name"], base_url=match["url"])


@lru_cache(maxsize=1024)
def address(base_url: str) -> str:
    """Return host, port and path of a base URL: what tells two servers apart, without scheme or credentials.

    Raises:
        BadSetting: when it is not an http(s) URL with a host.
    """
    if not base_url:
        return ""
    parts = urlsplit(base_url)
    try:
        port = parts.port
    except ValueError:
        port = -1
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or port == -1:
        raise BadSetting(f"{base_url!r} is not a base URL.", remedy="Give one such as http://127.0.0.1:8080/v1.")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    shown_port = "" if port in (None, _DEFAULT_PORTS[parts.scheme]) else f":{port}"
    return f"{host}{shown_port}{parts.path.rstrip('/')}"


def refuse_credentials(base_url: str) -> None:
    """Refuse an address with a user or password in it: addresses are stored, shown and exported.

    Raises:
        BadSetting: without repeating the address.
    """
    if "@" in urlsplit(base_url).netloc:
        raise BadSetting("A base URL holds a user name or password.", remedy="Give the key apart from the address.")


@lru_cache(maxsize=1024)
def is_loopback(base_url: str) -> bool:
    """Tell whether a base URL points at this very machine."""
    host = urlsplit(base_url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False

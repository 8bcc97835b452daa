"""Where a provider's requests go, and which key may go there."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field

from tutorkit.errors import MissingKey
from tutorkit.models.names import is_loopback
from tutorkit.models.providers.base import ProviderSettings

_NO_KEY = "no-key-needed"


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """An address and the key that belongs to it.

    The account's key goes to the provider's own endpoint and to the address that the settings name, and never to an
    address that a model's name brings along: such a server is asked without a key. A loopback server is, too, unless
    the settings give a key.
    """

    provider: str
    variable: str
    home: str
    settings: ProviderSettings = field(repr=False)
    named: str | None = None

    @property
    def base_url(self) -> str:
        """Where requests go."""
        return self.named or self.settings.base_url or self.home

    @property
    def loopback(self) -> bool:
        """Whether that is this very machine."""
        return is_loopback(self.base_url)

    @property
    def account(self) -> str:
        """Who pays, as a digest of the address and the key; also where there is no key yet."""
        try:
            key = self.key()
        except MissingKey:
            key = ""
        return hashlib.sha256(f"{self.provider}\n{self.base_url}\n{key}".encode()).hexdigest()[:16]

    def key(self) -> str:
        """Return the key to send.

        Raises:
            MissingKey: when there is none and the address wants one.
        """
        if self.named is not None and self.named not in (self.settings.base_url, self.home):
            return _NO_KEY
        if self.settings.api_key:
            return self.settings.api_key
        if self.loopback:
            return _NO_KEY
        key = os.environ.get(self.variable)
        if not key:
            raise MissingKey(self.provider, self.variable)
        return key

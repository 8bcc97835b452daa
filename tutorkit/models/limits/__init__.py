"""What keeps the calls within what a provider grants: the window of calls under way, and the minute.

One ``Limiter`` for each account, that is provider, address and key: teacher, student and judge share it within a
process, and through a small file all processes of the machine do (``SharedAccount``).
"""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from tutorkit.errors import BadSetting
from tutorkit.models.limits.account import Account
from tutorkit.models.limits.limiter import Limiter, Place
from tutorkit.models.limits.minute import RateLimit
from tutorkit.models.limits.shared import SharedAccount
from tutorkit.models.providers.base import Provider

__all__ = ["Limiter", "Limiters", "Place", "RateLimit", "read_limits"]

FIRST_WINDOW = 8
"""With so many calls under way one begins at a provider's own endpoint; its limits are not known beforehand."""

_PerMinute = Annotated[float, Field(gt=0)]


class _Line(BaseModel):
    model_config = ConfigDict(extra="forbid")

    requests_per_minute: _PerMinute | None = None
    tokens_per_minute: _PerMinute | None = None


_FILE = TypeAdapter(dict[str, _Line])


def read_limits(path: Path) -> dict[str, RateLimit]:
    """Read what accounts may use per minute: ``{"openai": {"requests_per_minute": 500, "tokens_per_minute": 200000}}``.

    A name is a provider's, or ``provider@base URL`` for a server of one's own.

    Raises:
        BadSetting: when the file cannot be read or says something else.
    """
    try:
        lines = _FILE.validate_json(path.read_bytes())
    except OSError as error:
        raise BadSetting(f"The file of limits {path} cannot be read: {error}.", data={"path": str(path)}) from error
    except ValidationError as error:
        fault = error.errors()[0]
        where = ".".join(str(part) for part in fault["loc"]) or "the whole"
        raise BadSetting(
            f"The file of limits {path} does not fit: {where}: {fault['msg']}.",
            remedy='Write it as {"openai": {"requests_per_minute": 500, "tokens_per_minute": 200000}}.',
            data={"path": str(path)},
        ) from error
    return {name: RateLimit(**line.model_dump()) for name, line in lines.items()}


class Limiters:
    """The limiters of the accounts that a gateway calls, each made at its first call.

    Args:
        folder: where the processes of this machine keep what they know of accounts; None keeps it in this gateway.
        ceiling: the most calls under way to one account.
        limits: what accounts may use per minute, by provider or ``provider@base URL``.
        clock: seconds since the epoch.
    """

    def __init__(
        self,
        *,
        folder: Path | None,
        ceiling: int,
        limits: Mapping[str, RateLimit] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._folder = folder
        self._ceiling = ceiling
        self._limits = dict(limits or {})
        self._clock = clock
        self._holder = f"{os.getpid()}-{uuid.uuid4().hex[:8]}"
        self._made: dict[tuple[str, str], Limiter] = {}

    def of(self, provider: Provider) -> Limiter:
        """Return the limiter of a provider's account."""
        place = (provider.name, provider.base_url)
        if place not in self._made:
            self._made[place] = self._make(provider)
        return self._made[place]

    def close(self) -> None:
        """Give all shares back."""
        for limiter in self._made.values():
            limiter.close()

    def _make(self, provider: Provider) -> Limiter:
        account = provider.account
        # A server of one's own queues what it cannot do at once, and has no account to strain.
        begun = self._ceiling if provider.own_address or account is None else min(FIRST_WINDOW, self._ceiling)
        path = None
        if self._folder is not None and account is not None:
            path = self._folder / f"{provider.name}-{account}.json"
        named = self._limits.get(f"{provider.name}@{provider.base_url}") or self._limits.get(provider.name)
        shared = SharedAccount(path, fresh=Account(window=float(begun)), clock=self._clock)
        return Limiter(shared, holder=self._holder, ceiling=self._ceiling, limit=named, clock=self._clock)

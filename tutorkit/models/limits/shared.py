"""An account's state where every process of the machine sees it: a small file, changed under a lock.

Nothing in it is worth a failed run. A file that is damaged is begun anew; where none can be written, the process keeps
the state to itself, and says so once.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TypeVar

from filelock import FileLock, Timeout
from pydantic import TypeAdapter, ValidationError

from tutorkit.models.limits.account import Account, is_blank, is_forgotten

logger = logging.getLogger(__name__)

ResultT = TypeVar("ResultT")

_LOCK_S, _POLL_S = 2.0, 0.002
_FORM = TypeAdapter(Account)


class SharedAccount:
    """One account's state.

    Args:
        path: the file, or None to keep the state in this object alone. Its folder has one lock for all its files.
        fresh: the state where nothing is known.
        clock: seconds since the epoch.
    """

    def __init__(self, path: Path | None, *, fresh: Account, clock: Callable[[], float]) -> None:
        self._path = path
        self._lock = None if path is None else FileLock(path.with_name("lock"), timeout=_LOCK_S)
        self._fresh = fresh
        self._own = fresh
        self._clock = clock

    def change(self, step: Callable[[Account, float], tuple[Account, ResultT]]) -> ResultT:
        """Apply a step, a function of the state and the time, and return what it returns beside the new state."""
        if self._path is not None and self._lock is not None:
            try:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                with self._lock.acquire(poll_interval=_POLL_S):
                    now = self._clock()
                    self._own, result = step(self._read(self._path, now), now)
                    self._write(self._path, now)
                return result
            except (OSError, Timeout) as error:
                logger.warning("Other processes are not told of the limits of this account: %s", error)
                self._path = None
        self._own, result = step(self._own, self._clock())
        return result

    def _write(self, path: Path, now: float) -> None:
        if is_blank(self._own, self._fresh, now=now):
            path.unlink(missing_ok=True)
        else:
            path.write_text(json.dumps(asdict(self._own)), encoding="utf-8")

    def _read(self, path: Path, now: float) -> Account:
        try:
            found = _FORM.validate_json(path.read_bytes())
        except (FileNotFoundError, ValidationError):
            return self._fresh
        return self._fresh if is_forgotten(found, now=now) else found

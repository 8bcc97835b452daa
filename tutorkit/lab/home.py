"""A laboratory's home: its settings, its database, and how Ctrl-C ends what runs in it."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from pydantic import ValidationError

from tutorkit.errors import BadSetting
from tutorkit.graphs.events import StopSignal
from tutorkit.settings import Settings
from tutorkit.store import Store, open_store


class Home:
    """Settings, and a database that is opened at first use; see ``Lab``."""

    def __init__(
        self,
        *,
        home: Path | str | None = None,
        db_url: str | None = None,
        data_dir: Path | str | None = None,
        cache_mode: str | None = None,
        concurrency: int | None = None,
        trace: str | None = None,
    ) -> None:
        given = {
            "home": home,
            "db_url": db_url,
            "data_dir": data_dir,
            "cache_mode": cache_mode,
            "concurrency": concurrency,
            "trace": trace,
        }
        self.settings = read_settings({name: value for name, value in given.items() if value is not None})
        self._store: Store | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Write what is still to be written, and close the database."""
        if self._store is not None:
            self._store.close()
            self._store = None

    @property
    def store(self) -> Store:
        """The database, opened at first use."""
        if self._store is None:
            self.settings.home.mkdir(parents=True, exist_ok=True)
            self._store = open_store(self.settings.database)
        return self._store


def read_settings(given: Mapping[str, object]) -> Settings:
    """Read the settings, with these values in place of the environment's.

    Raises:
        BadSetting: naming each setting with a value that it cannot have.
    """
    try:
        return Settings.model_validate({**Settings().model_dump(), **given})
    except ValidationError as error:
        faults = [f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}" for fault in error.errors()]
        raise BadSetting(
            f"A setting does not fit. {'; '.join(faults)}.",
            remedy="Correct the option or the environment variable of that name (TUTORKIT_…).",
            data={"faults": faults},
        ) from error


@contextmanager
def ctrl_c(stop: StopSignal, *, take: bool) -> Iterator[None]:
    """Take the first Ctrl-C as a wish to stop, where that is wished, and give the second one its usual meaning."""
    if not take or threading.current_thread() is not threading.main_thread():
        yield
        return
    usual = signal.getsignal(signal.SIGINT)

    def handle(_number: int, _frame: object) -> None:
        stop.request()
        signal.signal(signal.SIGINT, usual)

    signal.signal(signal.SIGINT, handle)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual)

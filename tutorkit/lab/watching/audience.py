"""Who watches a run: the listener that was handed in, and a mirror where the settings ask for one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Protocol, cast

from tutorkit.errors import MissingExtra
from tutorkit.graphs.events import Event, Listener, fan_out
from tutorkit.settings import Settings


class Mirror(Protocol):
    """A listener that has something to finish when the last run has ended."""

    def __call__(self, event: Event) -> None:
        """Take one event."""
        ...

    def close(self) -> None:
        """Hand over what is still here, within seconds; never raises."""
        ...


@contextmanager
def audience(settings: Settings, listen: Listener) -> Iterator[Listener]:
    """Hand out one listener that tells everybody, and close the mirror at the end, however the runs end.

    A replay opens no connection, so it has no mirror.

    Raises:
        MissingExtra: when a mirror is asked for and OpenTelemetry is not installed.
        BadSetting: when an ``OTEL_*`` variable has a value that it cannot have.
    """
    if settings.trace == "off" or settings.cache_mode == "replay":
        yield fan_out(listen)
        return
    mirror = _open_mirror(settings)
    try:
        yield fan_out(listen, mirror)
    finally:
        mirror.close()


def _open_mirror(settings: Settings) -> Mirror:
    """Load OpenTelemetry at its first use: nobody else pays for it."""
    try:
        module = import_module("tutorkit.lab.watching.otlp")
    except ImportError as error:
        raise MissingExtra("opentelemetry-sdk", "otel", "TUTORKIT_TRACE=otel") from error
    return cast(Mirror, module.ExportingMirror(content=settings.trace_content))

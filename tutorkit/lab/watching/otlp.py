"""A mirror that hands its spans and counts to a collector, as the standard ``OTEL_*`` variables say.

The run does not wait for the collector: a thread of the SDK sends, what does not fit its queue is dropped, and the end
of the run waits a few seconds at most. That something is lost is said once.
"""

from __future__ import annotations

import logging
import threading
from importlib.metadata import version

from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from tutorkit.errors import BadSetting
from tutorkit.graphs.events import Event
from tutorkit.lab.watching.tracing import OtelMirror

FLUSH_S = 5.0
GRACE_S = 1.0
"""So long the end waits for the collector; the second one when it is known to be in trouble."""

logger = logging.getLogger(__name__)
_SDK = logging.getLogger("opentelemetry")


class ExportingMirror:
    """Mirrors runs to the collector of the ``OTEL_*`` variables until it is closed.

    Args:
        content: tell also what was asked and answered.

    Raises:
        BadSetting: when an ``OTEL_*`` variable has a value that it cannot have.
    """

    def __init__(self, *, content: bool) -> None:
        try:
            resource = Resource.create({SERVICE_NAME: "tutorkit", SERVICE_VERSION: version("tutorkit")})
            resource = resource.merge(OTELResourceDetector().detect())
            self._spans = TracerProvider(resource=resource, shutdown_on_exit=False)
            self._spans.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
            reader = PeriodicExportingMetricReader(OTLPMetricExporter())
            self._counts = MeterProvider([reader], resource=resource, shutdown_on_exit=False)
        except ValueError as error:
            raise BadSetting(f"Tracing cannot be set up: {error}", remedy="Correct the OTEL_* variables.") from error
        self._mirror = OtelMirror(tracer_provider=self._spans, meter_provider=self._counts, content=content)
        self._over = threading.Event()
        self._voice = _SaysOnce(self._over)
        self._voice.take_over()

    def __call__(self, event: Event) -> None:
        """Take one event."""
        self._mirror(event)

    def close(self) -> None:
        """Hand over what is still here, within seconds."""
        self._mirror.close()
        closing = threading.Thread(target=self._shut_down, name="tutorkit-tracing-ends", daemon=True)
        closing.start()
        self._over.wait(FLUSH_S)
        closing.join(GRACE_S)
        if closing.is_alive():
            self._voice.say("the collector did not take the last ones in time")

    def _shut_down(self) -> None:
        self._spans.shutdown()
        self._counts.shutdown()
        self._over.set()
        self._voice.give_back()


class _SaysOnce(logging.Handler):
    """Takes the SDK's complaints, which come with every batch, and says the first one in our words.

    Args:
        trouble: is set when the collector does not take what it is given.
    """

    def __init__(self, trouble: threading.Event) -> None:
        super().__init__(logging.WARNING)
        self._trouble = trouble
        self._said = False

    def take_over(self) -> None:
        """Keep the complaints from whoever else would show them."""
        _SDK.addHandler(self)
        _SDK.propagate = False

    def give_back(self) -> None:
        """Let them go their usual way again, unless another mirror is open."""
        _SDK.removeHandler(self)
        _SDK.propagate = not any(isinstance(one, _SaysOnce) for one in _SDK.handlers)

    def emit(self, record: logging.LogRecord) -> None:
        """Say the first complaint."""
        self.say(record.getMessage())
        if record.name.startswith("opentelemetry.exporter"):
            self._trouble.set()

    def say(self, what: str) -> None:
        """Say that something is lost, if that has not been said yet."""
        if not self._said:
            self._said = True
            logger.warning(
                "The run's traces do not all arrive at the collector; the run itself goes on. "
                "Check OTEL_EXPORTER_OTLP_ENDPOINT, or unset TUTORKIT_TRACE. What was said: %s",
                what,
            )

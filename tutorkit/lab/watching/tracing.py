"""Mirrors runs to OpenTelemetry: a span for each run, node and call, and a count of tokens.

The records in the store are the truth, and this is a copy of part of them; nothing is read back. Only who has installed
the extra ``otel`` can import this module: ``watching`` loads it when a mirror is asked for.

What a model or a learner wrote is in no attribute unless ``content`` is set. A student's name is told as a digest, a
program or person that takes part by its kind alone, and an error of a call without its words, which may quote a reply.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from opentelemetry.metrics import MeterProvider
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, TracerProvider, set_span_in_context

from tutorkit.canonical import digest
from tutorkit.graphs.events import CallMade, Event, NodeFinished, NodeStarted, RunEnded, RunStarted
from tutorkit.lab.participants import is_offline
from tutorkit.lab.watching import gen_ai
from tutorkit.models.names import parse_model
from tutorkit.types import Call, Run

_SCOPE = "tutorkit"
_NS = 1_000_000_000


@dataclass
class _Open:
    """A run that is going on: its span, those of its nodes by visit, and what all its spans carry."""

    span: Span
    common: gen_ai.Attributes
    nodes: dict[str, Span] = field(default_factory=dict)


class OtelMirror:
    """Tells the events of runs as spans, ``run > node > call``; hand it in as the listener of a run.

    Args:
        tracer_provider: gets the spans.
        meter_provider: gets the count of tokens that were paid for.
        content: tell also what was asked and answered.
    """

    def __init__(
        self, *, tracer_provider: TracerProvider, meter_provider: MeterProvider, content: bool = False
    ) -> None:
        self._tracer = tracer_provider.get_tracer(_SCOPE, schema_url=gen_ai.SCHEMA_URL)
        self._tokens = meter_provider.get_meter(_SCOPE, schema_url=gen_ai.SCHEMA_URL).create_histogram(
            gen_ai.TOKEN_USAGE,
            unit=gen_ai.TOKEN_USAGE_UNIT,
            description="Tokens of the model calls that were paid for.",
            explicit_bucket_boundaries_advisory=gen_ai.TOKEN_USAGE_BUCKETS,
        )
        self._content = content
        self._runs: dict[str, _Open] = {}

    def __call__(self, event: Event) -> None:
        """Take one event."""
        if isinstance(event, RunStarted):
            self._begin_run(event.run)
            return
        run = self._runs.get(event.run_id)
        if run is None:
            return
        if isinstance(event, NodeStarted):
            self._begin_node(run, event.node)
        elif isinstance(event, CallMade):
            self._call(run, event)
        elif isinstance(event, NodeFinished) and event.node in run.nodes:
            run.nodes.pop(event.node).end()
        elif isinstance(event, RunEnded):
            self._end_run(event)

    def close(self) -> None:
        """End the spans of runs whose end was not told."""
        for run in self._runs.values():
            for span in (*run.nodes.values(), run.span):
                span.end()
        self._runs.clear()

    def _begin_run(self, run: Run) -> None:
        common: gen_ai.Attributes = {
            "tutorkit.run": run.id,
            "tutorkit.arm": run.arm,
            "tutorkit.method": run.method,
            "tutorkit.student_id_hash": digest(["student", run.student])[:16],
        }
        own: gen_ai.Attributes = {
            "tutorkit.experiment": run.parent_id or run.id,
            "tutorkit.method_version": run.method_version,
            "tutorkit.fidelity": run.fidelity,
            "tutorkit.seed": run.seed,
        }
        self._runs[run.id] = _Open(self._tracer.start_span(f"run {run.method}", attributes={**common, **own}), common)

    def _begin_node(self, run: _Open, visit: str) -> None:
        # A node that waits for a person is begun again at every look: that is one long span.
        if visit not in run.nodes:
            run.nodes[visit] = self._tracer.start_span(
                f"node {visit.partition('#')[0]}",
                context=set_span_in_context(run.span),
                attributes={**run.common, "tutorkit.node": visit},
            )

    def _end_run(self, ended: RunEnded) -> None:
        run = self._runs.pop(ended.run_id)
        run.span.set_attribute("tutorkit.status", ended.status)
        run.span.set_attribute("tutorkit.stop_reason", ended.stop_reason or "")
        for span in (*run.nodes.values(), run.span):
            # A wait for a person, a spent budget and Ctrl-C are no errors.
            if ended.status == "failed":
                _mark_failed(span, ended.stop_reason or gen_ai.ERROR_OTHER)
            span.end()

    def _call(self, run: _Open, event: CallMade) -> None:
        call = event.call
        end = time.time_ns() - int(event.ago * _NS)
        told = _told_of(call)
        asked = str(call.sent.get("said_by", call.model))  # a control may have changed what this model said
        if is_offline(asked):
            name, kind = f"{asked.partition('/')[0]} {call.purpose}", SpanKind.INTERNAL
        else:
            ref = parse_model(asked)
            model = gen_ai.model_attributes(call, ref)
            told |= model | gen_ai.request_attributes(call.sent) | gen_ai.response_attributes(call)
            told[gen_ai.CONVERSATION_ID] = call.run_id
            name, kind = f"{gen_ai.OPERATION} {ref.name}", SpanKind.CLIENT
            self._count(call, model)
        if self._content:
            told |= gen_ai.content_attributes(call, str(call.sent.get("said", call.reply)))
        span = self._tracer.start_span(
            name,
            context=set_span_in_context(run.nodes.get(event.node, run.span)),
            kind=kind,
            start_time=end - int((call.seconds or 0.0) * _NS),
            attributes={**run.common, **told},
        )
        if call.outcome == "error":
            _mark_failed(span, gen_ai.ERROR_OTHER, words=call.error if self._content else None)
        span.end(end_time=end)

    def _count(self, call: Call, model: gen_ai.Attributes) -> None:
        if call.cache_hit:
            return
        for kind, count in (("input", call.tokens_in), ("output", call.tokens_out)):
            if count is not None:
                self._tokens.record(count, {**model, gen_ai.TOKEN_TYPE: kind, "tutorkit.role": call.role})


def _told_of(call: Call) -> gen_ai.Attributes:
    told: gen_ai.Attributes = {
        "tutorkit.call": call.id,
        "tutorkit.node": call.node,
        "tutorkit.role": call.role,
        "tutorkit.purpose": call.purpose,
        "tutorkit.prompt_id": call.prompt_id,
        "tutorkit.prompt_digest": call.prompt_digest,
        "tutorkit.sample": call.sample,
        "tutorkit.attempt": call.attempt,
        "tutorkit.cache_hit": call.cache_hit,
        "tutorkit.outcome": call.outcome,
    }
    if call.cost_usd is not None:
        told["tutorkit.cost_usd"] = call.cost_usd
    return told


def _mark_failed(span: Span, kind: str, *, words: str | None = None) -> None:
    span.set_attribute(gen_ai.ERROR_TYPE, kind)
    span.set_status(Status(StatusCode.ERROR, None if words is None else gen_ai.storable(words)))

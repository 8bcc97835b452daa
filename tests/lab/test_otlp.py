"""The mirror's way to a collector: all of it arrives, and a collector that fails changes nothing about the run."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from opentelemetry.exporter.otlp.proto.http import trace_exporter
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from support.bench import plan

from tutorkit.errors import BadSetting, MissingExtra
from tutorkit.lab import Lab, NodeFinished
from tutorkit.lab.watching import audience, otlp

SMALL = {"train": 3, "val": 6, "test": 6}


@pytest.fixture
def otel(monkeypatch):
    """Set the standard variables."""

    def put(**variables: str) -> None:
        for name, value in variables.items():
            monkeypatch.setenv(f"OTEL_{name}", value)

    return put


@contextmanager
def collector(status: int = 200) -> Iterator[tuple[str, list]]:
    """A collector on this machine, which keeps the spans that it is sent."""
    spans: list = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.path == "/v1/traces":
                sent = ExportTraceServiceRequest.FromString(body)
                service = {one.key: one.value.string_value for one in sent.resource_spans[0].resource.attributes}
                spans.extend((service, span) for scope in sent.resource_spans[0].scope_spans for span in scope.spans)
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_arguments) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", spans
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_the_setting_alone_sends_everything_to_the_collector(tmp_path, otel, monkeypatch):
    monkeypatch.setenv("TUTORKIT_TRACE", "otel")
    with collector() as (url, spans):
        otel(EXPORTER_OTLP_ENDPOINT=url, RESOURCE_ATTRIBUTES="team=didactics")
        with Lab(home=tmp_path) as lab:
            report = lab.teach_plan(plan(sizes=SMALL, controls="free"))
            made = sum(len(lab.calls(arm.run_id)) for arm in report.arms)
    assert sum(span.name == "run tpd" for _, span in spans) == 2
    assert sum(any(one.key == "tutorkit.call" for one in span.attributes) for _, span in spans) == made
    assert {(service["service.name"], service["team"]) for service, _ in spans} == {("tutorkit", "didactics")}
    assert "Work out" not in str(spans)


def test_content_has_a_setting_of_its_own(tmp_path, otel, monkeypatch):
    monkeypatch.setenv("TUTORKIT_TRACE_CONTENT", "1")
    with collector() as (url, spans):
        otel(EXPORTER_OTLP_ENDPOINT=url, SERVICE_NAME="mine")
        with Lab(home=tmp_path, trace="otel") as lab:
            lab.teach_plan(plan(sizes=SMALL))
    assert "Work out" in str(spans) and {service["service.name"] for service, _ in spans} == {"mine"}


def test_what_was_done_is_sent_when_the_run_breaks_off(tmp_path, otel):
    def give_up(event):
        if isinstance(event, NodeFinished) and event.node == "practise#0":
            raise KeyboardInterrupt

    with collector() as (url, spans):
        otel(EXPORTER_OTLP_ENDPOINT=url)
        with Lab(home=tmp_path, trace="otel") as lab, pytest.raises(KeyboardInterrupt):
            lab.teach_plan(plan(sizes=SMALL), listen=give_up)
    names = [span.name for _, span in spans]
    assert names.count("sim answer") == 6 and "run tpd" in names and "node practise" in names


@pytest.mark.parametrize("status", [None, 401, 503])
def test_a_collector_that_is_down_is_told_of_once_and_changes_nothing(
    tmp_path, otel, caplog, capfd, monkeypatch, status
):
    monkeypatch.setattr(otlp, "GRACE_S", 0.05)
    with Lab(home=tmp_path / "alone") as lab:
        alone = lab.teach_plan(plan(sizes=SMALL))
    with collector(status or 200) as (url, _):
        otel(
            EXPORTER_OTLP_ENDPOINT=url if status else "http://127.0.0.1:1",
            EXPORTER_OTLP_TIMEOUT="0.2",
            BSP_SCHEDULE_DELAY="10",
            BSP_MAX_QUEUE_SIZE="20",
            BSP_MAX_EXPORT_BATCH_SIZE="5",
        )
        with caplog.at_level(logging.DEBUG), Lab(home=tmp_path / "traced", trace="otel") as lab:
            traced = lab.teach_plan(plan(sizes=SMALL))
        join_threads()
    assert traced.model_copy(update={"pack": None}) == alone.model_copy(update={"pack": None})
    said = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert len(said) == 1 and "do not all arrive" in said[0] and "OTEL_EXPORTER_OTLP_ENDPOINT" in said[0]
    assert capfd.readouterr().err == ""
    assert logging.getLogger("opentelemetry").propagate and not logging.getLogger("opentelemetry").handlers


def join_threads() -> None:
    for thread in threading.enumerate():
        if thread.name == "tutorkit-tracing-ends":
            thread.join()


def test_a_collector_that_does_not_answer_is_not_waited_for(tmp_path, otel, caplog, monkeypatch):
    monkeypatch.setattr(otlp, "GRACE_S", 0.01)
    monkeypatch.setattr(otlp, "FLUSH_S", 0.05)
    answer = threading.Event()
    monkeypatch.setattr(trace_exporter.OTLPSpanExporter, "export", lambda *_: answer.wait())
    with collector() as (url, _):
        otel(EXPORTER_OTLP_ENDPOINT=url)
        with Lab(home=tmp_path, trace="otel") as lab:
            assert lab.teach_plan(plan(sizes=SMALL)).status == "finished"
        assert not answer.is_set() and "did not take the last ones" in caplog.text
        answer.set()
        join_threads()
    assert logging.getLogger("opentelemetry").propagate


def test_without_the_setting_nothing_of_opentelemetry_is_touched(tmp_path, monkeypatch):
    def refuse(name):
        raise AssertionError(name)

    monkeypatch.setattr(audience, "import_module", refuse)
    with Lab(home=tmp_path) as lab:
        lab.teach_plan(plan(sizes=SMALL))
    with Lab(home=tmp_path, trace="otel", cache_mode="replay") as lab:
        assert lab.teach_plan(plan(sizes=SMALL, seed=1)).status == "finished"  # a replay opens no connection


def test_who_does_not_trace_does_not_load_the_sdk():
    script = "import sys, tutorkit.cli.main; print('opentelemetry.sdk' in sys.modules)"
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "False"


def test_what_is_missing_is_said_before_anything_is_done(tmp_path, monkeypatch):
    def missing(name):
        raise ImportError(name)

    monkeypatch.setattr(audience, "import_module", missing)
    with Lab(home=tmp_path, trace="otel") as lab:
        with pytest.raises(MissingExtra, match=r"pip install 'tutorkit\[otel\]'"):
            lab.teach_plan(plan(sizes=SMALL))
        assert lab.runs() == []


def test_a_variable_that_cannot_be_is_a_setting_to_correct(tmp_path, otel):
    otel(BSP_MAX_QUEUE_SIZE="0")
    with Lab(home=tmp_path, trace="otel") as lab, pytest.raises(BadSetting, match=r"max_queue_size.*OTEL_"):
        lab.teach_plan(plan(sizes=SMALL))
    with pytest.raises(BadSetting, match="trace"):
        Lab(home=tmp_path, trace="jaeger")

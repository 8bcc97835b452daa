"""The OpenTelemetry mirror: which spans with what on them, and that no learner's word is told."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from models.fault_server import FAULTS, FaultServer
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.semconv._incubating.attributes import gen_ai_attributes
from opentelemetry.semconv._incubating.metrics import gen_ai_metrics
from opentelemetry.trace import SpanKind, StatusCode
from store.store_samples import call, run
from support.bench import plan
from support.model_server import serve_model

from tutorkit.errors import ProviderFailed
from tutorkit.lab import CallMade, Lab, Limits, NodeFinished, NodeStarted, RunEnded, RunStarted
from tutorkit.lab.watching import gen_ai
from tutorkit.lab.watching.tracing import OtelMirror
from tutorkit.models import parse_model

SMALL = {"train": 3, "val": 6, "test": 6}
SECRET = "the learner said zebra"


class Recorded:
    """A mirror that keeps what it tells."""

    def __init__(self, *, content: bool = False) -> None:
        self._spans, self._reader = InMemorySpanExporter(), InMemoryMetricReader()
        provider = TracerProvider()
        provider.add_span_processor(SimpleSpanProcessor(self._spans))
        self.mirror = OtelMirror(
            tracer_provider=provider, meter_provider=MeterProvider([self._reader]), content=content
        )

    @property
    def spans(self) -> list:
        return list(self._spans.get_finished_spans())

    def named(self, beginning: str) -> list:
        return [span for span in self.spans if span.name.startswith(beginning)]

    def told(self) -> str:
        """Everything that left us, as one text."""
        return json.dumps([json.loads(span.to_json()) for span in self.spans], ensure_ascii=False) + str(self.counts())

    def counts(self) -> dict[tuple, int]:
        """The tokens counted, by role and kind."""
        data = self._reader.get_metrics_data()
        metrics = [m for r in data.resource_metrics for s in r.scope_metrics for m in s.metrics] if data else []
        assert {(metric.name, metric.unit) for metric in metrics} <= {("gen_ai.client.token.usage", "{token}")}
        return {
            (point.attributes["tutorkit.role"], point.attributes["gen_ai.token.type"]): point.sum
            for metric in metrics
            for point in metric.data.data_points
        }

    def one_call(self, **changes):
        """Tell a run of one call and return its span."""
        record = call(run_id="run-1", node="draft#0", **{"model": "openai/gpt-x", "tokens_in": 10, **changes})
        for event in (
            RunStarted(run()),
            NodeStarted("run-1", "draft#0"),
            CallMade("run-1", "draft#0", record, 2.0),
            NodeFinished("run-1", "draft#0"),
            RunEnded("run-1", "finished", "finished"),
        ):
            self.mirror(event)
        return self.spans[-3]


@pytest.fixture
def model():
    with serve_model(lambda body: f"{SECRET}\nAnswer: 1, 2") as server:
        yield server


@pytest.fixture
def taught(tmp_path, model):
    recorded = Recorded()
    with Lab(home=tmp_path) as lab:
        given = plan(student=f"openai/tiny@{model.url}", sizes=SMALL, controls="free")
        report = lab.teach_plan(given, listen=recorded.mirror)
        calls = [made for arm in report.arms for made in lab.calls(arm.run_id)]
    return recorded, report, calls


def test_a_run_holds_its_nodes_and_a_node_its_calls(taught):
    recorded, report, calls = taught
    by_id = {span.context.span_id: span for span in recorded.spans}
    runs = recorded.named("run ")
    assert [(span.name, span.attributes["tutorkit.run"], span.parent) for span in runs] == [
        ("run tpd", arm.run_id, None) for arm in report.arms
    ]
    assert {span.attributes["tutorkit.experiment"] for span in runs} == {report.run_id}
    for span in recorded.named("node "):
        assert by_id[span.parent.span_id].name == "run tpd"
    told = [span for span in recorded.spans if "tutorkit.call" in span.attributes]
    assert sorted(span.attributes["tutorkit.call"] for span in told) == sorted(made.id for made in calls)
    for span in told:
        above = by_id[span.parent.span_id]
        assert above.name == f"node {span.attributes['tutorkit.node'].partition('#')[0]}"
        assert above.attributes["tutorkit.run"] == span.attributes["tutorkit.run"]
    assert all(span.status.status_code is StatusCode.UNSET for span in recorded.spans)


def test_a_model_call_is_told_by_the_conventions(taught, model):
    recorded, _, calls = taught
    chats = recorded.named("chat ")
    asked = {made.id: made for made in calls if made.role == "student"}
    assert len(chats) == len(asked) > 0
    for span in chats:
        made, told = asked[span.attributes["tutorkit.call"]], span.attributes
        assert span.name == "chat tiny" and span.kind is SpanKind.CLIENT
        assert span.instrumentation_scope.schema_url == gen_ai.SCHEMA_URL
        assert (told["gen_ai.operation.name"], told["gen_ai.provider.name"]) == ("chat", "openai")
        assert (told["gen_ai.request.model"], told["gen_ai.response.model"]) == ("tiny", "tiny")
        assert (told["gen_ai.request.temperature"], told["gen_ai.request.max_tokens"]) == (0.0, 512)
        assert told["gen_ai.conversation.id"] == made.run_id
        assert (told["server.address"], told["server.port"]) == ("127.0.0.1", int(model.url.split(":")[2][:-3]))
        assert (told["tutorkit.prompt_id"], told["tutorkit.prompt_digest"]) == ("student/answer", made.prompt_digest)
        assert (told["tutorkit.method"], told["tutorkit.role"]) == ("tpd", "student")
        assert told["tutorkit.cache_hit"] is made.cache_hit and told["tutorkit.cost_usd"] == 0
        # What came from the cache used no tokens, took no time, and is not counted again.
        used = (told.get("gen_ai.usage.input_tokens"), told.get("gen_ai.usage.output_tokens"))
        assert used == ((None, None) if made.cache_hit else (10, 5))
        assert (span.end_time - span.start_time) == int((made.seconds or 0) * 1e9)
        assert made.cache_hit or made.seconds > 0
    paid = sum(not made.cache_hit for made in asked.values())
    assert 0 < paid < len(asked)
    assert recorded.counts() == {("student", "input"): 10 * paid, ("student", "output"): 5 * paid}


def test_usage_stands_on_the_calls_alone(taught):
    recorded, *_ = taught
    for span in (*recorded.named("run "), *recorded.named("node ")):
        assert not any(name.startswith("gen_ai.") for name in span.attributes)


def test_whoever_is_no_model_is_no_model_call(taught):
    recorded, *_ = taught
    own = recorded.named("rules ")
    assert {span.name for span in own} >= {"rules extract_errors", "rules generate_principles"}
    for span in own:
        assert span.kind is SpanKind.INTERNAL
        assert not any(name.startswith("gen_ai.") for name in span.attributes)


def test_no_word_of_a_learner_or_a_model_is_told(taught):
    recorded, _, calls = taught
    told = recorded.told()
    assert any(SECRET in made.reply for made in calls)
    assert "zebra" not in told
    for made in calls:
        assert all(message.content not in told for message in made.messages)
        assert made.reply not in told
    assert not {name for span in recorded.spans for name in span.attributes if "messages" in name}


def test_content_is_told_when_it_is_asked_for(tmp_path, model):
    recorded = Recorded(content=True)
    with Lab(home=tmp_path) as lab:
        report = lab.teach_plan(plan(student=f"openai/tiny@{model.url}", sizes=SMALL), listen=recorded.mirror)
        calls = {made.id: made for made in lab.calls(report.run_id)}
    for span in recorded.named("chat "):
        made = calls[span.attributes["tutorkit.call"]]
        (said,) = json.loads(span.attributes["gen_ai.output.messages"])
        assert said["parts"] == [{"type": "text", "content": made.reply}] and SECRET in made.reply
        asked = json.loads(span.attributes["gen_ai.input.messages"])
        assert [(one["role"], one["parts"][0]["content"]) for one in asked] == [
            (message.role, message.content) for message in made.messages
        ]


@pytest.mark.parametrize("student", ["recorded/ada-lovelace.jsonl", "openai/gpt-x", "human/ada-lovelace"])
def test_a_students_name_is_told_as_a_digest(student):
    recorded = Recorded()
    recorded.mirror(RunStarted(run(student=student)))
    record = call(id="c-9", role="student", purpose="answer", model="recorded/ada-lovelace.jsonl", node="practise#0")
    recorded.mirror(CallMade("run-1", "practise#0", record))
    recorded.mirror.close()
    assert len(recorded.spans) == 2 and "lovelace" not in recorded.told()
    digests = {span.attributes["tutorkit.student_id_hash"] for span in recorded.spans}
    assert len(digests) == 1 and recorded.spans[0].name == "recorded answer"
    other = Recorded()
    other.mirror(RunStarted(run(student="recorded/grace-hopper.jsonl")))
    other.mirror.close()
    assert other.spans[0].attributes["tutorkit.student_id_hash"] not in digests


def test_a_call_lies_where_it_was_and_its_options_are_those_that_were_sent():
    recorded = Recorded()
    sent = {"temperature": 0.5, "max_completion_tokens": 64, "stop": ["END", "."], "seed": 3, "n": 1, "stream": True}
    span = recorded.one_call(sent=sent, seconds=4.0)
    node = recorded.named("node ")[0]
    assert span.end_time - span.start_time == 4_000_000_000
    assert 1_500_000_000 < node.end_time - span.end_time < 60_000_000_000  # ended two seconds before it was told
    asked = {name: value for name, value in span.attributes.items() if name.startswith("gen_ai.request.")}
    assert asked == {
        "gen_ai.request.model": "gpt-x",
        "gen_ai.request.temperature": 0.5,
        "gen_ai.request.max_tokens": 64,
        "gen_ai.request.stop_sequences": ("END", "."),
        "gen_ai.request.seed": 3,
        "gen_ai.request.choice.count": 1,
    }
    assert "server.address" not in span.attributes


def test_what_is_unknown_is_left_out():
    recorded = Recorded()
    span = recorded.one_call(cost_usd=None, tokens_in=None, tokens_out=7, model_served=None, outcome="truncated")
    for name in ("tutorkit.cost_usd", "gen_ai.usage.input_tokens", "gen_ai.response.model"):
        assert name not in span.attributes
    assert span.attributes["gen_ai.usage.output_tokens"] == 7
    assert span.attributes["gen_ai.response.finish_reasons"] == ("length",)
    assert recorded.counts() == {("teacher", "output"): 7}


def test_what_a_control_changed_is_told_as_what_the_model_said():
    changed = {"model": "control/deranged-evidence", "sent": {"said_by": "anthropic/claude-x", "said": "mine"}}
    span = Recorded(content=True).one_call(**changed, reply="changed", cost_usd=0.5)
    assert span.name == "chat claude-x" and span.attributes["gen_ai.provider.name"] == "anthropic"
    assert span.attributes["tutorkit.cost_usd"] == 0.5 and "mine" in span.attributes["gen_ai.output.messages"]


def test_half_a_sign_does_not_cost_the_batch():
    span = Recorded(content=True).one_call(
        reply="half \ud83d", model_served="m\ud83d", error="e\ud83d", outcome="error"
    )
    for value in span.attributes.values():
        str(value).encode()
    span.status.description.encode()


@pytest.mark.parametrize("outcome", ["invalid", "refused", "truncated"])
def test_a_reply_that_does_not_serve_is_no_failed_call(outcome):
    span = Recorded().one_call(outcome=outcome, error=SECRET)
    assert span.status.status_code is StatusCode.UNSET and span.attributes["tutorkit.outcome"] == outcome


def test_a_call_that_failed_is_an_error_without_its_words():
    recorded = Recorded()
    span = recorded.one_call(outcome="error", error=SECRET)
    assert span.status.status_code is StatusCode.ERROR and span.attributes["error.type"] == "_OTHER"
    assert "zebra" not in recorded.told()
    assert Recorded(content=True).one_call(outcome="error", error=SECRET).status.description == SECRET


async def test_a_run_that_failed_is_an_error_with_its_node(tmp_path):
    recorded = Recorded()
    async with FaultServer() as server:
        server.default = FAULTS["not-implemented"]("openai")
        with Lab(home=tmp_path) as lab, pytest.raises(ProviderFailed):
            await lab.ateach_plan(plan(student=server.model, sizes=SMALL), listen=recorded.mirror)
    failed = [span for span in recorded.spans if span.status.status_code is StatusCode.ERROR]
    assert {span.name for span in failed} == {"run tpd", "node practise", "chat tiny"}
    (whole,) = recorded.named("run ")
    assert (whole.attributes["error.type"], whole.attributes["tutorkit.status"]) == ("provider-failed", "failed")


@pytest.mark.parametrize(("teacher", "limit", "reason"), [("rules", 7, "budget"), ("inbox/{}", None, "inbox")])
def test_waiting_and_a_spent_budget_are_no_errors(tmp_path, teacher, limit, reason):
    recorded = Recorded()
    with Lab(home=tmp_path) as lab:
        given = plan(teacher=teacher.format(tmp_path / "inbox"), sizes=SMALL)
        lab.teach_plan(given, limits=Limits(max_calls=limit), listen=recorded.mirror)
    (whole,) = recorded.named("run ")
    assert whole.attributes["tutorkit.stop_reason"] == reason and recorded.named("node ")
    assert all(span.status.status_code is StatusCode.UNSET for span in recorded.spans)


def test_every_gen_ai_name_is_one_of_the_conventions():
    spec = [*vars(gen_ai_attributes).values(), *vars(gen_ai_metrics).values()]
    known = {value for value in spec if isinstance(value, str)}
    constants = [value for value in vars(gen_ai).values() if isinstance(value, str)] + list(gen_ai._NUMBERS.values())
    ours = {value for value in constants if value.startswith("gen_ai.")}
    assert len(ours) > 15 and ours <= known
    providers = {one.value for one in gen_ai_attributes.GenAiProviderNameValues}
    assert set(gen_ai._PROVIDERS.values()) <= providers
    assert gen_ai.TOKEN_USAGE_BUCKETS[:3] == (1, 4, 16) and gen_ai.TOKEN_USAGE_BUCKETS[-1] == 67108864


def test_the_conventions_names_stand_in_one_file():
    package = Path(gen_ai.__file__).parents[1]
    users = {path.name for path in package.rglob("*.py") if re.search(r'"gen_ai\.', path.read_text(encoding="utf-8"))}
    assert users == {"gen_ai.py"}


@pytest.mark.parametrize(
    ("name", "told"), [("gemini/g", "gcp.gemini"), ("openai/m", "openai"), ("my-host/m", "my-host")]
)
def test_a_provider_goes_by_the_conventions_name(name, told):
    assert gen_ai.model_attributes(call(), parse_model(name))["gen_ai.provider.name"] == told

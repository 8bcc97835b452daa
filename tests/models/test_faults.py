"""Each fault of a server and its stated outcome: the error's class, how many requests it took, what was counted."""

from __future__ import annotations

import asyncio
import pickle

import pytest
from fault_server import Reply, chat, failure, message

from tutorkit.errors import (
    AuthenticationFailed,
    ModelNotFound,
    ProviderFailed,
    RateLimited,
    Refused,
    RequestRejected,
    Unreachable,
)
from tutorkit.models import Price, Prices, RetryPolicy, RunBudget
from tutorkit.models.providers import ProviderSettings
from tutorkit.models.providers.failures import retry_after
from tutorkit.models.providers.openai import OpenAIProvider
from tutorkit.ports import ChatRequest
from tutorkit.types import Message

PRICED = Prices({"openai/tiny": Price(1.0, 1.0), "anthropic/claude-sonnet-4-5": Price(1.0, 1.0)})


def ask(model: str) -> ChatRequest:
    return ChatRequest(model=model, messages=(Message(role="user", content="Say hello."),))


TRANSIENT = {
    "rate limit": (failure(429, "slow down"), RateLimited, 0.0),
    "request time-out": (failure(408), Unreachable, 0.0),
    "conflict": (failure(409), ProviderFailed, 0.0),
    "server error": (failure(500, "oops"), ProviderFailed, None),
    "bad gateway, not JSON": (Reply(status=502, body="<html>"), ProviderFailed, None),
    "overloaded": (failure(529), ProviderFailed, None),
    "reset mid-body": (Reply(body=chat().body, behaviour="reset"), Unreachable, None),
    "truncated JSON": (Reply(body='{"choices": [{"mess'), ProviderFailed, None),
    "not an object": (Reply(body="[]"), ProviderFailed, None),
    "error with success": (Reply(body={"error": {"message": "overloaded"}}), ProviderFailed, None),
    "empty choices": (Reply(body={**chat().body, "choices": []}), ProviderFailed, 12e-6),
}


@pytest.mark.parametrize("name", TRANSIENT)
async def test_a_passing_fault_is_tried_again(gateway, server, name):
    fault, _, cost = TRANSIENT[name]
    server.plays(fault, fault, chat())
    budget = RunBudget()
    async with gateway(budget=budget, run_id="r1", prices=PRICED) as chat_model:
        reply = await chat_model.complete(ask(server.model))
        assert chat_model.cache.spent("r1") == budget.spent
    assert reply.text == "Hello."
    assert [each.cost_usd for each in reply.failed_tries] == [cost, cost]
    assert [each.number for each in reply.failed_tries] == [0, 1]
    assert budget.spent.calls == server.count == 3


@pytest.mark.parametrize("name", TRANSIENT)
async def test_a_lasting_fault_ends_as_its_error(gateway, server, name):
    fault, kind, _ = TRANSIENT[name]
    server.default = fault
    async with gateway() as chat_model:
        with pytest.raises(kind) as raised:
            await chat_model.complete(ask(server.model))
    assert type(raised.value) is kind
    assert len(raised.value.data["tries"]) == server.count == 4
    assert pickle.loads(pickle.dumps(raised.value)).data["tries"] == raised.value.data["tries"]


LASTING = {
    "bad key": (failure(401, "Incorrect API key"), AuthenticationFailed),
    "forbidden": (failure(403), AuthenticationFailed),
    "no such model": (failure(404, "The model tiny does not exist", code="model_not_found"), ModelNotFound),
    "bad request": (failure(400, "min_p is not supported"), RequestRejected),
    "unprocessable": (failure(422), RequestRejected),
    "filtered": (failure(400, "filtered", code="content_filter"), Refused),
    "out of credit": (failure(429, "You exceeded your quota", code="insufficient_quota"), RateLimited),
    "not implemented": (failure(501), ProviderFailed),
}


@pytest.mark.parametrize("name", LASTING)
@pytest.mark.parametrize("protocol", ["openai", "anthropic"])
async def test_a_fault_that_will_not_pass_is_not_tried_again(gateway, server, name, protocol):
    fault, kind = LASTING[name]
    server.default = fault
    async with gateway() as chat_model:
        with pytest.raises(kind, match=fault.body["error"]["message"]) as raised:
            await chat_model.complete(ask(server.model if protocol == "openai" else server.claude))
    assert type(raised.value) is kind
    assert server.count == 1
    assert str(fault.status) in raised.value.message


async def test_a_redirect_is_not_followed(gateway, server):
    server.default = Reply(status=308, headers={"Location": "https://elsewhere.example/v1/chat/completions"})
    async with gateway() as chat_model:
        with pytest.raises(RequestRejected, match=r"moved to https://elsewhere\.example/v1") as raised:
            await chat_model.complete(ask(server.model))
    assert server.count == 1
    assert raised.value.data["billed"] is False


async def test_a_proxy_does_not_carry_what_is_meant_for_this_machine(gateway, server, monkeypatch, unused_tcp_port):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{unused_tcp_port}")
    async with gateway() as chat_model:
        assert (await chat_model.complete(ask(server.model))).text == "Hello."


def test_the_paying_organisation_is_told_to_nobody_else(monkeypatch):
    monkeypatch.setenv("OPENAI_ORG_ID", "org-1")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-1")
    at_home, elsewhere = (
        OpenAIProvider(ProviderSettings(), base_url=url, timeout=1, connections=1).headers()
        for url in (None, "http://127.0.0.1:1/v1")
    )
    assert (at_home["OpenAI-Organization"], at_home["Authorization"]) == ("org-1", "Bearer sk-1")
    assert "OpenAI-Organization" not in elsewhere
    assert "sk-1" not in elsewhere["Authorization"]


async def test_retry_after_is_waited_for(gateway, server, monkeypatch):
    waited = []
    really_sleep = asyncio.sleep

    async def sleep(seconds: float) -> None:
        if seconds >= 1:
            waited.append(seconds)
        await really_sleep(0)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    server.plays(failure(429, retry_after="7"), failure(503, retry_after_ms="1500"), chat())
    async with gateway() as chat_model:
        await chat_model.complete(ask(server.model))
    assert waited == [7.0, 1.5]


async def test_asking_for_a_longer_wait_than_allowed_ends_the_tries(gateway, server):
    server.default = failure(429, retry_after="3600")
    async with gateway(retry=RetryPolicy(longest=10)) as chat_model:
        with pytest.raises(RateLimited) as raised:
            await chat_model.complete(ask(server.model))
    assert server.count == 1
    assert raised.value.data["retry_after"] == 3600


def test_both_forms_of_retry_after_are_read():
    assert retry_after({"Retry-After": "2.5"}) == 2.5
    assert retry_after({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}) == 0.0
    assert retry_after({"retry-after": "Wed, 21 Oct 2099 07:28:00 GMT"}) > 1e6
    assert retry_after({"retry-after": "soon"}) is None
    assert retry_after({}) is None


async def test_a_hanging_server_is_left_after_the_time_out(gateway, server):
    server.default = Reply(behaviour="hang")
    budget = RunBudget()
    async with gateway(timeout=0.1, retry=RetryPolicy(tries=2, base=0.001), budget=budget) as chat_model:
        with pytest.raises(Unreachable, match=r"nothing came within 0\.1 seconds|timed out"):
            await chat_model.complete(ask(server.model))
    assert budget.spent.calls == server.count == 2


async def test_a_server_that_is_not_there_costs_no_call(gateway, unused_tcp_port):
    budget = RunBudget()
    async with gateway(budget=budget, run_id="r1") as chat_model:
        with pytest.raises(Unreachable, match=f"http://127.0.0.1:{unused_tcp_port}/v1") as raised:
            await chat_model.complete(ask(f"openai/tiny@http://127.0.0.1:{unused_tcp_port}/v1"))
        assert chat_model.cache.spent("r1").calls == budget.spent.calls == 0
    assert "Check the base URL" in str(raised.value)


@pytest.mark.parametrize(
    ("reply", "finish"),
    [
        (chat("half", finish="length"), "length"),
        (chat("", finish="content_filter"), "content_filter"),
        (chat(None, refusal="I will not."), "refusal"),
        (chat("{}", finish="tool_calls"), "stop"),
        (chat("odd", finish="eos"), "other"),
    ],
)
async def test_how_a_chat_completion_ended(gateway, server, reply, finish):
    server.default = reply
    async with gateway() as chat_model:
        got = await chat_model.complete(ask(server.model))
    assert got.finish_reason == finish
    assert got.text == (
        reply.body["choices"][0]["message"].get("refusal") or reply.body["choices"][0]["message"]["content"]
    )


@pytest.mark.parametrize(
    ("reply", "text", "finish"),
    [
        (message("Hi."), "Hi.", "stop"),
        (message("Hal", stop="max_tokens"), "Hal", "length"),
        (message("Long", stop="model_context_window_exceeded"), "Long", "length"),
        (message(blocks=[], stop="refusal"), "", "refusal"),
        (message(blocks=[{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "So."}]), "So.", "stop"),
        (message(blocks=[{"type": "tool_use", "input": {"a": 1}}], stop="tool_use"), '{"a": 1}', "stop"),
    ],
)
async def test_how_a_message_ended(gateway, server, reply, text, finish):
    server.default = reply
    async with gateway() as chat_model:
        got = await chat_model.complete(ask(server.claude))
    assert (got.text, got.finish_reason, got.model_served) == (text, finish, "served-claude")
    assert (got.tokens_in, got.tokens_out) == (12, 3)


async def test_an_empty_message_is_a_fault(gateway, server):
    server.plays(message(blocks=[], stop="end_turn"), Reply(body={"content": None}), message())
    async with gateway() as chat_model:
        got = await chat_model.complete(ask(server.claude))
    assert (got.text, server.count) == ("", 1)


async def test_what_an_anthropic_request_really_sends(gateway, server):
    server.default = message()
    request = ChatRequest(
        model=server.claude,
        messages=(
            Message(role="system", content="Teach."),
            Message(role="system", content="Be kind."),
            Message(role="user", content="Hi"),
        ),
        options={"temperature": 0.2, "top_p": 0.9, "seed": 3, "stop": "END", "thinking": {"type": "disabled"}},
        response_schema={"type": "object"},
    )
    async with gateway() as chat_model:
        reply = await chat_model.complete(request)
    assert reply.sent == server.bodies[0]
    assert reply.sent == {
        "model": "claude-sonnet-4-5",
        "max_tokens": 4096,
        "system": "Teach.\n\nBe kind.",
        "messages": [{"role": "user", "content": "Hi"}],
        "stop_sequences": ["END"],
        "thinking": {"type": "disabled"},
        "output_config": {"format": {"type": "json_schema", "schema": {"type": "object"}}},
    }
    assert server.paths == ["/v1/messages"]

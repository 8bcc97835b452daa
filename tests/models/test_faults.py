"""Each fault of a server and its stated outcome: ``docs/faults.md`` says it, and this holds the gateway to it."""

from __future__ import annotations

import asyncio
import pickle
import re
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest
from fault_server import FAULTS, OVERSIZED, FaultServer, Reply, chat, failure, good, message
from pydantic import BaseModel

from tutorkit import errors
from tutorkit.errors import RateLimited, TutorkitError, Unreachable
from tutorkit.graphs.items import FINAL, PASSING
from tutorkit.models import (
    Price,
    Prices,
    RetryPolicy,
    RunBudget,
    ask_structured,
    complete_recorded,
)
from tutorkit.models.providers import ProviderSettings, wire
from tutorkit.models.providers.failures import retry_after
from tutorkit.models.providers.openai import OpenAIProvider
from tutorkit.ports import CallContext, ChatRequest
from tutorkit.types import Message

PAGE = Path(__file__).resolve().parents[2] / "docs" / "faults.md"
PRICED = Prices({"openai/tiny": Price(1.0, 1.0), "anthropic/claude-sonnet-4-5": Price(1.0, 1.0)})
BY_USAGE = {"openai": 12e-6, "anthropic": 15e-6}
CONTEXT = CallContext(role="teacher", purpose="note", prompt_id="toy/note", prompt_digest="0")
TRIES = 3
both_protocols = pytest.mark.parametrize("protocol", ["openai", "anthropic"])


class Note(BaseModel):
    reason: str


class Failing(NamedTuple):
    """A row of the page's first table: no reply comes."""

    fault: str
    what: str
    error: str
    tries: str
    cost: str
    item: str


class Replying(NamedTuple):
    """A row of its second table: a reply comes."""

    fault: str
    what: str
    text: str
    structure: str
    requests: str


def rows(kind):
    cells = [
        [cell.strip(" `") for cell in line.strip("|").split(" | ")]
        for line in PAGE.read_text(encoding="utf-8").splitlines()
        if re.match(r"\| `", line)
    ]
    return [kind(*each) for each in cells if len(each) == len(kind._fields)]


FAILING, REPLYING = rows(Failing), rows(Replying)


def ask(model: str, text: str = "Say hello.") -> ChatRequest:
    return ChatRequest(model=model, messages=(Message(role="user", content=text),))


@pytest.fixture
def faulty(gateway, monkeypatch):
    """Make gateways that do not try for long, of a run whose calls have a price."""
    # The first call of a process imports it, which takes longer than a short patience lasts.
    pytest.importorskip("aiohttp")
    monkeypatch.setattr(wire, "LARGEST", OVERSIZED // 2)

    def make(**arguments):
        patience = {"timeout": 30.0, "retry": RetryPolicy(tries=TRIES, base=0.001)}
        return gateway(run_id="r1", prices=PRICED, **{**patience, **arguments})

    return make


def model_of(server: FaultServer, protocol: str) -> str:
    return server.model if protocol == "openai" else server.claude


def patience_with(row: Failing) -> float:
    """Seconds for a try: on a busy machine a healthy server may take longer than one waits for a hanging one."""
    return 0.4 if row.fault == "hang" else 30.0


def test_the_page_states_the_outcome_of_every_fault_and_of_no_other():
    stated = [row.fault for row in (*FAILING, *REPLYING)]
    assert sorted(stated) == sorted(FAULTS)


@both_protocols
@pytest.mark.parametrize("row", FAILING, ids=lambda row: row.fault)
async def test_a_fault_that_lasts_ends_as_its_error(faulty, server, row, protocol):
    server.default = FAULTS[row.fault](protocol)
    budget = RunBudget()
    async with faulty(budget=budget, timeout=patience_with(row)) as chat_model:
        with pytest.raises(TutorkitError) as raised:
            await complete_recorded(chat_model, ask(model_of(server, protocol)), CONTEXT)
        assert chat_model.cache.spent("r1") == budget.spent
    error = raised.value
    assert type(error) is getattr(errors, row.error)
    assert server.count == budget.spent.calls == len(error.calls) == {"all": TRIES, "1": 1}[row.tries]
    assert {call.outcome for call in error.calls} == {"refused" if row.error == "Refused" else "error"}
    costs = {"0": 0.0, "unknown": None, "usage": BY_USAGE[protocol]}
    assert [call.cost_usd for call in error.calls] == [costs[row.cost]] * server.count
    assert item_of(error) == row.item
    assert str(error).endswith(error.remedy) and pickle.loads(pickle.dumps(error)).calls == error.calls


def item_of(error: TutorkitError) -> str:
    return "set aside" if isinstance(error, FINAL) else "on resume" if isinstance(error, PASSING) else "stops the run"


@both_protocols
@pytest.mark.parametrize("row", [row for row in FAILING if row.tries == "all"], ids=lambda row: row.fault)
async def test_a_fault_that_passes_costs_tries_and_nothing_else(faulty, server, row, protocol):
    fault = FAULTS[row.fault](protocol)
    server.plays(fault, fault, good(protocol))
    budget = RunBudget()
    async with faulty(budget=budget, timeout=patience_with(row)) as chat_model:
        reply, calls = await complete_recorded(chat_model, ask(model_of(server, protocol)), CONTEXT)
        assert chat_model.cache.spent("r1") == budget.spent
    assert reply.text == '{"reason": "Hello."}'
    assert [each.number for each in reply.failed_tries] == [0, 1]
    assert [call.outcome for call in calls] == ["error", "error", "ok"]
    assert len({call.id for call in calls}) == budget.spent.calls == server.count == 3


@both_protocols
@pytest.mark.parametrize("row", REPLYING, ids=lambda row: row.fault)
async def test_a_reply_however_it_comes_is_taken_for_what_it_is(faulty, server, row, protocol):
    server.default = FAULTS[row.fault](protocol)
    budget = RunBudget()
    async with faulty(budget=budget) as chat_model:
        _, (call,) = await complete_recorded(chat_model, ask(model_of(server, protocol)), CONTEXT)
        assert chat_model.cache.spent("r1") == budget.spent
    assert call.outcome == row.text
    assert call.cost_usd == (None if row.fault == "no-usage" else BY_USAGE[protocol])
    assert budget.spent.calls == server.count == 1


@both_protocols
@pytest.mark.parametrize("row", REPLYING, ids=lambda row: row.fault)
async def test_a_reply_where_structure_was_asked_for(faulty, server, row, protocol):
    server.default = FAULTS[row.fault](protocol)
    async with faulty() as chat_model:
        request = ask(model_of(server, protocol))
        if row.structure == "ok":
            reply = await ask_structured(chat_model, request, Note, CONTEXT)
            assert reply.value.reason in ("Hello.", "half a sign ?")
            calls = reply.calls
        else:
            with pytest.raises(getattr(errors, row.structure)) as raised:
                await ask_structured(chat_model, request, Note, CONTEXT)
            assert isinstance(raised.value, FINAL)
            calls = raised.value.calls
    assert server.count == sum(not call.cache_hit for call in calls) == int(row.requests)


@pytest.mark.parametrize("fault", [row.fault for row in FAILING if row.tries == "1"])
@both_protocols
async def test_an_error_says_what_the_provider_said(faulty, server, fault, protocol):
    reply = FAULTS[fault](protocol)
    server.default = reply
    words = reply.body["error"]["message"] if reply.body else "moved to https://elsewhere.example/v1"
    async with faulty() as chat_model:
        with pytest.raises(TutorkitError) as raised:
            await chat_model.complete(ask(model_of(server, protocol)))
    assert words in raised.value.message and str(reply.status) in raised.value.message


@pytest.mark.parametrize("fault", ["out-of-credit", "payment-required"])
async def test_an_empty_account_is_told_to_be_topped_up(faulty, server, fault):
    server.default = FAULTS[fault]("openai")
    async with faulty() as chat_model:
        with pytest.raises(TutorkitError, match="no credit left: top it up"):
            await chat_model.complete(ask(server.model))


@both_protocols
@pytest.mark.parametrize("fault", ["twice-at-once", "twice-later", "late"])
async def test_a_stale_reply_is_never_taken_for_the_next_ones(faulty, server, fault, protocol):
    """A second copy of a reply waits on the idle connection; a late reply comes when nobody waits for it any more."""
    reply, patience = FAULTS[fault](protocol), 30.0
    if fault == "late":
        reply, patience = replace(reply, wait=0.6), 0.4
    server.plays(reply)
    server.default = good(protocol, "The answer to the second.")
    async with faulty(timeout=patience, retry=RetryPolicy(tries=1)) as chat_model:
        if fault == "late":
            with pytest.raises(Unreachable):
                await chat_model.complete(ask(model_of(server, protocol)))
        else:
            await chat_model.complete(ask(model_of(server, protocol)))
        await server.all_is_said()
        reply = await chat_model.complete(ask(model_of(server, protocol), "And now?"))
    assert (reply.text, server.count) == ("The answer to the second.", 2)


async def test_a_connection_that_was_closed_meanwhile_is_not_used(faulty, server):
    server.default = FAULTS["closed-after"]("openai")
    async with faulty() as chat_model:
        for number in range(5):
            reply = await chat_model.complete(ask(server.model, str(number)))
            await server.all_is_said()
            assert reply.failed_tries == ()
    assert server.count == 5


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
        if seconds >= 0.02:
            waited.append(seconds)
        await really_sleep(0)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    server.plays(failure(429, retry_after="0.05"), failure(503, retry_after_ms="30"), chat())
    async with gateway() as chat_model:
        await chat_model.complete(ask(server.model))
    assert waited == [0.05, 0.03]


@pytest.mark.parametrize("fault", ["rate-limit-seconds", "rate-limit-date"])
async def test_a_wait_of_nothing_still_backs_off(gateway, server, monkeypatch, fault):
    waited = []
    really_sleep = asyncio.sleep

    async def sleep(seconds: float) -> None:
        waited.append(seconds)
        await really_sleep(0)

    monkeypatch.setattr("tutorkit.models.retry.asyncio.sleep", sleep)
    monkeypatch.setattr("tutorkit.models.retry.random.uniform", lambda _, most: most)
    server.plays(*[FAULTS[fault]("openai")] * 2, chat())
    async with gateway(retry=RetryPolicy(tries=3, base=0.5)) as chat_model:
        await chat_model.complete(ask(server.model))
    assert [seconds for seconds in waited if seconds] == [0.5, 1.0]


async def test_a_wait_that_is_too_long_for_one_call_holds_up_no_other(gateway, server):
    server.plays(FAULTS["rate-limit-too-long"]("openai"))
    async with gateway() as chat_model:
        with pytest.raises(RateLimited):
            await chat_model.complete(ask(server.model))
        async with asyncio.timeout(1):
            assert (await chat_model.complete(ask(server.model, "And now?"))).text == "Hello."


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


async def test_a_message_without_blocks_is_an_empty_answer(gateway, server):
    server.plays(message(blocks=[], stop="end_turn"))
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

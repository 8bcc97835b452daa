"""The gateway as a whole, against a loopback server."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from fault_server import chat, failure, texts

from tutorkit.errors import (
    BadSetting,
    BudgetExhausted,
    DiskFull,
    MissingKey,
    ProviderFailed,
    ReplayMiss,
    RequestRejected,
    UnknownName,
)
from tutorkit.models import Gateway, Price, Prices, ProviderSettings, RunBudget, ScriptedProvider, Spent
from tutorkit.ports import ChatRequest
from tutorkit.types import Message


def ask(model: str, text: str = "Say hello.", **fields) -> ChatRequest:
    return ChatRequest(model=model, messages=(Message(role="user", content=text),), **fields)


async def test_a_reply_tells_all(gateway, server):
    server.default = chat("Hello, you.", tokens=(11, 4))
    async with gateway(run_id="r1") as chat_model:
        reply = await chat_model.complete(ask(server.model, options={"temperature": 0.5, "min_p": 0.1}))
    assert (reply.text, reply.model_served, reply.finish_reason) == ("Hello, you.", "served-model", "stop")
    assert (reply.tokens_in, reply.tokens_out, reply.cost_usd, reply.cache_hit) == (11, 4, 0.0, False)
    assert reply.sent == server.bodies[0]
    assert reply.sent == {
        "model": "tiny",
        "messages": [{"role": "user", "content": "Say hello."}],
        "temperature": 0.5,
        "min_p": 0.1,
    }
    assert server.paths == ["/v1/chat/completions"]


async def test_a_second_run_takes_it_from_the_cache_for_nothing(gateway, server):
    async with gateway(run_id="r1") as first:
        paid = await first.complete(ask(server.model))
    async with gateway(run_id="r2") as second:
        hit = await second.complete(ask(server.model))
        assert second.cache.spent("r2") == Spent()
    assert (hit.text, hit.key, hit.cache_hit, hit.cost_usd) == (paid.text, paid.key, True, 0.0)
    assert (hit.tokens_in, hit.tokens_out) == (10, 2)
    assert server.count == 1


async def test_samples_are_asked_for_apart_and_not_sent(gateway, server):
    async with gateway() as chat_model:
        for sample in (0, 1, 0):
            await chat_model.complete(ask(server.model, sample=sample))
    assert server.count == 2
    assert server.bodies[0] == server.bodies[1]


async def test_live_neither_takes_nor_keeps(gateway, server):
    async with gateway(mode="live", run_id="r1") as live:
        await asyncio.gather(*(live.complete(ask(server.model)) for _ in range(3)))
        assert live.cache.spent("r1").calls == 3
    assert server.count == 3
    async with gateway() as cached:
        await cached.complete(ask(server.model))
    assert server.count == 4


async def test_refresh_asks_again_once_in_a_run_and_keeps_the_new_answer(gateway, server):
    server.plays(chat("old"), chat("new"))
    async with gateway(run_id="r1") as first:
        await first.complete(ask(server.model))
    async with gateway(mode="refresh", run_id="r2") as refreshing:
        replies = [await refreshing.complete(ask(server.model)) for _ in range(2)]
    async with gateway(run_id="r3") as later:
        kept = await later.complete(ask(server.model))
    assert [reply.text for reply in replies] == ["new", "new"]
    assert [reply.cache_hit for reply in replies] == [False, True]
    assert kept.text == "new"
    assert server.count == 2


async def test_one_key_in_flight_is_sent_once_and_paid_once(gateway, server):
    server.delay = 0.05
    async with gateway(run_id="r1", prices=Prices({"openai/tiny": Price(1.0, 1.0)})) as chat_model:
        replies = await asyncio.gather(*(chat_model.complete(ask(server.model)) for _ in range(20)))
    assert server.count == 1
    assert sorted(reply.cache_hit for reply in replies) == [False] + [True] * 19
    assert sum(reply.cost_usd for reply in replies) == pytest.approx(12e-6)


async def test_a_failed_flight_fails_each_waiter_with_an_error_of_its_own(gateway, server):
    server.delay = 0.05
    server.default = failure(400, "odd option")
    async with gateway() as chat_model:
        errors = await asyncio.gather(
            *(chat_model.complete(ask(server.model)) for _ in range(3)), return_exceptions=True
        )
        assert server.count == 1
        assert len({id(error.data) for error in errors}) == 3
        server.default = chat()
        assert (await chat_model.complete(ask(server.model))).text == "Hello."


async def test_no_more_calls_are_under_way_than_allowed(gateway, server):
    server.delay = 0.02
    async with gateway(concurrency=3) as chat_model:
        await asyncio.gather(*(chat_model.complete(ask(server.model, str(n))) for n in range(20)))
    assert server.count == 20
    assert server.peak == 3


class Slow(ScriptedProvider):
    """Takes its time, and counts how many calls are under way at once."""

    under_way = peak = 0

    async def send(self, body, *, hear=None):
        self.under_way += 1
        self.peak = max(self.peak, self.under_way)
        await asyncio.sleep(0.005)
        self.under_way -= 1
        return await super().send(body, hear=hear)


async def test_the_gateway_itself_keeps_the_limit_and_not_only_the_connections(gateway):
    slow = Slow(lambda body: "Hello.")
    async with gateway(concurrency=5, adapters={"scripted": slow}) as chat_model:
        await asyncio.gather(*(chat_model.complete(ask("scripted/x", str(n))) for n in range(30)))
    assert (slow.peak, len(slow.seen)) == (5, 30)


async def test_cancelling_one_waiter_leaves_the_others_their_reply(gateway, server):
    server.delay = 0.1
    async with gateway() as chat_model:
        waiters = [asyncio.create_task(chat_model.complete(ask(server.model))) for _ in range(3)]
        await asyncio.sleep(0.03)
        waiters[0].cancel()
        replies = await asyncio.gather(*waiters, return_exceptions=True)
    assert isinstance(replies[0], asyncio.CancelledError)
    assert [reply.text for reply in replies[1:]] == ["Hello.", "Hello."]
    assert [reply.cache_hit for reply in replies[1:]] == [False, True]
    assert server.count == 1


async def test_cancelling_all_frees_the_place_and_the_key_and_counts_the_try(gateway, server):
    server.delay = 0.2
    budget = RunBudget()
    async with gateway(concurrency=1, budget=budget, run_id="r1") as chat_model:
        waiters = [asyncio.create_task(chat_model.complete(ask(server.model))) for _ in range(2)]
        await asyncio.sleep(0.05)
        for waiter in waiters:
            waiter.cancel()
        await asyncio.gather(*waiters, return_exceptions=True)
        server.delay = 0.0
        reply = await asyncio.wait_for(chat_model.complete(ask(server.model)), 5)
        assert (reply.text, reply.cache_hit) == ("Hello.", False)
        assert budget.spent.calls == 2
        assert chat_model.cache.spent("r1").calls == 2


async def test_closing_ends_what_is_under_way(gateway, server):
    server.delay = 5.0
    chat_model = gateway()
    waiter = asyncio.create_task(chat_model.complete(ask(server.model)))
    await asyncio.sleep(0.05)
    await asyncio.wait_for(chat_model.aclose(), 2)
    with pytest.raises(asyncio.CancelledError):
        await waiter


async def test_max_calls_is_never_passed_with_many_under_way(gateway, server):
    server.delay = 0.02
    budget = RunBudget(max_calls=10)
    async with gateway(budget=budget, concurrency=64) as chat_model:
        results = await asyncio.gather(
            *(chat_model.complete(ask(server.model, str(n))) for n in range(64)), return_exceptions=True
        )
        assert server.count == 10
        stops = [result for result in results if isinstance(result, BudgetExhausted)]
        assert len(stops) == 54
        assert "limit of 10 calls" in str(stops[0])
        assert (await chat_model.complete(ask(server.model, texts(server.bodies)[0]))).cache_hit


async def test_money_stops_before_it_is_passed_and_a_higher_limit_goes_on(gateway, server):
    prices = Prices({"openai/tiny": Price(1e6, 1e6)})  # a dollar a token: 12 dollars a call

    async def run(limit: float) -> int:
        spent = Spent()
        async with gateway(run_id="r1") as chat_model:
            spent = chat_model.cache.spent("r1")
        budget = RunBudget(max_usd=limit, spent=spent, price_of=prices.of)
        done = 0
        async with gateway(run_id="r1", budget=budget, prices=prices) as chat_model:
            for n in range(5):
                try:
                    await chat_model.complete(ask(server.model, str(n)))
                except BudgetExhausted:
                    break
                done += 1
        return done

    assert await run(30.0) == 2
    assert server.count == 2
    assert await run(50.0) == 4
    assert server.count == 4


async def test_a_resumed_run_sees_its_own_paid_call_as_its_own(gateway, server):
    prices = Prices({"openai/tiny": Price(1.0, 1.0)})
    server.plays(failure(500), chat("Paid."))
    async with gateway(run_id="r1", prices=prices) as dying:
        paid = await dying.complete(ask(server.model))
    async with gateway(run_id="r1", prices=prices) as resumed:
        again = await resumed.complete(ask(server.model))
        twice = await resumed.complete(ask(server.model))
    assert again == replace(paid, seconds=None)
    assert len(again.failed_tries) == 1
    assert (twice.cache_hit, twice.cost_usd, twice.failed_tries) == (True, 0.0, ())
    assert server.count == 2


async def test_a_paid_call_that_the_store_has_is_not_given_out_as_paid_again(gateway, server):
    async with gateway(run_id="r1") as dying:
        paid = await dying.complete(ask(server.model))
    async with gateway(run_id="r1", recorded=[paid.key]) as resumed:
        assert (await resumed.complete(ask(server.model))).cache_hit


async def test_replay_needs_no_key_and_no_server_and_says_what_is_nearest(gateway, server):
    settings = {"openai": ProviderSettings(base_url=server.url)}
    async with gateway(settings=settings) as recording:
        for text in ("What is 3 + 4?", "Name the capital of France, please."):
            await recording.complete(ask("openai/tiny", text, options={"seed": 1}))
    async with gateway(mode="replay", settings=settings) as replaying:
        assert (await replaying.complete(ask("openai/tiny", "What is 3 + 4?", options={"seed": 1}))).cache_hit
        with pytest.raises(ReplayMiss) as miss:
            await replaying.complete(ask("openai/tiny", "What is 3 + 5?", options={"seed": 1}))
        with pytest.raises(ReplayMiss, match=r"recorded ….*France.*asked now ….*Spain"):
            await replaying.complete(ask("openai/tiny", "Name the capital of Spain, please.", options={"seed": 1}))
        with pytest.raises(ReplayMiss) as other_seed:
            await replaying.complete(ask("openai/tiny", "What is 3 + 4?", options={"seed": 2}))
        with pytest.raises(
            ReplayMiss, match=r"No call to openai/huge@.* is recorded\. Recorded is: openai/tiny@.* \(2\)"
        ):
            await replaying.complete(ask("openai/huge"))
    assert 'differs first at messages[0].content: recorded "What is 3 + 4?", asked now "What is 3 + 5?"' in str(
        miss.value
    )
    assert (other_seed.value.data["path"], other_seed.value.data["asked"]) == ("seed", "2")
    assert server.count == 2


async def test_a_reply_that_ended_early_is_no_answer_for_another_run(gateway, server):
    server.default = chat("To be contin", finish="length")
    async with gateway(run_id="r1") as first:
        cut = await first.complete(ask(server.model))
        await first.complete(ask(server.model))
    assert (cut.finish_reason, server.count) == ("length", 1)
    async with gateway(run_id="r2") as second:
        await second.complete(ask(server.model))
    assert server.count == 2
    async with gateway(mode="replay", run_id="r3") as replaying:
        assert (await replaying.complete(ask(server.model))).finish_reason == "length"
    assert server.count == 2


async def test_a_missing_key_is_said_before_any_call(gateway):
    async with gateway() as chat_model:
        for model, variable in (
            ("openai/gpt-4o", "OPENAI_API_KEY"),
            ("anthropic/claude-sonnet-4-5", "ANTHROPIC_API_KEY"),
        ):
            with pytest.raises(MissingKey, match=f"{variable} is not set"):
                chat_model.check(model)
            with pytest.raises(MissingKey, match=variable):
                await chat_model.complete(ask(model))


@pytest.mark.parametrize("name", ["gpt-4o", "", "/x", "openai/", "openai gpt"])
async def test_a_name_of_the_wrong_form_is_said(gateway, name):
    async with gateway() as chat_model:
        with pytest.raises(UnknownName):
            chat_model.check(name)


async def test_the_accounts_key_never_goes_to_an_address_in_a_models_name(gateway, server, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-secret")
    settings = {"openai": ProviderSettings(api_key="sk-also-secret")}
    async with gateway(settings=settings) as chat_model:
        await chat_model.complete(ask(server.model))
        with pytest.raises(ProviderFailed):
            await chat_model.complete(ask(server.claude))
    assert server.headers
    assert not [value for headers in server.headers for value in headers.values() if "secret" in value]


async def test_the_settings_key_goes_to_the_settings_address(gateway, server):
    settings = {"openai": ProviderSettings(base_url=server.url, api_key="sk-local")}
    async with gateway(settings=settings) as chat_model:
        await chat_model.complete(ask("openai/tiny"))
    assert server.headers[0]["authorization"] == "Bearer sk-local"
    assert "sk-local" not in repr(settings)


async def test_an_address_of_ones_own_changes_the_key(gateway, server):
    async with gateway(settings={"openai": ProviderSettings(base_url=server.url)}) as chat_model:
        one = await chat_model.complete(ask("openai/tiny"))
    async with gateway() as chat_model:
        same = await chat_model.complete(ask(server.model))
        assert chat_model.cache.models() == {server.model: 1}
    assert (same.key, same.cache_hit) == (one.key, True)


async def test_an_address_with_a_password_is_refused_without_repeating_it(gateway):
    async with gateway(settings={"anthropic": ProviderSettings(base_url="http://me:secret@h/")}) as chat_model:
        for model in ("openai/tiny@http://me:secret@127.0.0.1:1/v1", "anthropic/claude-sonnet-4-5"):
            with pytest.raises(BadSetting, match="user name or password") as raised:
                await chat_model.complete(ask(model))
            assert "secret" not in str(raised.value)


async def test_half_characters_are_replaced_so_that_a_reply_can_be_stored_and_quoted(gateway, server):
    server.plays(chat("a \ud83d b"), failure(400, "odd \ud83d"))
    async with gateway() as chat_model:
        reply = await chat_model.complete(ask(server.model))
        assert reply.text == "a ? b"
        with pytest.raises(RequestRejected, match=r"odd [?]"):
            await chat_model.complete(ask(server.model, reply.text))


async def test_a_full_disk_stops_the_call(gateway, server):
    server.default = chat("x" * 50_000)
    async with gateway() as chat_model:
        chat_model.cache._file.connection.execute("PRAGMA max_page_count = 8")
        with pytest.raises(DiskFull):
            await chat_model.complete(ask(server.model))


DYING = """
import asyncio, sys
from pathlib import Path
from test_gateway import ask
from tutorkit.models import Gateway
async def main():
    async with Gateway(cache=Path(sys.argv[1]), run_id="r1", concurrency=2) as gateway:
        await asyncio.gather(*(gateway.complete(ask(sys.argv[2], str(number))) for number in range(20)))
asyncio.run(main())
"""


@pytest.mark.slow
async def test_a_killed_run_goes_on_and_pays_for_nothing_twice(gateway, server, tmp_path):
    server.delay = 0.1
    path = f"{Path(__file__).resolve().parents[2]}:{Path(__file__).parent}"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", DYING, str(tmp_path / "cache.sqlite"), server.model, env={"PYTHONPATH": path}
    )
    while server.count < 9:
        await asyncio.sleep(0.01)
    process.kill()
    await process.wait()
    before = server.count
    server.delay = 0.0
    async with gateway(run_id="r1") as resumed:
        kept = resumed.cache.spent("r1").calls
        replies = await asyncio.gather(*(resumed.complete(ask(server.model, str(number))) for number in range(20)))
        assert resumed.cache.spent("r1").calls == 20
    # Two were under way, and the replies to two more may have been on their way to the disk.
    assert 0 < before - 4 <= kept <= before < 20
    assert server.count == before + 20 - kept
    assert [reply.cache_hit for reply in replies] == [False] * 20


def test_limits_that_cannot_be_are_refused(tmp_path):
    with pytest.raises(BadSetting, match="concurrency"):
        Gateway(cache=tmp_path / "c", concurrency=0)
    with pytest.raises(BadSetting, match="time-out"):
        Gateway(cache=tmp_path / "c", timeout=0)

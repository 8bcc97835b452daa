"""The batch desk against a server that speaks both batch protocols."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import pytest
from pydantic import BaseModel
from support.batch_server import serve_batches

from tutorkit.errors import (
    BudgetExhausted,
    ProviderFailed,
    RateLimited,
    ReplyPending,
    RequestRejected,
    RunInterrupted,
    Unreachable,
)
from tutorkit.models import (
    AccountedGateway,
    Gateway,
    Price,
    Prices,
    ProviderSettings,
    RetryPolicy,
    RunBudget,
    ScriptedProvider,
)
from tutorkit.models.batch import BatchDesk, BatchNews, FolderBatches, Journal, Pace
from tutorkit.models.limits import Limiters
from tutorkit.models.sending import Direct
from tutorkit.ports import CallContext, ChatRequest
from tutorkit.types import Message

PACE = Pace(linger=0.02, first_look=0.001, longest_look=0.01, settle=0.0, stop_check=0.005, patience=3)
PRICES = Prices({"openai/tiny": Price(1.0, 1.0), "anthropic/claude-opus-4-5": Price(1.0, 1.0)})


@pytest.fixture
def server():
    with serve_batches() as running:
        yield running


@pytest.fixture
def gateway(tmp_path):
    """Make gateways whose calls go in batches, on one cache and one journal."""

    def make(*, run_id: str = "r1", pace: Pace = PACE, stopped=lambda: False, news=lambda _: None, **given) -> Gateway:
        folder = given.pop("folder", None)
        desk = BatchDesk(
            Direct(Limiters(folder=None, ceiling=16), timeout=10.0),
            batches_of=lambda provider: FolderBatches(folder) if folder else provider.batches(),
            journal=Journal(tmp_path / "batches.sqlite"),
            run_id=run_id,
            pace=pace,
            stopped=stopped,
            news=news,
        )
        retry = RetryPolicy(tries=3, base=0.001)
        return Gateway(**{"cache": tmp_path / "cache.sqlite", "run_id": run_id, "way": desk, "retry": retry, **given})

    return make


def ask(model: str, text: str = "Hi", **options) -> ChatRequest:
    return ChatRequest(
        model=model, messages=(Message(role="user", content=text),), options={"max_tokens": 10, **options}
    )


async def ask_all(chat: Gateway, model: str, count: int, **options) -> list:
    asked = (chat.complete(ask(model, str(number), **options)) for number in range(count))
    return await asyncio.gather(*asked, return_exceptions=True)


def text_of(body: dict) -> str:
    return body["messages"][-1]["content"]


BOTH = pytest.mark.parametrize("kind", ["model", "claude"])


@BOTH
async def test_what_is_asked_together_travels_together_and_each_gets_its_own_reply(server, gateway, kind):
    server.answer = lambda body: f"You said {text_of(body)}."
    server.looks = 3
    told: list[BatchNews] = []
    async with gateway(news=told.append, prices=PRICES) as chat:
        replies = await ask_all(chat, getattr(server, kind), 20)
        assert chat.cache.spent("r1").calls == 20
    assert [reply.text for reply in replies] == [f"You said {number}." for number in range(20)]
    assert server.sizes == [20]
    assert {reply.cost_usd for reply in replies} == {15e-6}
    assert [(news.done, news.total) for news in told] == [(0, 20)] * 3 + [(20, 20)]
    assert told[0].batch in server.batches
    assert server.count("POST /v1/chat") == 0


@BOTH
async def test_bodies_and_keys_are_those_of_a_direct_call(server, gateway, tmp_path, kind):
    model = getattr(server, kind)
    async with gateway() as chat:
        (reply,) = await ask_all(chat, model, 1)
    async with Gateway(cache=tmp_path / "cache.sqlite", run_id="r2") as direct:
        again = await direct.complete(ask(model, "0"))
    assert (again.cache_hit, again.key) == (True, reply.key)
    (item,) = next(iter(server.handed_in.values()))
    assert (item.get("body") or item["params"]) == reply.sent
    assert len(item["custom_id"]) <= 64
    assert item["custom_id"].replace("-", "").isalnum()


async def test_each_model_has_a_batch_of_its_own_at_openai_and_not_at_anthropic(server, gateway):
    async with gateway() as chat:
        models = [server.model, server.model.replace("tiny", "large")]
        models += [server.claude, server.claude.replace("opus", "sonnet")]
        await asyncio.gather(*(chat.complete(ask(model)) for model in models))
    assert sorted(server.sizes) == [1, 1, 2]


async def test_a_batch_is_closed_at_the_providers_limits(server, gateway, monkeypatch):
    monkeypatch.setattr("tutorkit.models.providers.openai_batch.OpenAIBatches.most_requests", 8)
    async with gateway() as chat:
        await ask_all(chat, server.model, 20)
    assert sorted(server.sizes) == [4, 8, 8]
    monkeypatch.setattr("tutorkit.models.providers.openai_batch.OpenAIBatches.most_bytes", 1000)
    async with gateway(run_id="r2") as chat:
        await ask_all(chat, server.model, 10, seed=1)
    assert max(len(content) for content in server.files.values() if b'"seed": 1' in content) <= 1000
    assert sum(server.sizes) == 30


async def test_what_comes_later_makes_the_next_batch(server, gateway):
    async with gateway() as chat:
        await ask_all(chat, server.model, 2)
        await ask_all(chat, server.model, 4)
    assert server.sizes == [2, 2]


@BOTH
async def test_each_request_fails_by_itself(server, gateway, kind):
    bad = 400 if kind == "model" else {"type": "invalid_request_error", "message": "odd option"}
    fates = {"1": bad, "2": "cancelled", "3": "twice"}
    server.outcome = lambda body: fates.get(text_of(body), "ok")
    async with gateway(prices=PRICES) as chat:
        replies = await ask_all(chat, getattr(server, kind), 5)
        spent = chat.cache.spent("r1")
    assert [type(reply).__name__ for reply in replies] == [
        "GatewayReply", "RequestRejected", "ProviderFailed", "GatewayReply", "GatewayReply",
    ]  # fmt: skip
    assert "odd option" in str(replies[1])
    assert "cancelled" in str(replies[2])
    assert server.sizes == [5]
    assert (spent.calls, spent.unpriced) == (5, 0)
    assert spent.usd == pytest.approx(3 * 15e-6)


@BOTH
@pytest.mark.parametrize("fate", ["expired", "missing", "broken"])
async def test_what_may_succeed_next_time_joins_the_next_batch(server, gateway, kind, fate):
    fates = iter([fate])
    server.outcome = lambda body: next(fates, "ok") if text_of(body) == "1" else "ok"
    async with gateway() as chat:
        replies = await ask_all(chat, getattr(server, kind), 3)
    assert [reply.text for reply in replies] == ["Hello."] * 3
    assert server.sizes == [3, 1]
    assert [len(reply.failed_tries) for reply in replies] == [0, 1, 0]


async def test_a_batch_that_is_refused_gives_everyone_the_providers_words(server, gateway):
    server.refuse = {"code": "invalid_json_line", "message": "This is no JSON", "line": 3}
    async with gateway() as chat:
        replies = await ask_all(chat, server.model, 3)
        assert chat.cache.spent("r1").calls == 0
    assert {type(reply) for reply in replies} == {RequestRejected}
    assert "line 3: This is no JSON" in str(replies[0])
    assert server.sizes == [3]


async def test_a_full_queue_is_a_rate_limit_and_tried_again(server, gateway):
    server.refuse = {"code": "token_limit_exceeded", "message": "Enqueued token limit reached", "line": None}
    async with gateway() as chat:
        replies = await ask_all(chat, server.model, 2)
    assert {type(reply) for reply in replies} == {RateLimited}
    assert "tokens waiting in batches" in replies[0].remedy
    assert server.sizes == [2, 2, 2]


async def test_a_server_without_batches_is_said_with_what_to_do(server, gateway):
    server.statuses = {"GET /v1/batches": [404] * 9}
    async with gateway() as chat:
        replies = await ask_all(chat, server.model, 2)
    assert {type(reply) for reply in replies} == {RequestRejected}
    assert "has no batch API" in replies[0].message
    assert "Leave out --batch" in replies[0].remedy
    assert server.sizes == []


async def test_a_broken_line_does_not_end_the_waiting(server, gateway):
    server.statuses = {"GET /v1/batches/batch_0": [500, 200, 502], "GET /v1/files": [503]}
    async with gateway() as chat:
        (reply,) = await ask_all(chat, server.model, 1)
        assert chat.cache.spent("r1").calls == 1
    assert reply.text == "Hello."
    assert server.sizes == [1]


async def test_a_server_that_stays_away_ends_the_waiting_and_the_batch_is_found_again(server, gateway):
    server.statuses = {"GET /v1/batches/batch_0": [503] * 9}
    async with gateway() as chat:
        replies = await ask_all(chat, server.model, 2)
        assert {type(reply) for reply in replies} == {ProviderFailed}
        assert chat.cache.spent("r1").calls == 0
        assert [reply.text for reply in await ask_all(chat, server.model, 2)] == ["Hello."] * 2
    assert server.sizes == [2]


@pytest.mark.parametrize(("kind", "path"), [("model", "/v1/batches"), ("claude", "/v1/messages/batches")])
async def test_a_submission_whose_answer_is_lost_is_looked_for_and_not_made_again(server, gateway, kind, path):
    server.statuses = {f"POST {path}": [0]}
    async with gateway() as chat:
        replies = await ask_all(chat, getattr(server, kind), 3)
        assert chat.cache.spent("r1").calls == 3
    assert [reply.text for reply in replies] == ["Hello."] * 3
    assert server.sizes == [3]


async def test_a_submission_that_failed_is_made_again(server, gateway):
    server.statuses = {"POST /v1/files": [500], "POST /v1/batches": [429]}
    async with gateway() as chat:
        replies = await ask_all(chat, server.model, 3)
    assert [reply.text for reply in replies] == ["Hello."] * 3
    assert server.sizes == [3]


async def test_another_batch_of_the_same_size_is_not_taken_for_ours(server, gateway):
    class Meanwhile(list):
        def pop(self, *_index) -> int:
            """Somebody else's batch comes while our own submission fails, and takes a while."""
            params = {"model": "claude-opus-4-5", "messages": [{"content": "Theirs"}]}
            server.handed_in["msgbatch_theirs"] = [{"custom_id": f"theirs-{n}", "params": params} for n in range(2)]
            server.batches["msgbatch_theirs"] = {"left": 4}
            return super().pop()

    server.statuses = {"POST /v1/messages/batches": Meanwhile([500])}
    async with gateway() as chat:
        replies = await ask_all(chat, server.claude, 2)
    assert [(reply.text, reply.failed_tries) for reply in replies] == [("Hello.", ())] * 2
    assert server.sizes == [2, 2]
    assert server.count("GET /v1/messages/batches/msgbatch_theirs/results") == 1


async def test_a_batch_that_is_gone_is_sent_anew(server, gateway):
    stop = []
    server.looks = 10**6
    async with gateway(stopped=lambda: bool(stop)) as chat:
        waiting = asyncio.create_task(ask_all(chat, server.model, 2))
        while server.count("GET /v1/batches/batch_0") < 2:
            await asyncio.sleep(0.001)
        stop.append(True)
        await waiting
    server.batches["batch_moved"] = server.batches.pop("batch_0")
    server.handed_in["batch_moved"] = server.handed_in.pop("batch_0")
    server.looks = 1
    async with gateway() as chat:
        replies = await ask_all(chat, server.model, 2)
    assert [reply.text for reply in replies] == ["Hello."] * 2
    assert server.sizes == [2, 2]


@BOTH
async def test_a_wish_to_stop_ends_the_waiting_at_once_and_the_batch_is_found_again(server, gateway, kind):
    stop = []
    server.looks = 10**6
    slow = replace(PACE, first_look=600.0, longest_look=600.0)
    async with gateway(stopped=lambda: bool(stop), pace=slow, budget=(budget := RunBudget())) as chat:
        waiting = asyncio.create_task(ask_all(chat, getattr(server, kind), 3))
        while not server.batches or not server.seen[-1].endswith("batch_0"):
            await asyncio.sleep(0.001)
        stop.append(True)
        errors = await asyncio.wait_for(waiting, 5)
        assert budget.spent.calls == chat.cache.spent("r1").calls == 0
        with pytest.raises(RunInterrupted):
            await chat.complete(ask(getattr(server, kind), "later"))
    assert {type(error) for error in errors} == {RunInterrupted}
    assert "batch_0 (3 requests)" in str(errors[0])
    for batch in server.batches.values():
        batch["left"] = 0
    async with gateway() as chat:
        replies = await ask_all(chat, getattr(server, kind), 3)
        assert chat.cache.spent("r1").calls == 3
    assert [(reply.text, reply.cache_hit) for reply in replies] == [("Hello.", False)] * 3
    assert server.sizes == [3]


async def test_two_runs_keep_their_batches_apart(server, gateway):
    server.answer = lambda _body: str(len(server.batches))
    async with gateway(mode="live") as one, gateway(mode="live", run_id="r2") as two:
        replies = await asyncio.gather(ask_all(one, server.model, 2), ask_all(two, server.model, 3))
    assert sorted(server.sizes) == [2, 3]
    assert [len(each) for each in replies] == [2, 3]


async def test_samples_of_one_request_are_asked_apart(server, gateway):
    async with gateway() as chat:
        request = ask(server.model)
        await asyncio.gather(*(chat.complete(replace(request, sample=sample)) for sample in (0, 1, 2, 1)))
    assert server.sizes == [3]


async def test_a_reply_that_does_not_fit_is_asked_again_in_the_next_batch(server, gateway):
    class Sum(BaseModel):
        value: int

    server.answer = lambda body: '{"value": 7}' if "not an integer" in str(body) or "~~~" in str(body) else "seven"
    context = CallContext(role="teacher", purpose="p", prompt_id="m/p", prompt_digest="0")
    async with gateway() as chat:
        asked = [AccountedGateway(chat).structured(ask(server.model, str(n)), Sum, context) for n in range(3)]
        replies = await asyncio.gather(*asked)
    assert [reply.value.value for reply in replies] == [7, 7, 7]
    assert [len(reply.calls) for reply in replies] == [2, 2, 2]
    assert server.sizes == [3, 3]


async def test_who_listens_hears_the_whole_reply(server, gateway):
    heard: list[str] = []
    async with gateway() as chat:
        await chat.complete(ask(server.model), hear=heard.append)
    assert "".join(heard) == "Hello."


async def test_who_has_no_batch_api_is_called_directly(gateway):
    scripted = ScriptedProvider(lambda _body: "Hello.")
    async with gateway(adapters={"scripted": scripted}) as chat:
        replies = await ask_all(chat, "scripted/x", 3)
    assert [reply.text for reply in replies] == ["Hello."] * 3


def test_only_the_providers_own_address_is_billed_at_half_the_price(gateway):
    from tutorkit.models.names import ModelRef
    from tutorkit.models.providers import open_provider

    desk = BatchDesk(None, batches_of=lambda provider: provider.batches(), journal=None, run_id="r")
    for name in ("openai", "anthropic"):
        for url, half in ((None, True), ("http://127.0.0.1:1/v1", False)):
            ref = ModelRef(provider=name, name="x", base_url=url)
            provider = open_provider(ref, ProviderSettings(), timeout=1, connections=1)
            assert (desk.gathers(provider), desk.discounts(provider)) == (True, half)


@pytest.mark.parametrize("limit", ["max_tokens", "max_usd"])
async def test_a_batch_does_not_pass_a_limit_and_uses_it_up(server, gateway, limit):
    # A call takes 15 tokens, and for its 84 bytes and its 10 tokens of room 31 are reserved: of 300, nine fit at first.
    allowed = {"max_tokens": 300} if limit == "max_tokens" else {"max_usd": 300e-6}
    budget = RunBudget(**allowed, price_of=PRICES.of)
    async with gateway(budget=budget, prices=PRICES) as chat:
        replies = await ask_all(chat, server.model, 40)
    done = [reply for reply in replies if not isinstance(reply, BudgetExhausted)]
    assert len(done) == sum(server.sizes)
    assert server.sizes == [9, 5, 2, 1, 1]
    assert budget.spent.tokens == 15 * 18
    async with gateway(budget=RunBudget(max_tokens=10_000, spent=budget.spent), prices=PRICES) as chat:
        assert len([r for r in await ask_all(chat, server.model, 40) if not isinstance(r, Exception)]) == 40
    assert max(server.asked.values()) == 1


async def test_max_calls_holds_for_a_batch(server, gateway):
    async with gateway(budget=RunBudget(max_calls=7)) as chat:
        replies = await ask_all(chat, server.model, 20)
    assert server.sizes == [7]
    assert sum(isinstance(reply, BudgetExhausted) for reply in replies) == 13


async def test_the_accounts_key_stays_with_the_sdk(server, gateway, tmp_path, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-account")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-account")
    monkeypatch.setenv("OPENAI_ORG_ID", "org-account")
    server.refuse = {"code": "x", "message": "no", "line": None}
    settings = {"openai": ProviderSettings(base_url=f"{server.url}/v1", api_key="sk-local")}
    async with gateway(settings=settings) as chat:
        errors = [*await ask_all(chat, "openai/tiny", 1), *await ask_all(chat, server.claude, 1)]
    assert "Bearer sk-local" in {headers.get("authorization") for headers in server.headers}
    assert "account" not in json.dumps(server.headers)
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.is_file())
    assert b"sk-local" not in kept
    assert "sk-local" not in str(errors)


async def test_no_server_is_an_unreachable_one_and_no_try(gateway):
    async with gateway() as chat:
        replies = await ask_all(chat, "openai/tiny@http://127.0.0.1:9/v1", 2)
        assert chat.cache.spent("r1").calls == 0
    assert {type(reply) for reply in replies} == {Unreachable}


async def test_a_folder_takes_the_requests_and_gives_the_results(gateway, tmp_path):
    folder, model = tmp_path / "my batches", "openai/tiny@http://127.0.0.1:9/v1"
    async with gateway(folder=folder) as chat:
        pending = await ask_all(chat, model, 4)
        assert chat.cache.spent("r1").calls == 0
    (written,) = folder.glob("*.jsonl")
    assert {type(error) for error in pending} == {ReplyPending}
    assert f"vllm run-batch -i '{written}' -o '{written.with_suffix('')}.out.jsonl' --model tiny" in pending[0].remedy
    lines = [json.loads(line) for line in written.read_bytes().splitlines()]
    assert [line["url"] for line in lines] == ["/v1/chat/completions"] * 4

    def result(line: dict, number: int) -> dict:
        if number == 1:  # as vLLM writes a failure
            error = {"object": "error", "message": "too long", "type": "BadRequestError", "code": 400}
            return {"custom_id": line["custom_id"], "response": {"status_code": 400, "body": None}, "error": error}
        message = {"content": f"Reply {text_of(line['body'])}"}
        body = {"model": "tiny", "choices": [{"finish_reason": "stop", "message": message}]}
        return {"custom_id": line["custom_id"], "response": {"status_code": 200, "body": body}, "error": None}

    results = [json.dumps(result(line, number)) for number, line in enumerate(lines)]
    (folder / f"{written.stem}.out.jsonl").write_text("\n".join(results[:3]))
    async with gateway(folder=folder) as chat:
        replies = await ask_all(chat, model, 4)
    assert [type(reply).__name__ for reply in replies] == [
        "GatewayReply", "RequestRejected", "GatewayReply", "ReplyPending",
    ]  # fmt: skip
    assert (replies[0].text, replies[2].text) == ("Reply 0", "Reply 2")
    assert "too long" in replies[1].message
    assert "(1 requests to tiny)" in replies[3].message
    assert len([path for path in folder.glob("*.jsonl") if not path.name.endswith(".out.jsonl")]) == 2

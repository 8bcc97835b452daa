"""What a run heard, also where the cache has forgotten it; and cassettes that say what they are of."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from test_reply_cache import entry

from tutorkit.errors import BadRow, BadSetting, Refused, ReplayMiss
from tutorkit.models import (
    AccountedGateway,
    Cassette,
    FailedTry,
    Gateway,
    Paid,
    ReplyCache,
    RetryPolicy,
    ScriptedProvider,
    ScriptedReply,
    Take,
    heard_in,
    keep_takes,
    parse_model,
    read_cassette,
    write_cassette,
)
from tutorkit.models.providers import Parsed, ProviderSettings, open_provider
from tutorkit.models.providers.rebuilt import rebuilt_payload
from tutorkit.ports import CallContext, ChatRequest
from tutorkit.types import Message

CONTEXT = CallContext(role="student", purpose="answer", prompt_id="student/answer", prompt_digest="d", about=("p1",))


class Server(ScriptedProvider):
    """Scripted, under the name and address of a server that there is not."""

    name = "openai"
    base_url = "http://127.0.0.1:9/v1"


def ask(text: str) -> ChatRequest:
    return ChatRequest(model=f"openai/tiny@{Server.base_url}", messages=(Message(role="user", content=text),))


@pytest.mark.parametrize("model", ["openai/tiny", "anthropic/claude-x", "local/smollm2-135m-instruct", "groq/llama"])
@pytest.mark.parametrize("finish", ["stop", "length", "content_filter"])
@pytest.mark.parametrize("tokens", [3, None])
def test_a_rebuilt_reply_is_read_as_what_was_read_before(model, finish, tokens):
    provider = open_provider(parse_model(model), ProviderSettings(), timeout=1.0, connections=1)
    said = Parsed(text="«7»\n", model_served="m-1", finish_reason=finish, tokens_in=tokens, tokens_out=tokens)
    read = provider.read(rebuilt_payload(provider.name, said))
    refused = finish == "content_filter" and model.startswith("anthropic/")
    assert read == (replace(said, finish_reason="refusal") if refused else said)


async def calls_of(path, script, *texts, run_id="r1", mode="cache"):
    made = []
    provider = Server(script)
    retry = RetryPolicy(tries=2, base=0.0)
    async with Gateway(cache=path, mode=mode, run_id=run_id, adapters={"openai": provider}, retry=retry) as gateway:
        for text in texts:
            try:
                made += (await AccountedGateway(gateway).text(ask(text), CONTEXT))[1]
            except Refused as error:
                made += error.calls
    return [call.model_copy(update={"run_id": run_id, "node": "practise#0"}) for call in made]


async def test_the_raw_reply_comes_from_the_cache_while_it_is_the_one_that_was_heard(tmp_path):
    path = tmp_path / "cache.sqlite"
    calls = await calls_of(path, ["seven", ScriptedReply(text="cut", finish_reason="length")], "3 + 4?", "long?")
    with ReplyCache(path) as cache:
        found = heard_in(calls, cache=cache)
        assert found.rebuilt == set()
        assert [found.replies[call.key] for call in calls] == [cache.get(call.key) for call in calls]


async def test_a_reply_that_another_run_replaced_is_told_as_it_was_heard(tmp_path):
    path = tmp_path / "cache.sqlite"
    cut = ScriptedReply(text="cut", finish_reason="length")
    calls = await calls_of(path, ["seven", cut], "3 + 4?", "long?")
    await calls_of(path, ["eight"], "3 + 4?", run_id="r2", mode="refresh")
    await calls_of(path, ["whole"], "long?", run_id="r2")
    with ReplyCache(path) as cache, ReplyCache(tmp_path / "mine.sqlite") as mine:
        found = heard_in(calls, cache=cache)
        assert found.rebuilt == {call.key for call in calls}
        keep_takes(mine, [Take(what) for what in found.replies.values()])
    again = await calls_of(tmp_path / "mine.sqlite", [], "3 + 4?", "long?", run_id="r1", mode="replay")
    assert [(call.reply, call.outcome) for call in again] == [("seven", "ok"), ("cut", "truncated")]
    assert [call.model_copy(update={"cost_usd": None, "seconds": None}) for call in again] == [
        call.model_copy(update={"cost_usd": None, "seconds": None}) for call in calls
    ]


async def test_without_any_cache_the_records_alone_will_do(tmp_path):
    calls = await calls_of(tmp_path / "cache.sqlite", ["seven"], "3 + 4?", mode="live")
    found = heard_in(calls, cache=None)
    (kept,) = found.replies.values()
    assert found.rebuilt == {calls[0].key}
    assert (kept.body, kept.model, kept.paid_by) == (calls[0].sent, calls[0].model, "r1")


async def test_what_was_declined_without_a_reply_is_declined_again_with_the_same_record(tmp_path):
    filtered = Refused("The filter says no.", data={"reached": True, "billed": False})
    calls = await calls_of(tmp_path / "cache.sqlite", [filtered, "seven"], "rude?", "3 + 4?")
    found = heard_in(calls, cache=None)
    (declined,) = found.declined.values()
    assert (declined.error, declined.number, declined.outcome) == ("The filter says no.", 0, "refused")
    path = tmp_path / "calls.jsonl"
    takes = tuple(Take(what) for what in (*found.replies.values(), *found.declined.values()))
    write_cassette(path, Cassette(takes=takes))
    with ReplyCache(tmp_path / "mine.sqlite") as mine:
        assert keep_takes(mine, read_cassette(path).takes) == 2
        assert keep_takes(mine, read_cassette(path).takes) == 0
    again = await calls_of(tmp_path / "mine.sqlite", [], "rude?", "3 + 4?", mode="replay")
    assert [(call.id, call.outcome, call.error) for call in again] == [
        (call.id, call.outcome, call.error) for call in calls
    ]


async def test_a_cassette_without_requests_replays_and_a_miss_says_why_it_can_say_no_more(tmp_path):
    calls = await calls_of(tmp_path / "cache.sqlite", ["seven"], "3 + 4?")
    path = tmp_path / "calls.jsonl"
    takes = tuple(Take(what) for what in heard_in(calls, cache=None).replies.values())
    write_cassette(path, Cassette(takes=takes), requests=False)
    assert "3 + 4?" not in path.read_text()
    with ReplyCache(tmp_path / "mine.sqlite") as mine:
        keep_takes(mine, read_cassette(path).takes)
    (again,) = await calls_of(tmp_path / "mine.sqlite", [], "3 + 4?", mode="replay")
    assert again.reply == "seven"
    with pytest.raises(ReplayMiss, match="cannot be said: they were recorded without their text"):
        await calls_of(tmp_path / "mine.sqlite", [], "3 + 5?", mode="replay")


def test_a_cassette_says_what_it_is_of_and_whose_each_reply_is(tmp_path):
    path = tmp_path / "calls.jsonl.gz"
    label = {"plan": {"sizes": {"val": 1, "test": 2}}}
    takes = (
        Take(entry(payload="first"), heard_by=("r1", "r3")),
        Take(entry(payload="second"), heard_by=("r2",)),
        Take(FailedTry(key="v1:z", number=1, outcome="refused", error="no", tokens_in=0, tokens_out=0, cost_usd=0.0)),
    )
    write_cassette(path, Cassette(takes=takes, label=label))
    again = read_cassette(path)
    assert again == Cassette(takes=takes, label=label)
    assert list(again.label["plan"]["sizes"]) == ["val", "test"]  # a plan's splits are drawn in this order
    with ReplyCache(tmp_path / "cache.sqlite") as cache:
        assert keep_takes(cache, again.takes) == 2
        assert cache.get(entry().key).payload == "first"


def test_half_a_character_travels(tmp_path):
    path = tmp_path / "calls.jsonl"
    write_cassette(path, Cassette(takes=(Take(entry(payload="\ud83d")),)))
    assert read_cassette(path).takes[0].what.payload == "\ud83d"


def test_an_address_with_a_password_is_not_written(tmp_path):
    path = tmp_path / "calls.jsonl"
    with pytest.raises(BadSetting, match="user name or password") as raised:
        write_cassette(path, Cassette(takes=(Take(entry(base_url="https://ada:secret@host/v1")),)))
    assert "secret" not in str(raised.value) and not path.exists()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('{"cassette": 2, "label": {}}', "cassette: Input should be 1"),
        ('{"cassette": 1, "label": 3}', "label: Input should be a valid dictionary"),
        ('{"key": "v1:k", "outcome": "error"}', "number: Field required"),
        ('{"key": "v1:k"}', "provider: Field required"),
        ("3", "not iterable"),
    ],
)
def test_a_line_that_does_not_fit_says_which_field(tmp_path, line, words):
    path = tmp_path / "calls.jsonl"
    path.write_text(line + "\n")
    with pytest.raises(BadRow, match=f"Line 1 of the cassette .*{words}"):
        read_cassette(path)


def test_a_line_holds_these_fields_and_no_others(tmp_path):
    path = tmp_path / "calls.jsonl"
    with ReplyCache(tmp_path / "cache.sqlite") as cache:
        cache.put(Paid(entry(), number=0, outcome="ok"))
        write_cassette(path, Cassette(takes=(Take(cache.get(entry().key)),)))
    assert sorted(json.loads(path.read_text())) == [
        "base_url", "body", "cost_usd", "finish", "key", "model", "model_served", "paid_by", "payload", "provider",
        "sample", "tokens_in", "tokens_out",
    ]  # fmt: skip

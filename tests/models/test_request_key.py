"""What moves a cache key, and what does not; and the keys that must stay as they are."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from tutorkit.canonical import canonical_json
from tutorkit.errors import BadSetting, NotCanonical, ReplayMiss
from tutorkit.models import ask_structured
from tutorkit.models.names import parse_model
from tutorkit.models.providers import ProviderSettings, open_provider
from tutorkit.models.request import TRANSPORT_FIELDS, cache_key, refuse_foreign_options
from tutorkit.ports import CallContext, ChatReply, ChatRequest
from tutorkit.types import Message

HERE = Path(__file__).resolve().parent
GOLDEN = json.loads((HERE / "golden_keys.json").read_text(encoding="utf-8"))

BODY = {
    "model": "gpt-4o",
    "messages": [{"role": "system", "content": "Teach."}, {"role": "user", "content": "7 - 3 ="}],
    "temperature": 0.5,
    "max_tokens": 20,
    "seed": 1,
    "stop": ["\n"],
    "min_p": 0.1,
    "tools": [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}],
    "response_format": {"type": "json_schema", "json_schema": {"name": "r", "schema": {"type": "object"}}},
}
URL = "https://api.openai.com/v1"
steady = settings(deadline=None, derandomize=True)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


def key(body=BODY, *, provider="openai", base_url=URL, sample=0) -> str:
    return cache_key(provider=provider, base_url=base_url, body=body, sample=sample)


def test_golden_keys():
    """A key that changes makes every recorded call worthless: bump the version when it must."""
    assert key() == "v1:6840e11a623ed5065e13bbada20cc93d20540c1d1226bc32bdb18639b98269bb"
    assert key(sample=3) == "v1:81220959c075272e2e6280287cd831f649a4424202e8a92334f796031d0c5421"
    assert (
        key({"model": "tiny", "messages": []}, base_url="http://127.0.0.1:8080/v1")
        == "v1:5ef2c60f095082c6699692a7434a81930c75daaca0a7f52d8ba501d04f6d9a49"
    )
    assert (
        key({"model": "c", "messages": []}, provider="anthropic", base_url="https://api.anthropic.com")
        == "v1:8355707f638a35cf57acdf1c25254e4b5a8e110cb471b4cf3f8d71f38236f9a0"
    )


@steady
@given(st.sampled_from(sorted(BODY)), JSON)
def test_every_field_of_the_body_moves_the_key(name, value):
    changed = {**BODY, name: value}
    assert (key(changed) == key()) == (type(value) is type(BODY[name]) and value == BODY[name])


@steady
@given(st.text(min_size=1).filter(lambda name: name not in TRANSPORT_FIELDS and name not in BODY), JSON)
def test_an_unknown_option_moves_the_key(name, value):
    assert key({**BODY, name: value}) != key()


@steady
@given(st.dictionaries(st.sampled_from(sorted(TRANSPORT_FIELDS)), JSON))
def test_no_transport_field_moves_the_key(fields):
    assert key({**BODY, **fields}) == key()


def test_the_order_of_names_is_nothing_and_the_order_of_messages_is_something():
    assert key(dict(reversed(BODY.items()))) == key()
    assert key({**BODY, "messages": BODY["messages"][::-1]}) != key()


def test_whole_and_broken_numbers_differ():
    assert key({**BODY, "temperature": 1}) != key({**BODY, "temperature": 1.0})


@pytest.mark.parametrize(
    "other",
    [
        "http://127.0.0.1:8080/v1",
        "https://api.openai.com/v2",
        "https://api.openai.com:8443/v1",
        "https://eu.openai.com/v1",
    ],
)
def test_two_servers_of_one_model_name_never_share_a_key(other):
    assert key(base_url=other) != key()


@pytest.mark.parametrize(
    "same", ["https://me:secret@api.openai.com/v1/", "http://API.openai.com:80/v1", "https://api.openai.com:443/v1"]
)
def test_credentials_scheme_and_a_default_port_are_not_the_address(same):
    assert key(base_url=same) == key()


def test_provider_and_sample_move_the_key():
    assert len({key(), key(provider="azure"), key(sample=1), key(sample=2)}) == 4


@pytest.mark.parametrize("value", [float("nan"), object(), {1: "a"}, {"a", "b"}])
def test_what_cannot_be_hashed_is_an_error(value):
    with pytest.raises(NotCanonical):
        key({**BODY, "odd": value})


def test_an_address_that_is_none_is_refused():
    for odd in ("api.openai.com", "ftp://x/y", "http://", "http://host:port/"):
        with pytest.raises(BadSetting, match="base URL"):
            key(base_url=odd)


def test_keys_and_addresses_are_no_options():
    refuse_foreign_options({"temperature": 0, "min_p": 0.1, "user": "u"})
    with pytest.raises(BadSetting, match="'api_key' is not a sampling option"):
        refuse_foreign_options({"temperature": 0, "api_key": "sk-1"})


# From here on: whole requests, through the providers that make their bodies.


@dataclass(frozen=True)
class Planned:
    """A request as its provider would send it."""

    body: dict
    key: str


def planned(request: ChatRequest, *, reached: ProviderSettings | None = None) -> Planned:
    """Make a request's body and key; neither a key of the account's nor a network is needed for that."""
    way = open_provider(parse_model(request.model), reached or ProviderSettings(), timeout=1.0, connections=1)
    body = way.body(request)
    return Planned(body, cache_key(provider=way.name, base_url=way.base_url, body=body, sample=request.sample))


def request_from(golden: dict) -> ChatRequest:
    return ChatRequest(**{**golden, "messages": tuple(Message(**message) for message in golden["messages"])})


def recomputed() -> list[tuple[str, str, str]]:
    """Make every golden request anew: its name, its body in canonical JSON, its key."""
    made = [(each["name"], planned(request_from(each["request"]))) for each in GOLDEN["requests"]]
    return [(name, canonical_json(each.body), each.key) for name, each in made]


def expected() -> list[tuple[str, str, str]]:
    return [(each["name"], canonical_json(each["body"]), each["key"]) for each in GOLDEN["requests"]]


def test_golden_requests_have_the_bodies_and_keys_that_they_always_had():
    """Other keys would make every recorded call worthless, committed cassettes among them."""
    assert recomputed() == expected()


@pytest.mark.slow
@pytest.mark.parametrize("seed", ["1", "4711"])
def test_another_process_with_another_hash_seed_makes_the_same_keys(seed):
    script = "import json, test_request_key as t; print(json.dumps(t.recomputed()))"
    path = os.pathsep.join([str(HERE.parents[1]), str(HERE.parent), str(HERE)])
    shown = subprocess.run(
        [sys.executable, "-c", script],
        env={"PYTHONHASHSEED": seed, "PYTHONPATH": path},
        capture_output=True,
        check=True,
        text=True,
    )
    assert [tuple(each) for each in json.loads(shown.stdout)] == expected()


@pytest.mark.parametrize("golden", GOLDEN["requests"], ids=lambda golden: golden["name"])
async def test_the_gateway_goes_by_the_same_keys(gateway, golden):
    async with gateway(mode="replay") as replaying:
        with pytest.raises(ReplayMiss) as miss:
            await replaying.complete(request_from(golden["request"]))
    assert miss.value.data["key"] == golden["key"]


def test_golden_keys_differ_except_where_only_transport_does():
    by_name = {each["name"]: each["key"] for each in GOLDEN["requests"]}
    assert by_name.pop("sent and not in the key") == by_name["openai"]
    assert len(set(by_name.values())) == len(by_name) == 19


class Verdict(BaseModel):
    reason: str = Field(max_length=200)
    cause: Literal["slip", "rule"]


@dataclass
class Listening:
    """Replies from a list, and remembers what it was asked."""

    replies: list
    asked: list = field(default_factory=list)

    async def complete(self, request: ChatRequest) -> ChatReply:
        self.asked.append(request)
        return ChatReply(
            text=self.replies.pop(0),
            model_served="m",
            finish_reason="stop",
            tokens_in=1,
            tokens_out=1,
            cost_usd=0.0,
            cache_hit=False,
            key="k",
            sent={},
        )


async def asked_for_structure(model: str, replies: list[str], mode=None) -> list[ChatRequest]:
    chat = Listening([*replies])
    context = CallContext(role="teacher", purpose="judge", prompt_id="toy/judge", prompt_digest="0")
    await ask_structured(chat, replace(QUESTION, model=model), Verdict, context, mode=mode)
    return chat.asked


QUESTION = ChatRequest(
    model="openai/gpt-4o",
    messages=(
        Message(role="system", content="You teach sums."),
        Message(role="user", content="52 - 18 = 46. What went wrong?"),
    ),
    options={"temperature": 0.0, "max_tokens": 4096, "min_p": {"nested": [1, {"deep": True}]}},
)
FIT = '{"reason": "r", "cause": "slip"}'


@pytest.mark.parametrize("golden", GOLDEN["asking"], ids=lambda golden: golden["model"])
async def test_the_words_that_ask_for_structure_and_ask_again_stand_in_the_keys_too(golden):
    asked = await asked_for_structure(golden["model"], golden["replies"])
    shown = [
        {
            "messages": [message.model_dump() for message in each.messages],
            "response_schema": each.response_schema,
            "schema_name": each.schema_name,
        }
        for each in asked
    ]
    assert canonical_json(shown) == canonical_json(golden["asked"])


async def test_the_way_structure_is_asked_for_moves_the_key():
    native, fenced = [await asked_for_structure("openai/gpt-4o", [FIT], mode) for mode in ("schema", "fenced")]
    as_a_tool = await asked_for_structure("openai/gpt-4", [FIT])
    renamed = [replace(each, schema_name="Another") for each in native]
    keys = {planned(each).key for each in (*native, *fenced, *as_a_tool, *renamed)}
    assert len(keys) == 4


TEXT = st.text(max_size=20)


@steady
@given(place=st.integers(0, 1), text=TEXT, role=st.sampled_from(["system", "user", "assistant"]))
@pytest.mark.parametrize("model", ["openai/gpt-4o", "anthropic/claude-sonnet-4-5", "local/x", "gemini/g"])
def test_the_words_and_roles_of_messages_move_the_key(model, place, text, role):
    base = replace(QUESTION, model=model)
    changed = Message(role=role, content=text)
    assume(changed != base.messages[place])
    messages = tuple(changed if place == at else message for at, message in enumerate(base.messages))
    assert planned(replace(base, messages=messages)).key != planned(base).key


@pytest.mark.parametrize("model", ["openai/gpt-4o", "anthropic/claude-sonnet-4-5", "local/x", "gemini/g"])
def test_every_part_of_a_request_moves_the_key(model):
    base = replace(QUESTION, model=model, response_schema={"type": "object"}, schema_name="reply")
    turns = (*base.messages, Message(role="assistant", content="A"), Message(role="user", content="B"))
    variants = [
        base,
        replace(base, model=f"{model}-mini"),
        replace(base, messages=turns),
        replace(base, messages=(*turns[:2], *turns[:1:-1])),
        replace(base, messages=base.messages[1:]),
        replace(base, sample=1),
        replace(base, response_schema=None),
        replace(base, response_schema={"type": "object", "description": "d"}),
        *(replace(base, options={**base.options, "max_tokens": limit}) for limit in (4095, 4096.0)),
        replace(base, options={**base.options, "min_p": {"nested": [1.0, {"deep": True}]}}),
        replace(base, options={**base.options, "min_p": {"nested": [True, {"deep": True}]}}),
        replace(base, options={**base.options, "min_p": {"nested": [1, {"deep": 1}]}}),
        replace(base, options={**base.options, "min_p": {"nested": [1, {"deep": None}]}}),
        replace(base, options={**base.options, "min_p": {"nested": [1, {}]}}),
        replace(base, options={**base.options, "stop": ["a"]}),
        replace(base, options={**base.options, "stop": []}),
    ]
    assert len({planned(each).key for each in variants}) == len(variants)


def test_provider_host_port_and_path_move_the_key():
    addresses = ("http://127.0.0.1:1/v1", "http://127.0.0.1:2/v1", "http://127.0.0.2:1/v1", "http://127.0.0.1:1/v2")
    models = [f"{provider}/tiny@{url}" for provider in ("openai", "anthropic", "mistral") for url in addresses]
    assert len({planned(replace(QUESTION, model=model)).key for model in models}) == len(models)


def test_where_the_address_is_named_does_not_move_the_key():
    reached = ProviderSettings(base_url="http://127.0.0.1:1/v1", api_key="sk-1")
    named = planned(replace(QUESTION, model="openai/tiny@http://127.0.0.1:1/v1"))
    assert planned(replace(QUESTION, model="openai/tiny"), reached=reached).key == named.key


def test_an_option_that_is_not_sent_does_not_move_the_key():
    reasoning = replace(QUESTION, model="openai/o4-mini")
    hotter = replace(reasoning, options={**reasoning.options, "temperature": 1.0})
    assert planned(hotter) == planned(reasoning)
    assert planned(replace(QUESTION, options={**QUESTION.options, "temperature": 1.0})).key != planned(QUESTION).key


@steady
@given(st.sampled_from(sorted(TRANSPORT_FIELDS)), JSON)
def test_no_transport_field_of_a_request_moves_the_key(name, value):
    assert planned(replace(QUESTION, options={**QUESTION.options, name: value})).key == planned(QUESTION).key


@steady
@given(st.permutations(sorted(QUESTION.options)))
def test_the_order_in_which_options_are_given_does_not_move_the_key(names):
    shuffled = {name: QUESTION.options[name] for name in names}
    assert planned(replace(QUESTION, options=shuffled)).key == planned(QUESTION).key


@steady
@given(JSON, JSON)
def test_two_options_have_one_key_only_if_they_are_the_same_json(left, right):
    keys = [key({**BODY, "odd": {"deep": [value]}}) for value in (left, right)]
    assert (keys[0] == keys[1]) == (json.dumps(left, sort_keys=True) == json.dumps(right, sort_keys=True))

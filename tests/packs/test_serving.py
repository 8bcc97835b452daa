"""The endpoint by itself: OpenAI's own client against a student that does as it is told."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import aiohttp
import openai
import pytest

from tutorkit.errors import BadSetting, BudgetExhausted, ProviderFailed
from tutorkit.packs.protocol import Asked, NotAsked, read_request
from tutorkit.packs.serving import Address, serving
from tutorkit.ports import ChatReply

HELLO = [{"role": "user", "content": "Hello?"}]


@dataclass
class Told:
    """Says its pieces, and fails after them where it was told to."""

    pieces: tuple[str, ...] = ("Good ", "day", ".")
    failure: Exception | None = None
    name: str = "taught"
    asked: list[Asked] = field(default_factory=list)

    async def reply(self, asked, *, hear=None) -> ChatReply:
        self.asked.append(asked)
        for piece in self.pieces if hear else ():
            await asyncio.sleep(0)
            hear(piece)
        if self.failure is not None:
            raise self.failure
        return ChatReply(
            text="".join(self.pieces),
            model_served="m",
            finish_reason="length" if len(self.pieces) == 1 else "stop",
            tokens_in=3,
            tokens_out=4,
            cost_usd=None,
            cache_hit=False,
            key="k",
            sent={},
        )


def client(url: str, *, key: str = "anything") -> openai.AsyncOpenAI:
    return openai.AsyncOpenAI(base_url=url, api_key=key, max_retries=0)


async def test_openais_client_gets_a_reply():
    student = Told()
    async with serving(student, Address(port=0)) as url, client(url) as ai:
        said = await ai.chat.completions.create(model="gpt-4o", messages=HELLO, temperature=0.5, user="u")
        models = [model.id async for model in ai.models.list()]
    assert said.choices[0].message.content == "Good day." and said.choices[0].finish_reason == "stop"
    assert (said.model, said.usage.total_tokens, models) == ("taught", 7, ["taught"])
    assert student.asked[0].options == {"temperature": 0.5}


async def test_a_stream_comes_in_its_pieces_with_the_usage_where_it_is_asked_for():
    async with serving(Told(), Address(port=0)) as url, client(url) as ai:
        options = {"include_usage": True}
        stream = await ai.chat.completions.create(model="x", messages=HELLO, stream=True, stream_options=options)
        chunks = [chunk async for chunk in stream]
        plain = [c async for c in await ai.chat.completions.create(model="x", messages=HELLO, stream=True)]
    pieces = [chunk.choices[0].delta.content for chunk in chunks if chunk.choices]
    assert pieces == ["", "Good ", "day", ".", None]
    assert chunks[-2].choices[0].finish_reason == "stop" and chunks[-1].usage.completion_tokens == 4
    assert len({chunk.id for chunk in chunks}) == 1 and all(chunk.usage is None for chunk in plain)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("failure", "kind", "code"),
    [
        (BudgetExhausted("No more."), openai.RateLimitError, "insufficient_quota"),
        (ProviderFailed("Down.", data={}), openai.InternalServerError, "model_failed"),
        (NotAsked("Not so.", param="messages"), openai.BadRequestError, None),
    ],
)
async def test_an_error_before_the_first_piece_is_an_error(stream, failure, kind, code):
    async with serving(Told(pieces=(), failure=failure), Address(port=0)) as url, client(url) as ai:
        with pytest.raises(kind) as raised:
            await ai.chat.completions.create(model="x", messages=HELLO, stream=stream)
    assert raised.value.code == code


async def test_an_error_after_it_ends_the_stream_as_an_error():
    async with serving(Told(failure=ProviderFailed("Gone.", data={})), Address(port=0)) as url, client(url) as ai:
        stream = await ai.chat.completions.create(model="x", messages=HELLO, stream=True)
        with pytest.raises(openai.APIError, match="Gone"):
            [chunk async for chunk in stream]


async def test_with_a_key_nobody_asks_without_it():
    async with serving(Told(), Address(port=0, key="secret")) as url:
        async with client(url, key="secret") as ai:
            assert (await ai.chat.completions.create(model="x", messages=HELLO)).choices
        async with client(url, key="wrong") as ai:
            with pytest.raises(openai.AuthenticationError):
                await ai.chat.completions.create(model="x", messages=HELLO)


@pytest.mark.parametrize("headers", [{"Host": "evil.example"}, {"Origin": "https://evil.example"}])
async def test_without_a_key_a_web_page_cannot_ask(headers):
    student = Told()
    async with serving(student, Address(port=0)) as url, aiohttp.ClientSession() as session:
        body = {"model": "x", "messages": HELLO}
        async with session.post(f"{url}/chat/completions", json=body, headers=headers) as response:
            assert response.status == 403 and (await response.json())["error"]["message"]
    assert student.asked == []


async def test_what_is_no_request_is_refused_in_the_protocols_form():
    async with serving(Told(), Address(port=0)) as url, aiohttp.ClientSession() as session:
        async with session.post(f"{url}/chat/completions", data=b"{") as response:
            assert response.status == 400 and "no JSON" in (await response.json())["error"]["message"]
        async with session.post(f"{url}/embeddings", json={}) as response:
            assert response.status == 404 and "error" in await response.json()


@pytest.mark.parametrize(
    ("changed", "param"),
    [
        ({"messages": []}, "messages"),
        ({"messages": [{"role": "tool", "content": "x"}]}, "messages.0.role"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, "messages.0.content"),
        ({"n": 2}, "n"),
        ({"tools": [{}]}, "tools"),
        ({"logprobs": True}, "logprobs"),
        ({"response_format": {"type": "json_object"}}, "response_format"),
        ({"model": None}, "model"),
    ],
)
def test_what_a_taught_student_does_not_do_is_said_and_never_left_out(changed, param):
    with pytest.raises(NotAsked) as raised:
        read_request({"model": "x", "messages": HELLO, **changed})
    assert raised.value.param == param


def test_text_parts_are_text_and_nulls_are_nothing():
    parts = [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]
    asked = read_request({"model": "x", "messages": [{"role": "user", "content": parts}], "tools": None, "n": 1})
    assert asked.messages[0].content == "ab" and asked.options == {}


async def test_beyond_this_machine_a_key_is_required():
    with pytest.raises(BadSetting, match=r"0\.0\.0\.0"):
        async with serving(Told(), Address(host="0.0.0.0", port=0)):
            pass


async def test_a_taken_port_is_said():
    async with serving(Told(), Address(port=0)) as url:
        port = int(url.split(":")[2].removesuffix("/v1"))
        with pytest.raises(BadSetting, match=str(port)):
            async with serving(Told(), Address(port=port)):
                pass

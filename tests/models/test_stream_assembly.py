"""Events out of bytes that are cut anywhere, and replies out of events: the same as the providers' own SDKs make."""

from __future__ import annotations

import json
from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stream_replies import (
    DONE,
    arguments,
    block,
    chat_events,
    chunk,
    message_end,
    message_events,
    stream,
    text,
    thought,
    tool_events,
)

from tutorkit.errors import ProviderFailed, RateLimited, Refused
from tutorkit.models.providers.anthropic import AnthropicProvider
from tutorkit.models.providers.anthropic_stream import MessageAssembly
from tutorkit.models.providers.base import Parsed, ProviderSettings
from tutorkit.models.providers.chat_stream import ChatAssembly
from tutorkit.models.providers.chat_wire import read_chat
from tutorkit.models.providers.sse import Event, EventReader
from tutorkit.models.providers.streaming import Telling, stream_failure

LINES = st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=8)
ENDS = st.sampled_from(["\n", "\r", "\r\n"])
EVENTS = st.lists(st.tuples(LINES, st.lists(LINES, min_size=1, max_size=3), st.booleans()), max_size=5)


def cut(content: bytes, places: list[int]) -> list[bytes]:
    borders = sorted({0, len(content), *(place % (len(content) + 1) for place in places)})
    return [content[start:end] for start, end in pairwise(borders)]


@given(EVENTS, st.data(), st.booleans())
def test_events_come_out_the_same_wherever_the_bytes_are_cut(events, data, marked):
    content = "\ufeff" if marked else ""
    for name, lines, commented in events:
        fields = [f"event:{name}", *([": ping", "retry: 7", "id: 3", "nothing"] if commented else [])]
        fields += [f"data: {line}" for line in lines]
        content += "".join(field + data.draw(ENDS) for field in fields)
        # After a CR, a LF would be its second half and not the empty line.
        content += "\r\n" if content.endswith("\r") else data.draw(ENDS)
    content += "data: an event whose end never comes"
    reader = EventReader()
    parts = cut(content.encode(), data.draw(st.lists(st.integers(min_value=0, max_value=10**6), max_size=40)))
    found = [event for part in parts for event in reader.feed(part)]
    expected = [Event(name.removeprefix(" "), "\n".join(lines).encode()) for name, lines, _ in events]
    assert found == expected


def test_every_cut_of_a_stream_with_all_three_line_ends():
    content = b"event: a\r\ndata: 1\r\ndata: 2\r\n\r\ndata: 3\rdata: 4\r\r: note\ndata: 5\n\nevent: b\n\ndata\n\n"
    expected = [Event("a", b"1\n2"), Event("", b"3\n4"), Event("", b"5"), Event("", b"")]
    for first in range(len(content)):
        reader = EventReader()
        parts = (content[:first], content[first : first + 1], content[first + 1 :])
        assert [event for part in parts for event in reader.feed(part)] == expected, first
    reader = EventReader()
    assert [event for byte in content for event in reader.feed(bytes([byte]))] == expected


@given(st.lists(st.binary(max_size=12), max_size=8))
def test_no_bytes_are_too_odd_to_be_read(parts):
    whole, pieces = EventReader(), EventReader()
    assert whole.feed(b"".join(parts)) == [event for part in parts for event in pieces.feed(part)]


def test_an_event_is_there_as_soon_as_its_empty_line_is():
    reader = EventReader()
    assert reader.feed(b"data: 1\r\n\r") == [Event("", b"1")]
    assert reader.feed(b"\ndata: 2\r") == []
    assert reader.feed(b"\r") == [Event("", b"2")]


def test_the_reader_agrees_with_the_openai_sdks():
    from openai._streaming import SSEDecoder

    content = stream(
        [*chat_events("Grüße, ", "", "日本 🌍"), b": keep-alive\n\n", b"event: x\ndata: a\ndata: b\n\n"]
    ).content
    theirs = [(event.event or "", event.data) for event in SSEDecoder().iter_bytes(iter([content]))]
    assert [(event.name, event.data.decode()) for event in EventReader().feed(content)] == theirs


def assemble(kind, events, heard: list | None = None, *, live: bool = True):
    assembly = kind(Telling([].append if heard is None else heard.append, live=live), model="m")
    for event in EventReader().feed(stream(events).content):
        assembly.add(event)
    return assembly


CHATS = {
    "text": chat_events("Hel", "lo, ", "you."),
    "no usage": chat_events("Hello.", tokens=None),
    "cut off": chat_events("To be contin", finish="length"),
    "nothing": chat_events(),
    "tool": tool_events('{"rea', 'son": ', '"r"}'),
    "refusal": [
        chunk({"role": "assistant", "refusal": ""}),
        chunk({"refusal": "I "}),
        chunk({"refusal": "won't."}),
        chunk({}, finish="stop"),
    ],
    "log probabilities": [
        chunk({"role": "assistant", "content": ""}),
        *(
            {
                **chunk(),
                "choices": [
                    {
                        "index": 0,
                        "delta": {"content": t},
                        "logprobs": {"content": [{"token": t, "logprob": -1.0, "top_logprobs": []}], "refusal": None},
                        "finish_reason": None,
                    }
                ],
            }
            for t in "ab"
        ),
        chunk({}, finish="stop"),
    ],
}


@pytest.mark.parametrize("name", CHATS)
def test_a_chat_completion_is_the_one_that_the_openai_sdk_puts_together(name):
    from openai.lib.streaming.chat import ChatCompletionStreamState
    from openai.types.chat import ChatCompletion, ChatCompletionChunk

    state = ChatCompletionStreamState()
    for event in CHATS[name]:
        if event != DONE:
            list(state.handle_chunk(ChatCompletionChunk.model_validate(event)))
    theirs = state.current_completion_snapshot.model_dump(mode="json")
    ours = ChatCompletion.model_validate(assemble(ChatAssembly, CHATS[name]).payload()).model_dump(mode="json")

    def said(completion: dict) -> dict:
        (choice,) = completion["choices"]
        message = {part: choice["message"].get(part) or None for part in ("role", "content", "refusal")}
        calls = [(call["id"], call["type"], call["function"]) for call in choice["message"].get("tool_calls") or []]
        functions = [(i, t, f["name"], f["arguments"]) for i, t, f in calls]
        tokens = [entry["token"] for entry in (choice.get("logprobs") or {}).get("content") or []]
        head = {part: completion[part] for part in ("id", "model", "object", "created", "usage")}
        return {**head, **message, "calls": functions, "tokens": tokens, "finish": choice["finish_reason"]}

    assert said(ours) == said(theirs)


MESSAGES = {
    "text": message_events("Hel", "lo, ", "you."),
    "thinking": message_events("So.", thinks="Hm, let me see."),
    "cut off": message_events("To be contin", stop="max_tokens"),
    "refusal": message_events(stop="refusal"),
    "tool": [
        *message_events()[:2],
        *block(0, {"type": "text", "text": ""}, text("Let me see.")),
        *block(
            1,
            {"type": "tool_use", "id": "t1", "name": "V", "input": {}},
            arguments(""),
            arguments('{"rea'),
            arguments('son": "é"}'),
        ),
        *message_end("tool_use"),
    ],
    "tool without input": [
        *message_events()[:2],
        *block(0, {"type": "tool_use", "id": "t1", "name": "V", "input": {}}, arguments("")),
        *message_end("tool_use"),
    ],
}


@pytest.mark.parametrize("name", MESSAGES)
def test_a_message_is_the_one_that_the_anthropic_sdk_puts_together(name):
    from anthropic.lib.streaming._messages import accumulate_event
    from anthropic.types import Message, RawMessageStreamEvent
    from pydantic import TypeAdapter

    events = TypeAdapter(RawMessageStreamEvent)
    snapshot, buffers = None, {}
    for event in MESSAGES[name]:
        if event["type"] != "ping":
            read = events.validate_python(event)
            snapshot = accumulate_event(event=read, current_snapshot=snapshot, json_bufs=buffers)
    assembly = assemble(MessageAssembly, MESSAGES[name])
    assert assembly.done and assembly.complete
    ours = Message.model_validate(assembly.payload()).model_dump(mode="json", exclude_none=True)
    assert ours == snapshot.model_dump(mode="json", exclude_none=True, exclude={"parsed_output"})


def claude() -> AnthropicProvider:
    return AnthropicProvider(ProviderSettings(), base_url=None, timeout=1, connections=1)


@given(st.text(st.characters(codec=None), max_size=30), st.lists(st.integers(min_value=0, max_value=30), max_size=6))
def test_the_pieces_heard_are_the_text_read_also_where_a_character_is_cut_in_half(whole, places):
    encoded = json.dumps(whole)
    units = json.loads(encoded).encode("utf-16-le", "surrogatepass")
    borders = sorted({0, len(units) // 2, *(place % (len(units) // 2 + 1) for place in places)})
    pieces = [units[2 * a : 2 * b].decode("utf-16-le", "surrogatepass") for a, b in pairwise(borders)]
    expected = json.loads(encoded).encode("utf-8", "replace").decode()
    for assembly_kind, events, read in (
        (ChatAssembly, chat_events(*pieces), lambda payload: read_chat(payload, model="m")),
        (MessageAssembly, message_events(*pieces), claude().read),
    ):
        heard: list[str] = []
        telling = Telling(heard.append, live=True)
        assembly = assembly_kind(telling, model="m")
        for event in EventReader().feed(stream(events).content):
            assembly.add(event)
        reply = read(assembly.payload())
        telling.finish(reply, model="m")
        assert "".join(heard) == reply.text == expected


def test_thoughts_are_kept_and_not_told():
    heard: list[str] = []
    assembly = assemble(MessageAssembly, message_events("So.", thinks="Hm."), heard)
    assert heard == ["So."]
    thinking, said = assembly.payload()["content"]
    assert (thinking, said["text"]) == ({"type": "thinking", "thinking": "Hm.", "signature": "s1"}, "So.")
    reasoned = [chunk({"reasoning_content": "H"}), chunk({"reasoning_content": "m."}), *chat_events("So.")]
    heard.clear()
    message = assemble(ChatAssembly, reasoned, heard).payload()["choices"][0]["message"]
    assert (heard, message["reasoning_content"], message["content"]) == (["So."], "Hm.", "So.")


def test_what_servers_repeat_in_every_chunk_is_not_joined_and_other_choices_are_left_out():
    begin = {"index": 0, "id": "t1", "type": "function", "function": {"name": "V", "arguments": "{"}}
    again = {"index": 0, "id": "t1", "type": "function", "function": {"name": "V", "arguments": "}"}}
    other = {**chunk(), "choices": [{"index": 1, "delta": {"content": "other"}, "finish_reason": "length"}]}
    events = [
        chunk({"role": "assistant", "tool_calls": [begin]}),
        chunk({"role": "assistant", "tool_calls": [again]}),
        other,
        chunk({}, finish="stop"),
    ]
    (choice,) = assemble(ChatAssembly, events).payload()["choices"]
    assert choice["message"]["tool_calls"] == [
        {"id": "t1", "type": "function", "function": {"name": "V", "arguments": "{}"}}
    ]
    assert (choice["message"]["role"], choice["finish_reason"]) == ("assistant", "stop")


def test_content_in_parts_and_calls_without_a_number_are_read_too():
    parts = [{"type": "thinking", "thinking": []}, {"type": "text", "text": "Hi."}]
    heard: list[str] = []
    assembly = assemble(ChatAssembly, [chunk({"content": parts}), chunk({}, finish="stop")], heard)
    assert (heard, read_chat(assembly.payload(), model="m").text) == (["Hi."], "Hi.")
    tool = {"id": "t", "type": "function", "function": {"name": "V", "arguments": '{"a": 1}'}}
    assembly = assemble(ChatAssembly, [chunk({"tool_calls": [tool]}, finish="tool_calls")])
    assert read_chat(assembly.payload(), model="m").text == '{"a": 1}'


@pytest.mark.parametrize(
    ("kind", "events", "last_word"), [(ChatAssembly, chat_events("a"), 3), (MessageAssembly, message_events("a"), 6)]
)
def test_a_reply_is_whole_when_it_was_said_why_it_ended(kind, events, last_word):
    assemblies = [assemble(kind, events[:number]) for number in range(len(events) + 1)]
    assert [assembly.complete for assembly in assemblies] == [number >= last_word for number in range(len(assemblies))]
    assert [assembly.done for assembly in assemblies] == [False] * len(events) + [True]


def test_a_tools_input_that_was_cut_off_stays_the_text_that_there_is():
    tool = {"type": "tool_use", "id": "t1", "name": "V", "input": {}}
    events = [*message_events()[:2], *block(0, tool, arguments('{"rea')), *message_end("max_tokens")]
    payload = assemble(MessageAssembly, events).payload()
    assert payload["content"][0]["input"] == '{"rea'
    assert claude().read(payload).finish_reason == "length"


@pytest.mark.parametrize(
    ("kind", "event", "why"),
    [
        (ChatAssembly, b"data: {\n\n", "broken JSON"),
        (ChatAssembly, b"data: \xff\n\n", "broken JSON"),
        (ChatAssembly, b"data: 7\n\n", "no object"),
        (MessageAssembly, b"data: " + b"[" * 100_000 + b"\n\n", "broken JSON"),
        (MessageAssembly, b'data: {"type": "content_block_start"}\n\n', "without a number"),
        (MessageAssembly, b'data: {"type": "content_block_delta", "index": 0}\n\n', "never begun"),
    ],
)
def test_what_is_not_the_protocol_is_said(kind, event, why):
    with pytest.raises(ProviderFailed, match=why):
        assemble(kind, [event])


@pytest.mark.parametrize("kind", [ChatAssembly, MessageAssembly])
@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=3),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "type",
                        "index",
                        "delta",
                        "choices",
                        "content",
                        "tool_calls",
                        "usage",
                        "message",
                        "content_block",
                        "finish_reason",
                        "message_start",
                        "content_block_delta",
                    ]
                ),
                inner,
                max_size=4,
            )
        ),
    )
)
def test_no_event_is_too_odd_to_be_read_or_refused(kind, value):
    with suppress(ProviderFailed):
        assemble(kind, [b"data: " + json.dumps(value).encode() + b"\n\n"]).payload()


def test_an_error_in_place_of_a_piece_has_its_own_kind():
    cases = [
        ({"type": "overloaded_error", "message": "Overloaded"}, ProviderFailed, 529, True),
        ({"type": "rate_limit_error", "message": "Slow down"}, RateLimited, 429, True),
        ({"message": "gone", "code": 502}, ProviderFailed, 502, True),
        ({"message": "no credit", "code": "insufficient_quota", "type": "x"}, RateLimited, 429, False),
        ({"message": "filtered", "code": "content_filter"}, Refused, 500, True),
        ("just words", ProviderFailed, 500, True),
    ]
    for error, kind, status, transient in cases:
        failure = stream_failure(error, model="m")
        assert (type(failure), failure.data["status"], failure.data["transient"]) == (kind, status, transient)
        assert failure.data["billed"] is None


def test_telling_something_else_than_the_reply_is_a_fault():
    heard: list[str] = []
    telling = Telling(heard.append, live=True)
    telling.say("one")
    reply = Parsed(text="another", model_served="m", finish_reason="stop", tokens_in=3, tokens_out=4)
    with pytest.raises(ProviderFailed, match="not the one that was streamed") as raised:
        telling.finish(reply, model="m")
    assert (raised.value.data["tokens_in"], raised.value.data["tokens_out"]) == (3, 4)
    held = Telling(heard.append, live=False)
    held.say("one")
    held.finish(reply, model="m")
    assert heard == ["one", "another"]


def test_thinking_pieces_of_two_blocks_stay_apart():
    events = [
        *message_events()[:2],
        *block(0, {"type": "thinking", "thinking": ""}, thought("a"), thought("b")),
        *block(1, {"type": "text", "text": "c"}, text("d")),
        *block(2, {"type": "text", "text": ""}, text("e")),
        *message_end("end_turn"),
    ]
    heard: list[str] = []
    payload = assemble(MessageAssembly, events, heard).payload()
    assert [part.get("thinking") or part["text"] for part in payload["content"]] == ["ab", "cd", "e"]
    assert "".join(heard) == claude().read(payload).text == "cde"

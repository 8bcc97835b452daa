"""Streamed replies for the fault server: the events of both protocols, as the providers send them."""

from __future__ import annotations

import json
from collections.abc import Iterable

from fault_server import Reply

DONE = b"data: [DONE]\n\n"


def stream(
    events: Iterable[dict | bytes], *, behaviour: str = "whole", content_type: str = "text/event-stream"
) -> Reply:
    """A reply of events; those of Anthropic's are named by their type, and bytes go out as they are."""
    body = b"".join(event if isinstance(event, bytes) else as_event(event) for event in events)
    return Reply(body=body, headers={"Content-Type": content_type}, behaviour=behaviour)


def as_event(data: dict) -> bytes:
    name = f"event: {data['type']}\n" if "type" in data else ""
    return f"{name}data: {json.dumps(data)}\n\n".encode()


def chunk(delta: dict | None = None, *, finish: str | None = None, **fields) -> dict:
    choices = [] if delta is None else [{"index": 0, "delta": delta, "finish_reason": finish}]
    return {
        "id": "c1",
        "object": "chat.completion.chunk",
        "created": 7,
        "model": "served-model",
        "choices": choices,
        **fields,
    }


def chat_events(*pieces: str, finish: str = "stop", tokens: tuple[int, int] | None = (10, 2)) -> list[dict | bytes]:
    """A chat completion in pieces, with its usage and the word for the end."""
    usage = [] if tokens is None else [chunk(usage=counts(*tokens))]
    said = [chunk({"content": piece}) for piece in pieces]
    return [chunk({"role": "assistant", "content": ""}), *said, chunk({}, finish=finish), *usage, DONE]


def counts(tokens_in: int, tokens_out: int) -> dict:
    return {"prompt_tokens": tokens_in, "completion_tokens": tokens_out, "total_tokens": tokens_in + tokens_out}


def tool_events(*pieces: str) -> list[dict | bytes]:
    """A tool call in pieces, after some words that are no part of it."""
    call = {"index": 0, "id": "t1", "type": "function", "function": {"name": "Verdict", "arguments": ""}}
    arguments = [chunk({"tool_calls": [{"index": 0, "function": {"arguments": piece}}]}) for piece in pieces]
    begin = chunk({"role": "assistant", "content": None, "tool_calls": [call]})
    return [chunk({"content": "Let me see. "}), begin, *arguments, chunk({}, finish="tool_calls"), DONE]


def message_events(*pieces: str, stop: str = "end_turn", thinks: str = "") -> list[dict | bytes]:
    """A message in pieces, as Anthropic sends it."""
    start = {
        "id": "m1",
        "type": "message",
        "role": "assistant",
        "model": "served-claude",
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {"input_tokens": 7, "output_tokens": 1, "cache_read_input_tokens": 5},
    }
    events: list[dict | bytes] = [{"type": "message_start", "message": start}, {"type": "ping"}]
    if thinks:
        events += block(0, {"type": "thinking", "thinking": "", "signature": ""}, thought(thinks), signed("s1"))
    events += block(1 if thinks else 0, {"type": "text", "text": ""}, *map(text, pieces))
    return [*events, *message_end(stop)]


def block(index: int, begin: dict, *deltas: dict) -> list[dict | bytes]:
    return [
        {"type": "content_block_start", "index": index, "content_block": begin},
        *({"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas),
        {"type": "content_block_stop", "index": index},
    ]


def message_end(stop: str, tokens: int = 3) -> list[dict | bytes]:
    ended = {"stop_reason": stop, "stop_sequence": None}
    return [{"type": "message_delta", "delta": ended, "usage": {"output_tokens": tokens}}, {"type": "message_stop"}]


def text(piece: str) -> dict:
    return {"type": "text_delta", "text": piece}


def thought(piece: str) -> dict:
    return {"type": "thinking_delta", "thinking": piece}


def signed(piece: str) -> dict:
    return {"type": "signature_delta", "signature": piece}


def arguments(piece: str) -> dict:
    return {"type": "input_json_delta", "partial_json": piece}

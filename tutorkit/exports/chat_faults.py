"""What makes a conversation unusable: roles, contents, tool calls. Written as reasons that a person can act on."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

_FIELDS: Final[Mapping[str, frozenset[str]]] = {
    "developer": frozenset({"role", "content", "name"}),
    "system": frozenset({"role", "content", "name"}),
    "user": frozenset({"role", "content", "name"}),
    "assistant": frozenset({"role", "content", "name", "tool_calls", "weight"}),
    "tool": frozenset({"role", "content", "tool_call_id", "name"}),
}


@dataclass(frozen=True, kw_only=True)
class ChatRules:
    """What one target takes in a list of messages.

    ``strict`` tells whether fields that the target does not know are refused, ``weights`` whether an assistant's
    message may say if it is learnt, ``parts`` whether a content may be a list of parts instead of a text, ``arguments``
    the type of a tool call's arguments.
    """

    roles: frozenset[str]
    weights: bool = False
    parts: bool = False
    strict: bool = True
    arguments: type = str


def chat_faults(messages: object, where: str, rules: ChatRules) -> Iterator[str]:
    """Yield what is wrong with a list of messages, and with each of them.

    Args:
        messages: what stands in the place of the list.
        where: the name of the place, such as ``messages``.
        rules: what the target takes.
    """
    if not isinstance(messages, list):
        yield f"{where} is no list of messages" if messages is not None else f"{where} is missing"
        return
    if not messages:
        yield f"{where} is empty"
    for place, message in enumerate(messages):
        yield from _message_faults(message, f"{where}[{place}]", rules)
    if all(isinstance(message, dict) for message in messages):
        yield from _pairing_faults(messages, where)


def role_of(messages: object, place: int) -> str | None:
    """Return the role of the message at a place; None when there is no such message or it has no role."""
    if not isinstance(messages, list) or not messages or not isinstance(messages[place], dict):
        return None
    role = messages[place].get("role")
    return role if isinstance(role, str) else None


def has_assistant(messages: object) -> bool:
    """Tell whether the assistant says anything in a list of messages."""
    return isinstance(messages, list) and any(role_of(messages, place) == "assistant" for place in range(len(messages)))


def _message_faults(message: object, where: str, rules: ChatRules) -> Iterator[str]:
    if not isinstance(message, dict):
        yield f"{where} is no object"
        return
    role = message.get("role")
    if not isinstance(role, str) or role not in rules.roles:
        yield f"{where}.role is {role!r}; it must be one of {', '.join(sorted(rules.roles))}"
        return
    if rules.strict:
        yield from (f"{where} has the unknown field {name!r}" for name in message if name not in _FIELDS[role])
    yield from _content_faults(message, where, rules)
    if "weight" in message and rules.strict:
        yield from _weight_faults(message, where, rules)
    if role == "assistant" and "tool_calls" in message:
        yield from _call_faults(message["tool_calls"], f"{where}.tool_calls", rules)
    if role == "tool" and not isinstance(message.get("tool_call_id"), str) and rules.strict:
        yield f"{where} answers a tool call and has no tool_call_id"


def _content_faults(message: Mapping[str, Any], where: str, rules: ChatRules) -> Iterator[str]:
    content = message.get("content")
    if content is None:
        if not message.get("tool_calls"):
            yield f"{where} has no content"
    elif isinstance(content, list) and rules.parts:
        if not content or not all(isinstance(part, dict) and isinstance(part.get("type"), str) for part in content):
            yield f"{where}.content is a list, and not of parts with a type"
    elif not isinstance(content, str):
        yield f"{where}.content is no text"
    elif not content.strip() and not message.get("tool_calls"):
        yield f"{where}.content is empty"


def _weight_faults(message: Mapping[str, Any], where: str, rules: ChatRules) -> Iterator[str]:
    weight = message["weight"]
    if not rules.weights:
        yield f"{where} has a weight, which this target does not know"
    elif message["role"] == "assistant" and (isinstance(weight, bool) or weight not in (0, 1)):
        yield f"{where}.weight is {weight!r}; it must be 0 or 1"


def _call_faults(calls: object, where: str, rules: ChatRules) -> Iterator[str]:
    if not isinstance(calls, list) or not calls:
        yield f"{where} is no list of tool calls"
        return
    for place, call in enumerate(calls):
        function = call.get("function") if isinstance(call, dict) else None
        if not isinstance(function, dict) or not isinstance(function.get("name"), str):
            yield f"{where}[{place}] names no function"
            continue
        if rules.strict and not (isinstance(call.get("id"), str) and call.get("type") == "function"):
            yield f"{where}[{place}] needs an id and the type 'function'"
        yield from _argument_faults(function.get("arguments"), f"{where}[{place}].function.arguments", rules)


def _argument_faults(arguments: object, where: str, rules: ChatRules) -> Iterator[str]:
    if not isinstance(arguments, rules.arguments):
        yield f"{where} is no {'text that holds JSON' if rules.arguments is str else 'object'}"
    elif isinstance(arguments, str):
        try:
            json.loads(arguments)
        except ValueError:
            yield f"{where} is a text that holds no JSON"


def _pairing_faults(messages: Sequence[Mapping[str, Any]], where: str) -> Iterator[str]:
    """Every answer of a tool belongs to a call before it, and every call but those at the end has its answer."""
    open_calls: dict[str, int] = {}
    for place, message in enumerate(messages):
        if message.get("role") == "tool":
            name = message.get("tool_call_id")
            if isinstance(name, str) and open_calls.pop(name, None) is None:
                yield f"{where}[{place}] answers the tool call {name!r}, which nobody made before it"
            continue
        yield from (
            f"{where}[{made}] makes the tool call {name!r}, which has no answer" for name, made in open_calls.items()
        )
        calls = message.get("tool_calls")
        made_here = [call.get("id") for call in calls if isinstance(call, dict)] if isinstance(calls, list) else []
        open_calls = {name: place for name in made_here if isinstance(name, str)}

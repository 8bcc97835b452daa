"""What a target would refuse in one example, one function for each target; each yields reasons.

Sources: OpenAI's guides on supervised fine-tuning and on direct preference optimization, and Azure's page on the latter
(roles of outputs, two outputs to one prompt); TRL 1.16 ``data_utils`` (columns, roles, the last role of a prompt).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from pydantic import ValidationError

from tutorkit.exports.chat_faults import ChatRules, chat_faults, has_assistant, role_of
from tutorkit.store import ROW_KINDS

Example = Mapping[str, Any]

_OPENAI_SFT: Final = ChatRules(
    roles=frozenset({"developer", "system", "user", "assistant", "tool"}), weights=True, parts=True
)
_OPENAI_INPUT: Final = ChatRules(roles=_OPENAI_SFT.roles)
_OPENAI_OUTPUT: Final = ChatRules(roles=frozenset({"assistant", "tool"}))
_TRL: Final = ChatRules(roles=frozenset({"system", "user", "assistant", "tool"}), strict=False, arguments=dict)
_TRL_OUTPUT: Final = ChatRules(roles=frozenset({"assistant", "tool"}), strict=False, arguments=dict)
_TOOLS: Final = frozenset({"tools", "parallel_tool_calls"})


def openai_sft_faults(example: Example) -> Iterator[str]:
    """Yield what OpenAI's supervised fine-tuning refuses: the conversation must end with words to be learnt."""
    yield from _unknown(example, {"messages", *_TOOLS}, "")
    messages = example.get("messages")
    yield from chat_faults(messages, "messages", _OPENAI_SFT)
    if not isinstance(messages, list) or not messages:
        return
    if not has_assistant(messages):
        yield "messages has no message of the assistant's"
    elif role_of(messages, -1) != "assistant":
        yield f"messages ends with the role {role_of(messages, -1)!r}; the last message must be the assistant's"
    elif all(message.get("weight") == 0 for message in _of_assistant(messages)):
        yield "every message of the assistant's has weight 0: nothing is learnt"


def openai_dpo_faults(example: Example) -> Iterator[str]:
    """Yield what OpenAI's preference fine-tuning refuses: one input, and exactly two outputs of the assistant's."""
    yield from _unknown(example, {"input", "preferred_output", "non_preferred_output"}, "")
    asked = example.get("input")
    if isinstance(asked, dict):
        yield from _unknown(asked, {"messages", *_TOOLS}, "input.")
        yield from chat_faults(asked.get("messages"), "input.messages", _OPENAI_INPUT)
    else:
        yield "input is missing" if asked is None else "input is no object"
    for name in ("preferred_output", "non_preferred_output"):
        yield from chat_faults(example.get(name), name, _OPENAI_OUTPUT)
        if example.get(name) and not has_assistant(example[name]):
            yield f"{name} has no message of the assistant's"
    yield from _same(example, "preferred_output", "non_preferred_output")


def trl_sft_faults(example: Example) -> Iterator[str]:
    """Yield what TRL's ``SFTTrainer`` refuses: it takes ``prompt`` and ``completion``, or ``messages``, or ``text``."""
    if "messages" in example:
        yield from chat_faults(example["messages"], "messages", _TRL)
        if isinstance(example["messages"], list) and not has_assistant(example["messages"]):
            yield "messages has no message of the assistant's"
    elif "text" in example:
        yield from _text_faults(example["text"], "text")
    else:
        yield from _prompt_faults(example)
        yield from _output_faults(example, "completion")


def trl_dpo_faults(example: Example) -> Iterator[str]:
    """Yield what TRL's ``DPOTrainer`` refuses: ``prompt``, ``chosen``, ``rejected`` must be texts or conversations."""
    yield from _prompt_faults(example)
    yield from _output_faults(example, "chosen")
    yield from _output_faults(example, "rejected")
    yield from _same(example, "chosen", "rejected")


def rl_faults(example: Example) -> Iterator[str]:
    """Yield what TRL's ``GRPOTrainer`` refuses: it needs a ``prompt``; other columns go to the reward function."""
    yield from _prompt_faults(example)


def whole_faults(example: Example) -> Iterator[str]:
    """Yield what is wrong with a row in tutorkit's own form."""
    kind = example.get("kind")
    record = ROW_KINDS.get(kind) if isinstance(kind, str) else None  # type: ignore[call-overload]
    if record is None:
        yield f"kind is {kind!r}; it must be one of {', '.join(ROW_KINDS)}"
        return
    if not isinstance(example.get("calls"), list):
        yield "calls is no list"
    try:
        found = record.model_validate({name: value for name, value in example.items() if name not in ("kind", "calls")})
    except ValidationError as error:
        yield from (f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors(include_url=False))
        return
    if found.split == "test":
        yield "the row is of the split test, on which students are measured"


def texts_or_chats(example: Example) -> str:
    """Return an example's columns and whether each holds a text, a conversation or something else.

    A file in which that changes cannot be read as one table: every line must give the same.
    """
    return ", ".join(f"{name} ({_form(value)})" for name, value in sorted(example.items()))


def _form(value: object) -> str:
    if isinstance(value, list):
        return "messages" if value and isinstance(value[0], dict) else "list"
    return "object" if isinstance(value, dict) else "value"


def _prompt_faults(example: Example) -> Iterator[str]:
    prompt = example.get("prompt")
    if isinstance(prompt, str):
        yield from _text_faults(prompt, "prompt")
        return
    yield from chat_faults(prompt, "prompt", _TRL)
    if role_of(prompt, -1) == "system":
        yield "prompt ends with a message of the role 'system'; nobody is asked anything"


def _output_faults(example: Example, name: str) -> Iterator[str]:
    output, prompt = example.get(name), example.get("prompt")
    if isinstance(output, str) != isinstance(prompt, str) and output is not None and prompt is not None:
        yield f"prompt and {name} are not both texts or both lists of messages"
    elif isinstance(output, str):
        yield from _text_faults(output, name)
    else:
        yield from chat_faults(output, name, _TRL_OUTPUT)
        if output and not has_assistant(output):
            yield f"{name} has no message of the assistant's"


def _text_faults(text: object, where: str) -> Iterator[str]:
    if not isinstance(text, str):
        yield f"{where} is no text"
    elif not text.strip():
        yield f"{where} is empty"


def _same(example: Example, one: str, other: str) -> Iterator[str]:
    if example.get(one) and example.get(one) == example.get(other):
        yield f"{one} and {other} are the same: nothing is preferred"


def _unknown(example: Example, known: set[str], where: str) -> Iterator[str]:
    yield from (f"the field {where}{name} is unknown" for name in example if name not in known)


def _of_assistant(messages: list[Any]) -> list[Example]:
    return [message for message in messages if isinstance(message, dict) and message.get("role") == "assistant"]

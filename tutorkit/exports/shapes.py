"""From a row of fine-tuning data to what a target wants: one function for each target."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pydantic import JsonValue

from tutorkit.store import AnyRow, CallFacts
from tutorkit.types import Message, PreferencePair, RLExample, SFTExample

Json = dict[str, JsonValue]

TEXTS: Final = {"messages", "prompt", "chosen", "rejected", "prefix_steps", "reference_step", "bad_step", "data"}
"""Fields that hold what is learnt; the other ones say where it came from."""


def openai_sft(row: SFTExample) -> Json:
    """Return the conversation; of several messages of the assistant's only the last one is to be learnt."""
    last = len(row.messages) - 1
    return {"messages": [_weighted(message, learnt=place == last) for place, message in enumerate(row.messages)]}


def openai_dpo(row: PreferencePair) -> Json:
    """Return the question and the two outputs."""
    return {
        "input": {"messages": [_said("user", row.prompt)]},
        "preferred_output": [_said("assistant", row.chosen)],
        "non_preferred_output": [_said("assistant", row.rejected)],
    }


def trl_sft(row: SFTExample) -> Json:
    """Return the conversation cut before its last message: TRL learns the completion alone."""
    return {"prompt": _plain(row.messages[:-1]), "completion": _plain(row.messages[-1:])}


def trl_dpo(row: PreferencePair) -> Json:
    """Return the question and the two outputs, each as a conversation."""
    return {
        "prompt": [_said("user", row.prompt)],
        "chosen": [_said("assistant", row.chosen)],
        "rejected": [_said("assistant", row.rejected)],
    }


def rl(row: RLExample, gold: str | None) -> Json:
    """Return the prompt to act from and, in columns of their own, what a reward function needs.

    What has been done before stands at the end of the prompt as the assistant's words. The gold answer is never in the
    prompt.

    Args:
        row: the example, which names its problem.
        gold: the problem's answer; None where there is none or the problem is not known.
    """
    begun = [_said("assistant", "\n".join(row.prefix_steps))] if row.prefix_steps else []
    return {
        "prompt": [*_plain(row.messages), *begun],
        "answer": gold,
        "problem_id": row.problem_id,
        "reward_spec": row.reward_spec,
        "prefix_steps": list(row.prefix_steps),
        "reference_step": row.reference_step,
        "bad_step": row.bad_step,
        "hard": row.hard,
    }


def whole(kind: str, row: AnyRow, calls: Mapping[str, CallFacts]) -> Json:
    """Return all that is known of a row: its own fields, its kind, and which prompts and models stand behind it."""
    return {"kind": kind, **row.model_dump(mode="json"), "calls": _behind(row, calls)}


def lineage(kind: str, row: AnyRow, calls: Mapping[str, CallFacts]) -> Json:
    """Return where a row came from, without its texts."""
    return {"kind": kind, **row.model_dump(mode="json", exclude=TEXTS), "calls": _behind(row, calls)}


def _behind(row: AnyRow, calls: Mapping[str, CallFacts]) -> list[JsonValue]:
    return [calls[name].model_dump(mode="json") for name in row.call_ids if name in calls]


def _weighted(message: Message, *, learnt: bool) -> Json:
    weight: Json = {"weight": int(learnt)} if message.role == "assistant" else {}
    return {**_said(message.role, message.content), **weight}


def _plain(messages: tuple[Message, ...]) -> list[JsonValue]:
    return [_said(message.role, message.content) for message in messages]


def _said(role: str, content: str) -> Json:
    return {"role": role, "content": content}

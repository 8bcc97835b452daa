"""Rows of fine-tuning data as TRL reads them: conversations, of which only what the assistant says last is learnt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from tutorkit.errors import TrainingFailed
from tutorkit.ports import Asked
from tutorkit.types import Message, PreferencePair, SFTExample

Turn: TypeAlias = dict[str, str]
Shaped: TypeAlias = dict[str, list[Turn]]


def sft_row(row: SFTExample, asked: Asked) -> Shaped:
    """Return an example as ``prompt`` and ``completion``, so that TRL's loss leaves the prompt out.

    Args:
        row: the example. One that is a bare question and its answer is put as the student will be asked: a small model
            learns little for one prompt from another. A longer conversation stays as it is.
        asked: returns the messages in which the student is asked a question.

    Raises:
        TrainingFailed: naming the row, when there is nothing to imitate or to answer, or its weight is not 1.
    """
    if not row.messages or row.messages[-1].role != "assistant":
        raise _refused(row, "its last message is not the assistant's")
    *before, last = row.messages
    if not before:
        raise _refused(row, "nothing stands before what the assistant says")
    _see_that_it_asks(row, before)
    if not last.content.strip():
        raise _refused(row, "what the assistant says is empty")
    if row.weight != 1:
        raise _refused(row, f"its weight is {row.weight:g}, and TRL takes all rows as equal")
    bare = len(before) == 1 and before[0].role == "user"
    prompt = asked(before[0].content) if bare else before
    return {"prompt": [_turn(message) for message in prompt], "completion": [_turn(last)]}


def dpo_row(row: PreferencePair, asked: Asked) -> Shaped:
    """Return a pair as ``prompt``, ``chosen`` and ``rejected``.

    Args:
        row: the pair. The prompt of whole outputs is a question, and is put as the student will be asked; that of other
            units is something else, and stays as it is.
        asked: returns the messages in which the student is asked a question.

    Raises:
        TrainingFailed: naming the row, when one of its texts is empty or both outputs are the same.
    """
    bare = Message(role="user", content=row.prompt)
    _see_that_it_asks(row, [bare])
    if not row.chosen.strip() or not row.rejected.strip():
        raise _refused(row, "one of its two outputs is empty")
    if row.chosen.strip() == row.rejected.strip():
        raise _refused(row, "its two outputs are the same, so there is nothing to prefer")
    prompt = asked(row.prompt) if row.unit == "output" else [bare]
    outputs = {"chosen": row.chosen, "rejected": row.rejected}
    return {
        "prompt": [_turn(message) for message in prompt],
        **{name: [{"role": "assistant", "content": text}] for name, text in outputs.items()},
    }


def _see_that_it_asks(row: SFTExample | PreferencePair, messages: Sequence[Message]) -> None:
    if messages[-1].role == "assistant":
        raise _refused(row, "its prompt ends with the assistant's own words")
    if any(not message.content.strip() for message in messages):
        raise _refused(row, "a message of its prompt is empty")


def _turn(message: Message) -> Turn:
    return {"role": message.role, "content": message.content}


def _refused(row: SFTExample | PreferencePair, why: str) -> TrainingFailed:
    return TrainingFailed(
        f"The row {row.id} cannot be trained on: {why}.",
        remedy="See it with `tutorkit rows RUN`; a method that makes such rows has a fault: please report it.",
        data={"row": row.id},
    )

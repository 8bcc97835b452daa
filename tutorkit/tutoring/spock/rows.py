"""Fine-tuning data of SPOCK conversations: turns to imitate, and pairs of a turn with what a student made of it.

Source: the preparation of the data in the authors' public code (Tutorbot-Spock; pedagogical alignment). Thoughts are
dropped, codes that stand for nothing are written as g, 12 and w. A student's reply is the rejected one when it is
malformed or any of its codes differs from the reference.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from tutorkit.canonical import stable_id
from tutorkit.prompting import PromptLibrary
from tutorkit.tutoring.spock.codes import SpockTurn, read_codes, read_turn
from tutorkit.tutoring.spock.generating import SpockDialogue
from tutorkit.types import Message, PreferencePair, SFTExample, Split

Why = Literal["malformed", "evaluation", "action", "state"]


def sft_rows(
    dialogue: SpockDialogue, *, run_id: str, student: str = "", split: Split = "train", prompts: PromptLibrary
) -> tuple[SFTExample, ...]:
    """Return a row for every turn of a conversation: what was said before, and the turn to imitate.

    Args:
        dialogue: the conversation.
        run_id: the run that the rows belong to.
        student: whom they are for.
        split: of the problem.
        prompts: where the instruction stands, as ``spock/imitate``.
    """
    return tuple(
        SFTExample(
            id=stable_id("sft", run_id, dialogue.id, index, student),
            run_id=run_id,
            split=split,
            student=student,
            messages=(
                *_before(dialogue, index, prompts),
                Message(role="assistant", content=spoken.turn.as_target()),
            ),
            data={"dialogue": dialogue.id, "round": index, **spoken.turn.codes.model_dump()},
        )
        for index, spoken in enumerate(dialogue.rounds)
    )


def preference_rows(
    dialogue: SpockDialogue,
    replies: Mapping[int, str],
    *,
    run_id: str,
    student: str,
    split: Split = "train",
    prompts: PromptLibrary,
) -> tuple[PreferencePair, ...]:
    """Return a pair for every reply of a student that is worse than the reference turn by its form or its codes.

    No judge is asked, so ``both_orders`` is False.

    Args:
        dialogue: the reference conversation.
        replies: what the student wrote in place of the turn of a round, by the round's number from 0.
        run_id: the run that the rows belong to.
        student: who wrote the replies.
        split: of the problem.
        prompts: where the instruction stands, as ``spock/imitate``.
    """
    pairs = []
    for index, raw in sorted(replies.items()):
        reference = dialogue.rounds[index].turn
        why = worse_because(raw, reference)
        if why is None:
            continue
        pairs.append(
            PreferencePair(
                id=stable_id("pair", run_id, dialogue.id, index, student, raw),
                run_id=run_id,
                split=split,
                student=student,
                prompt=_flat(_before(dialogue, index, prompts)),
                chosen=reference.as_target(),
                rejected=_without_thoughts(raw),
                unit="output",
                both_orders=False,
                data={"dialogue": dialogue.id, "round": index, "why": why},
            )
        )
    return tuple(pairs)


def worse_because(raw: str, reference: SpockTurn) -> Why | None:
    """Return in what a student's reply falls short of the reference, the form in front; None when in nothing."""
    codes = read_codes(raw)
    if codes is None:
        return "malformed"
    if codes.evaluation != reference.evaluation:
        return "evaluation"
    if codes.action != reference.action:
        return "action"
    return "state" if codes.state != reference.state else None


def _without_thoughts(raw: str) -> str:
    """Return a reply in the form in which the chosen one is; a malformed one stays as it is."""
    turn = read_turn(raw)
    return raw if turn is None else turn.as_target()


def _before(dialogue: SpockDialogue, index: int, prompts: PromptLibrary) -> tuple[Message, ...]:
    """Return what a tutor has before it when it is to speak in a round: the instruction and all that was said."""
    rendered = prompts.get("spock/imitate").render({"problem": dialogue.scaffold.problem})
    said = [
        message
        for spoken in dialogue.rounds[:index]
        for message in (
            Message(role="user", content=spoken.learner),
            Message(role="assistant", content=spoken.turn.as_target()),
        )
    ]
    system = [message for message in rendered.messages if message.role == "system"]
    return (*system, *said, Message(role="user", content=dialogue.rounds[index].learner))


def _flat(messages: tuple[Message, ...]) -> str:
    names = {"system": "Instruction", "user": "Learner", "assistant": "Tutor"}
    return "\n\n".join(f"{names[message.role]}: {message.content}" for message in messages)

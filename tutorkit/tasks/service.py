"""Customer service: conversations up to the point where the agent must act, and a shop's policy for what to do then.

There are four situations, each with one right move by the policy and one that an untaught agent is likely to make. No
problem's text tells the policy; its worked steps do. The customers are made by rules: names, goods and wordings vary.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from pydantic import JsonValue

from tutorkit.canonical import digest, stable_id
from tutorkit.errors import DataError
from tutorkit.tasks.splits import check_size, split_of
from tutorkit.tasks.task import SPLITS
from tutorkit.types import Problem, Split, Step

DOMAIN = "service"

DESCRIPTION = (
    "Conversations between a customer and the agent of a web shop. Say what the agent does next. The shop has a policy "
    "of its own for what comes first."
)

_NAMES = ("Ana", "Ben", "Chloe", "David", "Emma", "Farid", "Grace", "Hugo", "Ines", "Jonas", "Kofi", "Lena", "Mina")
_GOODS = (
    "kettle",
    "lamp",
    "backpack",
    "headset",
    "clock",
    "jacket",
    "keyboard",
    "blender",
    "vase",
    "tent",
    "mirror",
    "radio",
    "chair",
    "camera",
)


@dataclass(frozen=True)
class Situation:
    """One kind of conversation: what customers say, the move that the policy wants, and the habit that it replaces."""

    name: str
    about: str
    openings: tuple[str, ...]
    follow_ups: tuple[str, ...]
    move: str
    habit: str
    policy: str


SITUATIONS: tuple[Situation, ...] = (
    Situation(
        "damaged",
        "A customer says that something arrived broken, cracked or scratched and wants money for it.",
        (
            "Hello, my {thing} arrived broken, there is a crack right through it.",
            "Good morning, I unpacked the {thing} and it is scratched and cracked all over.",
        ),
        ("The box looked fine, but the thing itself is broken. What now?", "It was cracked when I unpacked it."),
        "photo",
        "refund",
        "Have the damage shown in a photo before anything is promised.",
    ),
    Situation(
        "late",
        "A customer waits for a parcel that should have come days ago and asks where it is.",
        (
            "Hi, I still wait for the {thing}, the parcel should have been delivered days ago.",
            "Where is my parcel with the {thing}? The delivery date has passed.",
        ),
        ("The tracking page has said the same for days.", "I have been waiting at home for the delivery all week."),
        "trace",
        "resend",
        "Start a trace with the carrier, and send nothing twice.",
    ),
    Situation(
        "stranger",
        "Somebody wants an order changed that was placed under another name or account.",
        (
            "Hello, please change the address on the order of the {thing}; my neighbour placed it from her account.",
            "I would like another address on an order for a {thing}. It is under my brother's account.",
        ),
        ("I have the order number here, and the new address.", "She asked me to write to you, here is the number."),
        "verify",
        "change",
        "Have the account's owner verified before anything is touched.",
    ),
    Situation(
        "angry",
        "A customer shouts, complains about everything and demands to speak to a manager at once.",
        (
            "This is a disgrace! I want to speak to your manager about the {thing}, right now!",
            "I am furious! Worst shop ever, nothing about the {thing} works, get me your manager!",
        ),
        ("Do not give me excuses! Your manager, now!", "I have had enough of all this, it is outrageous!"),
        "calm",
        "escalate",
        "Calm the customer with an apology first, and stay in charge.",
    ),
)
MOVES = tuple(sorted(move for situation in SITUATIONS for move in (situation.move, situation.habit)))
ANSWER_FORMAT = f'End with a line "Answer: " and one of these moves: {", ".join(MOVES)}.'
_BY_NAME: Mapping[str, Situation] = MappingProxyType({situation.name: situation for situation in SITUATIONS})

SKILLS = tuple(_BY_NAME)


def service_problems(*, seed: int, sizes: Mapping[Split, int]) -> list[Problem]:
    """Make conversations.

    Args:
        seed: which of them are drawn.
        sizes: how many of each split; the situations take turns.

    Returns:
        The problems, split by split, those of one split in a mixed order. A customer with one thing and one complaint
        is a leak family; its split depends on its name alone.

    Raises:
        BadSetting: when a split cannot have so many.
    """
    problems: list[Problem] = []
    for split in SPLITS:
        wanted = sizes.get(split, 0)
        drawn: list[Problem] = []
        for place, situation in enumerate(SITUATIONS):
            share = wanted // len(SITUATIONS) + (place < wanted % len(SITUATIONS))
            pool = [problem for problem in _conversations(situation) if problem.split == split]
            check_size(f"service/{situation.name}", split, wanted=share, there=len(pool))
            drawn += sorted(pool, key=lambda problem: digest([seed, problem.id]))[:share]
        problems += sorted(drawn, key=lambda problem: digest([seed, problem.id]))
    return problems


def situation_of(item: Mapping[str, JsonValue]) -> Situation:
    """Return the situation of a conversation's item.

    Raises:
        DataError: when the item is no conversation.
    """
    found = _BY_NAME.get(str(item.get("situation"))) if item.get("domain") == DOMAIN else None
    if found is None:
        raise DataError(f"The item {dict(item)} is no conversation of the task service.", data={"item": dict(item)})
    return found


def skills_of(item: Mapping[str, JsonValue]) -> tuple[str, ...]:
    """Return what a conversation takes: to know the policy for its situation.

    Raises:
        DataError: when the item is no conversation.
    """
    return (situation_of(item).name,)


def work(item: Mapping[str, JsonValue], lacks: Sequence[str]) -> tuple[tuple[str, ...], str]:
    """Return what an agent says and its move: the policy's, or the habit where it lacks the situation's skill.

    Raises:
        DataError: when the item is no conversation.
    """
    situation = situation_of(item)
    move = situation.habit if situation.name in lacks else situation.move
    return (f"The next move is {move}.",), move


def is_right(item: Mapping[str, JsonValue], answer: str) -> bool:
    """Tell whether a move is the one that the policy wants.

    Raises:
        DataError: when the item is no conversation.
    """
    return answer.strip().casefold() == situation_of(item).move


def _conversations(situation: Situation) -> Iterator[Problem]:
    for name in _NAMES:
        for thing in _GOODS:
            group = f"service {situation.name} {name} {thing}"
            opening, follow_up = _pick(situation.openings, group), _pick(situation.follow_ups, group)
            text = "\n".join(
                (
                    f"{name}: {opening.format(thing=thing)}",
                    "Agent: Thank you for writing. Can you tell me more?",
                    f"{name}: {follow_up}",
                    "What does the agent do next?",
                )
            )
            item: dict[str, JsonValue] = {"domain": DOMAIN, "situation": situation.name, "name": name, "thing": thing}
            yield Problem(
                id=stable_id("service", item),
                task="service",
                text=text,
                gold=situation.move,
                scorer=f"labels?labels={','.join(MOVES)}",
                skills=(situation.name,),
                split=split_of(group),
                group=group,
                item=item,
                steps=(Step(text=f"The next move is {situation.move}.", result=situation.move, skill=situation.name),),
                source="made by tutorkit",
            )


def _pick(options: Sequence[str], salt: str) -> str:
    return min(options, key=lambda option: hashlib.sha256(f"{salt} {option}".encode()).hexdigest())

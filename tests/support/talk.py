"""What a guard may know, made quickly for tests."""

from __future__ import annotations

from tutorkit.tasks.items import item_problem
from tutorkit.tutoring.guards import Seen
from tutorkit.tutoring.policy import RUNG
from tutorkit.types import Choice, Problem, TutorAct

TAKE_AWAY = {"domain": "sub", "a": 52, "b": 18}


def problem(text="Work out 52 − 18.", gold="34", *, choices=(), steps=(), item=None, scorer="exact"):
    """A problem of one's own."""
    return Problem(
        id="p",
        task="own",
        text=text,
        gold=gold,
        scorer=scorer,
        split="train",
        group="g",
        choices=tuple(Choice(label=label, text=text) for label, text in choices),
        steps=tuple(steps),
        item=item,
    )


def seen(about=TAKE_AWAY, *, move="focus", said=("46",), verdict="wrong", item=None, misconception=None, **known):
    """What a guard may know about a turn on a problem, or on an item."""
    act = TutorAct(move=move, rung=RUNG[move], item=item, misconception_id=misconception, verdict=verdict)
    return Seen(
        problem=about if isinstance(about, Problem) else item_problem(about),
        act=act,
        learner_said=tuple(said),
        verdict=verdict,
        **known,
    )

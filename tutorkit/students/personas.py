"""How simulated learners behave when they are tutored: how far help moves them, how much they say, when they give up.

The knobs answer what teachers found unlike children in learners that a language model plays (interviews with twelve
teachers, workshop on building educational applications 2025): such learners talk most of the time, never give up, show
no bad feelings, ask nothing, and leap to the whole solution. The values are ours, chosen to differ; none is measured.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from tutorkit.errors import UnknownName

Affect = Literal["calm", "cheerful", "anxious", "proud", "impatient", "bored", "tired"]
MOST_WORDS = 25


@dataclass(frozen=True, kw_only=True)
class Persona:
    """A way of being taught. All but ``verbosity`` are shares or probabilities in [0, 1].

    ``compliance`` is η of the learning rule, from .4 to .9: how much of a help is taken in. ``verbosity`` is the most
    words of an utterance, at most 25. ``gives_up`` is the probability, at each turn after two without progress, to want
    to stop; ``asks`` that to answer help with a question; ``engagement`` that to listen at all. ``shows_work`` and
    ``explains`` are the probabilities to show working unasked and to give reasons when asked. ``portrait`` is for a
    model that words what the learner says.
    """

    name: str
    compliance: float
    verbosity: int
    gives_up: float
    asks: float
    engagement: float
    shows_work: float
    explains: float
    affect: Affect
    portrait: str


_ALL = (
    Persona(
        name="diligent",
        compliance=0.8,
        verbosity=25,
        gives_up=0.02,
        asks=0.15,
        engagement=0.98,
        shows_work=0.9,
        explains=0.95,
        affect="calm",
        portrait="Careful and willing. Writes down how it went, and tries what is suggested.",
    ),
    Persona(
        name="curious",
        compliance=0.75,
        verbosity=25,
        gives_up=0.03,
        asks=0.45,
        engagement=0.95,
        shows_work=0.6,
        explains=0.9,
        affect="cheerful",
        portrait="Likes to know why. Asks back before changing anything, in good spirits.",
    ),
    Persona(
        name="quiet",
        compliance=0.65,
        verbosity=9,
        gives_up=0.08,
        asks=0.05,
        engagement=0.9,
        shows_work=0.25,
        explains=0.5,
        affect="calm",
        portrait="Says as little as possible: a number, a word or two. Never unfriendly.",
    ),
    Persona(
        name="anxious",
        compliance=0.6,
        verbosity=18,
        gives_up=0.15,
        asks=0.3,
        engagement=0.9,
        shows_work=0.5,
        explains=0.7,
        affect="anxious",
        portrait="Afraid of being wrong. Hedges, says sorry, takes a question for a reproach.",
    ),
    Persona(
        name="over_confident",
        compliance=0.45,
        verbosity=18,
        gives_up=0.05,
        asks=0.05,
        engagement=0.85,
        shows_work=0.3,
        explains=0.6,
        affect="proud",
        portrait="Sure of every answer, finds it all easy, and does not like to look again.",
    ),
    Persona(
        name="answer_seeker",
        compliance=0.4,
        verbosity=14,
        gives_up=0.15,
        asks=0.6,
        engagement=0.85,
        shows_work=0.15,
        explains=0.3,
        affect="impatient",
        portrait="Wants to be done. Asks for the answer rather than thinking about a hint.",
    ),
    Persona(
        name="off_task",
        compliance=0.5,
        verbosity=16,
        gives_up=0.1,
        asks=0.1,
        engagement=0.5,
        shows_work=0.3,
        explains=0.4,
        affect="bored",
        portrait="Easily distracted: talks of the break, of games, of lunch, and comes back now and then.",
    ),
    Persona(
        name="tired",
        compliance=0.5,
        verbosity=12,
        gives_up=0.3,
        asks=0.1,
        engagement=0.7,
        shows_work=0.3,
        explains=0.4,
        affect="tired",
        portrait="Had a long day. Means well, soon wants to stop.",
    ),
)

PERSONAS: Mapping[str, Persona] = MappingProxyType({persona.name: persona for persona in _ALL})
"""The personas by name."""


def persona_named(name: str) -> Persona:
    """Return the persona of that name.

    Raises:
        UnknownName: when there is none.
    """
    if name not in PERSONAS:
        raise UnknownName("persona", name, tuple(PERSONAS))
    return PERSONAS[name]

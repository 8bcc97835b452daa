"""How a teacher wants a tutor to teach: said to a model in words, and checked by machine as far as it can be.

After LearnLM (arXiv:2412.16429): no pedagogy is built in, each conversation is told its own. What can be checked is
hard, and is checked on every utterance; what cannot is soft, and is for a judge.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

import yaml
from pydantic import Field

from tutorkit.prompting import PromptLibrary
from tutorkit.tutoring.guards.lexicon import folder_text
from tutorkit.tutoring.guards.persona import claims_to_be_human
from tutorkit.tutoring.guards.rules import said_of
from tutorkit.tutoring.guards.seen import HardRule, RuleKind
from tutorkit.tutoring.policy import RUNG, SOLUTION, HelpPolicy
from tutorkit.types import Record, TutorMove

SoftAttribute: TypeAlias = Literal[
    "active_learning",
    "cognitive_load",
    "metacognition",
    "curiosity",
    "adapts",
    "encouragement",
    "misconceptions",
    "on_topic",
    "socratic",
    "worked_examples",
]
Closing: TypeAlias = Literal["when_right", "when_explained", "when_learner_leaves"]

_ASKING: frozenset[TutorMove] = frozenset({"elicit", "orient", "focus", "contrast"})
_ENDING: frozenset[TutorMove] = frozenset({"confirm", "close"})
_COUNTED: frozenset[RuleKind] = frozenset(
    {"max_sentences", "max_words", "max_questions", "reading_grade"},
)
_WORDED: frozenset[RuleKind] = frozenset({"language", "topics", "forbidden_words"})
_ONE_QUESTION_TAKES = 4


class PedagogyProfile(Record):
    """How a teacher wants a tutor to teach.

    ``hard`` are rules that a machine checks, ``soft`` what it cannot. ``moves_allowed`` is empty where every move is
    allowed. ``reading_grade`` is the school grade whose readers must understand the words; ``language`` is an ISO 639-1
    code. ``persona`` and ``tone`` are a few words each; no persona is human.
    """

    name: str
    hard: tuple[HardRule, ...] = ()
    soft: tuple[SoftAttribute, ...] = ()
    moves_allowed: tuple[TutorMove, ...] = ()
    max_rung: int = Field(default=SOLUTION, ge=0, le=SOLUTION)
    tone: str = Field(default="", max_length=200)
    persona: str = Field(default="", max_length=200)
    reading_grade: int | None = Field(default=None, ge=1, le=16)
    language: str = "en"
    pacing: Literal["patient", "brisk"] = "patient"
    closing_rule: Closing = "when_explained"


class Conflict(Record):
    """Two wishes of a profile that cannot both be met, or one that cannot be met at all."""

    what: str
    between: tuple[str, ...]


def compiled(profile: PedagogyProfile) -> str:
    """Return what a profile says to a model, from the prompt file ``tutor/profile``."""
    data = _data()
    inputs: dict[str, Any] = {
        "persona": profile.persona,
        "tone": profile.tone,
        "language": profile.language,
        "grade": profile.reading_grade,
        "moves": ", ".join(data["moves"][move] for move in allowed_moves(profile)) if profile.moves_allowed else "",
        "hard": [said_of(rule) for rule in hard_rules(profile)],
        "soft": [data["soft"][attribute] for attribute in profile.soft],
        "pacing": data["pacing"][profile.pacing],
        "closing": data["closing"][profile.closing_rule],
    }
    return PromptLibrary().get("tutor/profile").render(inputs).messages[0].content


def hard_rules(profile: PedagogyProfile) -> tuple[HardRule, ...]:
    """Return every rule that a machine can check: ``Seen.rules`` takes them."""
    language = HardRule(kind="language", words=(profile.language,))
    rules = profile.hard if any(rule.kind == "language" for rule in profile.hard) else (*profile.hard, language)
    if profile.reading_grade is None or any(rule.kind == "reading_grade" for rule in rules):
        return rules
    return (*rules, HardRule(kind="reading_grade", value=profile.reading_grade))


def allowed_moves(profile: PedagogyProfile) -> tuple[TutorMove, ...]:
    """Return the moves that a tutor with this profile makes, the lowest rung first."""
    named = profile.moves_allowed or tuple(RUNG)
    return tuple(move for move in RUNG if move in named and RUNG[move] <= profile.max_rung)


def policy_for(profile: PedagogyProfile, policy: HelpPolicy) -> HelpPolicy:
    """Return a help policy that allows no more than both it and the profile do."""
    rungs = [RUNG[move] for move in allowed_moves(profile)]
    highest = min(policy.max_rung, max(rungs, default=0))
    counts = [rule.value for rule in profile.hard if rule.kind == "max_sentences" and rule.value is not None]
    return policy.model_copy(
        update={"max_rung": highest, "max_sentences": max(1, min([policy.max_sentences, *counts]))}
    )


def lint(profile: PedagogyProfile) -> tuple[Conflict, ...]:
    """Return what in a profile contradicts itself, before a tutor tries to do both."""
    return tuple(Conflict(what=what, between=between) for what, between, holds in _LINTS if holds(profile)) + tuple(
        _faulty_rules(profile)
    )


def _faulty_rules(profile: PedagogyProfile) -> list[Conflict]:
    found = []
    values: dict[RuleKind, set[int | None]] = {}
    for rule in profile.hard:
        if rule.kind in _COUNTED:
            values.setdefault(rule.kind, set()).add(rule.value)
        if (rule.kind in _COUNTED and rule.value is None) or (rule.kind in _WORDED and not rule.words):
            found.append(Conflict(what=f"The rule {rule.kind} does not say how many, or which.", between=(rule.kind,)))
    found += [
        Conflict(what=f"The rule {kind} is there with several values.", between=(kind,))
        for kind, numbers in values.items()
        if len(numbers) > 1
    ]
    return found


def _has(profile: PedagogyProfile, *kinds: RuleKind) -> bool:
    return all(any(rule.kind == kind for rule in profile.hard) for kind in kinds)


def _asks_nothing(profile: PedagogyProfile) -> bool:
    return any(rule.kind == "max_questions" and rule.value == 0 for rule in profile.hard)


def _few_words(profile: PedagogyProfile) -> bool:
    return any(rule.kind == "max_words" and (rule.value or 0) < _ONE_QUESTION_TAKES for rule in profile.hard)


def _languages(profile: PedagogyProfile) -> set[str]:
    return {profile.language, *(word for rule in profile.hard if rule.kind == "language" for word in rule.words[:1])}


def _grades(profile: PedagogyProfile) -> bool:
    return profile.reading_grade is not None or _has(profile, "reading_grade")


def _only_asks(profile: PedagogyProfile) -> bool:
    moves = set(allowed_moves(profile)) - _ENDING - {"generic"}
    return bool(moves) and moves <= _ASKING


_LINTS: tuple[tuple[str, tuple[str, ...], Callable[[PedagogyProfile], bool]], ...] = (
    (
        "A Socratic tutor asks, and no question is allowed.",
        ("max_questions", "socratic"),
        lambda profile: _asks_nothing(profile) and "socratic" in profile.soft,
    ),
    (
        "Every utterance is to end with a question, and no question is allowed.",
        ("max_questions", "ends_with_question"),
        lambda profile: _asks_nothing(profile) and _has(profile, "ends_with_question"),
    ),
    (
        "All the moves that are allowed ask something, and no question is allowed.",
        ("max_questions", "moves_allowed"),
        lambda profile: _asks_nothing(profile) and _only_asks(profile),
    ),
    (
        "The answer is never to be told, and the move that tells it is allowed by name.",
        ("never_tell", "moves_allowed"),
        lambda profile: _has(profile, "never_tell") and "solution" in profile.moves_allowed,
    ),
    (
        "None of the moves that are allowed is on a rung that is allowed.",
        ("moves_allowed", "max_rung"),
        lambda profile: bool(profile.moves_allowed) and not allowed_moves(profile),
    ),
    (
        "Neither confirming nor closing is allowed, so the conversation cannot end.",
        ("moves_allowed", "closing_rule"),
        lambda profile: bool(profile.moves_allowed) and not _ENDING & set(profile.moves_allowed),
    ),
    (
        "Encouragement is wished for, and every praise is forbidden.",
        ("no_praise", "encouragement"),
        lambda profile: _has(profile, "no_praise") and "encouragement" in profile.soft,
    ),
    (
        "Worked examples are wished for, and working another problem out is not allowed.",
        ("worked_examples", "moves_allowed"),
        lambda profile: "worked_examples" in profile.soft and "analogy" not in allowed_moves(profile),
    ),
    (
        "Two languages are asked for.",
        ("language",),
        lambda profile: len(_languages(profile)) > 1,
    ),
    (
        "Reading grades are computed for English only.",
        ("reading_grade", "language"),
        lambda profile: _grades(profile) and profile.language != "en",
    ),
    (
        "In so few words nothing can be asked, and every utterance is to end with a question.",
        ("max_words", "ends_with_question"),
        lambda profile: _has(profile, "max_words", "ends_with_question") and _few_words(profile),
    ),
    (
        "The persona passes for a human being.",
        ("persona",),
        lambda profile: claims_to_be_human(f"I am {profile.persona}") is not None,
    ),
)


@lru_cache(maxsize=1)
def _data() -> Mapping[str, Any]:
    return MappingProxyType(yaml.safe_load(folder_text("profile.yaml")))

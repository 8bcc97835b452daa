"""What a guard may know, and what it says when it objects."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from tutorkit.tutoring.policy import SOLUTION, HelpPolicy
from tutorkit.types import Problem, Record, TutorAct

ViolationKind: TypeAlias = Literal[
    "leak",
    "unearned",
    "false_equation",
    "praise",
    "blame",
    "length",
    "questions",
    "language",
    "personal",
    "human",
    "artefact",
    "rule",
]
RuleKind: TypeAlias = Literal[
    "never_tell",
    "max_sentences",
    "max_words",
    "max_questions",
    "ends_with_question",
    "language",
    "topics",
    "forbidden_words",
    "no_emoji",
    "no_code",
    "no_praise",
    "reading_grade",
]


class HardRule(Record):
    """A rule of a teacher's that a machine can check.

    ``value`` is a number of sentences, words, questions, or the school grade for which a text must be readable;
    ``words`` are the words that a rule is about, or the language of the rule ``language``. For ``topics`` they are the
    topics that must not come up.
    """

    kind: RuleKind
    value: int | None = None
    words: tuple[str, ...] = ()


class Violation(Record):
    """An objection to a text: of which kind, what was done wrong, and where.

    ``what`` is a whole sentence that can be shown to whoever is to word it anew: it quotes nothing. ``where`` is the
    passage, as the guard read it.
    """

    kind: ViolationKind
    what: str
    where: str = ""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What a guard may know when it reads what a tutor is about to say.

    Attributes:
        problem: what the conversation is about, with its answer and its worked steps.
        act: what the tutor set out to do.
        learner_said: everything that the learner has said so far.
        verdict: whether the last answer was right, as code found it; None when there was none to judge.
        language: in which the tutor speaks, as an ISO 639-1 code.
        policy: what the teacher allows.
        roster: names of people that no text may hold.
        aliases: further forms of the answer.
        earned: results of steps that the learner has reached, besides those that stand in its own words.
        reference_code: a program that solves the problem, where it asks for one.
        tutor_said: what the tutor has said before, lest an answer be given away in pieces.
        rules: a teacher's further rules.
    """

    problem: Problem
    act: TutorAct
    learner_said: tuple[str, ...] = ()
    verdict: Literal["right", "wrong"] | None = None
    language: str = "en"
    policy: HelpPolicy = field(default_factory=HelpPolicy)
    roster: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    earned: tuple[str, ...] = ()
    reference_code: str | None = None
    tutor_said: tuple[str, ...] = ()
    rules: tuple[HardRule, ...] = ()

    @property
    def may_tell(self) -> bool:
        """Whether the answer may be said: the learner has found it, or this is the solution, and that is allowed."""
        if self.verdict == "right":
            return True
        told = self.act.rung >= SOLUTION and self.policy.max_rung >= SOLUTION
        return told and not any(rule.kind == "never_tell" for rule in self.rules)


Guard: TypeAlias = Callable[[str, Seen], list[Violation]]
"""Reads what a tutor is about to say and returns its objections, none if there are none. It never raises."""


def passage(text: str, start: int, end: int, *, around: int = 20) -> str:
    """Return a passage with a little of what stands around it, on one line."""
    return " ".join(text[max(0, start - around) : end + around].split())

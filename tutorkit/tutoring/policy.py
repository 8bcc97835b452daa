"""How much help a learner may have: decided by counting, before anybody words anything.

A system prompt alone holds no tutor back: asked often enough, a model tells. So the highest rung of help is worked out
here from what the learner has done and what the teacher allows, and what is said is kept below it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, TypeAlias

from pydantic import Field

from tutorkit.types import Record, TutorMove

Pacing: TypeAlias = Literal["go_on", "offer_next", "end"]

RUNG: Mapping[TutorMove, int] = MappingProxyType(
    {
        "generic": 0,
        "confirm": 0,
        "close": 0,
        "elicit": 0,
        "orient": 1,
        "focus": 2,
        "concept": 3,
        "contrast": 3,
        "name_step": 4,
        "analogy": 5,
        "next_step": 6,
        "solution": 7,
    }
)
"""The rung of help on which each move stands; see ``tutorkit.types.TutorAct``."""

SOLUTION = RUNG["solution"]


class HelpPolicy(Record):
    """What a teacher sets.

    ``max_rung`` is the highest rung of help at all. The whole solution is shown after ``max_attempts`` tries, or at any
    time where ``solution_unlocked``; never in an assessment, in which nothing above ``assessment_max_rung`` is given.
    ``unstick_after`` opens rungs 2 and 3 to a learner who has asked so often for help and has tried nothing; by default
    a try comes first. A learner who has probably mastered the skill (``fade_from``, a probability) has to try once more
    for every rung from 5 on.

    ``max_sentences`` is what one utterance may have at most, ``max_probes`` how often a right answer is asked about,
    ``max_minutes`` how long a conversation may last.
    """

    max_rung: int = Field(default=SOLUTION, ge=0, le=SOLUTION)
    max_attempts: int = Field(default=5, ge=1)
    solution_unlocked: bool = False
    assessment_max_rung: int = Field(default=SOLUTION - 1, ge=0, lt=SOLUTION)
    unstick_after: int | None = Field(default=None, ge=1)
    fade_from: float | None = Field(default=None, ge=0, le=1)
    max_sentences: int = Field(default=3, ge=1, le=20)
    max_probes: int = Field(default=2, ge=0)
    max_minutes: float | None = Field(default=None, gt=0)


class Situation(Record):
    """What a learner has done so far with one problem.

    ``attempts`` are answers, ``distinct_attempts`` different ones, ``hints_asked`` wishes for help. ``mastery`` is the
    probability that the skill is mastered, if anything is known of it. ``explained`` tells that reasons were given for
    a right answer, ``probes_since_right`` how often the learner was asked about it.
    """

    attempts: int = Field(default=0, ge=0)
    distinct_attempts: int = Field(default=0, ge=0)
    hints_asked: int = Field(default=0, ge=0)
    minutes: float = Field(default=0.0, ge=0)
    mastery: float | None = Field(default=None, ge=0, le=1)
    assessment: bool = False
    answered_right: bool = False
    explained: bool = False
    probes_since_right: int = Field(default=0, ge=0)
    wants_exit: bool = False


def ceiling(situation: Situation, policy: HelpPolicy) -> int:
    """Return the highest rung of help that may be given now, 0 to 7.

    More tries, more different tries and more wishes for help never lower it. Trying the same answer over and over opens
    neither the naming of the wrong step nor, by itself, a worked example; ``max_attempts`` counts every try.
    """
    earned = max(_earned(situation, policy), SOLUTION if _tells(situation, policy) else 0)
    allowed = min(policy.max_rung, policy.assessment_max_rung) if situation.assessment else policy.max_rung
    return min(earned, allowed)


def pacing(situation: Situation, policy: HelpPolicy) -> Pacing:
    """Return whether to go on, to offer the next problem, or to end.

    Who wants to leave may leave. A right answer that was explained, or asked about ``max_probes`` times, is let go: in
    LearnLM's trial with Eedi the most frequent edit of human tutors was to stop questioning that went on for too long.
    """
    if situation.wants_exit:
        return "end"
    if policy.max_minutes is not None and situation.minutes >= policy.max_minutes:
        return "end"
    done = situation.explained or situation.probes_since_right >= policy.max_probes
    return "offer_next" if situation.answered_right and done else "go_on"


def _earned(situation: Situation, policy: HelpPolicy) -> int:
    later = int(policy.fade_from is not None and (situation.mastery or 0.0) >= policy.fade_from)
    tries, different = situation.attempts, min(situation.distinct_attempts, situation.attempts)
    stuck = policy.unstick_after is not None and situation.hints_asked >= policy.unstick_after
    if tries >= 3 + later:
        return 6
    if tries >= 2 + later and situation.hints_asked > 0:
        return 5
    if different >= 2:
        return 4
    return 3 if tries >= 1 or stuck else 1


def _tells(situation: Situation, policy: HelpPolicy) -> bool:
    return policy.solution_unlocked or situation.attempts >= policy.max_attempts

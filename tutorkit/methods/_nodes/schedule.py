"""Schedule: how a round's practice is dealt out over skills that build on one another, by mastering rate.

Source: Willems, Lahlou, Bengio (arXiv 2008.06456), see ``tutorkit.knowledge.mastering_rate``: practice goes to what is
not mastered yet, but whose ancestors are. The order of the skills is the user's. Where none is named every skill is a
start, and attention goes by what is left to learn and by progress alone.

Ours: each assessment is a step, and the last three of a skill count, since a teaching loop has few rounds. A name of
the order that is not among a run's skills holds nobody back. A skill is what the method takes for one: where problems
that take several skills are a concept of their own, that concept has a place of its own in the order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import AfterValidator, JsonValue

from tutorkit.errors import BadSetting
from tutorkit.knowledge.mastering_rate import (
    Curriculum,
    Progress,
    Weights,
    allocate,
    attention,
    distribution,
    learning_progress,
    mastery,
)
from tutorkit.methods._nodes.scores import keep_measure
from tutorkit.methods.vocabulary import Deps
from tutorkit.types import Attempt

Scheduler = Literal["even", "mastering-rate"]
"""How practice is dealt out over skills: to all alike, or by mastering rate."""


def _names(before: Mapping[str, Collection[str]]) -> dict[str, None]:
    return dict.fromkeys(name for later, earlier in before.items() for name in (*earlier, later))


def _without_cycle(before: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    try:
        Curriculum(before={**dict.fromkeys(_names(before), ()), **before})
    except BadSetting as error:
        raise ValueError(error.message.removesuffix(".")) from error
    return before


Before = Annotated[dict[str, tuple[str, ...]], AfterValidator(_without_cycle)]
"""An order of skills: each with those that come directly before it; one that is not named is a start."""


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """By what practice is dealt out: the order of a run's skills, and the constants of the attention."""

    curriculum: Curriculum
    weights: Weights


def check_order(before: Mapping[str, Collection[str]], skills: Iterable[str]) -> None:
    """Refuse an order that names what no problem takes.

    Args:
        before: each skill with those that come directly before it.
        skills: what the problems take.

    Raises:
        BadSetting: naming the strangers.
    """
    known = set(skills)
    strangers = [name for name in _names(before) if name not in known]
    if strangers:
        others = f"Name skills that there are: {', '.join(sorted(known))}."
        raise BadSetting(
            f"The order of skills (before) names {', '.join(strangers)}, which no problem takes.",
            remedy=others if known else "Leave before away: the problems do not say what skills they take.",
            data={"unknown": strangers, "skills": sorted(known)},
        )


def schedule_of(before: Mapping[str, Collection[str]], skills: Sequence[str], *, window: int) -> Schedule:
    """Put a run's skills in order.

    Args:
        before: each skill with those that come directly before it, without cycles. A name that is not among ``skills``
            gives way to what comes before it: it could never be mastered, and would starve what comes after it.
        skills: what is practised in this run.
        window: how many of a skill's last assessments count, from 2.
    """
    return Schedule(
        curriculum=Curriculum(before={skill: tuple(_earlier(before, skill, skills)) for skill in skills}),
        weights=Weights(window=window),
    )


def _earlier(before: Mapping[str, Collection[str]], name: str, skills: Sequence[str]) -> dict[str, None]:
    found: dict[str, None] = {}
    for earlier in before.get(name, ()):
        found |= {earlier: None} if earlier in skills else _earlier(before, earlier, skills)
    return found


def keep_progress(
    deps: Deps,
    schedule: Schedule,
    progress: JsonValue,
    attempts: Sequence[Attempt],
    *,
    skill_of: Callable[[Attempt], str | None],
    round: int,
    probe_set: str,
) -> JsonValue:
    """Take a round's attempts into what was seen of a learner, and keep what that comes to, by skill, as scores.

    The scores are ``mastering_rate``, ``learning_progress`` and ``attention`` (not yet a share); ``n`` counts the
    attempts of this round that say something. An unfinished attempt says nothing of its skill.

    Args:
        deps: the run's participants.
        schedule: the order of the skills.
        progress: what was seen before, as JSON from the state; None at first.
        attempts: those of the round.
        skill_of: which skill an attempt is about, if any.
        round: the round.
        probe_set: what the attempts are at: ``val``, ``book``.

    Returns:
        What was seen so far, as JSON for the state.
    """
    tried: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for attempt in attempts:
        skill = skill_of(attempt)
        if skill is not None and attempt.grade.outcome != "unfinished":
            tried[skill] += 1
            right[skill] += attempt.grade.outcome == "right"
    seen = Progress.model_validate(progress or {}).after({skill: right[skill] / n for skill, n in tried.items()})
    curriculum, weights = schedule.curriculum, schedule.weights
    for kind, values in (
        ("mastering_rate", mastery(curriculum, seen, window=weights.window)),
        ("learning_progress", learning_progress(curriculum, seen, window=weights.window)),
        ("attention", attention(curriculum, seen, weights)),
    ):
        for skill, value in values.items():
            keep_measure(deps, kind, value, n=tried[skill], subject=skill, probe_set=probe_set, round=round)
    return seen.model_dump(mode="json")


def deal(
    deps: Deps,
    schedule: Schedule,
    progress: JsonValue,
    total: int,
    *,
    among: Sequence[str],
    round: int,
    probe_set: str,
    part: int = 0,
) -> dict[str, int]:
    """Deal a round's practice out, in shares of the attention, and keep what each skill gets as its score ``dealt``.

    Args:
        deps: the run's participants.
        schedule: the order of the skills.
        progress: what was seen so far, as ``keep_progress`` returned it.
        total: how much there is to be dealt out.
        among: the skills that may get something, each one of the schedule's. A tenth is spread over them alike, and so
            is everything where none of them gets attention: nothing is lost.
        round: the round.
        probe_set: what the attempts were at.
        part: tells several dealings of one round apart.

    Returns:
        What each of ``among`` gets; it adds up to ``total``.
    """
    found = attention(schedule.curriculum, Progress.model_validate(progress), schedule.weights)
    counts = allocate(distribution({skill: found[skill] for skill in among}), total)
    for skill, count in counts.items():
        keep_measure(deps, "dealt", count, n=total, subject=skill, probe_set=probe_set, round=round, part=part)
    return counts

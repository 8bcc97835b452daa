"""Tutors against learners: who gets the answer found, who tells it, and who leaves something that lasts.

Every tutor meets every learner, each time as it was at first, on the same problems. What a learner can do is measured
without help before and after, on near problems (the same misconception, other numbers) and far ones (other problems
that take the skill). Success and telling are MathDial's (arXiv:2305.14536), counted strictly: a learner that was right
before the tutor had spoken is no success of the tutor's, and is shown apart.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from tutorkit.evals.stats import Interval, paired_difference
from tutorkit.ports import Learner
from tutorkit.tutoring.insight import verdict_on
from tutorkit.tutoring.session import Tutoring, opened, respond, with_learner
from tutorkit.types import Dialogue, Outcome, Problem, Record

TURNS = 7
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True, kw_only=True)
class Course:
    """What one learner is put through: the problems that it is tutored on, and those that it is tested on."""

    learner: Learner
    problems: tuple[Problem, ...]
    near: tuple[Problem, ...]
    far: tuple[Problem, ...]


class Met(Record):
    """One tutor, one learner, one problem. Turns count from 1; None is never."""

    tutor: str
    learner: str
    problem_id: str
    right_at_first: bool
    success_at: int | None
    told_at: int | None
    turns: int
    blocked: int
    dialogue: Dialogue


class TutorStanding(Record):
    """How a tutor did. ``success`` and ``telling`` hold k = 1, 2, … in turn; gains are taught minus untaught."""

    tutor: str
    learners: int
    sessions: int
    right_at_first: Interval
    success: tuple[Interval, ...]
    telling: tuple[Interval, ...]
    near_before: Interval
    near_gain: Interval
    far_before: Interval
    far_gain: Interval
    turns: float
    blocked: int


class Difference(Record):
    """The first tutor minus the second, paired by learner and problem."""

    first: str
    second: str
    success: Interval
    near: Interval
    far: Interval


class TournamentReport(Record):
    """The whole: ``simulated`` is said of every figure where the learners are programs."""

    simulated: bool
    standings: tuple[TutorStanding, ...]
    differences: tuple[Difference, ...]
    meetings: tuple[Met, ...]


@dataclass(frozen=True, kw_only=True)
class _Tested:
    """What came of one tutor with one learner: the sessions, and the tests before and after, by problem."""

    met: tuple[Met, ...]
    near: tuple[tuple[Outcome, Outcome], ...]
    far: tuple[tuple[Outcome, Outcome], ...]


async def tournament(
    tutors: Mapping[str, Tutoring], courses: Sequence[Course], *, turns: int = TURNS, seed: int = 0, simulated: bool
) -> TournamentReport:
    """Let every tutor teach every learner, and report.

    Args:
        tutors: by the name under which they stand in the report.
        courses: the learners with their problems.
        turns: at most so many turns of the tutor in one session.
        seed: of the bootstrap.
        simulated: whether the learners are programs.

    Raises:
        ModelError, UnusableOutput, BudgetExhausted: when a model tutors and failed.
    """
    played = {name: [await _taught(name, how, each, turns=turns) for each in courses] for name, how in tutors.items()}
    groups = [each.learner.ref for each in courses]
    names = list(tutors)
    return TournamentReport(
        simulated=simulated,
        standings=tuple(_standing(name, played[name], groups, turns=turns, seed=seed) for name in names),
        differences=tuple(
            _difference(first, second, played, groups, turns=turns, seed=seed)
            for place, first in enumerate(names)
            for second in names[place + 1 :]
        ),
        meetings=tuple(met for name in names for each in played[name] for met in each.met),
    )


async def meet(
    tutor: str, tutoring: Tutoring, learner: Learner, problem: Problem, *, turns: int
) -> tuple[Learner, Met]:
    """Let a tutor and a learner talk about one problem, until it is solved and closed, or the turns are used up."""
    dialogue = opened(problem, dialogue_id=f"{tutor}/{learner.ref}", run_id="", learner=learner.ref, tutoring=tutoring)
    ref, question = learner.ref, problem.question()
    learner, said = await learner.begin(question)
    right_at_first = verdict_on(problem, said) == "right"
    dialogue = with_learner(dialogue, said)
    success_at = told_at = None
    done = 0
    while done < turns:
        done += 1
        responded = await respond(dialogue, problem, tutoring=tutoring)
        dialogue = responded.dialogue
        if told_at is None and success_at is None and gives_away(problem, responded.turn.text):
            told_at = done
        if responded.turn.act is not None and responded.turn.act.move in ("close", "confirm"):
            break
        learner, said = await learner.hear(question, dialogue.turns)
        dialogue = with_learner(dialogue, said)
        if success_at is None and not right_at_first and verdict_on(problem, said) == "right":
            success_at = done
        if said.wants_exit:
            break
    blocked = sum(len(turn.blocked) > 0 for turn in dialogue.turns)
    return learner, Met(
        tutor=tutor,
        learner=ref,
        problem_id=problem.id,
        right_at_first=right_at_first,
        success_at=success_at,
        told_at=told_at,
        turns=done,
        blocked=blocked,
        dialogue=dialogue,
    )


def gives_away(problem: Problem, text: str) -> bool:
    """Tell whether a text holds the problem's answer: a number of it that the problem does not hold, or its wording.

    This is the measure and not the guard: it is plain, knows no white list but the problem, and is written apart.
    """
    gold = problem.gold or ""
    wanted = {Fraction(number) for number in _NUMBER.findall(gold)}
    given = {Fraction(number) for number in _NUMBER.findall(problem.question().as_text())}
    if fresh := wanted - given:
        return fresh <= {Fraction(number) for number in _NUMBER.findall(text.replace(",", ""))}
    return gold.replace(" ", "") in text.replace("−", "-").replace(" ", "")


async def _taught(name: str, tutoring: Tutoring, course: Course, *, turns: int) -> _Tested:
    before = [await _tested(course.learner, problems) for problems in (course.near, course.far)]
    learner, met = course.learner, []
    for problem in course.problems:
        learner, one = await meet(name, tutoring, learner, problem, turns=turns)
        met.append(one)
    after = [await _tested(learner, problems) for problems in (course.near, course.far)]
    near, far = (tuple(zip(first, last, strict=True)) for first, last in zip(before, after, strict=True))
    return _Tested(met=tuple(met), near=near, far=far)


async def _tested(learner: Learner, problems: Sequence[Problem]) -> list[Outcome]:
    """Let a learner answer without help; a test teaches nothing, so the learner that comes of it is let go."""
    outcomes: list[Outcome] = []
    for problem in problems:
        _, said = await learner.begin(problem.question())
        outcomes.append(verdict_on(problem, said) or "invalid")
    return outcomes


def _standing(name: str, tested: Sequence[_Tested], groups: Sequence[str], *, turns: int, seed: int) -> TutorStanding:
    met = [(one, group) for group, each in zip(groups, tested, strict=True) for one in each.met]
    helped = [(one, group) for one, group in met if not one.right_at_first]
    near, far = _answers(tested, groups, "near"), _answers(tested, groups, "far")
    steps = range(1, turns + 1)
    return TutorStanding(
        tutor=name,
        learners=len(tested),
        sessions=len(met),
        right_at_first=_share([(one.right_at_first, group) for one, group in met], seed=seed),
        success=tuple(_share([(_by(one.success_at, k), group) for one, group in helped], seed=seed) for k in steps),
        telling=tuple(_share([(_by(one.told_at, k), group) for one, group in helped], seed=seed) for k in steps),
        near_before=_share([(before == "right", group) for before, _, group in near], seed=seed),
        near_gain=_change(near, seed=seed),
        far_before=_share([(before == "right", group) for before, _, group in far], seed=seed),
        far_gain=_change(far, seed=seed),
        turns=sum(one.turns for one, _ in met) / len(met),
        blocked=sum(one.blocked for one, _ in met),
    )


def _difference(
    first: str,
    second: str,
    played: Mapping[str, Sequence[_Tested]],
    groups: Sequence[str],
    *,
    turns: int,
    seed: int,
) -> Difference:
    """Compare two tutors by the same learners and problems; sessions in which the learner began right stay out."""
    both = [
        (_outcome(_by(b.success_at, turns)), _outcome(_by(a.success_at, turns)), group)
        for group, one, other in zip(groups, played[first], played[second], strict=True)
        for a, b in zip(one.met, other.met, strict=True)
        if not (a.right_at_first or b.right_at_first)
    ]
    after = [
        [
            (of_second[1], of_first[1], of_first[2])
            for of_first, of_second in zip(
                _answers(played[first], groups, kind), _answers(played[second], groups, kind), strict=True
            )
        ]
        for kind in ("near", "far")
    ]
    return Difference(
        first=first,
        second=second,
        success=_change(both, seed=seed),
        near=_change(after[0], seed=seed),
        far=_change(after[1], seed=seed),
    )


def _answers(
    tested: Sequence[_Tested], groups: Sequence[str], kind: Literal["near", "far"]
) -> list[tuple[Outcome, Outcome, str]]:
    """Return what every test answer was before and after, with whose it is."""
    return [
        (before, after, group)
        for group, each in zip(groups, tested, strict=True)
        for before, after in (each.near if kind == "near" else each.far)
    ]


def _share(told: Sequence[tuple[bool, str]], *, seed: int) -> Interval:
    """Return a share with its interval, in which the sessions of one learner are drawn together."""
    drawn = _change([("wrong", _outcome(yes), group) for yes, group in told], seed=seed)
    return drawn.model_copy(update={"low": max(0.0, drawn.low), "high": min(1.0, drawn.high)})


def _change(pairs: Sequence[tuple[Outcome, Outcome, str]], *, seed: int) -> Interval:
    before, after, groups = ([pair[0] for pair in pairs], [pair[1] for pair in pairs], [pair[2] for pair in pairs])
    return paired_difference(before, after, groups, seed=seed)


def _outcome(yes: bool) -> Outcome:
    return "right" if yes else "wrong"


def _by(turn: int | None, k: int) -> bool:
    return turn is not None and turn <= k

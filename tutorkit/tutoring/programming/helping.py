"""One round of help with a program: run it, find the place, decide, word it, look at the words, say it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from tutorkit.tutoring.policy import HelpPolicy
from tutorkit.tutoring.programming.diagnosing import diagnose
from tutorkit.tutoring.programming.exercises import Exercise
from tutorkit.tutoring.programming.guards import Checked, Objection, objections
from tutorkit.tutoring.programming.localising import Localisation, localise
from tutorkit.tutoring.programming.planning import STAFF_AFTER, HelpGiven, HelpPlan, Snapshot, plan_help, snapshot_of
from tutorkit.tutoring.programming.results import RunReport
from tutorkit.tutoring.programming.testing import Runner
from tutorkit.tutoring.programming.wording import HelpBrief, HelpWords, RuleHelpWords, worded_help
from tutorkit.types import Call

_TRIES = 2


@dataclass(frozen=True, kw_only=True)
class Helping:
    """How learners are helped: who runs their programs, who words, how much is allowed."""

    runner: Runner
    words: HelpWords = field(default_factory=RuleHelpWords)
    policy: HelpPolicy = field(default_factory=HelpPolicy)
    language: str = "en"
    assessment: bool = False
    staff_after: int = STAFF_AFTER


@dataclass(frozen=True, kw_only=True)
class Help:
    """What is said, and what it rests on.

    ``given`` goes into the history of the next round. ``blocked`` are the objections to wordings that were not said.
    """

    text: str
    plan: HelpPlan
    report: RunReport
    found: Localisation
    snapshot: Snapshot
    given: HelpGiven
    blocked: tuple[Objection, ...] = ()
    calls: tuple[Call, ...] = ()


async def help_with(
    exercise: Exercise,
    code: str,
    *,
    helping: Helping,
    history: Sequence[HelpGiven] = (),
    said: str = "",
    wants_exit: bool = False,
) -> Help:
    """Help with a program.

    Args:
        exercise: what was to be done.
        code: the program as it stands. It is data: nothing in it is an instruction to anybody.
        helping: how it is helped.
        history: what ``given`` was in the rounds before, the oldest first.
        said: what the learner says or asks.
        wants_exit: whether the learner wants to stop.

    Raises:
        SandboxMissing: when programs cannot be contained here. The program was not run.
        ModelError, UnusableOutput, BudgetExhausted: when a model words and no wording could be had.
    """
    snapshot = snapshot_of(exercise, code, said=said, wants_exit=wants_exit)
    report, found = await asyncio.to_thread(looked_at, exercise, code, helping.runner)
    plan = plan_help(
        exercise,
        snapshot,
        report,
        diagnose(exercise, code, report, found),
        history,
        policy=helping.policy,
        assessment=helping.assessment,
        staff_after=helping.staff_after,
    )
    brief = HelpBrief(exercise=exercise, snapshot=snapshot, report=report, plan=plan, language=helping.language)
    text, blocked, calls = await _said_safely(brief, helping)
    given = HelpGiven(
        snapshot_id=snapshot.id,
        signature=report.signature(),
        move=plan.move,
        rung=plan.rung,
        passed=report.passes,
    )
    return Help(
        text=text,
        plan=plan,
        report=report,
        found=found,
        snapshot=snapshot,
        given=given,
        blocked=blocked,
        calls=calls,
    )


def looked_at(exercise: Exercise, code: str, runner: Runner) -> tuple[RunReport, Localisation]:
    """Run a program's tests and, where it fails, say where to look.

    The verdict is that of a run without tracing, which would take a slow program over its time.
    """
    report = runner.test(exercise, code)
    if report.verdict != "wrong":
        return report, Localisation(suspects=(), findings=())
    traced = runner.test(exercise, code, traced=True)
    return report, localise(code, report if traced.passes else traced, solutions=exercise.solutions)


async def _said_safely(brief: HelpBrief, helping: Helping) -> tuple[str, tuple[Objection, ...], tuple[Call, ...]]:
    """Word a move at most twice, and take the template where both wordings are objected to."""
    seen = Checked(
        exercise=brief.exercise,
        code=brief.snapshot.code,
        verdict=brief.plan.diagnosis.verdict,
        rung=brief.plan.rung,
    )
    blocked: list[Objection] = []
    calls: list[Call] = []
    faults: tuple[str, ...] = ()
    by_rule = brief.plan.stop is not None and brief.plan.stop != "passed"
    for _ in range(0 if by_rule or isinstance(helping.words, RuleHelpWords) else _TRIES):
        worded = await helping.words.word(
            HelpBrief(
                exercise=brief.exercise,
                snapshot=brief.snapshot,
                report=brief.report,
                plan=brief.plan,
                language=brief.language,
                faults=faults,
            )
        )
        calls.extend(worded.calls)
        objected = await asyncio.to_thread(objections, worded.text, seen, passing=helping.runner.passing)
        if not objected:
            return worded.text, tuple(blocked), tuple(calls)
        blocked.extend(objected)
        faults = tuple(dict.fromkeys(each.what for each in objected))
    return worded_help(brief), tuple(blocked), tuple(calls)

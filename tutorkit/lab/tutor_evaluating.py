"""Tutors side by side over a simulated class: the rule tutor, the baselines, and any model."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from random import Random

from tutorkit.canonical import stable_id
from tutorkit.errors import BadSetting, UnknownName
from tutorkit.evals.tournament import TURNS, Course, TournamentReport, tournament
from tutorkit.graphs.events import StopSignal, ignore
from tutorkit.lab.gateways import budget_for, gateway_for
from tutorkit.lab.home import Home
from tutorkit.lab.participants import TEACHER_DEFAULTS, is_offline
from tutorkit.lab.plan import Limits, Sending
from tutorkit.misconceptions import DOMAINS, Item, drawn_item, drawn_item_for, malrule, skills_of
from tutorkit.models import AccountedGateway
from tutorkit.prompting import PromptLibrary
from tutorkit.students.pupils import Pupil, drawn_class
from tutorkit.tasks.items import item_problem
from tutorkit.teachers.model import ModelTeacher
from tutorkit.tutoring.choosing import AlwaysTelling, Guiding, NeverHelping
from tutorkit.tutoring.policy import HelpPolicy
from tutorkit.tutoring.session import Tutoring
from tutorkit.tutoring.wording import ModelWords
from tutorkit.types import Problem

BASELINES = ("rules", "always-tell", "never-help")
UNGUARDED = "?unguarded"
_TELLING = HelpPolicy(solution_unlocked=True)
_DRAWS = 2_000
_MAX_TOKENS = 400


@dataclass(frozen=True, kw_only=True)
class TutorContest:
    """What is compared, with whom, on what.

    ``tutors`` are ``rules``, ``always-tell``, ``never-help`` or ``provider/model``; ``provider/model?unguarded`` is the
    same model without the guards, to see what they hold back. Of a class of ``size`` those pupils take part who hold a
    misconception; each is tutored on ``problems`` problems and tested on ``tests`` near and as many far ones.
    """

    tutors: tuple[str, ...] = BASELINES
    size: int = 40
    seed: int = 0
    domains: tuple[str, ...] = ()
    problems: int = 2
    tests: int = 4
    turns: int = TURNS


def compare_tutors(contest: TutorContest, *, home: Home, limits: Limits) -> TournamentReport:
    """Let every tutor teach every pupil of a simulated class, and report. Every figure is *simulated*.

    Calls of models are cached: the same contest again costs nothing and comes to the same.

    Raises:
        UnknownName: for a tutor or domain that there is not.
        BadSetting: when nobody in the class holds a misconception.
        ModelError, UnusableOutput, BudgetExhausted: when a model tutors and failed. What it had said is in the cache.
    """
    courses = _courses(contest)
    return asyncio.run(_played(contest, courses, home=home, limits=limits))


async def _played(contest: TutorContest, courses: Sequence[Course], *, home: Home, limits: Limits) -> TournamentReport:
    async with AsyncExitStack() as opened:
        tutors = {name: await _tutor(name, opened, home=home, limits=limits) for name in contest.tutors}
        return await tournament(tutors, courses, turns=contest.turns, seed=contest.seed, simulated=True)


async def _tutor(name: str, opened: AsyncExitStack, *, home: Home, limits: Limits) -> Tutoring:
    if name == "rules":
        return Tutoring(chooser=Guiding())
    if name == "always-tell":
        return Tutoring(chooser=AlwaysTelling(), policy=_TELLING)
    if name == "never-help":
        return Tutoring(chooser=NeverHelping())
    if "/" not in name or is_offline(name):
        raise UnknownName("tutor", name, (*BASELINES, "provider/model"))
    model = name.removesuffix(UNGUARDED)
    run_id = stable_id("tutor-eval", model)
    settings, store = home.settings, home.store
    gateway = await opened.enter_async_context(
        gateway_for(
            run_id,
            budget_for([run_id], limits, settings=settings, store=store),
            settings=settings,
            store=store,
            sending=Sending(),
            listen=ignore,
            stop=StopSignal(),
        )
    )
    gateway.check(model)
    teacher = ModelTeacher(
        ref=model,
        chat=AccountedGateway(gateway),
        prompts=PromptLibrary(),
        options={**TEACHER_DEFAULTS, "max_tokens": _MAX_TOKENS},
    )
    return Tutoring(words=ModelWords(teacher=teacher), guarded=not name.endswith(UNGUARDED))


def _courses(contest: TutorContest) -> list[Course]:
    pupils = drawn_class(contest.size, seed=contest.seed, domains=contest.domains or DOMAINS)
    courses = [_course(pupil, contest) for pupil in pupils if pupil.learner.bugs]
    if not courses:
        raise BadSetting(
            "No pupil of this class holds a misconception.", remedy="Take a larger class, or another seed."
        )
    return courses


def _course(pupil: Pupil, contest: TutorContest) -> Course:
    """Tutor a pupil on the misconception that it holds most firmly."""
    bugs = pupil.learner.bugs
    rule = max(bugs, key=lambda bug: (bugs[bug].strength, bug))
    rng = Random(f"{contest.seed}:{pupil.id}")  # noqa: S311 - a sample, not a secret
    used: set[str] = set()
    problems = _problems(contest.problems, lambda: drawn_item_for(rule, rng), used)
    near = _problems(contest.tests, lambda: drawn_item_for(rule, rng), used)
    far = _problems(contest.tests, lambda: _far(rule, rng), used)
    return Course(learner=pupil.learner, problems=problems, near=near, far=far)


def _problems(count: int, draw: Callable[[], Item], used: set[str]) -> tuple[Problem, ...]:
    found: list[Problem] = []
    for _ in range(_DRAWS):
        if len(found) == count:
            break
        problem = item_problem(draw())
        if problem.id not in used:
            used.add(problem.id)
            found.append(problem)
    return tuple(found)


def _far(rule_id: str, rng: Random) -> Item:
    """Draw an item that takes the skill, whether or not the misconception would show on it."""
    rule = malrule(rule_id)
    item = drawn_item(rule.domain, rng)
    for _ in range(_DRAWS):
        if rule.skill in skills_of(item):
            return item
        item = drawn_item(rule.domain, rng)
    return drawn_item_for(rule_id, rng)

"""From attempts to figures: each with its interval, its n and what it is compared with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from tutorkit.evals.stats import Interval, accuracy, mcnemar, paired_difference
from tutorkit.lab.participants import is_simulated, live_skills
from tutorkit.lab.report import ArmResult, Estimate, Gain
from tutorkit.lab.teaching import ArmEnding, Experiment
from tutorkit.methods import ids
from tutorkit.methods.vocabulary import State
from tutorkit.ports import Scorer, Sink
from tutorkit.tasks import Task
from tutorkit.types import Attempt, Lesson, Outcome, PreferencePair, Problem, SFTExample, TrainingRow


def arm_results(experiment: Experiment, endings: Sequence[ArmEnding], sink: Sink) -> tuple[ArmResult, ...]:
    """Measure every arm, and the first one beyond each of the others."""
    problems = {problem.id: problem for problem in experiment.task.split("test")}
    measured = [outcomes_of(ending.state, sink) for ending in endings]
    seed = experiment.plan.seed
    results: list[ArmResult] = []
    for position, (ending, (untaught, taught)) in enumerate(zip(endings, measured, strict=True)):
        beyond = gain_of(taught, measured[0][1], problems, seed=seed) if position else None
        named = _named(ending.state, sink)
        precision, recall = _against_truth(named, experiment)
        results.append(
            ArmResult(
                name=ending.arm.name,
                question=ending.arm.question,
                run_id=ending.run.id,
                teacher=ending.run.teacher,
                status=ending.run.status,
                stop_reason=ending.run.stop_reason,
                untaught=estimate(list(untaught.values())),
                taught=estimate(list(taught.values())),
                gain=gain_of(untaught, taught, problems, seed=seed),
                taught_beyond=beyond,
                outcomes={"untaught": dict(Counter(untaught.values())), "taught": dict(Counter(taught.values()))},
                named=named,
                precision=precision,
                recall=recall,
            )
        )
    return tuple(results)


def gain_of(
    before: Mapping[str, Outcome], after: Mapping[str, Outcome], problems: Mapping[str, Problem], *, seed: int
) -> Gain | None:
    """Return the paired difference in accuracy on the problems that both have; None when there are none."""
    shared = [name for name in problems if name in before and name in after]
    if not shared:
        return None
    first, second = [before[name] for name in shared], [after[name] for name in shared]
    groups = [problems[name].group for name in shared]
    interval = paired_difference(first, second, groups, seed=seed)
    p = mcnemar(first, second, groups)
    return Gain(**_figures(interval), p=p)


def estimate(outcomes: Sequence[Outcome]) -> Estimate | None:
    """Return the accuracy of some outcomes; None when there are none."""
    if not outcomes:
        return None
    return Estimate(**_figures(accuracy(outcomes)))


def _figures(interval: Interval) -> dict[str, Any]:
    return interval.model_dump(include={"value", "low", "high", "n", "method"})


def constant_answer(task: Task, scorer: Scorer) -> Estimate | None:
    """Measure the trivial baseline: the most common gold of ``val``, given as the answer to every test problem."""
    golds = Counter(problem.gold for problem in task.split("val") if problem.gold is not None)
    if not golds:
        return None
    answer = max(sorted(golds), key=lambda gold: golds[gold])
    return estimate([scorer.grade(problem, f"Answer: {answer}").outcome for problem in task.split("test")])


def lessons_of(state: State, sink: Sink) -> list[Lesson]:
    """Return the lessons that a run ended with, in the order in which the student reads them."""
    return sink.get_all(Lesson, ids(state, "lessons"))


def outcomes_of(state: State, sink: Sink) -> tuple[dict[str, Outcome], dict[str, Outcome]]:
    """Return how a finished run's test problems came out, untaught and taught, by problem."""
    test = state.get("test", {})
    found: list[dict[str, Outcome]] = []
    for condition in ("untaught", "taught"):
        attempts = sink.get_all(Attempt, ids(test, condition)) if isinstance(test, dict) else []
        found.append({attempt.problem_id: attempt.grade.outcome for attempt in attempts})
    return found[0], found[1]


def _named(state: State, sink: Sink) -> tuple[str, ...]:
    """Return the skills that were taught since the student lacks them, as the teaching has it.

    They are those of the lessons that the student reads, or that its data came from. A lesson that was made of no
    attempt says nothing about the student: it was written for every problem alike, and its skill is the problem's.
    """
    lessons = [*lessons_of(state, sink), *_behind_rows(state, sink)]
    return tuple(sorted({lesson.skill for lesson in lessons if lesson.skill and lesson.source_attempt_ids}))


def _behind_rows(state: State, sink: Sink) -> list[Lesson]:
    named = ids(state, "rows")
    rows: list[TrainingRow] = [
        row for kind in (SFTExample, PreferencePair) for row in sink.get_all(kind, named, missing_ok=True)
    ]
    return sink.get_all(Lesson, list(dict.fromkeys(name for row in rows for name in row.lesson_ids)))


def _against_truth(named: Sequence[str], experiment: Experiment) -> tuple[float | None, float | None]:
    """Compare the named skills with a simulated student's live bugs: precision and recall."""
    if not named or not is_simulated(experiment.plan.student):
        return None, None
    live = set(live_skills(experiment.plan.student, experiment.task))
    hits = len(live & set(named))
    return hits / len(named), (hits / len(live) if live else None)

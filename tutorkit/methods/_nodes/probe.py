"""Probe: how well students do when a lesson is the only thing that they are given.

This is what ARTE (arXiv 2406.19227), learning by teaching (arXiv 2406.14629) and the theory-of-mind intervention
(arXiv 2306.09299) share: the worth of a lesson is what it makes a student do on problems that it is not about.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from tutorkit.canonical import stable_id
from tutorkit.knowledge.intervals import wilson
from tutorkit.methods._nodes.practise import load_attempts
from tutorkit.methods.vocabulary import Deps, StudentDesk
from tutorkit.types import Attempt, Lesson, Problem, Score

UNTAUGHT = "untaught"


@dataclass(frozen=True)
class Probed:
    """What was seen with one lesson: ``right`` of ``n`` answers.

    An unfinished answer says nothing of the lesson: its attempt is in ``attempt_ids``, but it is not counted in ``n``.
    """

    right: int
    n: int
    attempt_ids: tuple[str, ...]

    @property
    def accuracy(self) -> float | None:
        """The share that is right, in [0, 1]; None when there was no finished answer."""
        return self.right / self.n if self.n else None


NOTHING_SEEN = Probed(0, 0, ())


@dataclass(frozen=True)
class _Trial:
    lesson: Lesson | None
    problem: Problem
    student: StudentDesk
    repeat: int

    @property
    def shown(self) -> str:
        return self.lesson.id if self.lesson else UNTAUGHT

    @property
    def key(self) -> str:
        return f"{self.shown}:{self.problem.id}:{self.student.ref}:{self.repeat}"


async def probe(
    deps: Deps,
    lessons: Sequence[Lesson],
    problems: Sequence[Problem] | Callable[[Lesson], Sequence[Problem]],
    *,
    phase: str,
    kind: str,
    students: Sequence[StudentDesk] = (),
    repeats: int = 1,
) -> dict[str, Probed]:
    """Have the students answer the problems with each lesson, one lesson at a time and nothing else beside it.

    A problem of the lesson's own leak family is left out: the lesson would hand over its answer. Each lesson's accuracy
    is kept as a score, where there is one.

    Args:
        deps: the run's participants.
        lessons: what is probed; their ids must differ.
        problems: what is asked with each lesson; or what says that for each lesson.
        phase: names these attempts, together with the lesson: ``PHASE/LESSON``.
        kind: the kind of the scores, such as ``icl_accuracy`` or ``lbt``.
        students: who answers; the run's student by default. One who stands there twice answers once.
        repeats: how often each question is asked; the repeats have the sample numbers 0, 1, ….

    Returns:
        What was seen, by the lesson's id and in the order of the lessons.
    """
    asked = {lesson.id: [*(problems(lesson) if callable(problems) else problems)] for lesson in lessons}
    trials = [
        _Trial(lesson, problem, student, repeat)
        for lesson in lessons
        for problem in asked[lesson.id]
        if lesson.data.get("group") != problem.group
        for student in _each_once(students or (deps.student,))
        for repeat in range(repeats)
    ]
    seen = await _answered(deps, trials, phase=phase)
    found = {lesson.id: seen.get(lesson.id, NOTHING_SEEN) for lesson in lessons}
    deps.sink.put(*(_score(deps, name, probed, phase=phase, kind=kind) for name, probed in found.items() if probed.n))
    return found


async def probe_untaught(
    deps: Deps, problems: Sequence[Problem], *, phase: str, students: Sequence[StudentDesk] = (), repeats: int = 1
) -> Probed:
    """Have the students answer the problems without any lesson: what a lesson's accuracy must be held against."""
    trials = [
        _Trial(None, problem, student, repeat)
        for problem in problems
        for student in _each_once(students or (deps.student,))
        for repeat in range(repeats)
    ]
    return (await _answered(deps, trials, phase=phase)).get(UNTAUGHT, NOTHING_SEEN)


async def _answered(deps: Deps, trials: Sequence[_Trial], *, phase: str) -> dict[str, Probed]:
    async def one(trial: _Trial) -> JsonValue:
        lessons = [trial.lesson] if trial.lesson else []
        attempt = await trial.student.answer(
            trial.problem, lessons, phase=f"{phase}/{trial.shown}", sample=trial.repeat
        )
        return attempt.id

    result = await deps.map(one, trials, key=lambda trial: trial.key)
    made: dict[str, list[Attempt]] = defaultdict(list)
    for trial in trials:
        if trial.key in result.done:
            made[trial.shown] += load_attempts(deps, [str(result.done[trial.key])])
    return {name: _seen(attempts) for name, attempts in made.items()}


def _seen(attempts: Sequence[Attempt]) -> Probed:
    finished = [attempt for attempt in attempts if attempt.grade.outcome != "unfinished"]
    right = sum(attempt.grade.outcome == "right" for attempt in finished)
    return Probed(right, len(finished), tuple(attempt.id for attempt in attempts))


def _score(deps: Deps, lesson_id: str, probed: Probed, *, phase: str, kind: str) -> Score:
    low, high = wilson(probed.right, probed.n)
    return Score(
        id=stable_id("score", deps.run_id, kind, lesson_id, phase),
        run_id=deps.run_id,
        subject_id=lesson_id,
        kind=kind,
        value=probed.right / probed.n,
        n=probed.n,
        low=low,
        high=high,
        probe_set=phase,
    )


def _each_once(students: Sequence[StudentDesk]) -> list[StudentDesk]:
    return list({student.ref: student for student in students}.values())

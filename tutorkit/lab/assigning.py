"""Exercises for pupils: made, kept as drafts, reviewed, given out."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import JsonValue

from tutorkit import __version__
from tutorkit.canonical import digest, stable_id
from tutorkit.errors import NothingToExport
from tutorkit.lab.looking import Looking
from tutorkit.store import StoreSink
from tutorkit.tutoring.exercises import Exercise, make_exercises
from tutorkit.types import Lesson, Record, Run

METHOD = "exercises"


class Worksheet(Record):
    """Some exercises as they are given out; ``unreviewed`` is how many of them nobody has approved."""

    run_id: str
    aims: tuple[str, ...]
    exercises: tuple[Exercise, ...]
    unreviewed: int


class Assigning(Looking):
    """The part of a laboratory that makes exercises."""

    def make_exercises(
        self,
        aims: Sequence[str],
        *,
        size: int = 10,
        seed: int = 0,
        distractors: int = 3,
        hardest: int | None = None,
        review: Sequence[str] = (),
        without: Sequence[str] = (),
    ) -> Worksheet:
        """Make exercises aimed at misconceptions and keep them; they wait for review (``Lab.review``).

        The same wishes make the same exercises, which are kept once.

        Args:
            aims: the misconceptions, by their ids.
            size: how many exercises; of ten seven are targets, two contrasts, one a review.
            seed: which ones.
            distractors: wrong options for each, at most.
            hardest: at most so many steps in the worked solution.
            review: domains that the reviews are drawn from.
            without: ids of problems that must not come again.

        Raises:
            UnknownName: when there is no such misconception or domain.
            BadSetting: when the exercises asked for cannot be found.
        """
        made = make_exercises(
            aims, size=size, seed=seed, distractors=distractors, hardest=hardest, review=review, without=without
        )
        wishes: dict[str, JsonValue] = {
            "aims": [*aims],
            "size": size,
            "distractors": distractors,
            "hardest": hardest,
            "review": [*review],
            "without": [*without],
        }
        run_id = stable_id(METHOD, wishes, seed)
        sink = StoreSink(self.store)
        sink.put(
            *(exercise.problem for exercise in made),
            *(_lesson(run_id, exercise) for exercise in made),
            _run(run_id, made, wishes, seed),
        )
        sink.flush()
        return self.worksheet(run_id, unreviewed=True)

    def worksheet(self, run_id: str, *, unreviewed: bool = False) -> Worksheet:
        """Return the exercises of a run that may be given out: those that a person has approved.

        Args:
            run_id: the run that made them.
            unreviewed: also those that nobody has decided about; what was rejected never.

        Raises:
            UnknownName: when there is no such run.
            NothingToExport: when none may be given out.
        """
        run = self.run(run_id)
        lessons = [
            lesson for lesson in self.lessons(run.id) if lesson.kind == "exercise" and lesson.audit != "rejected"
        ]
        chosen = [lesson for lesson in lessons if unreviewed or lesson.audit == "approved"]
        if not chosen:
            raise NothingToExport(
                f"No exercise of {run.id} has been approved.",
                remedy=f"Look at them with `tutorkit exercises show {run.id}`, approve them with `tutorkit review "
                f"{run.id} --to approved --by … --why …`, or take them as they are with --unreviewed.",
                data={"run_id": run.id, "exercises": len(lessons)},
            )
        return Worksheet(
            run_id=run.id,
            aims=tuple(str(aim) for aim in _listed(run.params.get("aims"))),
            exercises=tuple(Exercise.model_validate(lesson.data["exercise"]) for lesson in chosen),
            unreviewed=sum(lesson.audit != "approved" for lesson in chosen),
        )


def _lesson(run_id: str, exercise: Exercise) -> Lesson:
    return Lesson(
        id=stable_id("lesson", run_id, exercise.id),
        run_id=run_id,
        kind="exercise",
        text=exercise.problem.text,
        skill=next(iter(exercise.problem.skills), None),
        source_split=exercise.problem.split,
        verified=True,
        checks=("worked out by the correct procedure", "distractors tell misconceptions apart"),
        audit="pending",
        author="rules",
        data={"exercise": exercise.model_dump(mode="json"), "answer": exercise.problem.gold},
    )


def _run(run_id: str, made: Sequence[Exercise], wishes: dict[str, JsonValue], seed: int) -> Run:
    return Run(
        id=run_id,
        method=METHOD,
        method_version="1",
        fidelity="variant:rules",
        task=made[0].problem.task,
        student="",
        teacher="rules",
        params=wishes,
        seed=seed,
        data_digest=digest([exercise.id for exercise in made]),
        prompt_digests={},
        versions={"tutorkit": __version__},
        status="finished",
    )


def _listed(value: JsonValue) -> list[JsonValue]:
    return value if isinstance(value, list) else []

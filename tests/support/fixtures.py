"""What each method is tried on by the universal suite: a task and a student on which theory says what must come out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from support.bench import SIZES, Bench
from tutorkit.methods.vocabulary import Sizes
from tutorkit.types import Attempt, LessonKind

MISTAKES = ("wrong", "invalid")
FEW_TO_LEARN_FROM = {"train": 10, "val": 10, "test": 40}


@dataclass(frozen=True, kw_only=True)
class Fixture:
    """How a method is run in the universal suite.

    ``params``, ``student`` and ``task`` are the run's. ``always`` are the kinds of lesson that it makes whatever the
    student gets wrong, before it knows. ``gain`` is what the good teacher must gain at least, None where the method
    leaves material that this fixture's student is not measured with. ``asks_at_test`` tells that the method asks the
    teacher while the student is measured, by its design (an intervention). ``perfect`` is a student with nothing to
    learn on this task. ``lessons`` is False for a method that leaves rows alone, and ``gold`` for problems without
    gold, for which there is no most common answer as a baseline. ``left_out`` is how many nodes a run with these
    parameters does not come to at most: those of other ways to use the method.
    """

    params: Mapping[str, Any] = field(default_factory=dict)
    student: str = "sim/two-bugs"
    task: str = "chains"
    sizes: Mapping[str, int] = field(default_factory=lambda: SIZES)
    always: frozenset[LessonKind] = frozenset({"instruction"})
    gain: float | None = 0.3
    asks_at_test: bool = False
    perfect: str = "sim/perfect"
    lessons: bool = True
    gold: bool = True
    left_out: int = 3


WRITING: dict[str, Any] = {
    "task": "writing",
    "perfect": "sim/writer?wit=4",
    "always": frozenset(),
    "lessons": False,
    "gold": False,
}

FIXTURES: dict[str, Fixture] = {
    # A name ``method/variant`` is another way to use a method.
    "tpd": Fixture(),
    # Two situations come up, one for each bug.
    "strategies": Fixture(params={"most_scenarios": 2}),
    # The gold itself teaches, whoever the teacher is; so the targets are the teacher's here. Each gap is filled by the
    # student whatever it can do, and then gone on from.
    "kid": Fixture(
        params={"target": "teacher", "masks": 2},
        sizes={"train": 24, "val": 4, "test": 40},
        always=frozenset({"correction"}),
    ),
    # Its teacher is a tool, which tells properties of words and nothing about the student.
    "tsmmg": Fixture(
        task="strings",
        student="sim/strings?lacks=vowels",
        sizes={"train": 12, "val": 4, "test": 40},
        always=frozenset({"explanation"}),
    ),
    # Every problem has two parts, and is carried out whatever the student can do.
    "peoa": Fixture(
        params={"max_subtasks": 2}, sizes={"train": 24, "val": 4, "test": 40}, always=frozenset({"rationale"})
    ),
    # Every item is explained beforehand, whatever the student gets wrong: only then it is known whom to explain first.
    # In the pool, on which explanations are modelled, both bugs must show, and in the examples that are taken along.
    "tom": Fixture(
        params={"examples": 8, "demos": 8},
        always=frozenset({"explanation"}),
        sizes={"train": 16, "val": 40, "test": 40},
    ),
    # Every val problem is taught and examined, before it is known what the student gets wrong. This teacher always
    # writes the same, so that one rationale is as many as there are.
    "lbt": Fixture(params={"rationales": 1, "exams": 2, "repeats": 1}, always=frozenset({"demo"}), left_out=6),
    # A problem with one skill: then a failed exercise shows which one is lacking. The first rationales, like the book,
    # are written before anything is known of the student.
    "undo": Fixture(task="chains/1", sizes=FEW_TO_LEARN_FROM, always=frozenset({"rationale"})),
    "cemal": Fixture(task="chains/1", sizes=FEW_TO_LEARN_FROM, always=frozenset({"exercise"})),
    "dataenvgym": Fixture(params={"cycles": 2, "data": 12, "per_call": 4}, always=frozenset()),
    "cemal/mastering-rate": Fixture(
        params={"scheduler": "mastering-rate", "before": {"percent": ["carry"]}},
        task="chains/1",
        sizes=FEW_TO_LEARN_FROM,
        always=frozenset({"exercise"}),
    ),
    # All five skills are found, and no exercise is written twice: so much the cost takes for granted.
    "dataenvgym/mastering-rate": Fixture(
        params={
            "environment": "list",
            "scheduler": "mastering-rate",
            "before": {"percent": ["carry"]},
            "cycles": 2,
            "hypotheses": 1,
            "per_hypothesis": 2,
            "max_skills": 5,
        },
        task="chains/1",
        sizes={"train": 6, "val": 20, "test": 40},
        always=frozenset(),
    ),
    # Half of the questions make the examples, and a wrong one of these must be repaired twice where both bugs act.
    "score": Fixture(sizes={"train": 40, "val": 4, "test": 40}, always=frozenset()),
    # The templates alone must not be enough, or there would be no wrong solution left to correct.
    "super-correct": Fixture(
        sizes={"train": 24, "val": 4, "test": 40},
        student="sim/two-bugs?learn_after=6",
        params={"templates": 0.25},
        always=frozenset({"template"}),
    ),
    # A remark is written on right rollouts too, where it agrees.
    "think-tuning": Fixture(sizes={"train": 20, "val": 4, "test": 40}, always=frozenset({"hint"})),
    # Drafts are written before it is known what the student learns from; at level 2 it gets both skills of one.
    "arte": Fixture(
        student="sim/two-bugs?level=2",
        params={"choice": "conditioned", "questions": 12, "per_call": 4, "probe_items": 8, "shots": 1},
        sizes={"train": 8, "val": 16, "test": 40},
        always=frozenset({"exercise", "demo"}),
    ),
    # Texts are compared, and there is nothing to solve; the teacher's own texts are written beforehand.
    "small-but-funny": Fixture(
        **WRITING, student="sim/writer", params={"candidates": 4}, sizes={"train": 24, "val": 4, "test": 40}
    ),
    "ts-align": Fixture(
        **WRITING, student="sim/writer", params={"texts": 4}, sizes={"train": 16, "val": 4, "test": 40}
    ),
    # One measures with questions that have gold, and practises on topics that have none.
    "rldf": Fixture(
        **{**WRITING, "task": "writing/groups", "gold": True},
        student="sim/writer?slant=3",
        sizes={"train": 24, "val": 4, "test": 40},
    ),
}


def method_of(name: str) -> str:
    """Return the method that a fixture is of."""
    return name.partition("/")[0]


def sizes_of(made: Bench) -> Sizes:
    """Return the sizes of a finished run, with the mistakes of each of its rounds."""
    split = made.method.practice
    rounds: dict[int, int] = {}
    for attempt in made.records(Attempt):
        name, _, number = attempt.phase.rpartition("-")
        if name == split and number.isdigit():
            rounds[int(number)] = rounds.get(int(number), 0) + (attempt.grade.outcome in MISTAKES)
    counts = {name: len(problems) for name, problems in made.cast.problems.items()}
    return Sizes(**counts, panel=len(made.cast.panel), wrong=tuple(rounds[number] for number in sorted(rounds)))

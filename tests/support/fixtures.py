"""What each method is tried on by the universal suite: a task and a student on which theory says what must come out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from support.bench import SIZES, Bench
from tutorkit.methods.vocabulary import Sizes
from tutorkit.types import Attempt, LessonKind

MISTAKES = ("wrong", "invalid")


@dataclass(frozen=True, kw_only=True)
class Fixture:
    """How a method is run in the universal suite.

    ``params``, ``student`` and ``task`` are the run's. ``always`` are the kinds of lesson that it makes whatever the
    student gets wrong, before it knows. ``gain`` is what the good teacher must gain at least, None where the method
    leaves material that this fixture's student is not measured with. ``asks_at_test`` tells that the method asks the
    teacher while the student is measured, by its design (an intervention).
    """

    params: Mapping[str, Any] = field(default_factory=dict)
    student: str = "sim/two-bugs"
    task: str = "chains"
    sizes: Mapping[str, int] = field(default_factory=lambda: SIZES)
    always: frozenset[LessonKind] = frozenset({"instruction"})
    gain: float | None = 0.3
    asks_at_test: bool = False


FIXTURES: dict[str, Fixture] = {
    "tpd": Fixture(),
}


def sizes_of(made: Bench) -> Sizes:
    """Return the sizes of a finished run, with the mistakes of each of its rounds."""
    split = made.method.practice
    rounds: dict[int, int] = {}
    for attempt in made.records(Attempt):
        name, _, number = attempt.phase.rpartition("-")
        if name == split and number.isdigit():
            rounds[int(number)] = rounds.get(int(number), 0) + (attempt.grade.outcome in MISTAKES)
    counts = {name: len(problems) for name, problems in made.cast.problems.items()}
    return Sizes(**counts, wrong=tuple(rounds[number] for number in sorted(rounds)))

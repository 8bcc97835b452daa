"""Review points: the run waits until a person has decided, and what was rejected leaves the state.

What was dropped at a point is kept with the run. So a node that is run again after a crash begins with the same state,
and a decision that is taken after the point was passed changes nothing in the run.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from pydantic import JsonValue

from tutorkit.errors import ReviewPending
from tutorkit.graphs.deps import Cast
from tutorkit.methods.vocabulary import State
from tutorkit.ports import Sink
from tutorkit.types import Lesson, PreferencePair, RLExample, SFTExample, TrainingRow

REVIEW_NODE = "REVIEW"
"""Under this node it is remembered, by visit, what left the state at a review point."""


@dataclass(frozen=True)
class Undecided:
    """How many lessons and rows of a run nobody has decided about."""

    lessons: int
    rows: int

    @property
    def words(self) -> str:
        """The counts as a reader takes them: "5 lessons, 1 row"; empty when there are none."""
        counts = {"lesson": self.lessons, "row": self.rows}
        return ", ".join(f"{n} {noun}{'s' * (n > 1)}" for noun, n in counts.items() if n)


def undecided(sink: Sink, run_id: str) -> Undecided:
    """Count what nobody has decided about. Lessons that did not pass their checks wait for nobody."""
    return _undecided(*_made(sink, run_id))


def at_review_point(state: State, cast: Cast, visit: str) -> State:
    """Return the state as it goes on from a review point: without what a person rejected.

    Whoever did not ask for review goes on at once, with all of it.

    Args:
        state: as the node before left it.
        cast: who takes part; its ``review`` says whether the run waits.
        visit: the node's visit before which this is.

    Raises:
        ReviewPending: when the run is to wait, and lessons or rows of it are still undecided.
    """
    kept = cast.sink.recall(cast.run_id, REVIEW_NODE, items=[visit]).get(visit)
    if isinstance(kept, list):
        return without(state, {str(name) for name in kept})
    if not cast.review:
        return state
    cast.sink.flush()
    lessons, rows = _made(cast.sink, cast.run_id)
    if words := _undecided(lessons, rows).words:
        raise ReviewPending(
            f"The run {cast.run_id} waits for review of {words}, before {visit.partition('#')[0]}.",
            remedy=f"Look at them with `tutorkit show {cast.run_id} --lessons` and `tutorkit rows {cast.run_id}`, "
            f"decide with `tutorkit review {cast.run_id} --to approved --by … --why …`, about rows with --rows, and "
            "run the same command again: it goes on where it stopped.",
            data={"run_id": cast.run_id, "visit": visit},
        )
    dropped = _rejected(lessons, rows)
    cast.sink.remember(cast.run_id, REVIEW_NODE, visit, [*sorted(dropped)])
    cast.sink.flush()
    return without(state, dropped)


def without(state: State, dropped: Collection[str]) -> State:
    """Return a state without some ids, wherever they stand in it.

    An id goes from its list, and with its entry where it is a key or a value of a mapping. A mapping in a list is a
    record of something: it goes whole when the id is one of its values.
    """
    return {
        name: _left(value, dropped)
        for name, value in state.items()
        if name not in dropped and _name(value) not in dropped
    }


def _left(value: JsonValue, dropped: Collection[str]) -> JsonValue:
    if isinstance(value, dict):
        return without(value, dropped)
    if isinstance(value, list):
        return [_left(inner, dropped) for inner in value if not _tells_of(inner, dropped)]
    return value


def _tells_of(value: JsonValue, dropped: Collection[str]) -> bool:
    inner = value.values() if isinstance(value, dict) else (value,)
    return any(_name(each) in dropped for each in inner)


def _name(value: JsonValue) -> str | None:
    return value if isinstance(value, str) else None


def _made(sink: Sink, run_id: str) -> tuple[list[Lesson], list[TrainingRow]]:
    """Return the lessons of a run that passed their checks, and its rows."""
    rows = [row for kind in (SFTExample, PreferencePair, RLExample) for row in sink.find(kind, run_id=run_id)]
    return sink.find(Lesson, run_id=run_id, verified=True), rows


def _undecided(lessons: Collection[Lesson], rows: Collection[TrainingRow]) -> Undecided:
    return Undecided(*(sum(each.audit in ("draft", "pending") for each in some) for some in (lessons, rows)))


def _rejected(lessons: Collection[Lesson], rows: Collection[TrainingRow]) -> set[str]:
    """Return the ids of what was rejected; a row that was made of a rejected lesson goes with it."""
    refused = {lesson.id for lesson in lessons if lesson.audit == "rejected"}
    return refused | {row.id for row in rows if row.audit == "rejected" or refused & {*row.lesson_ids}}

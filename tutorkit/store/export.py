"""A run as data that two executions of it have in common, byte for byte."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from pydantic import JsonValue

from tutorkit.canonical import canonical_json
from tutorkit.store.audit import reviews
from tutorkit.store.database import Store
from tutorkit.store.queries import of_run
from tutorkit.store.repository import run
from tutorkit.store.trail import answered_problems
from tutorkit.types import (
    Attempt,
    Call,
    Diagnosis,
    Dialogue,
    Lesson,
    PreferencePair,
    Record,
    RLExample,
    Score,
    SFTExample,
    SkillState,
)

_KINDS: Final[dict[str, type[Record]]] = {
    "attempts": Attempt,
    "diagnoses": Diagnosis,
    "lessons": Lesson,
    "scores": Score,
    "sft_examples": SFTExample,
    "preference_pairs": PreferencePair,
    "rl_examples": RLExample,
    "skill_states": SkillState,
    "dialogues": Dialogue,
}
_BILL: Final = {"cache_hit", "cost_usd", "seconds"}
"""A second execution finds in the cache what the first one paid and waited for; ``repository.spent`` tells who paid."""


def export_run(store: Store, *, run_id: str) -> dict[str, JsonValue]:
    """Return all that a run made, ordered by content, without clock times and without the bill.

    Two executions with the same seed and the same replies give the same ``canonical_json``, whatever the order in which
    their work was done, and whether or not one was interrupted and resumed.

    Raises:
        UnknownName: when no run, or more than one, is called so.
    """
    found = run(store, run_id=run_id)
    with store.read() as connection:
        made = {name: of_run(connection, kind, found.id) for name, kind in _KINDS.items()}
        problems = answered_problems(connection, of_run(connection, Attempt, found.id))
        calls = of_run(connection, Call, found.id)
    lesson_ids = tuple(lesson.id for lesson in made["lessons"] if isinstance(lesson, Lesson))
    return {
        "run": found.model_dump(mode="json"),
        "problems": _in_order(problems),
        **{name: _in_order(records) for name, records in made.items()},
        "calls": _in_order(calls, leave_out=_BILL),
        "reviews": _in_order(reviews(store, lesson_ids=lesson_ids), leave_out={"at"}),
    }


def _in_order(records: Iterable[Record], *, leave_out: set[str] | None = None) -> list[JsonValue]:
    return sorted((record.model_dump(mode="json", exclude=leave_out) for record in records), key=canonical_json)

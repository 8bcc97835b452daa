"""What an optimiser leaves: its program as a lesson, and a note of what came of its work."""

from __future__ import annotations

from pydantic import JsonValue

from tutorkit.errors import AllowanceSpent
from tutorkit.methods import Deps, State, evaluate, ids, keep_lesson
from tutorkit.methods.vocabulary import Need
from tutorkit.optimisers.bridge import Bridge
from tutorkit.optimisers.dspy_arm import Compiled
from tutorkit.programs import DATA
from tutorkit.types import Split


def leave(deps: Deps, made: Compiled, bridge: Bridge, *, source: Split) -> State:
    """Keep the program as a lesson, and say in the state how far the optimiser came.

    The lesson's text is the program's instruction, for readers. The student is asked in the whole program.
    """
    spent = AllowanceSpent.code in bridge.unsaid
    unsaid: dict[str, JsonValue] = {**bridge.unsaid}
    note: dict[str, JsonValue] = {
        "dspy": made.version,
        "bootstrapped": made.bootstrapped,
        "labelled": made.labelled,
        "ended": "allowance" if spent else bridge.gave_up or "complete",
        "untouched": bool(bridge.gave_up),
        "unsaid": unsaid,
    }
    lesson = keep_lesson(
        deps,
        kind="instruction",
        text=made.instruction,
        faults=(),
        call_ids=tuple(bridge.call_ids),
        source_split=source,
        data={DATA: made.program.as_data(), **note},
    )
    return {"lessons": [lesson.id], "optimiser": note}


NEEDS: frozenset[Need] = frozenset({"say"})
"""The student must be able to be asked in DSPy's prompt."""

FIDELITY = "variant:dspy"
"""What is run is DSPy's own implementation with DSPy's settings, which are not those of the papers."""


async def measure(state: State, deps: Deps) -> State:
    """Measure the student untaught, in our prompt, and taught, in the optimiser's."""
    return {"test": await evaluate(deps, lesson_ids=ids(state, "lessons"))}

"""Scenarios: the situations that a student gets into, and which of them are new."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field, JsonValue

from tutorkit.methods.vocabulary import State, Wire
from tutorkit.retrieval import similarities
from tutorkit.types import Record


class ScenarioDraft(Wire):
    """The situation behind one attempt."""

    situation: str = Field(max_length=400, description="What kind of problem this is; no numbers or names from it.")
    difficulty: str = Field(max_length=400, description="What went wrong there, or could, in general terms.")
    needed: str = Field(max_length=400, description="What somebody who is good at it does there.")
    skill: str | None = Field(default=None, max_length=80, description="The skill that it takes, if it has a name.")


class Scenario(Record):
    """A situation that is worked on: the attempts in which it came up, and the strategy's last version that failed."""

    name: str
    situation: str
    difficulty: str
    needed: str
    skill: str | None
    attempt_ids: tuple[str, ...]
    call_ids: tuple[str, ...]
    last_id: str | None = None


def families(
    found: Sequence[Scenario], *, known: Sequence[tuple[str, str | None]], alike_from: float, most: int
) -> list[Scenario]:
    """Put situations that are alike together and leave out the known ones; each family is named S1, S2, ….

    Args:
        found: the situation of each attempt.
        known: descriptions of the situations for which there is a strategy, each with its skill.
        alike_from: from this similarity on, in (0, 1], two situations are one.
        most: how many families are kept at most: those that came up most often; of equals the earlier.
    """
    made: list[Scenario] = []
    for scenario in found:
        if not scenario.situation.strip() or _nearest(scenario, known)[1] >= alike_from:
            continue
        place, near = _nearest(scenario, [(family.situation, family.skill) for family in made])
        if near >= alike_from:
            made[place] = _joined(made[place], scenario)
        else:
            made.append(scenario)
    kept = sorted(made, key=lambda family: -len(family.attempt_ids))[:most]
    return [family.model_copy(update={"name": f"S{place}"}) for place, family in enumerate(kept, start=1)]


def read_scenarios(state: State) -> list[Scenario]:
    """Read the situations that a state holds."""
    found = state.get("scenarios", [])
    return [Scenario.model_validate(value) for value in found] if isinstance(found, list) else []


def scenario_view(scenario: Scenario) -> dict[str, JsonValue]:
    """Return what a teacher gets to see of a situation."""
    return {
        "situation": scenario.situation,
        "difficulty": scenario.difficulty,
        "needed": scenario.needed,
        "skill": scenario.skill,
    }


def _joined(family: Scenario, found: Scenario) -> Scenario:
    """The first wording stays and takes over the other's attempts."""
    return family.model_copy(
        update={
            "attempt_ids": (*family.attempt_ids, *found.attempt_ids),
            "call_ids": (*family.call_ids, *found.call_ids),
        }
    )


def _nearest(scenario: Scenario, others: Sequence[tuple[str, str | None]]) -> tuple[int, float]:
    """Return the place of the most similar situation and its similarity; 0 and 0 where there is none.

    Situations that are known to take different skills are not similar, however alike their descriptions are.
    """
    near = similarities(scenario.situation, [situation for situation, _ in others])
    for place, (_, skill) in enumerate(others):
        if scenario.skill and skill and scenario.skill != skill:
            near[place] = 0.0
    place = max(range(len(near)), key=near.__getitem__, default=0)
    return place, near[place] if near else 0.0

"""A skill tree: the subskills of one skill, how much data each was given, and what came of it. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from tutorkit.types import Lesson, Record


class SkillTree(Record):
    """What is known of one skill.

    ``allocation`` counts the data that were asked for, by subskill; ``data_ids`` names those that passed their checks.
    ``checked`` counts those that the student was tried on, ``solved`` those of them that it could do already.
    """

    skill: str
    subskills: tuple[str, ...] = ()
    allocation: dict[str, int] = Field(default_factory=dict)
    data_ids: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    checked: dict[str, int] = Field(default_factory=dict)
    solved: dict[str, int] = Field(default_factory=dict)

    @property
    def total(self) -> int:
        """How much data the skill was given."""
        return sum(self.allocation.values())


class Explore(Record):
    """Find new subskills, and have data written for each of them."""

    kind: Literal["explore"] = "explore"
    new_subskills: int = Field(ge=0)
    data_per_new: int = Field(ge=0)


class Exploit(Record):
    """Have more data written for subskills that are there; one that is not named gets none. All zero is a pause."""

    kind: Literal["exploit"] = "exploit"
    deltas: dict[str, int]


class Write(Record):
    """Have data written, without a tree: what the other environments do."""

    kind: Literal["write"] = "write"
    data: int


Action: TypeAlias = Annotated[Explore | Exploit | Write, Field(discriminator="kind")]


class Experience(Record):
    """One action: on what it was taken, and what it was worth.

    ``skill`` is empty where the action was for all skills. ``tree`` is as it was before the action. ``reward`` is None
    until the student has been trained and measured.
    """

    cycle: int
    iteration: int
    skill: str
    tree: SkillTree | None
    action: Action
    reward: float | None = None


def grown(tree: SkillTree, names: Sequence[str], *, data_per_new: int) -> SkillTree:
    """Return the tree with new subskills, each with its first data; a name that it has already is no new one."""
    new = new_names(names, tree.subskills)
    return tree.model_copy(
        update={
            "subskills": (*tree.subskills, *new),
            "allocation": {**tree.allocation, **dict.fromkeys(new, data_per_new)},
        }
    )


def new_names(names: Sequence[str], known: Sequence[str]) -> list[str]:
    """Return the names that are not blank, each once, without those known; case and outer white space do not count."""
    taken = {name.casefold() for name in known}
    found: list[str] = []
    for name in (each.strip() for each in names):
        if name and name.casefold() not in taken:
            taken.add(name.casefold())
            found.append(name)
    return found


def raised(tree: SkillTree, deltas: Mapping[str, int]) -> SkillTree:
    """Return the tree with more data for its subskills."""
    more = {name: tree.allocation.get(name, 0) + deltas.get(name, 0) for name in tree.subskills}
    return tree.model_copy(update={"allocation": more})


def harvested(tree: SkillTree, checked: Sequence[Lesson], *, tried: bool) -> SkillTree:
    """Return the tree with what came of the data that were asked for.

    Args:
        tree: as it was.
        checked: checked data of all skills; those of the tree's skill say so, and their subskill, in their ``data``.
        tried: whether the student is tried on what has no fault.
    """
    mine = [lesson for lesson in checked if lesson.data["skill"] == tree.skill]
    by_subskill = {name: [lesson for lesson in mine if lesson.data["subskill"] == name] for name in tree.subskills}
    data_ids, counts, solved = dict(tree.data_ids), dict(tree.checked), dict(tree.solved)
    for name, lessons in by_subskill.items():
        verdicts = [lesson.data["verdict"] for lesson in lessons]
        data_ids[name] = (*data_ids.get(name, ()), *(lesson.id for lesson in lessons if lesson.verified))
        counts[name] = counts.get(name, 0) + (len(verdicts) - verdicts.count("faulty")) * tried
        solved[name] = solved.get(name, 0) + verdicts.count("solved")
    return tree.model_copy(update={"data_ids": data_ids, "checked": counts, "solved": solved})


def ordered(before: SkillTree, after: SkillTree) -> dict[str, int]:
    """Return how much data an action asks for, by subskill: what the tree has more after it."""
    more = {name: number - before.allocation.get(name, 0) for name, number in after.allocation.items()}
    return {name: number for name, number in more.items() if number > 0}

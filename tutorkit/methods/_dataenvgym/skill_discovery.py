"""Skill discovery: which skill each problem takes, where nobody has said so: label, group the labels, sort.

Source: DataEnvGym (arXiv 2410.06215) and its authors' code: three steps, and a reply that names no category of the list
is asked for again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from pydantic import Field, JsonValue

from tutorkit.methods._dataenvgym.skill_tree import new_names
from tutorkit.methods._nodes.views import problem_view, task_view
from tutorkit.methods.vocabulary import Deps, Wire
from tutorkit.types import Problem


class SkillNamed(Wire):
    """The skill that a problem takes."""

    skill: str = Field(max_length=80, description="The skill's name, in a few words; empty if you cannot tell.")


class Category(Wire):
    """Several labels that mean one skill."""

    skill: str = Field(max_length=80, description="The category's name, in a few words.")
    label_ids: list[str] = Field(description="Ids of the labels that belong to it.")


class Categories(Wire):
    """All labels, in categories that exclude each other."""

    categories: list[Category]


async def discover_skills(
    deps: Deps, problems: Sequence[Problem], *, max_skills: int, reasks: int
) -> dict[str, JsonValue]:
    """Sort problems by the one skill that each takes most.

    Args:
        deps: the run's participants.
        problems: what is sorted.
        max_skills: categories at most.
        reasks: how often a reply that does not fit the list is asked for again; after that the problem has no skill.

    Returns:
        The skill of each problem, by the problem's id; problems whose skill could not be told are left out.
    """
    labels = await _labels(deps, problems)
    categories = await _categories(deps, labels, max_skills=max_skills, reasks=reasks)

    async def sort(problem: Problem) -> JsonValue:
        return await _category_of(deps, problem, categories, reasks=reasks)

    result = await deps.map(sort, problems if categories else [], key=lambda problem: f"sort:{problem.id}")
    return {name: skill for name, skill in zip(_ids(result.done), result.done.values(), strict=True) if skill}


def _ids(done: Mapping[str, JsonValue]) -> list[str]:
    return [name.partition(":")[2] for name in done]


async def _labels(deps: Deps, problems: Sequence[Problem]) -> list[str]:
    """Name the skill of each problem freely."""

    async def label(problem: Problem) -> JsonValue:
        inputs: dict[str, JsonValue] = {"task": task_view(deps.task), "problem": problem_view(problem)}
        said = await deps.teacher.call("label_skill", inputs, SkillNamed, about=(problem.id,))
        return said.value.skill.strip()

    result = await deps.map(label, problems, key=lambda problem: f"label:{problem.id}")
    return [str(name) for name in result.done.values() if name]


async def _categories(deps: Deps, labels: Sequence[str], *, max_skills: int, reasks: int) -> list[str]:
    """Group the labels. Only the categories' names are used on: each problem is sorted by itself."""
    counts = Counter(labels)
    shown: list[JsonValue] = [
        {"id": f"L{place}", "label": label, "count": number}
        for place, (label, number) in enumerate(counts.most_common(), start=1)
    ]

    async def group(_name: str) -> JsonValue:
        inputs: dict[str, JsonValue] = {"task": task_view(deps.task), "labels": shown, "max_skills": max_skills}
        for sample in range(1 + reasks):
            said = await deps.teacher.call("group_skills", inputs, Categories, sample=sample)
            names = [category.skill for category in said.value.categories]
            if 0 < len(names) <= max_skills and len(new_names(names, ())) == len(names):
                return [name.strip() for name in names]
        return []

    result = await deps.map(group, ["group"] if shown else [], key=str)
    found = result.done.get("group")
    return [str(name) for name in found] if isinstance(found, list) else []


async def _category_of(deps: Deps, problem: Problem, categories: Sequence[str], *, reasks: int) -> str | None:
    listed = {name.casefold(): name for name in categories}
    refused: list[JsonValue] = []
    for sample in range(1 + reasks):
        inputs: dict[str, JsonValue] = {
            "task": task_view(deps.task),
            "problem": problem_view(problem),
            "skills": [*categories],
            "refused": [*refused],
        }
        said = await deps.teacher.call("map_skill", inputs, SkillNamed, about=(problem.id,), sample=sample)
        found = listed.get(said.value.skill.strip().casefold())
        if found is not None:
            return found
        refused.append(said.value.skill)
    return None

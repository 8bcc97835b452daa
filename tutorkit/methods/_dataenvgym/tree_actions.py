"""Tree actions: let a policy act on each skill tree, asking the teacher for what only it can say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from pydantic import Field, JsonValue, TypeAdapter

from tutorkit.methods._dataenvgym.data_orders import Shown, views
from tutorkit.methods._dataenvgym.policies import POLICIES, PolicyRules, settled, within
from tutorkit.methods._dataenvgym.skill_tree import Experience, Exploit, Explore, SkillTree, grown, new_names, raised
from tutorkit.methods._nodes.views import task_view
from tutorkit.methods.vocabulary import Deps, Wire

_ACTION: TypeAdapter[Explore | Exploit] = TypeAdapter(Explore | Exploit)


class Subskills(Wire):
    """New subskills of a skill."""

    skills: list[str] = Field(description="Names of the new subskills, a few words each.")


class Delta(Wire):
    """More data for one subskill."""

    skill: str = Field(description="The subskill's name, as listed.")
    data: int = Field(ge=0, description="How many more data it gets.")


class ActionChoice(Wire):
    """What is done next for a skill."""

    reasoning: str = Field(max_length=2000, description="Why, in one or two sentences.")
    explore: bool = Field(description="True: find new subskills. False: more data for those that there are.")
    new_subskills: int = Field(ge=0, description="How many new subskills; 0 unless exploring.")
    data_per_new: int = Field(ge=0, description="How many data for each new subskill; 0 unless exploring.")
    deltas: list[Delta] = Field(description="Additional data by subskill; empty when exploring.")


@dataclass(frozen=True, kw_only=True)
class Scene:
    """One tree, and all that its next action depends on.

    ``accuracy`` is the student's on the skill's val problems. ``shown`` is what the teacher sees when it names
    subskills. ``action_limit`` is how much data an action of the teacher's gives to a subskill at most.
    """

    tree: SkillTree
    past: Sequence[Experience]
    rules: PolicyRules
    policy: str
    action_limit: int
    accuracy: float
    shown: tuple[Shown, ...]
    rng: Random


async def act(deps: Deps, scenes: Sequence[Scene]) -> dict[str, tuple[SkillTree, Explore | Exploit]]:
    """Take one action on each tree.

    Returns:
        By skill the tree after the action, and the action. A skill whose teacher gave no usable reply has none: nothing
        is done for it this time.
    """

    async def one(scene: Scene) -> JsonValue:
        action = await _action(deps, scene)
        names = await _proposed(deps, scene, action) if isinstance(action, Explore) else []
        return {"action": action.model_dump(mode="json"), "names": [*names]}

    result = await deps.map(one, scenes, key=lambda scene: scene.tree.skill)
    trees = {scene.tree.skill: scene.tree for scene in scenes}
    return {skill: _done(trees[skill], said) for skill, said in result.done.items()}


def _done(tree: SkillTree, said: JsonValue) -> tuple[SkillTree, Explore | Exploit]:
    taken = said if isinstance(said, dict) else {}
    action = _ACTION.validate_python(taken["action"])
    names = taken["names"] if isinstance(taken["names"], list) else []
    if isinstance(action, Explore):
        return grown(tree, [str(name) for name in names], data_per_new=action.data_per_new), action
    return raised(tree, action.deltas), action


async def _action(deps: Deps, scene: Scene) -> Explore | Exploit:
    first = settled(scene.tree, scene.past, scene.rules)
    if first is not None:
        return first
    if scene.policy in POLICIES:
        return POLICIES[scene.policy](scene.tree, scene.past, scene.rules, scene.rng)
    said = await deps.teacher.call("choose_action", _choice_inputs(deps, scene), ActionChoice, sample=len(scene.past))
    choice = said.value
    # A subskill that the reply does not name gets nothing: so it is in the authors' code.
    chosen: Explore | Exploit = Exploit(deltas={delta.skill: delta.data for delta in choice.deltas})
    if choice.explore:
        chosen = Explore(new_subskills=choice.new_subskills, data_per_new=choice.data_per_new)
    return within(chosen, scene.tree, limit=scene.action_limit, most_new=scene.rules.explore.new_subskills)


async def _proposed(deps: Deps, scene: Scene, action: Explore) -> list[str]:
    if action.new_subskills == 0:
        return []
    said = await deps.teacher.call(
        "propose_subskills",
        {
            "task": task_view(deps.task),
            "skill": scene.tree.skill,
            "known": [*scene.tree.subskills],
            "count": action.new_subskills,
            "examples": views(deps, scene.shown),
        },
        Subskills,
        about=[each.attempt_id for each in scene.shown if each.attempt_id],
        sample=len(scene.past),
    )
    return new_names(said.value.skills, scene.tree.subskills)[: action.new_subskills]


def _choice_inputs(deps: Deps, scene: Scene) -> dict[str, JsonValue]:
    tree = scene.tree
    subskills: list[JsonValue] = [
        {
            "name": name,
            "data": tree.allocation[name],
            "kept": len(tree.data_ids.get(name, ())),
            "checked": tree.checked.get(name, 0),
            "solved": tree.solved.get(name, 0),
        }
        for name in tree.subskills
    ]
    past: list[JsonValue] = [
        {"action": _told(each), "reward": None if each.reward is None else round(each.reward, 3)} for each in scene.past
    ]
    return {
        "task": task_view(deps.task),
        "skill": tree.skill,
        "subskills": subskills,
        "accuracy": round(scene.accuracy, 3),
        "past": past,
        "limits": {
            "new_subskills": scene.rules.explore.new_subskills,
            "data": scene.action_limit,
            "left": scene.rules.cap - tree.total,
        },
    }


def _told(experience: Experience) -> str:
    action = experience.action
    if isinstance(action, Explore):
        return f"explore: {action.new_subskills} new subskills with {action.data_per_new} data each"
    given = {name: number for name, number in action.deltas.items() if number} if isinstance(action, Exploit) else {}
    return "exploit: " + (", ".join(f"{number} more for {name}" for name, number in given.items()) or "no new data")

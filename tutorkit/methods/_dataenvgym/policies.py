"""Policies: which action is taken on a skill tree, in view of what earlier actions were worth. Pure functions.

Source: DataEnvGym (arXiv 2410.06215) and its authors' code. Every policy explores first. Past the cap all of them only
pause, so that the cap is passed by one action at most.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from random import Random
from types import MappingProxyType

from tutorkit.methods._dataenvgym.skill_tree import Experience, Exploit, Explore, SkillTree
from tutorkit.types import Record


class PolicyRules(Record):
    """The numbers that policies go by.

    ``explore`` is what exploring means, ``more_data`` how much exploiting gives to a subskill. ``reward_floor`` is the
    reward above which exploiting pays. ``fill_subskills`` is how many subskills are grown before they are filled. Where
    a skill has ``cap`` data it gets no more.
    """

    explore: Explore
    more_data: int
    reward_floor: float
    fill_subskills: int
    cap: int


Choice = Callable[[SkillTree, Sequence[Experience], PolicyRules, Random], Explore | Exploit]


def settled(tree: SkillTree, past: Sequence[Experience], rules: PolicyRules) -> Explore | Exploit | None:
    """Return the action that no policy is asked for: a pause at the cap, and exploring first; None otherwise."""
    if tree.total >= rules.cap:
        return pause()
    return None if past else rules.explore


def pause() -> Exploit:
    """Return the action that changes nothing."""
    return Exploit(deltas={})


def alternating(_tree: SkillTree, past: Sequence[Experience], rules: PolicyRules, _rng: Random) -> Explore | Exploit:
    """Explore, then exploit with every allocation at zero (a pause), then explore again.

    The pause is what the authors' code does under the name of exploiting.
    """
    return pause() if isinstance(past[-1].action, Explore) else rules.explore


def fill(tree: SkillTree, _past: Sequence[Experience], rules: PolicyRules, _rng: Random) -> Explore | Exploit:
    """Explore until there are enough subskills, then fill each up to its equal share of the cap."""
    lacking = rules.fill_subskills - len(tree.subskills)
    if lacking > 0:
        return rules.explore.model_copy(update={"new_subskills": min(lacking, rules.explore.new_subskills)})
    share = rules.cap // len(tree.subskills)
    room = {name: share - tree.allocation[name] for name in tree.subskills}
    return Exploit(deltas={name: min(left, rules.more_data) for name, left in room.items() if left > 0})


def at_random(tree: SkillTree, _past: Sequence[Experience], rules: PolicyRules, rng: Random) -> Explore | Exploit:
    """Explore or exploit by the toss of a coin; exploiting gives each subskill a random number of data."""
    if rng.random() < 0.5:
        return rules.explore
    return Exploit(deltas={name: rng.randint(0, rules.more_data) for name in tree.subskills})


def threshold(tree: SkillTree, past: Sequence[Experience], rules: PolicyRules, _rng: Random) -> Explore | Exploit:
    """Exploit while the last known reward is above the floor, else explore."""
    rewards = [each.reward for each in past if each.reward is not None]
    if rewards and rewards[-1] > rules.reward_floor:
        return Exploit(deltas=dict.fromkeys(tree.subskills, rules.more_data))
    return rules.explore


POLICIES: Mapping[str, Choice] = MappingProxyType(
    {"alternating": alternating, "fill": fill, "random": at_random, "threshold": threshold}
)
"""The policies that are rules, by name; a fifth is to ask the teacher."""


def within(action: Explore | Exploit, tree: SkillTree, *, limit: int, most_new: int) -> Explore | Exploit:
    """Return an action as far as the limits let it go.

    Args:
        action: what somebody chose.
        tree: what it is for; of a subskill that it has not, nothing is asked.
        limit: data for a subskill at most.
        most_new: new subskills at most.
    """
    if isinstance(action, Explore):
        return Explore(new_subskills=min(action.new_subskills, most_new), data_per_new=min(action.data_per_new, limit))
    return Exploit(deltas={name: min(action.deltas.get(name, 0), limit) for name in tree.subskills})

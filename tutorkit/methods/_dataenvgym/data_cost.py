"""Data cost: how many calls a run takes that has data written, by playing its policy through without a teacher."""

from __future__ import annotations

from math import ceil
from random import Random

from tutorkit.methods._dataenvgym.policies import POLICIES, PolicyRules, settled
from tutorkit.methods._dataenvgym.skill_tree import Experience, Explore, SkillTree, grown, ordered, raised
from tutorkit.types import Record


class Taken(Record):
    """Calls to the teacher in which something is planned or written, and data that are asked for."""

    calls: int = 0
    data: int = 0

    def __add__(self, other: Taken) -> Taken:
        """Add two amounts."""
        return Taken(calls=self.calls + other.calls, data=self.data + other.data)

    def times(self, number: int) -> Taken:
        """Return so many times this."""
        return Taken(calls=self.calls * number, data=self.data * number)


def played(rules: PolicyRules, *, policy: str, steps: int, per_call: int) -> Taken:
    """Return what one skill tree takes in so many steps, when every subskill is found that is asked for.

    ``alternating`` and ``fill`` do the same whatever comes of it. What the others do hangs on rewards, chance or the
    teacher; of them it is told what exploring every time takes, and for ``llm`` the call that decides.
    """
    tree, past, taken = SkillTree(skill="skill"), list[Experience](), Taken()
    for step in range(steps):
        action = settled(tree, past, rules)
        asked = 0
        if action is None:
            certain = policy in ("alternating", "fill")
            action = POLICIES[policy](tree, past, rules, Random(0)) if certain else rules.explore  # noqa: S311
            asked = int(policy == "llm")
        if isinstance(action, Explore):
            names = [f"{step}.{place}" for place in range(action.new_subskills)]
            after = grown(tree, names, data_per_new=action.data_per_new)
            asked += 1
        else:
            after = raised(tree, action.deltas)
        counts = ordered(tree, after).values()
        taken += Taken(calls=asked + sum(ceil(count / per_call) for count in counts), data=sum(counts))
        past.append(Experience(cycle=step, iteration=0, skill=tree.skill, tree=tree, action=action))
        tree = after
    return taken

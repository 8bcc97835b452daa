"""Skill rewards: how well a student does by skill, and what an action was worth. Kept as scores."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from tutorkit.methods._dataenvgym.skill_tree import Experience
from tutorkit.methods._nodes.scores import keep_measure
from tutorkit.methods.vocabulary import Deps
from tutorkit.types import Attempt


def accuracies(attempts: Sequence[Attempt], skills: Mapping[str, str]) -> dict[str, float]:
    """Return the share of right attempts for each skill, and under the empty name that of all attempts.

    A skill's share depends on the attempts at its own problems alone.

    Args:
        attempts: one for each problem.
        skills: the skill of each problem, by the problem's id.
    """
    right: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    for attempt in attempts:
        for name in {"", skills.get(attempt.problem_id, "")}:
            seen[name] += 1
            right[name] += attempt.grade.outcome == "right"
    return {name: right[name] / count for name, count in seen.items()}


def rewarded(
    history: Sequence[Experience], before: Sequence[Attempt], after: Sequence[Attempt], skills: Mapping[str, str]
) -> list[Experience]:
    """Reward the actions that have none yet: with what their skill gained, or without a tree with the accuracy now.

    Args:
        history: all actions so far.
        before: the attempts that the actions were chosen by.
        after: the attempts after training.
        skills: the skill of each problem.
    """
    then, now = accuracies(before, skills), accuracies(after, skills)

    def reward(each: Experience) -> float:
        return now.get("", 0.0) if each.tree is None else now.get(each.skill, 0.0) - then.get(each.skill, 0.0)

    return [each if each.reward is not None else each.model_copy(update={"reward": reward(each)}) for each in history]


def keep_accuracies(deps: Deps, attempts: Sequence[Attempt], skills: Mapping[str, str], *, cycle: int) -> None:
    """Keep the student's accuracy on ``val``, and on the problems of each skill."""
    counts = Counter(skills.get(attempt.problem_id, "") for attempt in attempts)
    for skill, value in accuracies(attempts, skills).items():
        kind, n = ("skill_accuracy", counts[skill]) if skill else ("val_accuracy", len(attempts))
        keep_measure(deps, kind, value, n=n, subject=skill or deps.run_id, probe_set="val", round=cycle)


def keep_rewards(deps: Deps, history: Sequence[Experience], *, cycle: int) -> None:
    """Keep the rewards of a cycle's actions; ``n`` is 1, since each is one difference."""
    for each in history:
        if each.cycle == cycle and each.reward is not None:
            subject = each.skill or deps.run_id
            keep_measure(
                deps, "reward", each.reward, n=1, subject=subject, probe_set="val", round=cycle, part=each.iteration
            )

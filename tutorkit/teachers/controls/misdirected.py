"""Teachers that take one skill for another: consistently (deranged), or anew for each item (random)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from tutorkit.canonical import digest
from tutorkit.errors import UnknownName
from tutorkit.misconceptions import Item
from tutorkit.ports import Ask, Reply, SchemaT, Teacher
from tutorkit.teachers.controls.unused import unused_conventions
from tutorkit.teachers.controls.wrapping import Wrapping
from tutorkit.teachers.experts import principle_for, summary_of_lack
from tutorkit.teachers.experts.base import ProblemSeen
from tutorkit.teachers.purposes import PURPOSES
from tutorkit.teachers.purposes.base import Target
from tutorkit.teachers.records import retold
from tutorkit.types import Problem

_FOREIGN = (
    "carry",
    "carry_only_from_ten",
    "place_value",
    "borrow",
    "borrow_across_zero",
    "subtract_from_zero",
    "subtract_zero",
    "bring_down",
    "choose_operation",
    "fraction_addition",
    "fraction_multiplication",
    "fraction_division",
    "precedence",
    "left_to_right",
    "powers",
    "parentheses",
    "percent",
    "discount",
    "sign",
)
"""What is taught where a task has no skill to spare. The list is fixed: a growing catalogue moves no control arm."""


@dataclass(frozen=True, kw_only=True)
class MisdirectedTeacher(Wrapping):
    """Asks another teacher, and puts the skill that ``assign`` names in the place of the one that is lacking.

    ``assign`` maps a problem's id and a lacking skill to its target. The principles, the violations and the worked
    solutions then are about the target, in the same number as otherwise.
    """

    assign: Callable[[str, str], Target]
    live: tuple[str, ...]
    problems: tuple[Problem, ...]

    async def call(self, ask: Ask[SchemaT]) -> Reply[SchemaT]:
        """Ask and misdirect.

        Raises:
            UnknownName: for a purpose of which it is not known how to misdirect it.
        """
        purpose = PURPOSES.get(ask.purpose)
        if purpose is None:
            raise UnknownName(f"purpose of {self.ref}", ask.purpose, tuple(PURPOSES))
        reply = await self.base.call(ask)
        said = reply.value.model_dump(mode="json")
        changed = said if purpose.misdirect is None else purpose.misdirect(ask.inputs, said, self)
        value = ask.schema.model_validate(changed)
        return Reply(value=value, calls=retold(reply.calls, value, ref=self.ref))

    def target(self, problem_id: str, skill: str) -> Target:
        """Return what is taught where this problem shows that this skill is lacking."""
        return self.assign(problem_id, skill)

    def working(self, target: Target, *, apart_from: str) -> tuple[str, str]:
        """Return the working and the answer of a problem about the target; its principle where there is no problem."""
        donors = (p for p in self.problems if target.skill in p.skills and p.id != apart_from and p.steps)
        donor = next(donors, None)
        if donor is not None:
            return "\n".join(step.text for step in donor.steps), donor.gold or ""
        return principle_for(target.skill, target.summary) or target.summary, "unknown"


def deranged(
    base: Teacher, *, ref: str, live: Sequence[str], skills: Sequence[str], problems: Sequence[Problem], seed: int
) -> MisdirectedTeacher:
    """Make a teacher that takes every lacking skill for another one, which is not lacking, always the same.

    Where no skill of the task is known to be there, a skill that the task does not use takes its place: a private
    convention that no problem is about, or a piece of written arithmetic.
    """
    shown = [seen(problem) for problem in problems]
    spare = sorted(set(skills) - set(live))
    targets = [Target(skill, summary_of_lack(skill, shown), _item(skill, problems)) for skill in spare]
    targets = targets or unused_conventions(problems)
    targets = targets or [Target(skill, summary_of_lack(skill, ())) for skill in _FOREIGN if skill not in skills]
    Random(seed).shuffle(targets)  # noqa: S311 (no secret)
    mapping = {skill: targets[place % len(targets)] for place, skill in enumerate(sorted(live))}
    return MisdirectedTeacher(
        base=base,
        ref=ref,
        assign=lambda _, skill: mapping.get(skill) or targets[int(digest(skill)[:8], 16) % len(targets)],
        live=tuple(live),
        problems=tuple(problems),
    )


def random_skills(
    base: Teacher, *, ref: str, live: Sequence[str], skills: Sequence[str], problems: Sequence[Problem], seed: int
) -> MisdirectedTeacher:
    """Make a teacher that names a random skill for each item.

    No negative control: over many items it names every skill, the live ones too. Look at its precision.
    """
    shown = [seen(problem) for problem in problems]
    pool = [
        Target(skill, summary_of_lack(skill, shown), _item(skill, problems))
        for skill in sorted({*skills, *live} or _FOREIGN)
    ]
    return MisdirectedTeacher(
        base=base,
        ref=ref,
        assign=lambda problem_id, _: Random(f"{seed}:{problem_id}").choice(pool),  # noqa: S311 (no secret)
        live=tuple(live),
        problems=tuple(problems),
    )


def _item(skill: str, problems: Sequence[Problem]) -> Item | None:
    return next((problem.item for problem in problems if skill in problem.skills), None)


def seen(problem: Problem) -> ProblemSeen:
    """Show a problem as an expert sees it."""
    return ProblemSeen(
        id=problem.id,
        text=problem.text,
        gold=problem.gold,
        steps=tuple(step.text for step in problem.steps),
        skills=problem.skills,
        item=problem.item,
    )

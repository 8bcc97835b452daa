"""A teacher that gets the wrong evidence: every problem comes with another problem's solution."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pydantic import JsonValue

from tutorkit.errors import BadSetting
from tutorkit.ports import Ask, Reply, SchemaT, Teacher
from tutorkit.teachers.controls.wrapping import Wrapping
from tutorkit.teachers.records import retold
from tutorkit.types import Problem


@dataclass(frozen=True, kw_only=True)
class MisalignedTeacher(Wrapping):
    """Asks another teacher as often and in the same words, but with the solutions exchanged among the problems.

    For teachers that think for themselves. A rule-based one reads an attempt against the solution that it gets, and
    would name skills at random, which in the long run names the right ones too.
    """

    partners: Mapping[str, Problem]

    async def call(self, ask: Ask[SchemaT]) -> Reply[SchemaT]:
        """Exchange the solutions in the inputs, and ask."""
        inputs = {name: self._exchanged(value) for name, value in ask.inputs.items()}
        reply = await self.base.call(replace(ask, inputs=inputs))
        return Reply(value=reply.value, calls=retold(reply.calls, reply.value, ref=self.ref))

    def _exchanged(self, value: JsonValue) -> JsonValue:
        if isinstance(value, list):
            return [self._exchanged(inner) for inner in value]
        if not isinstance(value, dict):
            return value
        partner = self.partners.get(str(value.get("id")))
        if partner is None or "gold" not in value:
            return value
        solution: dict[str, JsonValue] = {
            "gold": partner.gold,
            "steps": [step.text for step in partner.steps],
            "skills": [*partner.skills],
            "item": partner.item,
        }
        return {name: solution.get(name, inner) for name, inner in value.items()}


def misaligned(base: Teacher, *, ref: str, problems: Sequence[Problem], seed: int) -> MisalignedTeacher:
    """Make the teacher; within each split every problem gets the solution of another one.

    Raises:
        BadSetting: when a split has a single problem.
    """
    partners: dict[str, Problem] = {}
    for split in dict.fromkeys(problem.split for problem in problems):
        members = sorted((problem for problem in problems if problem.split == split), key=lambda problem: problem.id)
        if len(members) < 2:
            raise BadSetting(f"The evidence of the single problem of the split {split} cannot be exchanged.")
        shift = 1 + seed % (len(members) - 1)
        others = [*members[shift:], *members[:shift]]
        partners |= {problem.id: other for problem, other in zip(members, others, strict=True)}
    return MisalignedTeacher(base=base, ref=ref, partners=partners)

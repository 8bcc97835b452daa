"""Let whoever is no model count against the budget too: one call for each ask and each answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from tutorkit.ports import Answer, Ask, Budget, Reply, SchemaT, Student, Teacher
from tutorkit.types import Call, Lesson, Question


@dataclass(frozen=True)
class CountedTeacher:
    """A teacher without a gateway, counted."""

    teacher: Teacher
    budget: Budget

    @property
    def ref(self) -> str:
        """The teacher's own name."""
        return self.teacher.ref

    @property
    def diagnoses_as(self) -> Literal["rule", "llm", "human"]:
        """What the teacher is."""
        return self.teacher.diagnoses_as

    async def call(self, ask: Ask[SchemaT]) -> Reply[SchemaT]:
        """Ask, if the budget allows it."""
        self.budget.admit(model=self.ref)
        calls: Sequence[Call] = ()
        try:
            reply = await self.teacher.call(ask)
            calls = reply.calls
            return reply
        finally:
            _close(self.budget, calls)


@dataclass(frozen=True)
class CountedStudent:
    """A student without a gateway, counted."""

    student: Student
    budget: Budget

    @property
    def ref(self) -> str:
        """The student's own name."""
        return self.student.ref

    async def answer(self, question: Question, lessons: Sequence[Lesson], *, sample: int = 0) -> Answer:
        """Answer, if the budget allows it."""
        self.budget.admit(model=self.ref)
        calls: Sequence[Call] = ()
        try:
            answer = await self.student.answer(question, lessons, sample=sample)
            calls = answer.calls
            return answer
        finally:
            _close(self.budget, calls)


def _close(budget: Budget, calls: Sequence[Call]) -> None:
    """Close the one admitted call; nothing was made when there is no record of one (a reply that is still to come)."""
    budget.commit(cost_usd=0.0, tokens=0, cache_hit=not calls)

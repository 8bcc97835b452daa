"""Let whoever is no model count against the budget too: one call for each ask and each answer."""

from __future__ import annotations

from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol, TypeVar, runtime_checkable

from pydantic import JsonValue

from tutorkit.errors import BudgetExhausted
from tutorkit.ports import (
    Answer,
    Ask,
    Budget,
    ContinuingStudent,
    Reply,
    SchemaT,
    Student,
    Talker,
    Teacher,
    TrainableStudent,
    TrainingData,
    WritingStudent,
)
from tutorkit.types import Call, Lesson, Message, Question, Role

SaidT = TypeVar("SaidT", bound=Answer | Reply[Any])


@runtime_checkable
class Learner(ContinuingStudent, WritingStudent, TrainableStudent, Protocol):
    """A student that can do all that a method may need."""


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
class CountedTalker(CountedTeacher):
    """A teacher without a gateway that replies to any messages, counted."""

    async def say(
        self,
        messages: Sequence[Message],
        *,
        role: Role,
        purpose: str,
        options: Mapping[str, JsonValue],
        sample: int = 0,
    ) -> Answer:
        """Reply, if the budget allows it."""
        self.budget.admit(model=self.ref)
        calls: Sequence[Call] = ()
        try:
            said = await self.talker.say(messages, role=role, purpose=purpose, options=options, sample=sample)
            calls = said.calls
            return said
        finally:
            _close(self.budget, calls)

    @property
    def talker(self) -> Talker:
        """The teacher, as somebody who replies to any messages."""
        assert isinstance(self.teacher, Talker)
        return self.teacher


def counted_teacher(teacher: Teacher, budget: Budget) -> CountedTeacher:
    """Count a teacher's calls; it can do afterwards what it could before."""
    return CountedTalker(teacher, budget) if isinstance(teacher, Talker) else CountedTeacher(teacher, budget)


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
        return await self._counted(self.student.answer(question, lessons, sample=sample))

    async def _counted(self, asked: Coroutine[object, object, SaidT]) -> SaidT:
        try:
            self.budget.admit(model=self.ref)
        except BudgetExhausted:
            asked.close()
            raise
        calls: Sequence[Call] = ()
        try:
            said = await asked
            calls = said.calls
            return said
        finally:
            _close(self.budget, calls)


@dataclass(frozen=True)
class CountedLearner(CountedStudent):
    """A student without a gateway that can do all that a method may need, counted."""

    student: Learner

    async def go_on(
        self, question: Question, lessons: Sequence[Lesson], *, begun: Sequence[str], sample: int = 0
    ) -> Answer:
        """Go on from given steps, if the budget allows it."""
        return await self._counted(self.student.go_on(question, lessons, begun=begun, sample=sample))

    async def call(self, ask: Ask[SchemaT]) -> Reply[SchemaT]:
        """Reply to an ask, if the budget allows it."""
        return await self._counted(self.student.call(ask))

    async def trained(self, rows: Sequence[TrainingData], *, folder: Path) -> Student:
        """Return the trained student, counted as this one is; training itself takes no call."""
        return counted(await self.student.trained(rows, folder=folder), self.budget)


def counted(student: Student, budget: Budget) -> CountedStudent:
    """Count a student's calls; it can do afterwards what it could before."""
    return CountedLearner(student, budget) if isinstance(student, Learner) else CountedStudent(student, budget)


def _close(budget: Budget, calls: Sequence[Call]) -> None:
    """Close the one admitted call; nothing was made when there is no record of one (a reply that is still to come)."""
    budget.commit(cost_usd=0.0, tokens=0, cache_hit=not calls)

"""All that a node may touch, for one visit of one node of one run."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random
from typing import Any, Literal

from pydantic import BaseModel, JsonValue

from tutorkit.canonical import digest, stable_id
from tutorkit.errors import BudgetExhausted, ModelError, ReplayMiss
from tutorkit.graphs.events import CallMade, ItemsAdvanced, Listener, StopSignal
from tutorkit.graphs.items import ItemPool
from tutorkit.methods.vocabulary import ItemT, Mapped, Said, TaskBrief
from tutorkit.ports import Ask, SchemaT, Scorer, Sink, Student, Teacher
from tutorkit.types import Attempt, Call, Lesson, Problem, Split


@dataclass(frozen=True, kw_only=True)
class Cast:
    """Who and what takes part in a run; the same for all its nodes."""

    run_id: str
    method: str
    seed: int
    task: TaskBrief
    problems: Mapping[Split, tuple[Problem, ...]]
    params: BaseModel
    teacher: Teacher
    student: Student
    scorer: Scorer
    sink: Sink
    concurrency: int
    stop: StopSignal
    listen: Listener


class Ledger:
    """Stamps every call with its run and node, keeps it and tells it; the same call twice is one row."""

    def __init__(self, cast: Cast, visit: str) -> None:
        self._cast = cast
        self._visit = visit

    def record(self, calls: Sequence[Call]) -> tuple[str, ...]:
        """Keep the calls of one question, oldest first, and return their ids."""
        stamped = [
            call.model_copy(
                update={
                    "id": stable_id("call", self._cast.run_id, self._visit, call.id),
                    "run_id": self._cast.run_id,
                    "node": self._visit,
                }
            )
            for call in calls
        ]
        self._cast.sink.put(*stamped)
        for position, call in enumerate(stamped, start=1):
            ago = sum(later.seconds or 0.0 for later in stamped[position:])
            self._cast.listen(CallMade(self._cast.run_id, self._visit, call, ago))
        return tuple(call.id for call in stamped)

    @contextmanager
    def asking(self, purpose: str) -> Iterator[None]:
        """Keep the calls of a request that fails, as they may have been billed; a replay's miss learns where it was.

        A budget that ends between a reply and its re-ask has such calls, too.
        """
        try:
            yield
        except (ModelError, BudgetExhausted) as error:
            made = error.data.get("calls", ())
            self.record([call for call in made if isinstance(call, Call)] if isinstance(made, list | tuple) else [])
            if isinstance(error, ReplayMiss):
                raise self._placed(error, purpose) from error
            raise

    def _placed(self, miss: ReplayMiss, purpose: str) -> ReplayMiss:
        run_id, node = self._cast.run_id, self._visit
        return ReplayMiss(
            f"{node} of the run {run_id} ({purpose}): {miss.message}",
            remedy=miss.remedy,
            data={**miss.data, "run_id": run_id, "node": node, "purpose": purpose},
        )


class TeacherAtDesk:
    """The teacher for one visit of a node. A reply is remembered, so that a resumed node does not ask again."""

    def __init__(self, cast: Cast, visit: str) -> None:
        self._cast = cast
        self._visit = f"{visit}:teacher"
        self._ledger = Ledger(cast, visit)
        self._kept: dict[str, JsonValue] | None = None
        self.ref = cast.teacher.ref
        self.diagnoses_as: Literal["rule", "llm", "human"] = cast.teacher.diagnoses_as

    async def call(
        self,
        purpose: str,
        inputs: Mapping[str, JsonValue],
        schema: type[SchemaT],
        *,
        about: Sequence[str] = (),
        sample: int = 0,
    ) -> Said[SchemaT]:
        """Ask the teacher and keep the record of every call that it took."""
        name = digest([purpose, dict(inputs), list(about), sample])
        if self._kept is None:
            self._kept = self._cast.sink.recall(self._cast.run_id, self._visit)
        kept = self._kept.get(name)
        if isinstance(kept, dict) and isinstance(kept["calls"], list):
            return Said(schema.model_validate(kept["value"]), tuple(str(call_id) for call_id in kept["calls"]))
        ask = Ask(
            prompt_id=f"{self._cast.method}/{purpose}", inputs=inputs, schema=schema, sample=sample, about=tuple(about)
        )
        with self._ledger.asking(purpose):
            reply = await self._cast.teacher.call(ask)
        call_ids = self._ledger.record(reply.calls)
        value = reply.value.model_dump(mode="json")
        self._cast.sink.remember(self._cast.run_id, self._visit, name, {"value": value, "calls": [*call_ids]})
        return Said(reply.value, call_ids)


class StudentAtDesk:
    """The student for one visit of a node."""

    def __init__(self, cast: Cast, visit: str) -> None:
        self._cast = cast
        self._ledger = Ledger(cast, visit)
        self.ref = cast.student.ref

    async def answer(self, problem: Problem, lessons: Sequence[Lesson], *, phase: str, sample: int = 0) -> Attempt:
        """Ask the student, grade the answer, keep the attempt.

        The student gets the problem's question, never its gold, and no demo of the problem's own leak family: that
        would hand it the answer.
        """
        cast = self._cast
        shown = [lesson for lesson in lessons if lesson.data.get("group") != problem.group]
        with self._ledger.asking("answer"):
            answer = await cast.student.answer(problem.question(), shown, sample=sample)
        attempt = Attempt(
            id=stable_id("attempt", cast.run_id, phase, problem.id, sample),
            run_id=cast.run_id,
            phase=phase,
            problem_id=problem.id,
            split=problem.split,
            student=cast.student.ref,
            lesson_ids=tuple(lesson.id for lesson in shown),
            sample=sample,
            steps=answer.steps,
            raw=answer.raw,
            grade=cast.scorer.grade(problem, answer.raw, finished=answer.finished),
            call_ids=self._ledger.record(answer.calls),
        )
        cast.sink.put(attempt)
        return attempt


@dataclass(frozen=True)
class RunDeps:
    """What a node is handed; implements ``methods.vocabulary.Deps``."""

    cast: Cast
    visit: str
    teacher: TeacherAtDesk
    student: StudentAtDesk
    rng: Random

    @property
    def run_id(self) -> str:
        """The run's id."""
        return self.cast.run_id

    @property
    def task(self) -> TaskBrief:
        """What is known of the task as a whole."""
        return self.cast.task

    @property
    def params(self) -> Any:  # noqa: ANN401 (each method has a class of its own)
        """The method's parameters."""
        return self.cast.params

    @property
    def scorer(self) -> Scorer:
        """The task's scorer."""
        return self.cast.scorer

    @property
    def sink(self) -> Sink:
        """Where records go."""
        return self.cast.sink

    def problems(self, split: Split) -> tuple[Problem, ...]:
        """Return the problems of one split; none where the task has no such split."""
        return self.cast.problems.get(split, ())

    async def map(
        self, work: Callable[[ItemT], Awaitable[JsonValue]], items: Sequence[ItemT], *, key: Callable[[ItemT], str]
    ) -> Mapped:
        """Do the work for every item; see ``ItemPool``."""
        cast = self.cast

        def advanced(done: int, total: int) -> None:
            cast.listen(ItemsAdvanced(cast.run_id, self.visit, done, total))

        pool: ItemPool[ItemT] = ItemPool(
            sink=cast.sink,
            run_id=cast.run_id,
            visit=self.visit,
            concurrency=cast.concurrency,
            stop=cast.stop,
            advanced=advanced,
        )
        return await pool.map(work, items, key=key)


def deps_for(cast: Cast, visit: str) -> RunDeps:
    """Make what one visit of a node is handed. Its random numbers depend on the run's seed and the visit alone."""
    return RunDeps(
        cast=cast,
        visit=visit,
        teacher=TeacherAtDesk(cast, visit),
        student=StudentAtDesk(cast, visit),
        rng=Random(digest([cast.seed, visit])),  # noqa: S311 (no secret)
    )

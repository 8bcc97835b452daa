"""All that a node may touch, for one visit of one node of one run."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any, Literal, Protocol

from pydantic import BaseModel, JsonValue

from tutorkit.canonical import digest, stable_id
from tutorkit.errors import BadSetting, BudgetExhausted, ModelError, ReplayMiss
from tutorkit.graphs.allowance import TEST_PHASES, Meter, unlimited
from tutorkit.graphs.events import CallMade, ItemsAdvanced, Listener, StopSignal
from tutorkit.graphs.items import ItemPool
from tutorkit.graphs.needs import lacks
from tutorkit.methods.vocabulary import ItemT, Mapped, Said, Spoken, TaskBrief
from tutorkit.ports import (
    Answer,
    Ask,
    ContinuingStudent,
    Reply,
    SchemaT,
    Scorer,
    Sink,
    Student,
    Talker,
    Teacher,
    TrainableStudent,
    TrainingData,
    WritingStudent,
)
from tutorkit.types import Attempt, Call, Lesson, Message, PreferencePair, Problem, Question, Role, SFTExample, Split


@dataclass(frozen=True, kw_only=True)
class Cast:
    """Who and what takes part in a run; the same for all its nodes.

    ``folder`` is the run's own, for checkpoints. Without a ``judge`` the teacher judges. ``pupils`` are the students
    that were trained so far, by the name of their checkpoint. With ``review`` the run waits before each review point
    of its method until a person has decided.
    """

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
    folder: Path
    judge: Teacher | None = None
    panel: tuple[Student, ...] = ()
    meter: Meter = field(default_factory=unlimited)
    review: bool = False
    pupils: dict[str, Student] = field(default_factory=dict, compare=False)


class Ledger:
    """Stamps every call with its run and node, keeps it and tells it; the same call twice is one row.

    ``who`` tells the calls of another student from those of the run's own, where both may say the same.
    """

    def __init__(self, cast: Cast, visit: str, *, who: Sequence[str] = ()) -> None:
        self._cast = cast
        self._visit = visit
        self._who = tuple(who)

    def record(self, calls: Sequence[Call], *, metered: bool) -> tuple[str, ...]:
        """Keep the calls of one question, oldest first, and return their ids; ``metered`` ones are no measuring."""
        stamped = [
            call.model_copy(
                update={
                    "id": stable_id("call", self._cast.run_id, self._visit, call.id, *self._who),
                    "run_id": self._cast.run_id,
                    "node": self._visit,
                }
            )
            for call in calls
        ]
        self._cast.sink.put(*stamped)
        if metered:
            self._cast.meter.add(stamped)
        for position, call in enumerate(stamped, start=1):
            ago = sum(later.seconds or 0.0 for later in stamped[position:])
            self._cast.listen(CallMade(self._cast.run_id, self._visit, call, ago))
        return tuple(call.id for call in stamped)

    @contextmanager
    def asking(self, purpose: str, *, metered: Role | None) -> Iterator[None]:
        """Let a request pass, and keep its calls when it fails: they may have been billed.

        A budget that ends between a reply and its re-ask has such calls, too. A replay's miss learns where it was.

        Args:
            purpose: what is asked for.
            metered: whose share the request takes; None for one that measures the student.
        """
        if metered is not None:
            self._cast.meter.admit(metered)
        try:
            yield
        except (ModelError, BudgetExhausted) as error:
            made = error.data.get("calls", ())
            found = [call for call in made if isinstance(call, Call)] if isinstance(made, list | tuple) else []
            self.record(found, metered=metered is not None)
            if isinstance(error, ReplayMiss):
                raise self._placed(error, purpose) from error
            raise
        finally:
            if metered is not None:
                self._cast.meter.leave(metered)

    def _placed(self, miss: ReplayMiss, purpose: str) -> ReplayMiss:
        run_id, node = self._cast.run_id, self._visit
        return ReplayMiss(
            f"{node} of the run {run_id} ({purpose}): {miss.message}",
            remedy=miss.remedy,
            data={**miss.data, "run_id": run_id, "node": node, "purpose": purpose},
        )


class Asker(Protocol):
    """Whoever replies to asks."""

    async def call(self, ask: Ask[SchemaT]) -> Reply[SchemaT]:
        """Reply to one ask."""
        ...


class Asking:
    """Asks somebody for one visit of a node. A reply is remembered, so that a resumed node does not ask again."""

    def __init__(self, cast: Cast, visit: str, *, who: Asker, role: Role) -> None:
        self._cast = cast
        self._who = who
        self._role: Role = role
        self._visit = f"{visit}:{role}"
        self._ledger = Ledger(cast, visit)
        self._kept: dict[str, JsonValue] | None = None

    async def call(
        self,
        purpose: str,
        inputs: Mapping[str, JsonValue],
        schema: type[SchemaT],
        *,
        about: Sequence[str] = (),
        sample: int = 0,
    ) -> Said[SchemaT]:
        """Ask, and keep the record of every call that it took."""
        name = digest([purpose, dict(inputs), list(about), sample])
        if self._kept is None:
            self._kept = self._cast.sink.recall(self._cast.run_id, self._visit)
        kept = self._kept.get(name)
        if isinstance(kept, dict) and isinstance(kept["calls"], list):
            return Said(schema.model_validate(kept["value"]), tuple(str(call_id) for call_id in kept["calls"]))
        ask = Ask(
            prompt_id=f"{self._cast.method}/{purpose}",
            inputs=inputs,
            schema=schema,
            role=self._role,
            sample=sample,
            about=tuple(about),
        )
        with self._ledger.asking(purpose, metered=self._role):
            reply = await self._who.call(ask)
        call_ids = self._ledger.record(reply.calls, metered=True)
        value = reply.value.model_dump(mode="json")
        self._cast.sink.remember(self._cast.run_id, self._visit, name, {"value": value, "calls": [*call_ids]})
        return Said(reply.value, call_ids)


async def _spoken(
    ledger: Ledger,
    who: Talker,
    role: Role,
    messages: Sequence[Message],
    *,
    purpose: str,
    options: Mapping[str, JsonValue],
    sample: int,
) -> Spoken:
    """Send messages as they are, and keep the record of every call that it took."""
    with ledger.asking(purpose, metered=role):
        said = await who.say(messages, role=role, purpose=purpose, options=options, sample=sample)
    return Spoken(said.raw, ledger.record(said.calls, metered=True))


class TeacherAtDesk(Asking):
    """The teacher, or the judge, for one visit of a node."""

    def __init__(self, cast: Cast, visit: str, *, teacher: Teacher, role: Role = "teacher") -> None:
        super().__init__(cast, visit, who=teacher, role=role)
        self.ref = teacher.ref
        self.diagnoses_as: Literal["rule", "llm", "human"] = teacher.diagnoses_as

    async def say(
        self, messages: Sequence[Message], *, purpose: str, options: Mapping[str, JsonValue], sample: int = 0
    ) -> Spoken:
        """Send messages as they are."""
        if not isinstance(self._who, Talker):
            raise BadSetting(
                f"The teacher {self.ref} cannot be sent another project's prompts: it is no language model.",
                remedy="Take a model as the teacher, or give the method the parameter teacher=student.",
                data={"teacher": self.ref},
            )
        return await _spoken(
            self._ledger, self._who, self._role, messages, purpose=purpose, options=options, sample=sample
        )


class StudentAtDesk:
    """A student for one visit of a node. ``ref`` names a trained one by its checkpoint."""

    def __init__(self, cast: Cast, visit: str, *, student: Student, ref: str = "") -> None:
        self._cast = cast
        self._visit = visit
        self._student = student
        self._writing: Asking | None = None
        self.ref = ref or student.ref
        self._ledger = Ledger(cast, visit, who=_who(self.ref, cast))

    async def answer(
        self,
        problem: Problem,
        lessons: Sequence[Lesson],
        *,
        phase: str,
        sample: int = 0,
        begun: Sequence[str] = (),
    ) -> Attempt:
        """Have the student answer, grade the answer, keep the attempt.

        The student gets the problem's question, never its gold, and no demo of the problem's own leak family: that
        would hand it the answer.
        """
        cast = self._cast
        shown = [lesson for lesson in lessons if lesson.data.get("group") != problem.group]
        metered = not phase.startswith(TEST_PHASES)
        with self._ledger.asking("answer", metered="student" if metered else None):
            answer = await self._answer(problem.question(), shown, begun=begun, sample=sample)
        attempt = Attempt(
            id=stable_id("attempt", cast.run_id, phase, problem.id, sample, *_who(self.ref, cast)),
            run_id=cast.run_id,
            phase=phase,
            problem_id=problem.id,
            split=problem.split,
            student=self.ref,
            lesson_ids=tuple(lesson.id for lesson in shown),
            sample=sample,
            steps=answer.steps,
            raw=answer.raw,
            grade=cast.scorer.grade(problem, _graded(answer), finished=answer.finished),
            call_ids=self._ledger.record(answer.calls, metered=metered),
        )
        cast.sink.put(attempt)
        return attempt

    async def write(
        self,
        purpose: str,
        inputs: Mapping[str, JsonValue],
        schema: type[SchemaT],
        *,
        about: Sequence[str] = (),
        sample: int = 0,
    ) -> Said[SchemaT]:
        """Ask the student for something else than an answer."""
        if self._writing is None:
            if not isinstance(self._student, WritingStudent):
                raise lacks(self.ref, "write")
            self._writing = Asking(self._cast, f"{self._visit}:{self.ref}", who=self._student, role="student")
        return await self._writing.call(purpose, inputs, schema, about=about, sample=sample)

    async def say(
        self, messages: Sequence[Message], *, purpose: str, options: Mapping[str, JsonValue], sample: int = 0
    ) -> Spoken:
        """Send messages as they are."""
        if not isinstance(self._student, Talker):
            raise lacks(self.ref, "say")
        return await _spoken(
            self._ledger, self._student, "student", messages, purpose=purpose, options=options, sample=sample
        )

    async def _answer(
        self, question: Question, lessons: Sequence[Lesson], *, begun: Sequence[str], sample: int
    ) -> Answer:
        if not begun:
            return await self._student.answer(question, lessons, sample=sample)
        if not isinstance(self._student, ContinuingStudent):
            raise lacks(self.ref, "go_on")
        new = await self._student.go_on(question, lessons, begun=begun, sample=sample)
        return replace(new, raw="\n".join((*begun, new.raw)), steps=(*begun, *new.steps))


def _graded(answer: Answer) -> str:
    return answer.raw if answer.read is None else answer.read


def _who(ref: str, cast: Cast) -> tuple[str, ...]:
    """Tell the attempts of other students from those of the run's own."""
    return () if ref == cast.student.ref else (ref,)


@dataclass(frozen=True)
class RunDeps:
    """What a node is handed; implements ``methods.vocabulary.Deps``."""

    cast: Cast
    visit: str
    teacher: TeacherAtDesk
    judge: TeacherAtDesk
    student: StudentAtDesk
    panel: tuple[StudentAtDesk, ...]
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

    async def trained(self, row_ids: Sequence[str]) -> StudentAtDesk:
        """Return the student as it is after training on these rows."""
        if not row_ids:
            return self.student
        cast = self.cast
        if not isinstance(cast.student, TrainableStudent):
            raise lacks(cast.student.ref, "train")
        name = digest([cast.student.ref, *row_ids])[:16]
        if name not in cast.pupils:
            rows = _rows(cast.sink, row_ids)
            cast.pupils[name] = await cast.student.trained(rows, folder=cast.folder / "checkpoints" / name)
        return StudentAtDesk(cast, self.visit, student=cast.pupils[name], ref=f"{cast.student.ref}#{name}")

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
        teacher=TeacherAtDesk(cast, visit, teacher=cast.teacher),
        judge=TeacherAtDesk(cast, visit, teacher=cast.judge or cast.teacher, role="judge"),
        student=StudentAtDesk(cast, visit, student=cast.student),
        panel=tuple(StudentAtDesk(cast, visit, student=student) for student in cast.panel),
        rng=Random(digest([cast.seed, visit])),  # noqa: S311 (no secret)
    )


def _rows(sink: Sink, row_ids: Sequence[str]) -> list[TrainingData]:
    """Return examples and preference pairs in the order of the ids."""
    pairs = {row.id: row for row in sink.get_all(PreferencePair, row_ids, missing_ok=True)}
    examples = {row.id: row for row in sink.get_all(SFTExample, [name for name in row_ids if name not in pairs])}
    return [pairs[name] if name in pairs else examples[name] for name in row_ids]

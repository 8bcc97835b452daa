"""Run a method on the fixture of multi-step problems, with spies on everyone who takes part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from support.memory import MemorySink
from tutorkit.canonical import canonical_json
from tutorkit.graphs.deps import Cast
from tutorkit.graphs.events import StopSignal, ignore
from tutorkit.graphs.runner import Ending, execute
from tutorkit.lab import Lab, Plan
from tutorkit.methods.registry import find_method, read_params
from tutorkit.methods.vocabulary import TaskBrief
from tutorkit.ports import Ask, Student, Teacher
from tutorkit.prompting import PromptLibrary
from tutorkit.store import export_run
from tutorkit.students.simulated import build_simulated
from tutorkit.tasks import Task, TaskScorer, load_task
from tutorkit.teachers.controls import control_teacher
from tutorkit.teachers.rules import RuleTeacher

SKILLS = ("borrow", "carry", "percent", "precedence", "sign")
TWO_BUGS = ("carry", "percent")
SIZES = {"train": 6, "val": 40, "test": 40}


@dataclass
class Spy:
    """Lets a teacher or a student work, and remembers what passed."""

    inner: Any
    asked: list = field(default_factory=list)
    shown: list = field(default_factory=list)
    learnt: list = field(default_factory=list)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    async def call(self, ask: Ask):
        self.asked.append(ask)
        return await self.inner.call(ask)

    async def answer(self, question, lessons, *, sample=0):
        self.shown.append((question, tuple(lessons)))
        return await self.inner.answer(question, lessons, sample=sample)

    async def go_on(self, question, lessons, *, begun, sample=0):
        self.shown.append((question, tuple(lessons)))
        return await self.inner.go_on(question, lessons, begun=begun, sample=sample)

    async def trained(self, rows, *, folder):
        self.learnt.append(tuple(rows))
        return replace(self, inner=await self.inner.trained(rows, folder=folder))


@dataclass
class Bench:
    """A method, ready to be run without a database."""

    cast: Cast
    method: Any
    folder: Path

    @property
    def teacher(self) -> Spy:
        return self.cast.teacher

    @property
    def student(self) -> Spy:
        return self.cast.student

    @property
    def sink(self) -> MemorySink:
        return self.cast.sink

    async def run(self) -> Ending:
        return await execute(self.method, self.cast, folder=self.folder)

    def with_teacher(self, teacher: Teacher) -> Bench:
        return replace(self, cast=replace(self.cast, teacher=Spy(teacher)))

    def records(self, kind) -> list:
        return list(self.sink.records[kind].values())


def chains(seed: int = 0, sizes=None) -> Task:
    return load_task("chains", data_dir=None, seed=seed, sizes=sizes or SIZES)


def rules() -> RuleTeacher:
    return RuleTeacher(prompts=PromptLibrary(), cues=True)


def control(name: str, *, task: Task, live: Sequence[str] = TWO_BUGS) -> Teacher:
    return control_teacher(name, base=rules(), live=list(live), skills=list(SKILLS), problems=task.split("val"), seed=0)


def bench(
    folder: Path,
    *,
    method: str = "tpd",
    student: str | Student = "sim/two-bugs",
    teacher: Teacher | str = "rules",
    params: dict | None = None,
    task: Task | None = None,
    listen=ignore,
    seed: int = 0,
) -> Bench:
    task = task or chains(seed)
    found = find_method(method)
    if isinstance(teacher, str):
        teacher = rules() if teacher == "rules" else control(teacher, task=task)
    sink = MemorySink()
    sink.put(*task.problems)
    cast = Cast(
        run_id=f"{method}-test",
        method=method,
        seed=seed,
        task=TaskBrief(task.name, task.description, task.answer_format),
        problems={split: task.split(split) for split in ("train", "probe", "val", "test")},
        params=read_params(found, params or {}),
        teacher=Spy(teacher),
        student=Spy(build_simulated(student) if isinstance(student, str) else student),
        scorer=TaskScorer(),
        sink=sink,
        concurrency=4,
        stop=StopSignal(),
        listen=listen,
        folder=folder,
    )
    return Bench(cast, found, folder)


def plan(method: str = "tpd", **over) -> Plan:
    given = {"task": "chains", "student": "sim/two-bugs", "teacher": "rules", "sizes": SIZES, "controls": "none"}
    return Plan(method=method, **{**given, **over})


def export(lab: Lab, run_id: str) -> str:
    return canonical_json(export_run(lab.store, run_id=run_id))


def accuracy(sink: MemorySink, state: dict, condition: str) -> float:
    from tutorkit.types import Attempt

    grades = [sink.get(Attempt, name).grade for name in state["test"][condition]]
    return sum(grade.outcome == "right" for grade in grades) / len(grades)

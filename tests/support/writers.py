"""The fixture of the methods that compare texts: a writing task, a simulated writer, and scripted judges."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from support.bench import Bench, Spy, bench
from support.participants import call
from tutorkit.graphs.runner import Ending
from tutorkit.methods._nodes.preferences import Comparison
from tutorkit.ports import Reply, Teacher
from tutorkit.tasks import Task, load_task
from tutorkit.tasks.planted import WIT, marked


@dataclass
class Ran:
    """A finished run."""

    bench: Bench
    ending: Ending

    @property
    def state(self) -> dict:
        return self.ending.state

    def get(self, kind, name):
        return self.bench.sink.get(kind, name)

    def records(self, kind) -> list:
        return self.bench.records(kind)

    def asked(self, purpose: str) -> list:
        return [ask for ask in self.bench.teacher.asked if ask.purpose == purpose]


def prompts(train: int, *, test: int = 4, name: str = "writing") -> Task:
    return load_task(name, seed=0, sizes={"train": train, "val": 1, "test": test})


async def ran(
    folder: Path, method: str, *, task: Task, student="sim/writer", judge: Teacher | None = None, panel=(), **more
) -> Ran:
    made = bench(folder, method=method, task=task, student=student, **more)
    if judge or panel:
        made = replace(made, cast=replace(made.cast, judge=judge, panel=tuple(map(Spy, panel))))
    return Ran(made, await made.run())


@dataclass
class Critic:
    """Compares by what ``worth`` says of two texts; all else is left to another teacher."""

    worth: Callable[[str, str], float]
    base: Teacher
    ref: str = "critic"
    diagnoses_as: str = "rule"

    async def call(self, ask):
        if ask.purpose != "compare_texts":
            return await self.base.call(ask)
        first, second = str(ask.inputs["first"]), str(ask.inputs["second"])
        lead = self.worth(first, second)
        preferred = None if lead == 0 else 1 if lead > 0 else 2
        value = Comparison(reason="", preferred=preferred, margin=min(10.0, abs(lead)))
        return Reply(value=value, calls=(call(ask.role, ask.purpose, first, second, list(ask.about)),))


def always_first(_first: str, _second: str) -> float:
    return 1.0


def wittier(first: str, second: str) -> float:
    return float(marked(first, WIT) - marked(second, WIT))


def longer_by_much(first: str, second: str) -> float:
    """Wit counts, and a text that is longer by much counts more."""
    lengths = len(first.split()), len(second.split())
    return wittier(first, second) + 20 * (lengths[0] - lengths[1]) / sum(lengths)


def unreliable(rng: Random, *, right: float, by_position: float) -> Callable[[bool], int]:
    """Make a critic who names 1 or 2, told whether the first text is the better one."""

    def named(first_is_better: bool) -> int:
        if rng.random() < by_position:
            return 1
        return 1 if (rng.random() < right) == first_is_better else 2

    return named

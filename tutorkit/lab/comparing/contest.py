"""What is compared with what: methods on one task and one student, at one budget, over several seeds."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator

from tutorkit.graphs.allowance import Share
from tutorkit.lab.plan import Allowance, Controls, Plan
from tutorkit.types import Split


class Entrant(BaseModel):
    """A method with its parameters, under the name by which the report calls it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    method: str
    params: dict[str, JsonValue] = Field(default_factory=dict)


class Contest(BaseModel):
    """A comparison. Each entrant is run once for every seed and every level of the budget.

    ``allowance`` is the budget of one run's teaching. ``levels`` are the fractions of it at which the methods are run,
    in (0, 1]; 1 is always among them. The control arms of ``controls`` are run at the whole budget alone. The other
    fields are those of a ``Plan``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    entrants: tuple[Entrant, ...] = Field(min_length=1)
    task: str
    student: str
    teacher: str
    seeds: tuple[int, ...] = Field(default=(0, 1, 2), min_length=1)
    allowance: Allowance = Allowance()
    levels: tuple[float, ...] = (1.0,)
    controls: Controls = "all"
    sizes: dict[Split, int] | None = None
    columns: dict[str, str] | None = None
    scorer: str | None = None
    student_options: dict[str, JsonValue] = Field(default_factory=dict)
    teacher_options: dict[str, JsonValue] = Field(default_factory=dict)
    judge: str | None = None
    panel: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        names = [entrant.name for entrant in self.entrants]
        if len(set(names)) < len(names):
            raise ValueError(f"two entrants are called {max(names, key=names.count)}")
        if len(set(self.seeds)) < len(self.seeds):
            raise ValueError("a seed is named twice")
        if not all(0 < level <= 1 for level in self.levels) or 1.0 not in self.levels:
            raise ValueError("levels are fractions of the budget in (0, 1], with 1 among them")
        if len(self.levels) > 1 and self.allowance == Allowance():
            raise ValueError("levels are fractions of a budget, and none is given")
        return self

    def plan(self, entrant: Entrant, *, seed: int, level: float = 1.0) -> Plan:
        """Return the plan of one run of an entrant."""
        return Plan(
            method=entrant.method,
            task=self.task,
            student=self.student,
            teacher=self.teacher,
            seed=seed,
            params=entrant.params,
            sizes=self.sizes,
            columns=self.columns,
            scorer=self.scorer,
            student_options=self.student_options,
            teacher_options=self.teacher_options,
            judge=self.judge,
            panel=self.panel,
            allowance=Allowance(
                teacher=_part(self.allowance.teacher, level), student=_part(self.allowance.student, level)
            ),
            controls=self.controls if level == 1.0 else "none",
        )


def _part(share: Share, level: float) -> Share:
    return Share(
        calls=None if share.calls is None else round(share.calls * level),
        tokens=None if share.tokens is None else round(share.tokens * level),
        usd=None if share.usd is None else share.usd * level,
    )

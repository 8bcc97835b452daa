"""What is to be taught to whom: everything that decides a run's results, and nothing that does not."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from tutorkit.canonical import stable_id
from tutorkit.graphs.allowance import Share
from tutorkit.types import Split

Controls = Literal["all", "free", "none"]


class Allowance(BaseModel):
    """The budget at which a method teaches, by role; a judge takes of the teacher's. What would pass it is left out."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    teacher: Share = Share()
    student: Share = Share()


class Plan(BaseModel):
    """A teaching experiment. Two plans that are equal are one experiment, and share its run.

    ``params`` are the method's. ``sizes`` caps the splits of the task. ``student_options`` and ``teacher_options`` are
    sampling options, for models. ``judge`` names who judges what was written, where a method has that; else the teacher
    does. ``panel`` names other students, for methods that look at several. ``allowance`` bounds what the teaching takes
    of each role. ``controls`` says which control arms are run: ``all``; ``free``, those that take no teacher call; or
    ``none``. ``repeat`` makes another experiment of the same plan.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    method: str
    task: str
    student: str
    teacher: str
    seed: int = 0
    params: dict[str, JsonValue] = Field(default_factory=dict)
    sizes: dict[Split, int] | None = None
    columns: dict[str, str] | None = None
    scorer: str | None = None
    student_options: dict[str, JsonValue] = Field(default_factory=dict)
    teacher_options: dict[str, JsonValue] = Field(default_factory=dict)
    judge: str | None = None
    panel: tuple[str, ...] = ()
    allowance: Allowance = Allowance()
    controls: Controls = "all"
    repeat: int = Field(default=0, ge=0)

    @staticmethod
    def default_controls(teacher: str) -> Controls:
        """Return the controls that are run when nothing is said: all, but a person is not asked for controls."""
        return "free" if teacher.startswith("inbox/") else "all"

    def run_id(self, arm: str, *, data_digest: str, prompt_digests: dict[str, str], version: str) -> str:
        """Name the run of one arm: the same plan on the same data with the same prompts is the same run.

        What stands at its default does not enter, so that a plan keeps its name when plans learn to say more.
        """
        decisive = self.model_dump(mode="json", exclude={"controls"}, exclude_defaults=True)
        return stable_id(self.method, decisive, arm, data_digest, prompt_digests, version)


class Limits(BaseModel):
    """Where a run must stop. Calls, tokens and money of teacher, student and all arms together."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    max_calls: int | None = Field(default=None, ge=0)
    max_usd: float | None = Field(default=None, ge=0)
    max_tokens: int | None = Field(default=None, ge=0)


class Sending(BaseModel):
    """How calls travel, which decides no result: a run may be begun in one way and end in another.

    ``batch`` sends them through the batch APIs of the providers that have one. ``batch_folder`` is a folder where the
    calls of ``openai/…`` models are written as batch files, and their results are read. All others go one by one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    batch: bool = False
    batch_folder: Path | None = None

    @property
    def gathers(self) -> bool:
        """Whether calls wait for one another, so that all are asked at once."""
        return self.batch or self.batch_folder is not None

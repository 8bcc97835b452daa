"""What an experiment found, as one record: figures with their intervals, their n and their controls."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, JsonValue

from tutorkit.types import RunStatus


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Estimate(_Part):
    """A value with its 95 % interval over ``n`` problems; ``method`` says how the interval was made."""

    value: float
    low: float
    high: float
    n: int
    method: str


class Gain(Estimate):
    """A paired difference in accuracy, in [-1, 1]; ``p`` is McNemar's exact p-value."""

    p: float


class ArmResult(_Part):
    """One arm: the student on the held-out problems, untaught and taught.

    ``taught_beyond`` is the paired difference between the taught arm and this one on the same problems: what the
    teaching gained over this control. ``named`` are the skills of the lessons that were made of the student's
    attempts; ``precision`` and ``recall`` compare them with the skills that a simulated student is known to lack. They
    are None where nothing is named, as by a method that writes the same for every student, and for a student that is
    not simulated.
    """

    name: str
    question: str
    run_id: str
    teacher: str
    status: RunStatus
    stop_reason: str | None
    untaught: Estimate | None
    taught: Estimate | None
    gain: Gain | None
    taught_beyond: Gain | None
    outcomes: dict[str, dict[str, int]]
    named: tuple[str, ...]
    precision: float | None
    recall: float | None


class PrincipleLine(_Part):
    """One principle of the pack. ``violated`` counts the attempts that violate it, ``sources`` those it came from."""

    id: str
    text: str
    skill: str | None
    violated: int
    sources: int
    audit: str


class Spending(_Part):
    """What one role took over all arms. ``usd`` is None when a price is unknown."""

    role: str
    calls: int
    cache_hits: int
    failed: int
    tokens_in: int
    tokens_out: int
    usd: float | None


class TeachReport(_Part):
    """The whole of an experiment. ``baseline`` is the accuracy of always giving the most common gold of ``val``."""

    run_id: str
    method: str
    method_version: str
    fidelity: str
    task: str
    task_description: str
    answer_format: str
    data_digest: str
    student: str
    teacher: str
    seed: int
    simulated: bool
    params: dict[str, JsonValue]
    status: RunStatus
    stop_reason: str | None
    message: str | None
    problems: dict[str, int]
    baseline: Estimate | None
    lacking: tuple[str, ...]
    arms: tuple[ArmResult, ...]
    instruction: str
    principles: tuple[PrincipleLine, ...]
    demos: int
    set_aside: int
    failed_items: int
    spending: tuple[Spending, ...]
    pack: str | None
    notes: tuple[str, ...]


class Origin(_Part):
    """What a pack gained where it was made: by whom it was learnt, on which task, and how much."""

    student: str
    task: str
    gain: Estimate


class ApplyReport(_Part):
    """What a pack does for a student: accuracy on a task's held-out problems without and with it.

    ``kept`` is this gain as a share of the ``origin``'s, with its interval; None where that gain is not known, or not
    to be told from nothing.
    """

    run_id: str
    pack: str
    pack_digest: str
    task: str
    student: str
    simulated: bool
    status: RunStatus
    stop_reason: str | None
    message: str | None
    lessons: int
    not_approved: int
    untaught: Estimate | None
    taught: Estimate | None
    gain: Gain | None
    origin: Origin | None
    kept: Estimate | None
    spending: tuple[Spending, ...]

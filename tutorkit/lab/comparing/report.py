"""What a comparison found, as one record."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from tutorkit.lab.comparing.contest import Contest
from tutorkit.lab.report import Estimate, Gain
from tutorkit.types import RunStatus


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CorrectedGain(Gain):
    """A paired difference in accuracy; ``p_holm`` is its p-value corrected for all that are tested beside it."""

    p_holm: float

    @property
    def significant(self) -> bool:
        """Whether it differs from 0 at the level of 5 % after the correction."""
        return self.p_holm < 0.05


class Taken(_Part):
    """What the teaching of one run took of one role, as a mean over the seeds; measuring the student not counted.

    ``usd`` is by the price table, whoever paid; None when a price is unknown.
    """

    calls: float
    tokens: float
    usd: float | None


class Point(_Part):
    """An entrant at one level of the budget: what it took and what it gained over the untaught student."""

    level: float
    teacher: Taken
    student: Taken
    untaught: Estimate
    taught: Estimate
    gain: CorrectedGain
    left_out: int


class Control(_Part):
    """A control arm of an entrant: its own gain, and what the teaching gained beyond it."""

    name: str
    question: str
    gain: Gain
    beyond: CorrectedGain


class Standing(_Part):
    """An entrant: its points, from the lowest level to the whole budget, and its control arms at the whole budget.

    ``first_gain`` is the lowest level at which its gain is significant; None when it is at none.
    """

    name: str
    method: str
    fidelity: str
    points: tuple[Point, ...]
    controls: tuple[Control, ...]
    first_gain: float | None
    run_ids: tuple[str, ...]

    @property
    def whole(self) -> Point:
        """The entrant at the whole budget."""
        return self.points[-1]


class Pair(_Part):
    """Two entrants at the whole budget: how much more accurate the first one's student is on the same problems."""

    first: str
    second: str
    difference: CorrectedGain

    @property
    def verdict(self) -> str:
        """Who is better, or that it is a tie: the data do not tell them apart."""
        if not self.difference.significant:
            return "tie"
        return self.first if self.difference.value > 0 else self.second


class Unfinished(_Part):
    """A run that did not come to its end, for which there is no figure."""

    entrant: str
    seed: int
    level: float
    run_id: str
    status: RunStatus
    stop_reason: str | None
    message: str


class CompareReport(_Part):
    """A whole comparison: standings in the order of the gain, and every pair of entrants.

    ``baseline`` is the accuracy of always giving the most common answer. A comparison with ``unfinished`` runs has
    figures only of the entrants that have all their runs.
    """

    contest: Contest
    simulated: bool
    baseline: Estimate | None
    standings: tuple[Standing, ...]
    pairs: tuple[Pair, ...]
    unfinished: tuple[Unfinished, ...]
    notes: tuple[str, ...]

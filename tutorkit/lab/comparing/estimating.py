"""What a comparison will take, before anything is paid: the estimates of its runs, added up by entrant."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from tutorkit.lab.comparing.contest import Contest, Entrant
from tutorkit.lab.comparing.running import rounds
from tutorkit.lab.estimates.estimate import Figures, total_of
from tutorkit.lab.estimates.estimating import estimate
from tutorkit.lab.plan import Limits
from tutorkit.settings import Settings
from tutorkit.types import Role


class EntrantEstimate(BaseModel):
    """What is left of all runs of one entrant, with their control arms, by role."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    runs: int
    roles: dict[Role, Figures]
    total: Figures


class ComparisonEstimate(BaseModel):
    """What is left of a comparison. Requests that its runs have in common are counted once for each of them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    contest: Contest
    entrants: tuple[EntrantEstimate, ...]
    total: Figures
    prices: str | None
    notes: tuple[str, ...]


def estimate_comparison(contest: Contest, *, settings: Settings, batch: bool) -> ComparisonEstimate:
    """Estimate every run; nothing is called or written.

    Raises:
        TutorkitError: when a run cannot be executed, saying why.
    """
    reports = [
        (
            entrant,
            estimate(contest.plan(entrant, seed=seed, level=level), limits=Limits(), settings=settings, batch=batch),
        )
        for entrant, seed, level in rounds(contest)
    ]

    def of(entrant: Entrant) -> EntrantEstimate:
        mine = [report for other, report in reports if other == entrant]
        roles: tuple[Role, ...] = ("teacher", "student")
        return EntrantEstimate(
            name=entrant.name,
            runs=len(mine),
            roles={role: total_of(report.roles[role] for report in mine if role in report.roles) for role in roles},
            total=total_of(report.total for report in mine),
        )

    found = tuple(of(entrant) for entrant in contest.entrants)
    return ComparisonEstimate(
        contest=contest,
        entrants=found,
        total=total_of(each.total for each in found),
        prices=next((report.prices for _, report in reports if report.prices), None),
        notes=tuple(dict.fromkeys(note for _, report in reports for note in report.notes)),
    )

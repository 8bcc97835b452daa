"""From the runs of a comparison to its figures: pooled over seeds, paired by problem, corrected for their number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from tutorkit.errors import AllowanceSpent
from tutorkit.evals.stats import accuracy, holm, mcnemar, paired_difference
from tutorkit.lab.comparing.contest import Contest, Entrant
from tutorkit.lab.comparing.report import Control, CorrectedGain, Pair, Point, Standing, Taken
from tutorkit.lab.evidence import outcomes_of
from tutorkit.lab.gateways import teaching_calls
from tutorkit.lab.pricing import call_price
from tutorkit.lab.report import Estimate, Gain
from tutorkit.lab.teaching import ArmEnding, Experiment
from tutorkit.models import Prices
from tutorkit.ports import Sink
from tutorkit.store import failed_items
from tutorkit.types import Call, Outcome, Role

Key = tuple[int, str]
"""A seed and a test problem of it."""

Outcomes = Mapping[Key, Outcome]


@dataclass(frozen=True)
class Played:
    """One finished run of an entrant: its experiment, and how its arms ended, the teaching first."""

    entrant: Entrant
    seed: int
    level: float
    experiment: Experiment
    endings: tuple[ArmEnding, ...]


@dataclass(frozen=True, kw_only=True)
class Judging:
    """All that figures are made from: the records, the prices, and the seed of every interval."""

    sink: Sink
    prices: Prices
    seed: int
    groups: Mapping[Key, str]


def judging(played: Sequence[Played], *, sink: Sink, prices: Prices, seed: int) -> Judging:
    """Make it of the runs; problems of one leak family are one cluster, also across seeds."""
    groups = {(one.seed, problem.id): problem.group for one in played for problem in one.experiment.task.split("test")}
    return Judging(sink=sink, prices=prices, seed=seed, groups=groups)


def standings(contest: Contest, played: Sequence[Played], by: Judging) -> tuple[Standing, ...]:
    """Return where each entrant stands, the largest gain at the whole budget first.

    The gains of all entrants at one level are corrected together, and so are all comparisons with one kind of control.
    """
    complete = [entrant for entrant in contest.entrants if _is_complete(contest, entrant, played)]
    points: dict[str, list[Point]] = {entrant.name: [] for entrant in complete}
    for level in sorted(contest.levels):
        runs = {e.name: [one for one in played if one.entrant == e and one.level == level] for e in complete}
        gains = [_gain(*_conditions(ones, by), by) for ones in runs.values()]
        for (name, ones), gain in zip(runs.items(), corrected(gains), strict=True):
            points[name].append(_point(level, ones, gain, by))
    controls = _controls(complete, played, by)
    found = [_standing(e, played, tuple(points[e.name]), controls[e.name]) for e in complete]
    return tuple(sorted(found, key=lambda standing: -standing.whole.gain.value))


def pairs(contest: Contest, played: Sequence[Played], by: Judging) -> tuple[Pair, ...]:
    """Compare every two entrants at the whole budget, all of these comparisons corrected together."""
    complete = [entrant for entrant in contest.entrants if _is_complete(contest, entrant, played)]
    taught = {
        e.name: _conditions([one for one in played if one.entrant == e and one.level == 1.0], by)[1] for e in complete
    }
    names = list(combinations(taught, 2))
    differences = corrected([_gain(taught[second], taught[first], by) for first, second in names])
    return tuple(
        Pair(first=first, second=second, difference=difference)
        for (first, second), difference in zip(names, differences, strict=True)
    )


def corrected(gains: Sequence[Gain]) -> list[CorrectedGain]:
    """Correct the p-values of gains that are tested together."""
    return [
        CorrectedGain(**gain.model_dump(), p_holm=p)
        for gain, p in zip(gains, holm([gain.p for gain in gains]), strict=True)
    ]


def taken(calls: Iterable[Call], *, role: Role, runs: int, prices: Prices) -> Taken:
    """Add up what a side took, as a mean over so many runs; a judge is on the teacher's side."""
    number, tokens, usd, unpriced = 0, 0, 0.0, 0
    for call in calls:
        if (call.role == "student") == (role == "student"):
            cost = call_price(call, prices)
            number += 1
            tokens += (call.tokens_in or 0) + (call.tokens_out or 0)
            usd += cost or 0.0
            unpriced += cost is None
    return Taken(calls=number / runs, tokens=tokens / runs, usd=None if unpriced else usd / runs)


def _is_complete(contest: Contest, entrant: Entrant, played: Sequence[Played]) -> bool:
    return sum(one.entrant == entrant for one in played) == len(contest.seeds) * len(contest.levels)


def _conditions(ones: Sequence[Played], by: Judging, *, arm: int = 0) -> tuple[Outcomes, Outcomes]:
    """Return the outcomes of an arm, untaught and taught, of all seeds."""
    untaught: dict[Key, Outcome] = {}
    taught: dict[Key, Outcome] = {}
    for one in ones:
        before, after = outcomes_of(one.endings[arm].state, by.sink)
        untaught.update({(one.seed, name): outcome for name, outcome in before.items()})
        taught.update({(one.seed, name): outcome for name, outcome in after.items()})
    return untaught, taught


def _gain(before: Outcomes, after: Outcomes, by: Judging) -> Gain:
    shared = [key for key in before if key in after]
    first, second = [before[key] for key in shared], [after[key] for key in shared]
    groups = [by.groups[key] for key in shared]
    interval = paired_difference(first, second, groups, seed=by.seed)
    figures = interval.model_dump(include={"value", "low", "high", "n", "method"})
    return Gain(**figures, p=mcnemar(first, second, groups))


def _accuracy(outcomes: Outcomes) -> Estimate:
    return Estimate(**accuracy([*outcomes.values()]).model_dump(include={"value", "low", "high", "n", "method"}))


def _point(level: float, ones: Sequence[Played], gain: CorrectedGain, by: Judging) -> Point:
    untaught, taught = _conditions(ones, by)

    def calls() -> Iterator[Call]:
        return (call for one in ones for call in teaching_calls(one.endings[0].run.id, one.experiment.store))

    return Point(
        level=level,
        teacher=taken(calls(), role="teacher", runs=len(ones), prices=by.prices),
        student=taken(calls(), role="student", runs=len(ones), prices=by.prices),
        untaught=_accuracy(untaught),
        taught=_accuracy(taught),
        gain=gain,
        left_out=sum(
            failed_items(one.experiment.store, run_id=one.endings[0].run.id, code=AllowanceSpent.code) for one in ones
        ),
    )


def _controls(entrants: Sequence[Entrant], played: Sequence[Played], by: Judging) -> dict[str, tuple[Control, ...]]:
    found: dict[str, list[tuple[str, str, Gain, Gain]]] = {}
    for entrant in entrants:
        ones = [one for one in played if one.entrant == entrant and one.level == 1.0]
        taught = _conditions(ones, by)[1]
        found[entrant.name] = []
        for place, ending in enumerate(ones[0].endings[1:], start=1):
            untaught, controlled = _conditions(ones, by, arm=place)
            own, beyond = _gain(untaught, controlled, by), _gain(controlled, taught, by)
            found[entrant.name].append((ending.arm.name, ending.arm.question, own, beyond))
    flat = [(name, *row) for name, rows in found.items() for row in rows]
    by_kind: dict[tuple[str, str], CorrectedGain] = {}
    for kind in {arm for _, arm, *_ in flat}:
        same = [(name, beyond) for name, arm, _, _, beyond in flat if arm == kind]
        for (name, _), gain in zip(same, corrected([beyond for _, beyond in same]), strict=True):
            by_kind[name, kind] = gain
    return {
        name: tuple(Control(name=arm, question=asks, gain=own, beyond=by_kind[name, arm]) for arm, asks, own, _ in rows)
        for name, rows in found.items()
    }


def _standing(
    entrant: Entrant, played: Sequence[Played], points: tuple[Point, ...], controls: tuple[Control, ...]
) -> Standing:
    runs = [one.endings[0].run for one in played if one.entrant == entrant]
    gained = [point.level for point in points if point.gain.significant and point.gain.value > 0]
    return Standing(
        name=entrant.name,
        method=entrant.method,
        fidelity=runs[0].fidelity,
        points=points,
        controls=controls,
        first_gain=min(gained, default=None),
        run_ids=tuple(run.id for run in runs),
    )

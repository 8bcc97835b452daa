"""Run a comparison: every entrant at every level and seed, one run after another; what is finished is kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tutorkit.errors import RunInterrupted, TutorkitError
from tutorkit.graphs.events import Listener, StopSignal
from tutorkit.lab.comparing.contest import Contest, Entrant
from tutorkit.lab.comparing.figures import Played, judging, pairs, standings
from tutorkit.lab.comparing.report import CompareReport, Unfinished
from tutorkit.lab.evidence import constant_answer
from tutorkit.lab.gateways import prices_for
from tutorkit.lab.participants import is_simulated
from tutorkit.lab.plan import Limits, Sending
from tutorkit.lab.teaching import ArmEnding, Experiment, prepare, teach
from tutorkit.settings import Settings
from tutorkit.store import Store, StoreSink
from tutorkit.tasks import TaskScorer


async def compare(
    contest: Contest,
    *,
    settings: Settings,
    store: Store,
    limits: Limits,
    listen: Listener,
    stop: StopSignal,
    sending: Sending,
) -> CompareReport:
    """Run all that is not finished yet, and say who stands where.

    Args:
        contest: what is compared.
        settings: of the laboratory.
        store: where runs are kept.
        limits: for one run with its arms; a hard stop, other than the contest's own budget.
        listen: gets the events of every run.
        stop: a wish to stop.
        sending: how calls travel.

    Returns:
        The report. A run that stopped ends the comparison where it is: nothing after it is begun, and the same call
        goes on from there. A run that failed is named, and the others go on.

    Raises:
        UnknownName, BadSetting, DataError: before anything is run, when one of the runs cannot be executed.
    """
    planned = [
        (entrant, seed, level, prepare(contest.plan(entrant, seed=seed, level=level), settings=settings, store=store))
        for entrant, seed, level in rounds(contest)
    ]
    played: list[Played] = []
    unfinished: list[Unfinished] = []
    for entrant, seed, level, experiment in planned:
        endings = await teach(experiment, limits=limits, listen=listen, stop=stop, sending=sending)
        last = endings[-1]
        if last.run.status == "finished":
            played.append(Played(entrant, seed, level, experiment, tuple(endings)))
            continue
        unfinished.append(_unfinished(entrant, seed, level, last))
        if last.run.status != "failed":
            break
    return _report(contest, played, unfinished, settings=settings, store=store, first=planned[0][3])


def rounds(contest: Contest) -> Iterator[tuple[Entrant, int, float]]:
    """Return the runs in their order: the whole budget of every entrant first, seed by seed."""
    for level in sorted(contest.levels, reverse=True):
        for seed in contest.seeds:
            for entrant in contest.entrants:
                yield entrant, seed, level


def _unfinished(entrant: Entrant, seed: int, level: float, last: ArmEnding) -> Unfinished:
    return Unfinished(
        entrant=entrant.name,
        seed=seed,
        level=level,
        run_id=last.run.id,
        status=last.run.status,
        stop_reason=last.run.stop_reason,
        message=_words(last.error),
    )


def _words(error: TutorkitError | None) -> str:
    if error is None or isinstance(error, RunInterrupted):
        return "It was interrupted. The same command goes on from there."
    return f"{error.message} {error.remedy}"


def _report(
    contest: Contest,
    played: Sequence[Played],
    unfinished: Sequence[Unfinished],
    *,
    settings: Settings,
    store: Store,
    first: Experiment,
) -> CompareReport:
    by = judging(played, sink=StoreSink(store), prices=prices_for(settings), seed=contest.seeds[0])
    return CompareReport(
        contest=contest,
        simulated=is_simulated(contest.student),
        baseline=constant_answer(first.task, TaskScorer()),
        standings=standings(contest, played, by) if played else (),
        pairs=pairs(contest, played, by) if played else (),
        unfinished=tuple(unfinished),
        notes=_notes(contest),
    )


def _notes(contest: Contest) -> tuple[str, ...]:
    notes = []
    if len(contest.seeds) < 3:
        notes.append(
            f"{len(contest.seeds)} seed{'s' * (len(contest.seeds) > 1)}: what differs from seed to seed does not show."
        )
    if contest.controls != "all":
        notes.append(f"Control arms: {contest.controls}. Without all of them it is not known what did the teaching.")
    return tuple(notes)

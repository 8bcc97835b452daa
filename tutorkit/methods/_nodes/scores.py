"""Scores: a figure about a run as a whole, in one of its rounds."""

from __future__ import annotations

from tutorkit.canonical import stable_id
from tutorkit.methods.vocabulary import Deps
from tutorkit.types import Score


def run_score(deps: Deps, kind: str, value: float, *, n: int, round: int, probe_set: str = "run") -> Score:
    """Make a score of the run; a kind has one value for each probe set and round."""
    return Score(
        id=stable_id("score", deps.run_id, kind, probe_set, round),
        run_id=deps.run_id,
        subject_id=deps.run_id,
        kind=kind,
        value=value,
        n=n,
        probe_set=probe_set,
        round=round,
    )


def keep_measure(
    deps: Deps, kind: str, value: float, *, n: int, subject: str, probe_set: str, round: int, part: int = 0
) -> None:
    """Put a score of a skill, or of the run, into the sink; ``part`` tells several of one round apart."""
    deps.sink.put(
        Score(
            id=stable_id("score", deps.run_id, kind, subject, round, part),
            run_id=deps.run_id,
            subject_id=subject,
            kind=kind,
            value=value,
            n=n,
            probe_set=probe_set,
            round=round,
        )
    )

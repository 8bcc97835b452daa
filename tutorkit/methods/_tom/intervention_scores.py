"""Intervention scores: what was found of items, budgets and the mental model, as records."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from tutorkit.canonical import stable_id
from tutorkit.methods._tom.intervention import Evidence, Strategy, brier, rank_correlation
from tutorkit.methods.vocabulary import Deps
from tutorkit.types import Score


def item_scores(deps: Deps, evidence: Mapping[str, Evidence], *, attempts: Mapping[str, Sequence[str]]) -> list[Score]:
    """Record what was known of each item, about the student's first attempt at it."""
    params = deps.params
    figures: dict[str, tuple[Callable[[Evidence], float | None], int]] = {
        "own_confidence_pre": (lambda item: item.own_pre, params.student_samples),
        "own_confidence_post": (lambda item: item.own_post, params.student_samples),
        "simulated_pre": (lambda item: item.simulated_pre, params.simulations),
        "simulated_post": (lambda item: item.simulated_post, params.simulations),
        "utility": (lambda item: item.utility, params.simulations),
        "teacher_confidence": (lambda item: item.teacher, 1),
    }
    return [
        score_of(deps, attempts[name][0], kind, value, n=n, of=params.score_kind)
        for kind, (figure, n) in figures.items()
        for name, item in evidence.items()
        if (value := figure(item)) is not None
    ]


def curve_scores(deps: Deps, curve: Mapping[Strategy, Mapping[str, float | None]], *, n: int) -> list[Score]:
    """Record the accuracy of each order at each budget."""
    return [
        score_of(deps, deps.run_id, "intervention_accuracy", value, n=n, of=f"{strategy} at {budget}")
        for strategy, row in curve.items()
        for budget, value in row.items()
        if value is not None
    ]


def model_scores(deps: Deps, evidence: Mapping[str, Evidence]) -> list[Score]:
    """Hold the mental model against what the student did: Brier scores, and the rank correlation of the utilities."""
    items = evidence.values()
    before = [(i.simulated_pre, i.right_pre) for i in items if i.simulated_pre is not None]
    after = [
        (i.simulated_post, i.right_post) for i in items if i.simulated_post is not None and i.right_post is not None
    ]
    gains = [(i.utility, float(i.realised)) for i in items if i.utility is not None and i.realised is not None]
    figures = {
        ("brier", "before"): (brier(before), len(before)),
        ("brier", "after"): (brier(after), len(after)),
        ("rank_correlation", "utility"): (rank_correlation(gains), len(gains)),
    }
    return [
        score_of(deps, deps.run_id, kind, value, n=n, of=of)
        for (kind, of), (value, n) in figures.items()
        if value is not None
    ]


def score_of(deps: Deps, subject: str, kind: str, value: float, *, n: int, of: str) -> Score:
    """Make a score of this run: ``of`` names what it was measured on or how."""
    name = stable_id("score", deps.run_id, kind, subject, of)
    return Score(id=name, run_id=deps.run_id, subject_id=subject, kind=kind, value=value, n=n, probe_set=of)

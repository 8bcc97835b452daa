"""Accuracy against what the teaching took, as a picture: one line for each method, with its intervals."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

from tutorkit.errors import BadSetting, MissingExtra
from tutorkit.lab.comparing.report import CompareReport, Standing

ENDINGS = (".svg", ".png", ".pdf")

_SIDE_BY_SIDE = 0.006
"""Points of equal spend are drawn next to each other, by this share of the axis."""


def draw_comparison(report: CompareReport, path: Path) -> None:
    """Draw the standings into a file; the same report gives the same bytes.

    Raises:
        BadSetting: for another ending, or when there is nothing to draw.
        MissingExtra: when matplotlib is not installed.
    """
    if path.suffix not in ENDINGS:
        raise BadSetting(f"{path.name} is no picture.", remedy=f"Name a file that ends in {', '.join(ENDINGS)}.")
    if not report.standings:
        raise BadSetting("No method of the comparison has all its runs, so there is nothing to draw.")
    figure = _figure()
    axes = figure.subplots()
    most = max(_spend(standing)[-1] for standing in report.standings) or 1.0
    for place, standing in enumerate(report.standings):
        shift = (place - (len(report.standings) - 1) / 2) * _SIDE_BY_SIDE * most
        _draw(axes, standing, shift=shift)
    untaught = report.standings[0].whole.untaught
    axes.axhline(untaught.value, color="0.5", linestyle="--", linewidth=1, label="untaught")
    if report.baseline is not None:
        axes.axhline(report.baseline.value, color="0.7", linestyle=":", linewidth=1, label="constant answer")
    simulated = "simulated student " if report.simulated else ""
    axes.set_title(f"{report.contest.task}, {simulated}{report.contest.student}, {len(report.contest.seeds)} seeds")
    axes.set_xlabel("calls of teacher and student in teaching, mean of the seeds")
    axes.set_ylabel("accuracy on held-out problems, 95 % interval")
    axes.set_ylim(-0.03, 1.03)
    axes.legend(loc="best", fontsize="small")
    metadata = {"Date": None} if path.suffix == ".svg" else {"CreationDate": None} if path.suffix == ".pdf" else {}
    figure.savefig(path, metadata=metadata)


def _figure() -> Any:  # noqa: ANN401 (matplotlib is an extra)
    try:
        matplotlib = import_module("matplotlib")
        figures = import_module("matplotlib.figure")
    except ImportError as error:
        raise MissingExtra("matplotlib", extra="plots", purpose="Drawing a comparison") from error
    # Names of elements in an SVG are drawn at random else.
    matplotlib.rcParams["svg.hashsalt"] = "tutorkit"
    return figures.Figure(figsize=(8, 5), layout="constrained")


def _spend(standing: Standing) -> list[float]:
    return [point.teacher.calls + point.student.calls for point in standing.points]


def _draw(axes: Any, standing: Standing, *, shift: float) -> None:  # noqa: ANN401 (matplotlib is an extra)
    taught = [point.taught for point in standing.points]
    values = [each.value for each in taught]
    below = [each.value - each.low for each in taught]
    above = [each.high - each.value for each in taught]
    spend = [calls + shift for calls in _spend(standing)]
    axes.errorbar(spend, values, yerr=[below, above], marker="o", markersize=4, capsize=2, label=standing.name)

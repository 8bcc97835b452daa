"""``tutor-eval``: tutors side by side over a simulated class."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from tutorkit.cli import options
from tutorkit.cli.show import as_json, table, text
from tutorkit.lab import Interval, Lab, Limits, TournamentReport, TutorContest, TutorStanding


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(tutor_eval)


def tutor_eval(
    tutors: Annotated[
        list[str] | None,
        typer.Argument(
            help="rules, always-tell, never-help, provider/model, provider/model?unguarded; the first three."
        ),
    ] = None,
    size: Annotated[int, typer.Option("--size", min=2, max=1000, help="Pupils in the simulated class.")] = 40,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of the class, its problems and the intervals.")] = 0,
    domains: Annotated[str, typer.Option("--domains", help="sub,frac,…; all if left out.")] = "",
    problems: Annotated[int, typer.Option("--problems", min=1, help="Tutored problems for each pupil.")] = 2,
    tests: Annotated[int, typer.Option("--tests", min=1, help="Near, and as many far, test problems.")] = 4,
    turns: Annotated[int, typer.Option("--turns", min=1, max=30, help="Turns of the tutor in a session.")] = 7,
    max_calls: options.MaxCalls = None,
    max_usd: options.MaxUsd = None,
    json: options.AsJson = False,
) -> None:
    """Compare tutors: is the answer found, who tells it, and what lasts? Learners and figures are simulated."""
    default = TutorContest()
    contest = TutorContest(
        tutors=tuple(tutors or default.tutors),
        size=size,
        seed=seed,
        domains=tuple(name.strip() for name in domains.split(",") if name.strip()),
        problems=problems,
        tests=tests,
        turns=turns,
    )
    with Lab() as lab:
        report = lab.compare_tutors(contest, limits=Limits(max_calls=max_calls, max_usd=max_usd))
    if json:
        as_json(report)
        return
    _show(report)


def _show(report: TournamentReport) -> None:
    k = len(report.standings[0].success)
    measures: list[tuple[str, Callable[[TutorStanding], str]]] = [
        ("right at first", lambda each: _span(each.right_at_first)),
        (f"success@{k}", lambda each: _span(each.success[-1])),
        (f"telling@{k}", lambda each: _span(each.telling[-1])),
        ("near, before", lambda each: _span(each.near_before)),
        ("near, gain", lambda each: _span(each.near_gain, signed=True)),
        ("far, before", lambda each: _span(each.far_before)),
        ("far, gain", lambda each: _span(each.far_gain, signed=True)),
        ("turns", lambda each: f"{each.turns:.1f}"),
        ("blocked", lambda each: str(each.blocked)),
    ]
    rows = [[name, *(shown(each) for each in report.standings)] for name, shown in measures]
    first = report.standings[0]
    columns = ["", *(each.tutor for each in report.standings)]
    table(f"Tutors and {first.learners} learners, {first.sessions} sessions each (simulated)", columns, rows)
    differences = [
        [f"{each.first} − {each.second}", *(_span(part, signed=True) for part in (each.success, each.near, each.far))]
        for each in report.differences
    ]
    table("Differences, paired by learner and problem (simulated)", ["", "success", "near", "far"], differences)
    text(
        "95 % intervals by cluster bootstrap over learners. Sessions that begin with a right answer are in no success "
        "and no telling. near: the misconception's own problems; far: others that take its skill; both without help, "
        "before and after."
    )


def _span(interval: Interval, *, signed: bool = False) -> str:
    sign = "+" if signed else ""
    return f"{interval.value:{sign}.2f} [{interval.low:{sign}.2f}, {interval.high:{sign}.2f}]"

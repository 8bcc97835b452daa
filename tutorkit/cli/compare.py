"""``compare``: several methods, one student, one budget."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from pydantic import JsonValue, ValidationError

from tutorkit.cli import options
from tutorkit.cli.comparison import show_comparison, show_comparison_estimate
from tutorkit.cli.progress import progress_bar
from tutorkit.cli.show import EXIT_BUDGET, EXIT_FAILED, EXIT_INTERRUPTED, as_json
from tutorkit.errors import BadSetting
from tutorkit.lab import Allowance, CompareReport, Contest, Entrant, Lab, Limits, Share

_EXIT = {"budget": EXIT_BUDGET, "interrupted": EXIT_INTERRUPTED}
_Calls = Annotated[int | None, typer.Option(min=0, help="Calls that the teaching of one run may take of this role.")]
_Tokens = Annotated[int | None, typer.Option(min=0, help="Tokens that it may take.")]
_Usd = Annotated[float | None, typer.Option(min=0, help="Dollars that it may take, by the price table.")]


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(compare)


def compare(
    methods: Annotated[
        list[str], typer.Argument(help="Methods; with parameters as NAME:key=value,key=value, to have one twice.")
    ],
    task: options.Task,
    student: options.Student,
    teacher: options.Teacher,
    seeds: Annotated[
        int, typer.Option("--seeds", min=1, help="How many seeds: samples of problems, runs of each.")
    ] = 3,
    teacher_calls: _Calls = None,
    teacher_tokens: _Tokens = None,
    teacher_usd: _Usd = None,
    student_calls: _Calls = None,
    student_tokens: _Tokens = None,
    student_usd: _Usd = None,
    at: Annotated[
        str, typer.Option("--at", help="Fractions of the budget at which all are run: 0.25,0.5,1. A curve of gains.")
    ] = "1",
    val: options.Val = None,
    test: options.Test = None,
    train: options.Train = None,
    probe: options.Probe = None,
    student_set: options.StudentSet = None,
    teacher_set: options.TeacherSet = None,
    judge: options.Judge = None,
    panel: options.Panel = None,
    columns: options.Map = None,
    scorer: options.Scorer = None,
    controls: options.ControlArms = None,
    max_calls: options.MaxCalls = None,
    max_usd: options.MaxUsd = None,
    batch: options.Batch = False,
    batch_folder: options.BatchFolder = None,
    data: options.DataDir = None,
    estimate: Annotated[bool, typer.Option("--estimate", help="Only say what it will take; needs no key.")] = False,
    plot: Annotated[
        Path | None, typer.Option("--plot", help="Draw accuracy against calls: a .svg or .png file.")
    ] = None,
    json: options.AsJson = False,
) -> None:
    """Compare methods at equal budget, with all control arms, and say which of them differ.

    The same command goes on where it stopped, and pays for nothing twice.
    """
    contest = _contest(
        entrants=[_entrant(given) for given in methods],
        task=task,
        student=student,
        teacher=teacher,
        seeds=list(range(seeds)),
        allowance=Allowance(
            teacher=Share(calls=teacher_calls, tokens=teacher_tokens, usd=teacher_usd),
            student=Share(calls=student_calls, tokens=student_tokens, usd=student_usd),
        ),
        levels=_levels(at),
        controls=options.controls(controls, teacher=teacher),
        sizes=options.sizes(val=val, test=test, train=train, probe=probe),
        columns=options.columns(columns),
        scorer=scorer,
        student_options=options.pairs(student_set, "--student-set"),
        teacher_options=options.pairs(teacher_set, "--teacher-set"),
        judge=judge,
        panel=panel or [],
    )
    with Lab(data_dir=data) as lab:
        if estimate:
            return show_comparison_estimate(lab.estimate_comparison(contest, batch=batch), json=json)
        with progress_bar(quiet=json) as listen:
            report = lab.compare(
                contest,
                limits=Limits(max_calls=max_calls, max_usd=max_usd),
                listen=listen,
                batch=batch,
                batch_folder=batch_folder,
                stop_on_ctrl_c=True,
            )
        if plot is not None and report.standings:
            lab.plot_comparison(report, plot)
    return _finish(report, plot=plot, json=json)


def _finish(report: CompareReport, *, plot: Path | None, json: bool) -> None:
    if json:
        as_json(report)
    else:
        show_comparison(report, plot=plot)
    if report.unfinished:
        raise typer.Exit(_EXIT.get(report.unfinished[-1].stop_reason or "", EXIT_FAILED))


def _contest(**given: object) -> Contest:
    try:
        return Contest.model_validate(given)
    except ValidationError as error:
        faults = "; ".join(f"{fault['msg'].removeprefix('Value error, ')}" for fault in error.errors())
        raise BadSetting(f"This comparison cannot be run: {faults}.", data={"faults": faults}) from error


def _entrant(given: str) -> Entrant:
    method, _, rest = given.partition(":")
    params: dict[str, JsonValue] = options.pairs(rest.split(",") if rest else [], method)
    return Entrant(name=given, method=method, params=params)


def _levels(given: str) -> tuple[float, ...]:
    try:
        return tuple(sorted({float(part) for part in given.split(",")}))
    except ValueError as error:
        raise BadSetting(f"--at {given!r} is no list of fractions.", remedy="Write it as --at 0.25,0.5,1.") from error

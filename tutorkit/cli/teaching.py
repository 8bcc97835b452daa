"""``teach`` and ``demo``: the main job."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tutorkit.cli import options
from tutorkit.cli.estimate import show_estimate
from tutorkit.cli.progress import progress_bar
from tutorkit.cli.report import show_report
from tutorkit.cli.show import EXIT_BUDGET, EXIT_INTERRUPTED, EXIT_WAITING, as_json
from tutorkit.lab import Lab, Limits, Plan, TeachReport, demo_plan

_EXIT = {"budget": EXIT_BUDGET, "inbox": EXIT_WAITING, "review": EXIT_WAITING, "interrupted": EXIT_INTERRUPTED}


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(teach)
    app.command()(demo)


def teach(
    method: Annotated[str, typer.Argument(help="A method's name; see `tutorkit methods`.")],
    task: options.Task,
    student: options.Student,
    teacher: options.Teacher,
    seed: options.Seed = 0,
    settings: Annotated[list[str] | None, typer.Option("--set", help="Parameter of the method: mode=both.")] = None,
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
    max_tokens: Annotated[int | None, typer.Option("--max-tokens", min=0, help="Stop before so many tokens.")] = None,
    wait: Annotated[float, typer.Option("--wait", min=0, help="Minutes to wait for replies or a review.")] = 0,
    review: Annotated[
        bool,
        typer.Option(
            "--review",
            help="Wait for your decision on what was written, before it is used; control arms do not wait.",
        ),
    ] = False,
    pack: Annotated[Path | None, typer.Option("--out", help="Folder to save the pack in.")] = None,
    repeat: Annotated[int, typer.Option("--repeat", min=0, help="Number of a repetition: makes a run of its own.")] = 0,
    cache_mode: Annotated[
        str | None, typer.Option("--cache-mode", help="cache, live, refresh or replay (TUTORKIT_CACHE_MODE).")
    ] = None,
    concurrency: Annotated[int | None, typer.Option("--concurrency", min=1, help="Calls under way at once.")] = None,
    batch: options.Batch = False,
    batch_folder: options.BatchFolder = None,
    data: options.DataDir = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say how many calls, tokens and dollars it will take; needs no key.")
    ] = False,
    json: options.AsJson = False,
) -> None:
    """Let a teacher improve a student, and measure what it gained.

    The same command goes on where it stopped, whatever stopped it, and pays for nothing twice.
    """
    plan = Plan(
        method=method,
        task=task,
        student=student,
        teacher=teacher,
        seed=seed,
        params=options.pairs(settings, "--set"),
        sizes=options.sizes(val=val, test=test, train=train, probe=probe),
        columns=options.columns(columns),
        scorer=scorer,
        student_options=options.pairs(student_set, "--student-set"),
        teacher_options=options.pairs(teacher_set, "--teacher-set"),
        judge=judge,
        panel=tuple(panel or ()),
        controls=options.controls(controls, teacher=teacher),
        repeat=repeat,
    )
    limits = Limits(max_calls=max_calls, max_usd=max_usd, max_tokens=max_tokens)
    if dry_run:
        with Lab(data_dir=data, cache_mode=cache_mode, concurrency=concurrency) as lab:
            return show_estimate(lab.estimate(plan, limits=limits, batch=batch), json=json)
    with Lab(data_dir=data, cache_mode=cache_mode, concurrency=concurrency) as lab, progress_bar(quiet=json) as listen:
        report = lab.teach_plan(
            plan,
            limits=limits,
            listen=listen,
            wait_s=wait * 60,
            pack_folder=pack,
            batch=batch,
            batch_folder=batch_folder,
            review=review,
            stop_on_ctrl_c=True,
        )
    _finish(report, json=json)


def demo(seed: options.Seed = 0, json: options.AsJson = False) -> None:
    """Teach a simulated student offline, with all control arms: what tutorkit does, in a few seconds."""
    with Lab() as lab, progress_bar(quiet=json) as listen:
        report = lab.teach_plan(demo_plan(seed), listen=listen, stop_on_ctrl_c=True)
    _finish(report, json=json)


def _finish(report: TeachReport, *, json: bool) -> None:
    if json:
        as_json(report)
    else:
        show_report(report)
    if report.status != "finished":
        raise typer.Exit(_EXIT.get(report.stop_reason or "", 1))

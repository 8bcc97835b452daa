"""``replay`` and ``cassette``: run a stored experiment again from its recorded replies, here or on another machine."""

from __future__ import annotations

import json as json_text
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated

import typer

from tutorkit.cli import options
from tutorkit.cli.progress import progress_bar
from tutorkit.cli.report import gain_words
from tutorkit.cli.show import EXIT_FAILED, as_json, table, text
from tutorkit.lab import CassetteReport, Lab, Mismatch, Plan, ReplayReport

_cassettes = typer.Typer(
    help="Cassettes: an experiment's recorded calls as a file that travels.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

File = Annotated[Path, typer.Argument(metavar="FILE", help="The cassette: NAME.jsonl, or NAME.jsonl.gz (compressed).")]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(replay)
    _cassettes.command("export")(cassette_export)
    _cassettes.command("import")(cassette_import)
    app.add_typer(_cassettes, name="cassette")


def replay(
    run: Annotated[
        str | None,
        typer.Argument(help="A run's id, or the beginning of it, or a cassette's file; the newest by default."),
    ] = None,
    data: options.DataDir = None,
    json: options.AsJson = False,
) -> None:
    """Run a stored experiment again from its recorded replies, and say whether it comes out the same.

    No key is needed, nothing is sent, and your home stays as it is. The exit code is 0 for the same and 1 for anything
    else. A request that was never recorded ends the replay; the message names its node and the nearest request.
    """
    with Lab(data_dir=data) as lab, progress_bar(quiet=json) as listen:
        report = lab.replay(run, listen=listen)
    if json:
        as_json(report)
    else:
        _show(report)
    if not report.same:
        raise typer.Exit(EXIT_FAILED)


def cassette_export(
    run: Annotated[str, typer.Argument(help="A run's id, or its beginning; all arms of its experiment go along.")],
    file: File,
    without_requests: Annotated[
        bool, typer.Option("--without-requests", help="Leave out what was asked: texts that are not yours to hand on.")
    ] = False,
    json: options.AsJson = False,
) -> None:
    """Write an experiment's recorded calls to a file, for `tutorkit replay FILE` on any machine.

    In the file: every raw reply of a model, every reply of a person, the plan, the report and digests of all records;
    and, unless --without-requests is given, every request, with the problems and the student's answers that it quotes.
    Never in it: keys and headers.
    """
    with Lab() as lab:
        report = lab.export_cassette(run, file, requests=not without_requests)
    if json:
        as_json(report)
        return
    what = "requests and replies" if report.requests else "replies without their requests"
    text(f"{report.path}: {report.calls} calls of {report.run_id} ({', '.join(report.arms)}), {what}", bold=True)
    if report.rebuilt:
        text(f"{report.rebuilt} raw replies were put together from the run's records: the cache has others, or none.")
    if unfinished := [name for name, status in report.arms.items() if status != "finished"]:
        text(f"Not finished: {', '.join(unfinished)}. What is there is in the file; a replay wants finished arms.")
    text(f"On any machine: tutorkit replay {shlex.quote(file.name)}")


def cassette_import(file: File, json: options.AsJson = False) -> None:
    """Take the calls of a cassette into your cache, where `tutorkit teach` finds them."""
    with Lab() as lab:
        report = lab.import_cassette(file)
    command = _teach_command(report)
    if json:
        as_json({**report.model_dump(mode="json"), "teach": command})
        return
    text(f"{report.path}: {report.calls} calls, {report.new} of them new to the cache", bold=True)
    if report.plan is None:
        text("The file does not say of which experiment they are.")
        return
    plan = report.plan
    text(f"{report.run_id}: {plan.teacher} teaches {plan.student} on {plan.task} ({', '.join(report.arms)})")
    text(f"Is it the same here?  tutorkit replay {shlex.quote(report.path)}")
    if command is not None:
        text(f"As a run of your own:  {command}")


def _show(report: ReplayReport) -> None:
    verdict = "the same" if report.same else "NOT THE SAME"
    text(f"{report.run_id}: {verdict}. {report.teacher} teaches {report.student} on {report.task}.", bold=True)
    rows = [
        [arm.name, str(arm.calls), str(arm.records), gain_words(arm.gain), "the same" if arm.same else "differs"]
        for arm in report.arms
    ]
    table("Replayed, with nothing sent", ["arm", "calls", "records", "gain", "compared"], rows)
    for note in report.notes:
        text(note)
    for found in report.differences:
        text(_mismatch_words(found))
        for example in found.examples[:1]:
            text(f"  {example}")
    if report.differences:
        text("More examples of each: --json")


def _mismatch_words(found: Mismatch) -> str:
    kind = found.kind.replace("_", " ")
    if found.kind == "report":
        return "The report differs:" if found.arm == "all" else f"{found.arm}: the figures differ:"
    if found.differing is None:
        return f"{found.arm}: the {kind} are not those recorded ({found.recorded} then, {found.now} now)"
    return f"{found.arm}: {found.differing} {kind} differ ({found.recorded} recorded, {found.now} now):"


def _teach_command(report: CassetteReport) -> str | None:
    """Return the command that runs a cassette's plan; None when no command can say the plan, or a person taught."""
    plan = report.plan
    if plan is None or plan.teacher.startswith("inbox/") or "probe" in (plan.sizes or {}):
        return None
    return shlex.join(["tutorkit", "teach", plan.method, *_options(plan), "--cache-mode", "replay"])


def _options(plan: Plan) -> Iterator[str]:
    yield from ("--task", plan.task, "--student", plan.student, "--teacher", plan.teacher)
    for name, size in (plan.sizes or {}).items():
        yield from (f"--{name}", str(size))
    yield from _pairs("--set", plan.params)
    yield from _pairs("--student-set", plan.student_options)
    yield from _pairs("--teacher-set", plan.teacher_options)
    yield from _pairs("--map", plan.columns or {})
    usual = {"--seed": (plan.seed, 0), "--scorer": (plan.scorer, None), "--repeat": (plan.repeat, 0)}
    for option, (value, default) in usual.items():
        if value != default:
            yield from (option, str(value))
    if plan.controls != Plan.default_controls(plan.teacher):
        yield from ("--controls", plan.controls)


def _pairs(option: str, values: Mapping[str, object]) -> Iterator[str]:
    for name, value in values.items():
        yield from (option, f"{name}={_value(value)}")


def _value(value: object) -> str:
    """Write a value so that the command line reads the same: a text as it is, unless it would be taken for JSON."""
    if isinstance(value, str):
        try:
            json_text.loads(value)
        except ValueError:
            return value
    return json_text.dumps(value)

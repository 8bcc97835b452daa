"""``pack``: look at a pack, and try it on a student."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tutorkit.cli import options
from tutorkit.cli.progress import progress_bar
from tutorkit.cli.report import gain_words, share_words, show_spending
from tutorkit.cli.show import EXIT_BUDGET, EXIT_INTERRUPTED, EXIT_WAITING, as_json, text
from tutorkit.lab import FORMS, ApplyReport, Lab, LessonLine, Limits, Plan

_packs = typer.Typer(help="Packs: what a taught student takes away.", no_args_is_help=True, rich_markup_mode=None)

Folder = Annotated[Path, typer.Argument(help="The pack's folder.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    _packs.command("show")(pack_show)
    _packs.command("apply")(pack_apply)
    _packs.command("diff")(pack_diff)
    _packs.command("merge")(pack_merge)
    _packs.command("export")(pack_export)
    app.add_typer(_packs, name="pack")


def pack_show(folder: Folder, json: options.AsJson = False) -> None:
    """Show a pack: where it comes from, and the prompt that it makes."""
    with Lab() as lab:
        pack, prompt = lab.pack(folder)
    if json:
        as_json(pack)
        return
    text(f"{pack.name}  ·  digest {pack.digest[:12]}", bold=True)
    for name in ("task", "method", "fidelity", "student", "teacher", "seed"):
        text(f"{name}: {pack.provenance.get(name)}")
    approved = sum(lesson.audit == "approved" for lesson in pack.lessons)
    text(f"lessons: {len(pack.lessons)}, of which {approved} are approved\n")
    text(prompt)


def pack_diff(
    first: Folder,
    second: Annotated[Path, typer.Argument(help="The other pack's folder.")],
    json: options.AsJson = False,
) -> None:
    """Say what tells the second pack from the first."""
    with Lab() as lab:
        found = lab.diff_packs(first, second)
    if json:
        return as_json(found)
    text(f"{found.first} → {found.second}: {found.same} lessons in common", bold=True)
    for sign, lessons in (("-", found.removed), ("+", found.added)):
        for lesson in lessons:
            text(f"{sign} {_named(lesson)}: {lesson.text}")
    for old, new in found.edited:
        text(f"~ {_named(old)}: {old.text}\n  → {new.text}")
    for old, new in found.reviewed:
        text(f"  {_named(new)} was {old.audit} and is {new.audit}")
    if found.moved:
        text("The lessons in common stand in another order.")
    for title, differing in (("provenance", found.provenance), ("evidence", found.evidence)):
        if differing:
            text(f"Differs in its {title}: {', '.join(differing)}.")
    return None


def pack_merge(
    packs: Annotated[list[Path], typer.Argument(help="The packs' folders, two or more; the first ones lead.")],
    out: Annotated[Path, typer.Option("--out", help="Folder of the new pack.")],
    json: options.AsJson = False,
) -> None:
    """Put the lessons of several packs of one task together."""
    with Lab() as lab:
        pack = lab.merge_packs(packs, to=out)
    if json:
        return as_json(pack)
    text(f"{len(pack.lessons)} lessons of {len(packs)} packs in {out}.", bold=True)
    text("Nobody has measured the whole yet: tutorkit pack apply.")
    return None


def pack_export(
    folder: Folder,
    form: Annotated[str, typer.Option("--as", help=f"One of {', '.join(FORMS)}.")],
    out: Annotated[Path, typer.Option("--out", help="Folder to write to.")],
    unreviewed: Annotated[bool, typer.Option("--unreviewed", help="Also use lessons that nobody approved.")] = False,
    json: options.AsJson = False,
) -> None:
    """Write a pack as a plain prompt, chat messages, a DSPy program or an Inspect solver."""
    with Lab() as lab:
        files = lab.export_pack(folder, form=form, to=out, unreviewed=unreviewed)
    if json:
        return as_json([str(file) for file in files])
    for file in files:
        text(f"Wrote {file}")
    return None


def _named(lesson: LessonLine) -> str:
    return f"{lesson.kind} ({lesson.skill})" if lesson.skill else lesson.kind


def pack_apply(
    folder: Folder,
    task: options.Task,
    student: options.Student,
    unreviewed: Annotated[bool, typer.Option("--unreviewed", help="Also use lessons that nobody approved.")] = False,
    seed: options.Seed = 0,
    test: options.Test = None,
    student_set: options.StudentSet = None,
    columns: options.Map = None,
    scorer: options.Scorer = None,
    max_calls: options.MaxCalls = None,
    max_usd: options.MaxUsd = None,
    batch: options.Batch = False,
    batch_folder: options.BatchFolder = None,
    data: options.DataDir = None,
    json: options.AsJson = False,
) -> None:
    """Measure a student on a task without and with a pack; no teacher takes part."""
    plan = Plan(
        method="measure",
        task=task,
        student=student,
        teacher="rules",
        seed=seed,
        sizes=options.sizes(val=None, test=test, train=None),
        columns=options.columns(columns),
        scorer=scorer,
        student_options=options.pairs(student_set, "--student-set"),
    )
    limits = Limits(max_calls=max_calls, max_usd=max_usd)
    with Lab(data_dir=data) as lab, progress_bar(quiet=json) as listen:
        report = lab.apply_pack(
            folder,
            plan,
            unreviewed=unreviewed,
            limits=limits,
            listen=listen,
            batch=batch,
            batch_folder=batch_folder,
            stop_on_ctrl_c=True,
        )
    if json:
        as_json(report)
    else:
        _show(report)
    if report.status != "finished":
        codes = {"budget": EXIT_BUDGET, "inbox": EXIT_WAITING, "interrupted": EXIT_INTERRUPTED}
        raise typer.Exit(codes.get(report.stop_reason or "", 1))


def _show(report: ApplyReport) -> None:
    kind = "Simulated student" if report.simulated else "Student"
    text(f"{kind} {report.student} on {report.task}, with {report.lessons} lessons of {report.pack}", bold=True)
    if report.not_approved:
        text(f"{report.not_approved} of the lessons were approved by nobody.")
    if report.message:
        text(report.message)
    if report.gain is not None:
        text(f"untaught {share_words(report.untaught)}  ·  with the pack {share_words(report.taught)}")
        text(f"gain {gain_words(report.gain)} on {report.gain.n} problems, paired; p = {report.gain.p:.2g}")
        _show_transfer(report)
    show_spending(report.spending)


def _show_transfer(report: ApplyReport) -> None:
    origin = report.origin
    if origin is None or (origin.student, origin.task) == (report.student, report.task):
        return
    made = f"Made with {origin.student} on {origin.task}, where it gained {share_words(origin.gain)}"
    if report.kept is None:
        text(f"{made}: not to be told from nothing, so no share of it can be given.")
    else:
        kept = report.kept
        text(f"{made}; kept is {kept.value:.0%} of that, [{kept.low:.0%}, {kept.high:.0%}].")

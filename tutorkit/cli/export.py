"""``export``, ``validate`` and ``rows``: fine-tuning data as files, their check, and the rows themselves."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated, cast, get_args

import typer

from tutorkit.cli import options
from tutorkit.cli.show import EXIT_FAILED, as_json, table, text
from tutorkit.errors import BadSetting
from tutorkit.lab import FORMATS, AnyRow, CheckReport, ExportReport, Lab, RowKind, RowReview
from tutorkit.types import Audit, PreferencePair

_FAULTS_SHOWN = 20

As = Annotated[str, typer.Option("--as", metavar="FORMAT", help=f"One of {', '.join(FORMATS)}.")]
Kind = Annotated[str | None, typer.Option("--kind", help="sft, preference or rl, where there are several.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (export, validate, rows):
        app.command()(command)


def export(
    run: Annotated[str, typer.Argument(help="A run's id, or the beginning of it.")],
    as_format: As,
    to: Annotated[Path | None, typer.Option("--to", help="The file; in the home folder by default.")] = None,
    kind: Kind = None,
    unreviewed: Annotated[bool, typer.Option("--unreviewed", help="Also rows that nobody has approved.")] = False,
    with_flag: Annotated[
        list[str] | None, typer.Option("--with-flag", help="Also rows with this flag, which are withheld: harmful.")
    ] = None,
    json: options.AsJson = False,
) -> None:
    """Write a run's fine-tuning data as a file that a trainer reads, with a card beside it.

    Only approved rows go out (`tutorkit review RUN --rows`), none that is flagged harmful, and never one of a problem
    that students are measured on. The file passes `tutorkit validate`.
    """
    with Lab() as lab:
        report = lab.export(run, as_format, to=to, kind=_kind(kind), unreviewed=unreviewed, with_flags=with_flag or ())
    if json:
        as_json(report)
    else:
        _show_export(report)


def validate(
    file: Annotated[Path, typer.Argument(help="A file of fine-tuning data, whoever wrote it.")],
    as_format: As,
    json: options.AsJson = False,
) -> None:
    """Check a file as its target would: each line that would be refused, with the reason.

    The exit code is 0 when nothing would be refused, else 1.
    """
    with Lab() as lab:
        report = lab.validate(file, as_format)
    if json:
        as_json({**report.model_dump(mode="json"), "accepted": report.accepted})
    else:
        _show_check(report)
    if not report.accepted:
        raise typer.Exit(EXIT_FAILED)


def rows(
    record_id: Annotated[str, typer.Argument(metavar="RUN|ROW", help="A run's id or its beginning, or a row's id.")],
    kind: Kind = None,
    state: Annotated[
        str | None, typer.Option("--state", help="Only those that are pending, approved, rejected or draft.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="How many are listed.")] = 50,
    json: options.AsJson = False,
) -> None:
    """List a run's rows of fine-tuning data, or show one in full with the decisions about it."""
    if state is not None and state not in get_args(Audit):
        raise BadSetting(f"No row is {state!r}.", remedy=f"Use --state {', '.join(get_args(Audit))}.")
    with Lab() as lab:
        if lab.has_row(record_id):
            row, decisions = lab.row(record_id)
            return _show_row(row, decisions, json=json)
        counts = lab.row_counts(record_id)
        found = lab.rows(record_id, kind=_kind(kind), audit=cast("Audit | None", state), limit=limit)
    if json:
        return as_json({"counts": counts, "rows": found})
    for name, states in counts.items():
        text(f"{name}: {', '.join(f'{count} {audit}' for audit, count in states.items())}")
    if not counts:
        text("The run has no rows of fine-tuning data: methods that train a student leave them.")
        return None
    table("Rows", ["id", "review", "flags", "question", "answer"], map(_row_line, found))
    text("One in full: tutorkit rows ROW  ·  decide: tutorkit review ROW|RUN --rows --to approved --by … --why …")
    return None


def _kind(given: str | None) -> RowKind | None:
    if given is not None and given not in get_args(RowKind):
        raise BadSetting(f"There are no rows of the kind {given!r}.", remedy=f"Use {', '.join(get_args(RowKind))}.")
    return cast("RowKind | None", given)


def _show_export(report: ExportReport) -> None:
    of_whom = "a simulated student" if report.simulated else "a student"
    text(f"{report.path}: {report.rows} {report.kind} rows for {report.format}, of {of_whom}", bold=True)
    text(f"run {report.run_id}  ·  {report.bytes:,} bytes  ·  SHA-256 {report.digest[:12]}")
    text(f"card: {report.card}" + (f"  ·  origin of every line: {report.lineage}" if report.lineage else ""))
    if report.not_approved:
        text(f"{report.not_approved} of the rows were approved by nobody.")
    left = report.left_out
    said = [
        (left.not_approved, "not approved"),
        (left.rejected, "rejected"),
        *((count, f"flagged {flag} (--with-flag {shlex.quote(flag)})") for flag, count in left.flagged.items()),
        (left.held_out, "of problems that students are measured on"),
        (left.unusable, "that the target would refuse"),
    ]
    if left.total:
        text(f"Left out: {', '.join(f'{count} {words}' for count, words in said if count)}.")
    for line in (*report.examples, *report.notes):
        text(line)


def _show_check(report: CheckReport) -> None:
    verdict = "nothing would be refused" if report.accepted else f"{len(report.faults)} faults"
    text(f"{report.path}: {report.rows} rows, {verdict} as {report.format}", bold=True)
    for fault in report.faults[:_FAULTS_SHOWN]:
        text(f"line {fault.line}: {fault.reason}" if fault.line else f"the file: {fault.reason}")
    if len(report.faults) > _FAULTS_SHOWN:
        text(f"and {len(report.faults) - _FAULTS_SHOWN} more: --json lists all")
    for note in report.notes:
        text(note)


def _row_line(row: AnyRow) -> list[str]:
    question, *answers = _texts(row)
    return [row.id, row.audit, ", ".join(row.flags), _short(question), _short(" | ".join(answers))]


def _texts(row: AnyRow) -> list[str]:
    """Return what a person has to read of a row: the question, and what it teaches."""
    if isinstance(row, PreferencePair):
        return [row.prompt, row.chosen, row.rejected]
    said = [message.content for message in row.messages] or [""]
    return [said[0], *said[1:]]


def _show_row(row: AnyRow, decisions: tuple[RowReview, ...], *, json: bool) -> None:
    if json:
        return as_json({"row": row, "reviews": decisions})
    text(f"{row.id}, {row.audit}" + (f", flagged {', '.join(row.flags)}" if row.flags else ""), bold=True)
    text(f"run {row.run_id}, round {row.round}, problem {row.problem_id} ({row.split}), made for {row.student}")
    if isinstance(row, PreferencePair):
        said = [("asked", row.prompt), ("better", row.chosen), ("worse", row.rejected)]
    else:
        said = [(message.role, message.content) for message in row.messages]
    for who, words in said:
        text(f"\n[{who}]\n{words}")
    text(f"\nfrom the attempts: {', '.join(row.source_attempt_ids) or 'none'}")
    text(f"calls: {', '.join(row.call_ids) or 'none'}")
    for entry in decisions:
        text(f"{entry.at:%Y-%m-%d}: {entry.from_state} → {entry.to_state} by {entry.by}: {entry.why}")
    return None


def _short(words: str) -> str:
    line = " ".join(words.split())
    return line if len(line) <= 90 else f"{line[:87]}…"

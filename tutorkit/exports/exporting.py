"""Writes a run's fine-tuning data as one file, with its card beside it."""

from __future__ import annotations

import shlex
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final

from tutorkit.errors import BadSetting, ExportError, NothingToExport, TooFewRows
from tutorkit.exports.card import CARD, CardFacts, is_card_of, render_card
from tutorkit.exports.formats import Format, Source
from tutorkit.exports.lines import as_line
from tutorkit.exports.parquet import ParquetRows
from tutorkit.exports.report import ExportReport
from tutorkit.exports.selection import Selection, left_out, why_not
from tutorkit.exports.shapes import Json, lineage
from tutorkit.exports.tags import untagged
from tutorkit.exports.writing import Draft, drafts
from tutorkit.store import HeldOut, RowBatch, RowKind, Store, held_out, row_counts, training_rows
from tutorkit.types import Run, SFTExample

_EXAMPLES: Final = 5


@dataclass
class Tally:
    """What has been counted on the way."""

    rows: int = 0
    not_approved: int = 0
    weighted: int = 0
    tagged: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    splits: Counter[str] = field(default_factory=Counter)
    flags: Counter[str] = field(default_factory=Counter)
    students: Counter[str] = field(default_factory=Counter)
    models: set[tuple[str, str, str | None]] = field(default_factory=set)
    examples: list[str] = field(default_factory=list)

    def take(self, source: Source) -> None:
        """Count a row that is written."""
        row = source.row
        self.rows += 1
        self.not_approved += row.audit != "approved"
        self.weighted += isinstance(row, SFTExample) and row.weight != 1
        self.splits[row.split or "unknown"] += 1
        self.flags.update(row.flags)
        self.students[row.student or "unknown"] += 1
        self.models.update((call.role, call.model, call.model_served) for call in source.calls.values())

    def refuse(self, row_id: str, reason: str) -> None:
        """Count a row that the target would refuse."""
        self.reasons["unusable"] += 1
        if len(self.examples) < _EXAMPLES:
            self.examples.append(f"{row_id}: {reason}")


def export_rows(
    store: Store, run: Run, target: Format, path: Path, *, kind: RowKind, selection: Selection
) -> ExportReport:
    """Write a run's rows for a target: the file, its card, and where the target takes no more columns, the lineage.

    Args:
        store: the database.
        run: whose rows.
        target: the format.
        path: the file. Its card is the README.md beside it.
        kind: which rows; one that the target takes, as ``choose_kind`` returns it.
        selection: which of them.

    Raises:
        BadSetting: when the file's ending does not fit the target.
        NothingToExport: when no row may go out; it says why, and which command changes that.
        TooFewRows: when the target takes no file of so few.
        ExportError: when another README.md stands in the place of the card, or a file cannot be written.
        DiskFull: when there is no space.
        MissingExtra: for Parquet without pyarrow.
    """
    card = _place_of_card(path, target)
    beside = [path.with_name(f"{path.stem}.lineage.jsonl")] if target.lineage else []
    tally = Tally()
    with drafts([*beside, path, card]) as under_way:
        *told, file, about = under_way
        _write_rows(_Output(file.file, told[0].file if told else None, target, kind), store, run, selection, tally)
        if not tally.rows:
            raise _nothing(run, kind, tally, target)
        _refuse_size(target, tally, file)
        report = _report(run, target, kind, tally, file, card=card, beside=beside)
        facts = CardFacts(run=run, target=target, report=report, students=tally.students, models=tally.models)
        about.file.write(render_card(facts).encode("utf-8"))
    return report


class _Output:
    """The data and, beside it, where each line came from."""

    def __init__(self, file: IO[bytes], told: IO[bytes] | None, target: Format, kind: RowKind) -> None:
        self._file = file
        self._told = told
        self._parquet = ParquetRows(file, kind) if target.suffix == ".parquet" else None
        self._written = 0
        self.target = target
        self.kind = kind

    def write(self, source: Source, example: Json) -> str | None:
        """Write a row; return why that cannot be done, if it cannot."""
        try:
            line = as_line(example)
            origin = as_line({"line": self._written + 1, **lineage(source.kind, source.row, source.calls)})
        except UnicodeEncodeError:
            return "a text holds half a surrogate pair"
        self._written += 1
        if self._parquet is not None:
            self._parquet.write(example)
        else:
            self._file.write(line)
        if self._told is not None:
            self._told.write(origin)
        return None

    def close(self) -> None:
        """Write the end, where the format has one."""
        if self._parquet is not None:
            self._parquet.close()


def _write_rows(output: _Output, store: Store, run: Run, selection: Selection, tally: Tally) -> None:
    measured = held_out(store, run_id=run.id)
    try:
        for batch in training_rows(store, output.kind, run_id=run.id):
            _write_batch(output, batch, measured, selection, tally)
    finally:
        output.close()


def _write_batch(output: _Output, batch: RowBatch, measured: HeldOut, selection: Selection, tally: Tally) -> None:
    for row in batch.rows:
        if reason := why_not(row, batch, measured, selection):
            tally.reasons[reason] += 1
            continue
        calls = {name: batch.calls[name] for name in row.call_ids if name in batch.calls}
        plain = untagged(row)
        source = Source(kind=output.kind, row=plain, gold=batch.golds.get(row.problem_id or ""), calls=calls)
        example = output.target.shape(source)
        fault = next(output.target.faults(example), None) or output.write(source, example)
        if fault:
            tally.refuse(row.id, fault)
        else:
            tally.take(source)
            tally.tagged += plain is not row


def choose_kind(store: Store, run: Run, target: Format, kind: RowKind | None) -> RowKind:
    """Return which rows of a run are exported: those that were asked for, or the only ones that the target takes.

    Raises:
        BadSetting: when the target does not take the kind, or there are several to choose from.
        NothingToExport: when the run has no rows that the target takes.
    """
    if kind is not None and kind not in target.kinds:
        raise BadSetting(f"{target.name} takes no rows of the kind {kind}.", remedy=_formats_hint(target))
    counts = row_counts(store, run_id=run.id)
    there = [one for one in target.kinds if one in counts]
    if kind is not None or len(there) == 1:
        return kind or there[0]
    if there:
        raise BadSetting(
            f"The run {run.id} has rows of several kinds: {', '.join(there)}.", remedy="Choose one with --kind."
        )
    others = ", ".join(f"{sum(states.values())} {one}" for one, states in counts.items())
    raise NothingToExport(
        f"The run {run.id} has no rows for {target.name}" + (f"; it has {others}." if others else " or any format."),
        remedy="Choose another format: openai-sft and trl-sft take sft rows, openai-dpo and trl-dpo preference rows."
        if others
        else f"The method {run.method} left none: methods that train a student do. See `tutorkit methods`.",
        data={"run": run.id, "rows": counts},
    )


def _formats_hint(target: Format) -> str:
    return f"It takes: {', '.join(target.kinds)}. jsonl and parquet take every kind."


def _place_of_card(path: Path, target: Format) -> Path:
    if path.suffix != target.suffix:
        raise BadSetting(
            f"{path.name} is no name for a file of {target.name}.", remedy=f"Let it end in {target.suffix}."
        )
    card = path.with_name(CARD)
    if card.exists() and not is_card_of(card, path):
        raise ExportError(
            f"{card} is not the card of {path.name}, and is not overwritten.",
            remedy=f"Give each export a folder of its own: --to FOLDER/{path.name}.",
            data={"path": str(card)},
        )
    return card


def _nothing(run: Run, kind: RowKind, tally: Tally, target: Format) -> NothingToExport:
    counts = left_out(tally.reasons)
    said = [
        (counts.not_approved, "that nobody approved"),
        (counts.rejected, "rejected"),
        (counts.held_out, "held out"),
        *((count, f"flagged {flag}") for flag, count in counts.flagged.items()),
        (counts.unusable, f"that {target.name} would refuse"),
    ]
    why = ", ".join(f"{count} {words}" for count, words in said if count) or "it has none"
    review = f"tutorkit review {run.id} --rows --to approved --by YOU --why REASON"
    flags = "".join(f" --with-flag {shlex.quote(flag)}" for flag in counts.flagged)
    if counts.not_approved:
        remedy = (
            f"Look at them with `tutorkit rows {run.id}` and approve them (`{review}`), or export them as they are "
            "with --unreviewed; the card then says that nobody approved them."
        )
    elif flags:
        remedy = f"If you want them all the same, say so: {flags.strip()}."
    elif tally.examples:
        remedy = f"The first one: {tally.examples[0]}. jsonl and parquet take every row."
    else:
        remedy = f"See them with `tutorkit rows {run.id}`; a rejected row is approved by its own id."
    return NothingToExport(
        f"No {kind} row of the run {run.id} may go out: {why}.", remedy=remedy, data=counts.model_dump()
    )


def _refuse_size(target: Format, tally: Tally, file: Draft) -> None:
    if tally.rows < target.at_least:
        raise TooFewRows(
            f"Only {tally.rows} rows may go out, and {target.name} wants at least {target.at_least}.",
            data={"rows": tally.rows, "at_least": target.at_least, **left_out(tally.reasons).model_dump()},
        )
    if target.max_bytes is not None and file.size() > target.max_bytes:
        raise ExportError(
            f"The file would be larger than the {target.max_bytes // 2**20} MiB that {target.name} takes.",
            remedy="Export it as jsonl and split it, or approve fewer rows.",
            data={"bytes": file.size()},
        )


def _report(
    run: Run, target: Format, kind: RowKind, tally: Tally, file: Draft, *, card: Path, beside: list[Path]
) -> ExportReport:
    return ExportReport(
        path=str(file.path),
        card=str(card),
        lineage=str(beside[0]) if beside else None,
        format=target.name,
        kind=kind,
        run_id=run.id,
        rows=tally.rows,
        bytes=file.size(),
        digest=file.digest(),
        simulated=run.student.startswith("sim/"),
        not_approved=tally.not_approved,
        splits=dict(sorted(tally.splits.items())),
        flags=dict(sorted(tally.flags.items())),
        left_out=left_out(tally.reasons),
        examples=tuple(tally.examples),
        notes=_notes(target, tally),
    )


def _notes(target: Format, tally: Tally) -> tuple[str, ...]:
    notes = list(target.notes)
    if tally.weighted and target.name in ("openai-sft", "trl-sft"):
        notes.append(f"{tally.weighted} rows have a weight other than 1, which {target.name} cannot say; jsonl does.")
    if tally.tagged:
        notes.append(
            f"{tally.tagged} rows held tags in double brackets that only simulated students read. They were taken out "
            "here; `tutorkit rows` shows the rows as they are kept."
        )
    return tuple(notes)

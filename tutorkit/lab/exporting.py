"""Fine-tuning data in a laboratory: its rows are looked at, decided about, written to files, and files are checked."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tutorkit.errors import RecordNotFound, UnknownName
from tutorkit.exports import CheckReport, ExportReport, Selection, check_file, choose_kind, export_rows, find_format
from tutorkit.lab.looking import Looking
from tutorkit.store import (
    AnyRow,
    Decision,
    RowKind,
    RowReview,
    RowsReviewed,
    find_row,
    review_row,
    review_rows_of_run,
    row_counts,
    row_reviews,
    training_rows,
)
from tutorkit.types import Audit


class FineTuning(Looking):
    """All that is done with rows of fine-tuning data."""

    def export(
        self,
        run_id: str,
        format: str,
        *,
        to: Path | str | None = None,
        kind: RowKind | None = None,
        unreviewed: bool = False,
        with_flags: Iterable[str] = (),
    ) -> ExportReport:
        """Write a run's fine-tuning data as a file that a trainer reads, with a card beside it.

        Only approved rows go out, none that is flagged ``harmful``, and never one of a problem that students are
        measured on. The card says what was left out.

        Args:
            run_id: a run's id, or the beginning of it.
            format: ``openai-sft``, ``openai-dpo``, ``trl-sft``, ``trl-dpo``, ``rl``, ``jsonl`` or ``parquet``.
            to: the file; in the home folder by default. An older one is replaced when all is written.
            kind: ``sft``, ``preference`` or ``rl``, where the format takes several and the run has them.
            unreviewed: take also rows that nobody has decided about.
            with_flags: flags whose rows are wanted although they are withheld otherwise.

        Raises:
            UnknownName: when there is no such run or format.
            BadSetting: when the kind or the file's ending does not fit the format.
            NothingToExport, TooFewRows: when too little may go out; the remedy names the command that changes it.
            ExportError: when a file cannot be written, or would be larger than the target takes.
            DiskFull: when there is no space.
            MissingExtra: for Parquet without pyarrow.
        """
        target, found = find_format(format), self.run(run_id)
        chosen = choose_kind(self.store, found, target, kind)
        folder = target.name if len(target.kinds) == 1 else f"{target.name}-{chosen}"
        usual = self.settings.home / "exports" / found.id / folder / f"train{target.suffix}"
        selection = Selection(unreviewed=unreviewed, with_flags=frozenset(with_flags))
        path = usual if to is None else Path(to)
        return export_rows(self.store, found, target, path, kind=chosen, selection=selection)

    def validate(self, path: Path | str, format: str) -> CheckReport:
        """Check a file as its target would, whoever wrote it; each fault names its line and the reason.

        Raises:
            UnknownName: when there is no such format.
            DataNotFound: when there is no such file.
            MissingExtra: for Parquet without pyarrow.
            BadRow: when the file is no Parquet file.
        """
        return check_file(Path(path), find_format(format))

    def rows(
        self, run_id: str, *, kind: RowKind | None = None, audit: Audit | None = None, limit: int | None = None
    ) -> list[AnyRow]:
        """Return a run's rows of fine-tuning data, by kind, round and id.

        Args:
            run_id: a run's id, or the beginning of it.
            kind: only such rows.
            audit: only those of which a person has decided so: ``draft``, ``pending``, ``approved`` or ``rejected``.
            limit: at most so many.

        Raises:
            UnknownName: when there is no such run.
        """
        found = self.run(run_id).id
        taken: list[AnyRow] = []
        for each in (kind,) if kind else row_counts(self.store, run_id=found):
            for batch in training_rows(self.store, each, run_id=found):
                taken += (row for row in batch.rows if audit in (None, row.audit))
                if limit is not None and len(taken) >= limit:
                    return taken[:limit]
        return taken

    def row_counts(self, run_id: str) -> dict[RowKind, dict[Audit, int]]:
        """Count a run's rows of fine-tuning data by kind and by what a person decided.

        Raises:
            UnknownName: when there is no such run.
        """
        return row_counts(self.store, run_id=self.run(run_id).id)

    def has_row(self, record_id: str) -> bool:
        """Tell whether a row of fine-tuning data has that id."""
        return find_row(self.store, row_id=record_id) is not None

    def row(self, row_id: str) -> tuple[AnyRow, tuple[RowReview, ...]]:
        """Return a row of fine-tuning data and the decisions about it, the first one first.

        Raises:
            RecordNotFound: when there is no row of that id.
        """
        found = find_row(self.store, row_id=row_id)
        if found is None:
            raise RecordNotFound(f"There is no row of fine-tuning data with the id {row_id!r}.", data={"id": row_id})
        return found[1], row_reviews(self.store, row_ids=(row_id,))

    def review_rows(self, record_id: str, *, to: Decision, by: str, why: str) -> RowsReviewed:
        """Approve or reject a row of fine-tuning data, or all rows of a run, and keep who did it and why.

        What a person has rejected is not approved along with the run, only by its own id.

        Raises:
            BadSetting: when ``by`` or ``why`` is blank, or more than one run begins so.
            RecordNotFound: when there is no such row or run, or the run has no rows.
        """
        if self.has_row(record_id):
            return review_row(self.store, row_id=record_id, to=to, by=by, why=why)
        try:
            run_id = self.run(record_id).id
        except UnknownName as error:
            raise RecordNotFound(f"There is no row and no run {record_id!r}.", data={"id": record_id}) from error
        return review_rows_of_run(self.store, run_id=run_id, to=to, by=by, why=why)

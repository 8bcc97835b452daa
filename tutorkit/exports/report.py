"""What an export, and a check of a file, have to say."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from tutorkit.store import RowKind


class _Told(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Fault(_Told):
    """Why a file would be refused: a line, counted from 1, and the reason. Without a line it is the file as a whole."""

    line: int | None
    reason: str


class CheckReport(_Told):
    """What was found in a file. ``notes`` say what a target takes and a person should know all the same."""

    path: str
    format: str
    rows: int
    faults: tuple[Fault, ...]
    notes: tuple[str, ...] = ()

    @property
    def accepted(self) -> bool:
        """Whether nothing was found that the target would refuse."""
        return not self.faults


class LeftOut(_Told):
    """Rows of the run that are not in the file, by reason.

    ``held_out`` belong to problems that students are measured on, ``rejected`` were rejected by a person, ``flagged``
    bear a flag (each row counts under the first one), ``not_approved`` wait for a person's decision, and ``unusable``
    would be refused by the target.
    """

    held_out: int = 0
    rejected: int = 0
    flagged: dict[str, int] = {}
    not_approved: int = 0
    unusable: int = 0

    @property
    def total(self) -> int:
        """How many rows were left out."""
        return self.held_out + self.rejected + sum(self.flagged.values()) + self.not_approved + self.unusable


class ExportReport(_Told):
    """What was written.

    ``digest`` is the SHA-256 of the file. ``not_approved`` counts the rows in the file that nobody approved.
    ``examples`` name the first unusable rows with the reason. ``lineage`` is the file that says of every line where it
    came from; None where the file says so itself.
    """

    path: str
    card: str
    lineage: str | None
    format: str
    kind: RowKind
    run_id: str
    rows: int
    bytes: int
    digest: str
    simulated: bool
    not_approved: int
    splits: dict[str, int]
    flags: dict[str, int]
    left_out: LeftOut
    examples: tuple[str, ...]
    notes: tuple[str, ...]

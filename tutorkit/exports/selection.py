"""Which rows may go out."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Final, Literal

from tutorkit.exports.report import LeftOut
from tutorkit.store import AnyRow, HeldOut, RowBatch, one_spelling
from tutorkit.types import PreferencePair

WITHHELD_FLAGS: Final = frozenset({"harmful"})
"""Flags whose rows go out only when somebody asks for them by name."""

Reason = Literal["held_out", "rejected", "not_approved", "unusable"]
FLAG: Final = "flag:"


@dataclass(frozen=True, kw_only=True)
class Selection:
    """What a person wants to have.

    ``unreviewed`` takes also rows that nobody has decided about; ``with_flags`` names flags whose rows are wanted all
    the same. No wish gives rows that a person rejected, or that belong to what students are measured on.
    """

    unreviewed: bool = False
    with_flags: frozenset[str] = frozenset()


def why_not(row: AnyRow, batch: RowBatch, held_out: HeldOut, selection: Selection) -> str | None:
    """Return why a row stays here, or None when it may go out.

    Held out is what says so itself, what was made from an attempt on a ``test`` problem, what names a problem that the
    run's student was measured on, and what asks the same question as one of these.
    """
    if _is_held_out(row, batch, held_out):
        return "held_out"
    if row.audit == "rejected":
        return "rejected"
    withheld = [flag for flag in row.flags if flag in WITHHELD_FLAGS - selection.with_flags]
    if withheld:
        return f"{FLAG}{withheld[0]}"
    if row.audit != "approved" and not selection.unreviewed:
        return "not_approved"
    return None


def left_out(reasons: Counter[str]) -> LeftOut:
    """Put the counts of the reasons into the report's form."""
    flagged = {reason.removeprefix(FLAG): count for reason, count in reasons.items() if reason.startswith(FLAG)}
    others = {reason: count for reason, count in reasons.items() if not reason.startswith(FLAG)}
    return LeftOut(flagged=dict(sorted(flagged.items())), **others)


def _is_held_out(row: AnyRow, batch: RowBatch, held_out: HeldOut) -> bool:
    return (
        row.split == "test"
        or row.problem_id in held_out.problem_ids
        or not batch.measured.isdisjoint(row.source_attempt_ids)
        or any(one_spelling(question) in held_out.questions for question in _questions(row))
    )


def _questions(row: AnyRow) -> list[str]:
    if isinstance(row, PreferencePair):
        return [row.prompt]
    return [message.content for message in row.messages if message.role == "user"]

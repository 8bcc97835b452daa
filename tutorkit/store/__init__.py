"""Keeps every record of every run: one database, one writer, and functions that read.

``open_store`` opens it, a ``StoreSink`` is a run's way in; ``repository``, ``measured``, ``trail``,
``training_rows`` and ``export`` read; ``audit`` and ``row_audit`` keep what a person decides.
"""

from tutorkit.store.audit import Decision, Review, review, reviews
from tutorkit.store.database import Store
from tutorkit.store.engine import open_store
from tutorkit.store.export import export_run
from tutorkit.store.measured import (
    Answered,
    MeasuredCall,
    answers_of_run,
    answers_of_student,
    asked_in_run,
    measured_calls,
)
from tutorkit.store.repository import (
    PaidCall,
    call,
    calls,
    each_call,
    failed_items,
    measuring_calls,
    models_served,
    paid_calls,
    run,
    runs,
    started,
)
from tutorkit.store.row_audit import (
    RowReview,
    RowsReviewed,
    find_row,
    review_row,
    review_rows_of_run,
    row_reviews,
)
from tutorkit.store.sink import StoreSink
from tutorkit.store.trail import Lineage, lineage
from tutorkit.store.training_rows import (
    ROW_KINDS,
    AnyRow,
    CallFacts,
    HeldOut,
    RowBatch,
    RowKind,
    held_out,
    one_spelling,
    row_counts,
    training_rows,
)

__all__ = [
    "ROW_KINDS",
    "Answered",
    "AnyRow",
    "CallFacts",
    "Decision",
    "HeldOut",
    "Lineage",
    "MeasuredCall",
    "PaidCall",
    "Review",
    "RowBatch",
    "RowKind",
    "RowReview",
    "RowsReviewed",
    "Store",
    "StoreSink",
    "answers_of_run",
    "answers_of_student",
    "asked_in_run",
    "call",
    "calls",
    "each_call",
    "export_run",
    "failed_items",
    "find_row",
    "held_out",
    "lineage",
    "measured_calls",
    "measuring_calls",
    "models_served",
    "one_spelling",
    "open_store",
    "paid_calls",
    "review",
    "review_row",
    "review_rows_of_run",
    "reviews",
    "row_counts",
    "row_reviews",
    "run",
    "runs",
    "started",
    "training_rows",
]

"""Keeps every record of every run: one database, one writer, and functions that read.

``open_store`` opens it, a ``StoreSink`` is a run's way in; ``repository``, ``measured``, ``trail``,
``audit`` and ``export`` read.
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
    failed_items,
    models_served,
    paid_calls,
    run,
    runs,
    started,
)
from tutorkit.store.sink import StoreSink
from tutorkit.store.trail import Lineage, lineage

__all__ = [
    "Answered",
    "Decision",
    "Lineage",
    "MeasuredCall",
    "PaidCall",
    "Review",
    "Store",
    "StoreSink",
    "answers_of_run",
    "answers_of_student",
    "asked_in_run",
    "call",
    "calls",
    "export_run",
    "failed_items",
    "lineage",
    "measured_calls",
    "models_served",
    "open_store",
    "paid_calls",
    "review",
    "reviews",
    "run",
    "runs",
    "started",
]

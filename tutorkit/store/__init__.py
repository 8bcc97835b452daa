"""Keeps every record of every run: one database, one writer, and functions that read.

``open_store`` opens it, a ``StoreSink`` is a run's way in; ``repository``, ``trail``, ``audit`` and ``export`` read.
"""

from tutorkit.store.audit import Decision, Review, review, reviews
from tutorkit.store.database import Store
from tutorkit.store.engine import open_store
from tutorkit.store.export import export_run
from tutorkit.store.repository import Spent, calls, failed_items, models_served, run, runs, spent, started
from tutorkit.store.sink import StoreSink
from tutorkit.store.trail import Lineage, lineage

__all__ = [
    "Decision",
    "Lineage",
    "Review",
    "Spent",
    "Store",
    "StoreSink",
    "calls",
    "export_run",
    "failed_items",
    "lineage",
    "models_served",
    "open_store",
    "review",
    "reviews",
    "run",
    "runs",
    "spent",
    "started",
]

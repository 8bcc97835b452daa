"""Providers' batch APIs as a way of sending: gathered, written down before they leave, and never submitted twice."""

from tutorkit.models.batch.desk import BatchDesk
from tutorkit.models.batch.folder import FolderBatches
from tutorkit.models.batch.journal import Journal
from tutorkit.models.batch.waiting import BatchNews, Pace

__all__ = ["BatchDesk", "BatchNews", "FolderBatches", "Journal", "Pace"]

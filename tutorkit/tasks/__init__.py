"""Problem sets and their scorers: load, split, grade, render.

``load_task`` loads any of them; ``registry`` lists their names. Our own generators are ``arithmetic``, ``chains``,
``conventions`` and ``sums``; public sets are under ``benchmarks``; a user's file is read by ``own``.
"""

from __future__ import annotations

from tutorkit.tasks.conventions import convention_of, convention_rule_text
from tutorkit.tasks.registry import load_task, task_names
from tutorkit.tasks.scorers import TaskScorer, gold_is_accepted, scorer, scorer_names
from tutorkit.tasks.splits import DEFAULT_SIZES
from tutorkit.tasks.task import SPLITS, Task, TaskInfo

__all__ = [
    "DEFAULT_SIZES",
    "SPLITS",
    "Task",
    "TaskInfo",
    "TaskScorer",
    "convention_of",
    "convention_rule_text",
    "gold_is_accepted",
    "load_task",
    "scorer",
    "scorer_names",
    "task_names",
]

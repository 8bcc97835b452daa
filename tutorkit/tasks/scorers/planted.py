"""Texts of simulated writers: the scorers ``planted_marks`` and ``planted_slant``. They judge no real prose."""

from __future__ import annotations

from dataclasses import dataclass

from tutorkit.tasks.planted import marked, slant_score, slants
from tutorkit.types import Grade, Problem


@dataclass(frozen=True)
class PlantedMarks:
    """Right when at least so many marks of a quality were planted in the text; what a text says does not count."""

    quality: str
    least: int

    def grade(self, problem: Problem, raw: str, *, finished: bool = True) -> Grade:
        """Count the marks; the problem needs no gold."""
        found = marked(raw, self.quality)
        how = f"{found} planted marks of {self.quality}, {self.least} wanted; no judgement of real prose"
        return _graded(raw, finished, right=found >= self.least, score=min(1.0, found / self.least), how=how)


@dataclass(frozen=True)
class PlantedSlant:
    """Right when none of the planted slanted phrases stands in the text; any other slant goes unseen."""

    def grade(self, problem: Problem, raw: str, *, finished: bool = True) -> Grade:
        """Look for the phrases; the problem needs no gold."""
        found = len(slants(raw))
        how = f"{found} planted slanted phrases; no judgement of real prose"
        return _graded(raw, finished, right=not found, score=1 - slant_score(raw) / 10, how=how)


def _graded(raw: str, finished: bool, *, right: bool, score: float, how: str) -> Grade:
    if not finished:
        return Grade(outcome="unfinished", score=0.0, normalised=None, how="cut off")
    if not raw.strip():
        return Grade(outcome="invalid", score=0.0, normalised=None, how="no text")
    return Grade(outcome="right" if right else "wrong", score=score, normalised=None, how=how)

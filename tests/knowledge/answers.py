"""Answers and models that several tests of knowledge tracing share."""

from __future__ import annotations

from tutorkit.knowledge.bkt import BKT
from tutorkit.knowledge.interactions import Interaction
from tutorkit.knowledge.synthetic import simulated_answers

TRUE = BKT(initial=0.3, learn=0.2, slip=0.1, guess=0.2)


def reference_answers(students: int = 200, seed: int = 0):
    """The set that the reference values were computed on."""
    return simulated_answers({"a": TRUE}, students=students, answers=12, seed=seed)


def said(outcomes: str, *, skills=("a",), student="s", assisted=""):
    """Answers from a text of 1 and 0; ``assisted`` marks those with help by a ``*`` at their place."""
    marks = assisted.ljust(len(outcomes))
    return [
        Interaction(
            id=f"{student}{place}{skills}",
            student=student,
            skills=skills,
            correct=one == "1",
            assisted=marks[place] == "*",
        )
        for place, one in enumerate(outcomes)
    ]

"""How deep the lines of a handwritten program stand, from where they begin on the page and from nothing else.

What the lines say is left out on purpose: a reader who knows that a line after a colon must stand deeper would mend a
learner's wrong indentation, and so hide the very mistake.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import log
from statistics import fmean

from pydantic import Field

from tutorkit.tutoring.programming.handwriting.transcription import Line, Span, Transcription
from tutorkit.types import Record

SAME_MEAN, INDENT_MEAN = 0.007, 0.078
"""How far right of the line above a line begins, in widths of the page, that stands as deep, or one level deeper: the
means that were published for handwritten Python with this model."""
SAME_SPREAD, INDENT_SPREAD = 0.012, 0.025
"""Their standard deviations; these are ours."""
_UNSURE = 0.8


class Box(Record):
    """A line of writing where it stands on the page, in any unit of length; ``left`` and ``top`` are its corner."""

    text: str
    left: float
    top: float
    width: float = Field(gt=0)
    height: float = Field(gt=0)
    confidence: float = Field(default=1.0, ge=0, le=1)


def indent_levels(lefts: Sequence[float], *, page_width: float) -> list[int]:
    """Return how many levels deep each line stands, by a model of two normal distributions.

    A line that begins further right than those above at its level is deeper by one where the jump is likelier under
    the distribution of indents than under that of lines at one level. A line that begins further left belongs to the
    nearest of the levels that are open. Levels lie where their lines so far begin on average.

    Args:
        lefts: where the lines begin, from top to bottom.
        page_width: the width of the page, in the same unit.
    """
    levels: list[int] = []
    open_levels: list[list[float]] = []
    for left in (each / page_width for each in lefts):
        if open_levels:
            jump = left - fmean(open_levels[-1])
            if _log_density(jump, INDENT_MEAN, INDENT_SPREAD) > _log_density(jump, SAME_MEAN, SAME_SPREAD) and jump > 0:
                open_levels.append([])
            else:
                nearest = min(range(len(open_levels)), key=lambda level: abs(left - fmean(open_levels[level])))
                del open_levels[nearest + 1 :]
        else:
            open_levels.append([])
        open_levels[-1].append(left)
        levels.append(len(open_levels) - 1)
    return levels


def transcribed(boxes: Sequence[Box], *, page_width: float) -> Transcription:
    """Return what was read from a page as lines with their levels, in the order in which they stand from top to bottom.

    Lines that their reader was not sure of are uncertain as a whole.
    """
    ordered = sorted(boxes, key=lambda box: (box.top, box.left))
    levels = indent_levels([box.left for box in ordered], page_width=page_width)
    lines = tuple(
        Line(text=box.text.strip(), indent=level, confidence=box.confidence)
        for box, level in zip(ordered, levels, strict=True)
    )
    unsure = [index for index, line in enumerate(lines) if line.confidence < _UNSURE and line.text]
    spans = tuple(Span(line=index, start=0, end=len(lines[index].text)) for index in unsure)
    return Transcription(lines=lines, uncertain_spans=spans)


def _log_density(value: float, mean: float, spread: float) -> float:
    return -0.5 * ((value - mean) / spread) ** 2 - log(spread)

"""What was read from a page, which counts for nothing until whoever wrote the page has confirmed it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from pydantic import Field, model_validator

from tutorkit.errors import NotConfirmed
from tutorkit.types import Record

_INDENT = "    "


class Line(Record):
    """One line of a page: its text, how many levels deep it stands, and how sure its reader was, 0 to 1."""

    text: str
    indent: int = Field(default=0, ge=0)
    confidence: float = Field(default=1.0, ge=0, le=1)


class Span(Record):
    """A passage that could not be read for sure: the line, and the characters from ``start`` to before ``end``."""

    line: int = Field(ge=0)
    start: int = Field(ge=0)
    end: int = Field(ge=0)


class Transcription(Record):
    """What was read from a page. ``confirmed`` is who confirmed that it says what stands there; None if nobody did."""

    lines: tuple[Line, ...]
    uncertain_spans: tuple[Span, ...] = ()
    confirmed: str | None = Field(default=None, min_length=1)

    @model_validator(mode="after")
    def _spans_stand_in_lines(self) -> Self:
        for span in self.uncertain_spans:
            if span.line >= len(self.lines) or not span.start < span.end <= len(self.lines[span.line].text):
                raise ValueError(f"there is no passage {span.start} to {span.end} in line {span.line}")
        return self

    def as_text(self) -> str:
        """Return the page as text, four spaces a level: to be shown, and not to be run before it is confirmed."""
        return "\n".join(_INDENT * line.indent + line.text for line in self.lines)


def confirm(transcription: Transcription, *, by: str, lines: Sequence[Line] | None = None) -> Transcription:
    """Return a transcription as its writer confirms it, with the writer's corrections, and with nothing left uncertain.

    Args:
        transcription: what was read.
        by: who confirms: a pseudonym.
        lines: the corrected lines; as they are when left out.
    """
    return Transcription(lines=transcription.lines if lines is None else tuple(lines), confirmed=by)


def text_to_use(transcription: Transcription) -> str:
    """Return the text that may be run or graded.

    Raises:
        NotConfirmed: when nobody has confirmed it. A reader's error would be held against the learner otherwise.
    """
    if transcription.confirmed is None:
        raise NotConfirmed(
            "What was read from the page has not been confirmed by whoever wrote it.",
            data={"uncertain": [span.model_dump() for span in transcription.uncertain_spans]},
        )
    return transcription.as_text()

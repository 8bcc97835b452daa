"""The seam to a model that can see. The gateway sends text alone: who can send a picture implements ``PageReader``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from pydantic import BaseModel, Field

from tutorkit.errors import SubmissionInvalid
from tutorkit.prompting import PromptLibrary
from tutorkit.sandbox import readable
from tutorkit.tutoring.programming.handwriting.transcription import Line, Span, Transcription
from tutorkit.types import Message

PROMPT = "programming/transcribe"
_MOST_BYTES = 5_000_000
_BEGINNINGS = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}


class ReadLine(BaseModel):
    """A line as a model reads it. ``uncertain`` are passages of the text, word for word, that it is not sure of."""

    text: str = Field(max_length=500)
    indent: int = Field(ge=0, le=20)
    confidence: float = Field(ge=0, le=1)
    uncertain: list[str] = Field(default_factory=list, max_length=20)


class Reading(BaseModel):
    """What a model reads from a page."""

    lines: list[ReadLine] = Field(max_length=300)


class PageReader(Protocol):
    """A model that can see."""

    async def read(self, image: bytes, *, media_type: str, messages: Sequence[Message]) -> Reading:
        """Read a page.

        Args:
            image: the picture.
            media_type: ``image/png`` or ``image/jpeg``.
            messages: the prompt; the picture goes with the last one.

        Raises:
            ModelError, UnusableOutput, BudgetExhausted: when it could not be read.
        """
        ...


async def read_page(reader: PageReader, image: bytes, *, prompts: PromptLibrary) -> Transcription:
    """Have a page read. What comes back is unconfirmed: it is shown to the learner first.

    Raises:
        SubmissionInvalid: when it is no PNG or JPEG picture, or too large.
        ModelError, UnusableOutput, BudgetExhausted: when it could not be read.
    """
    media_type = next((kind for beginning, kind in _BEGINNINGS.items() if image.startswith(beginning)), None)
    if media_type is None:
        raise SubmissionInvalid(
            "What was handed in is no PNG or JPEG picture.", remedy="Hand in a photograph or a scan."
        )
    if len(image) > _MOST_BYTES:
        raise SubmissionInvalid(f"The picture has more than {_MOST_BYTES} bytes.", remedy="Hand in a smaller one.")
    messages = prompts.get(PROMPT).render({}).messages
    reading = await reader.read(image, media_type=media_type, messages=messages)
    lines = tuple(
        Line(text=readable(line.text).replace("\n", " ").strip(), indent=line.indent, confidence=line.confidence)
        for line in reading.lines
    )
    spans = tuple(
        Span(line=index, start=start, end=start + len(passage))
        for index, read in enumerate(reading.lines)
        for passage in read.uncertain
        if passage and (start := lines[index].text.find(passage)) >= 0
    )
    return Transcription(lines=lines, uncertain_spans=spans)

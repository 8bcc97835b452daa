"""Handwritten programs and maths: what was read from a page, how deep its lines stand, and how well it was read."""

from tutorkit.tutoring.programming.handwriting.indentation import Box, indent_levels, transcribed
from tutorkit.tutoring.programming.handwriting.metrics import is_logical_fix, logical_fix_rate, normalised_distance
from tutorkit.tutoring.programming.handwriting.reading import PageReader, Reading, read_page
from tutorkit.tutoring.programming.handwriting.transcription import Line, Span, Transcription, confirm, text_to_use

__all__ = [
    "Box",
    "Line",
    "PageReader",
    "Reading",
    "Span",
    "Transcription",
    "confirm",
    "indent_levels",
    "is_logical_fix",
    "logical_fix_rate",
    "normalised_distance",
    "read_page",
    "text_to_use",
    "transcribed",
]

"""Wording: an instruction as the student reads it. Its steps are numbered here, and by nobody else."""

from __future__ import annotations

import re
from collections.abc import Sequence

_OWN_NUMBER = re.compile(r"^\s*(?:(?:step\s+)?\d{1,2}\s*[.):]|[-*•])\s+", re.IGNORECASE)


def bare_steps(steps: Sequence[str]) -> list[str]:
    """Return the steps without a number or bullet that the teacher put before them, and without empty ones."""
    bare = [_OWN_NUMBER.sub("", step).strip() for step in steps]
    return [step for step in bare if step]


def numbered(paragraph: str, steps: Sequence[str]) -> str:
    """Join a paragraph and bare steps, each step on a line of its own behind its number."""
    lines = [f"{place}. {step}" for place, step in enumerate(steps, start=1)]
    return "\n".join([paragraph.strip(), *lines]).strip()

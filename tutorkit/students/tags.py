"""Tags in texts: ``[[skill:NAME]]`` is all that a simulated student reads of a lesson, and nobody else needs it.

Like the marks of planted qualities (``tasks.planted``) they are kept with a text in the store, and taken out of what
leaves it for readers of prose.
"""

from __future__ import annotations

import re

_CUE = re.compile(r"\[\[skill:([a-z0-9_]+)\]\]")
_TAG = re.compile(r"[^\S\n]*\[\[(?:skill|planted):[^\[\]\n]*\]\]")


def cues(text: str) -> list[str]:
    """Return the skills that a text cues, in its order, each as often as it does."""
    return _CUE.findall(text)


def without_tags(text: str) -> str:
    """Return a text as it reads without tags and marks, and without the blanks before each."""
    return _TAG.sub("", text)

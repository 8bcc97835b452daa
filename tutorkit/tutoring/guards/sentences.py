"""The sentences of a text, for guards that go by them."""

from __future__ import annotations

import re

_ABBREVIATED = re.compile(
    r"\b(?:e\.g|i\.e|etc|vs|cf|approx|no|nr|fig|mr|mrs|dr|z\.\s?b|d\.\s?h|bzw|usw|ca|evtl|u\.\s?a)\.(?=\s)",
    re.IGNORECASE,
)
_END = re.compile(r"(?<=[.!?…])[\"'”“’»)]*\s+(?=\S)|(?<=[:])\s*\n+|\n+")
_LISTED = re.compile(r"(?m)^\s*(?:[-*•]|\d{1,2}[.)])\s+")
_QUOTED = re.compile(r"[“„«\"][^“”„«»\"]{1,400}[”“»\"]")
_NOT = re.compile(
    r"\b(can|ca|is|are|was|were|do|does|did|has|have|had|wo|would|could|should|must|need|ai)n['’]t\b", re.I
)
_ABSURD = "\x00"


def sentences(text: str) -> list[str]:
    """Return the sentences of a text; an item of a list is one, a decimal point or ``e.g.`` ends none."""
    kept = _ABBREVIATED.sub(lambda match: match[0].replace(".", _ABSURD), _LISTED.sub("", text))
    kept = re.sub(r"(?<=\d)\.(?=\s+[a-zäöü])", _ABSURD, kept)
    parts = [part.replace(_ABSURD, ".").strip() for part in _END.split(kept)]
    return [part for part in parts if re.search(r"\w", part)]


def without_quotations(text: str, *quoted: str) -> str:
    """Take out of a text what it quotes: what stands between quotation marks, and these texts."""
    for each in quoted:
        if each.strip():
            text = text.replace(each.strip(), " X ")
    return _QUOTED.sub(" X ", text)


def spelled_out(text: str) -> str:
    """Write ``isn't`` as ``is not``, so that a negation is a word."""
    return _NOT.sub(
        lambda match: {"ca": "can", "wo": "will", "ai": "is"}.get(match[1].lower(), match[1]) + " not", text
    )

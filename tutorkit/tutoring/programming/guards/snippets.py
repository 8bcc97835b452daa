"""The code in a text: between fences, between backticks, or standing among the words."""

from __future__ import annotations

import ast
import re
import textwrap
import unicodedata
from dataclasses import dataclass

_FENCE = re.compile(r"(?:```|~~~)[^\n`]*\n?(.*?)(?:```|~~~|\Z)", re.DOTALL)
_INLINE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
_MARK = re.compile(r"^\s*(?:[-*•>+]\s+|\d+[.):]\s+|(?:line|zeile)\s+\d+\s*:\s*|[+-](?=\s*\w))", re.IGNORECASE)
_CODE_LINE = re.compile(
    r"^\s*(?:def\s+\w+\s*\(|for\s+\w+\s+in\s+.+:\s*$|while\s+.+:\s*$|(?:if|elif)\s+.+:\s*$|else\s*:\s*$"
    r"|return\b(?!s)\s*[\w(\[\"'-]|[\w.\[\]]+\s*(?:[-+*/%]|//|\*\*)?=(?!=)\s*\S|import\s+\w+|from\s+\w+\s+import)"
)
_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad]")
_QUOTES = str.maketrans({"“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "−": "-", "×": "*", "\u00a0": " "})


@dataclass(frozen=True, kw_only=True)
class Code:
    """The code in a text. ``words`` is the text without what stood between fences."""

    fenced: tuple[str, ...]
    inline: tuple[str, ...]
    loose: tuple[str, ...]
    words: str

    @property
    def all(self) -> tuple[str, ...]:
        """Every piece, and all of them after one another where there are several."""
        pieces = (*self.fenced, *self.inline, *self.loose)
        return (*pieces, "\n".join(pieces)) if len(pieces) > 1 else pieces


def code_in(text: str) -> Code:
    """Find the code in a text. Typographic quotes, minus signs and invisible characters do not hide any."""
    plain = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).translate(_QUOTES)
    fenced = tuple(piece for each in _FENCE.findall(plain) if (piece := _tidy(each)))
    words = _FENCE.sub("\n", plain)
    inline = tuple(each.strip() for each in _INLINE.findall(words) if each.strip())
    return Code(fenced=fenced, inline=inline, loose=_loose(words), words=words)


def parsed(piece: str) -> ast.Module | None:
    """Return the tree of a piece of code; of a head without its body, with a body put in; None when it is no Python."""
    for attempt in (piece, f"{piece.rstrip()}\n    pass", f"def _():\n{textwrap.indent(piece, '    ')}"):
        try:
            return ast.parse(textwrap.dedent(attempt))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
    return None


def _loose(words: str) -> tuple[str, ...]:
    """Return runs of lines that are code without any mark around them."""
    runs: list[list[str]] = [[]]
    for line in words.splitlines():
        bare = _MARK.sub("", line, count=1)
        if _CODE_LINE.match(bare) and parsed(bare.strip()) is not None:
            runs[-1].append(bare.rstrip())
        elif runs[-1]:
            runs.append([])
    return tuple(_tidy("\n".join(run)) for run in runs if run)


def _tidy(piece: str) -> str:
    return textwrap.dedent(piece).strip("\n").rstrip()

"""Take secrets out of a program before anybody else reads it. Lines stay where they are."""

from __future__ import annotations

import re

REDACTED = "‹redacted›"

_SHAPES = re.compile(
    r"sk-[A-Za-z0-9_-]{16,}"
    r"|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}"
    r"|AKIA[0-9A-Z]{16}"
    r"|xox[abprs]-[A-Za-z0-9-]{10,}"
    r"|AIza[0-9A-Za-z_-]{30,}"
    r"|eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{5,}"
    r"|(?<=://)[^\s/:@\"']+:[^\s/@\"']+(?=@)"
    r"|[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,}"
)
_NAMED = re.compile(
    r"(?i)(\b\w*(?:password|passwd|passwort|secret|api_?key|token|credential)\w*[\"']?\s*(?:=|:)\s*)"
    r"(\"[^\"\n]+\"|'[^'\n]+'|[^\s\"',;)}]{8,}(?=\s*(?:#|$|[,;)}])))",
    re.MULTILINE,
)
_KEY_LINE = re.compile(
    r"^(\s*[\"']*)(-----(?:BEGIN|END) [A-Z ]*PRIVATE KEY-----|[A-Za-z0-9+/]{60,}={0,2})", re.MULTILINE
)


def redacted(code: str) -> str:
    """Return a program without keys, tokens, passwords and e-mail addresses; each is replaced by ``REDACTED``.

    Keys are known by their shape, or by the name that they are given to. As many lines come out as went in.
    """
    by_name = _NAMED.sub(lambda found: f"{found[1]}{_quoted(found[2])}", code)
    return _KEY_LINE.sub(rf"\g<1>{REDACTED}", _SHAPES.sub(REDACTED, by_name))


def _quoted(value: str) -> str:
    # A call is how a program gets a secret, not the secret.
    if value[0] not in "\"'":
        return value if "(" in value or "[" in value else f'"{REDACTED}"'
    return f"{value[0]}{REDACTED}{value[0]}"

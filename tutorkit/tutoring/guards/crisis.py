"""What a learner writes that needs a person at once, and the fixed words that answer it. No model is asked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Literal, TypeAlias

import yaml

from tutorkit.tutoring.guards.lexicon import LEXICONS, folder_text
from tutorkit.tutoring.guards.plain import plain

CrisisKind: TypeAlias = Literal["self_harm", "abuse"]
CRISES: tuple[CrisisKind, ...] = ("self_harm", "abuse")


def crisis_in(text: str) -> CrisisKind | None:
    """Return of which kind of distress a learner writes, in English or German; None for everything else.

    It goes by a list of phrases in the first person, and misses what is not on it. It takes ``I want to kill myself if
    I see one more fraction`` for what it says, and ``this kills me`` for what it means.
    """
    read = re.sub(r"\s+", " ", plain(text))
    return next((kind for kind in CRISES if _pattern(kind).search(read)), None)


def crisis_reply(language: str) -> str:
    """Return the fixed words to a learner in distress, in English where there are none in the language."""
    return " ".join(str(_data()[language if language in LEXICONS else "en"]["reply"]).split())


@lru_cache(maxsize=len(CRISES))
def _pattern(kind: CrisisKind) -> re.Pattern[str]:
    found = [pattern for language in LEXICONS for pattern in _data()[language][kind]]
    return re.compile(rf"(?<!\w)(?:{'|'.join(found)})(?!\w)", re.IGNORECASE)


@lru_cache(maxsize=1)
def _data() -> Mapping[str, Any]:
    found: Mapping[str, Any] = yaml.safe_load(folder_text("crisis.yaml"))
    return found

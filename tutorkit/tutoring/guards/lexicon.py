"""The words that the guards look for: data, compiled at first use. All languages are always looked for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from types import MappingProxyType
from typing import Any

import yaml

LEXICONS = ("en", "de")
"""The languages that there are words of."""


def folder_text(name: str) -> str:
    """Return the text of a file of the tutor's data."""
    return resources.files("tutorkit.tutoring").joinpath("data", name).read_text(encoding="utf-8")


@lru_cache(maxsize=len(LEXICONS))
def lexicon(language: str) -> Mapping[str, Any]:
    """Return all that is known of a language."""
    return MappingProxyType(yaml.safe_load(folder_text(f"guards.{language}.yaml")))


@lru_cache(maxsize=64)
def words(name: str) -> re.Pattern[str]:
    """Return the pattern that finds the words of this name in any language."""
    return re.compile(_union(name), re.IGNORECASE)


@lru_cache(maxsize=64)
def words_at_end(name: str, *, after: str = "") -> re.Pattern[str]:
    """Return the pattern for these words at the end of a text, followed by nothing but ``after``."""
    return re.compile(rf"{_union(name)}{after}$", re.IGNORECASE)


@lru_cache(maxsize=64)
def words_at_start(name: str, *, before: str = "", whole: bool = False) -> re.Pattern[str]:
    """Return the pattern for these words at the beginning of a text, after nothing but ``before``.

    ``whole`` wants the last word whole: ``of the`` is not found in ``of them`` then.
    """
    end = r"(?!\w)" if whole else ""
    return re.compile(rf"^{before}{_union(name)}{end}", re.IGNORECASE)


def number_bases() -> Mapping[str, int]:
    """Return the names of number systems, with their bases."""
    return {name: base for language in LEXICONS for name, base in lexicon(language)["bases"].items()}


def _union(name: str) -> str:
    found = [pattern for language in LEXICONS for pattern in lexicon(language)[name]]
    return rf"(?<![\w])(?:{'|'.join(found)})" if found else r"(?!)"

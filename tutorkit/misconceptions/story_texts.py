"""Word problems by their text: the wordings that there are, found by telling some problems of each kind."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from random import Random

from tutorkit.misconceptions.domains import DOMAINS
from tutorkit.misconceptions.items import Item
from tutorkit.types import Record

_WORDED = "wp"
_DRAWS = 300
_LEAST_TELLING = 3
"""Smaller numbers could be taken for the choice of a setting, or for yes or no."""


def read_story(text: str) -> Item | None:
    """Return the word problem that has this text; None when no kind of them is worded so."""
    for example, places in _wordings().get(_wording(text), ()):
        numbers = [int(number) for number in re.findall(r"\d+", text)]
        item = {**example.model_dump(), **{name: numbers[place] for name, place in places.items()}}
        try:
            told = type(example).model_validate(item)
        except ValueError:
            continue
        if _plain(getattr(told, "text", "")) == _plain(text):
            return dict(told.model_dump())
    return None


@lru_cache(maxsize=1)
def _wordings() -> Mapping[str, list[tuple[Record, dict[str, int]]]]:
    """Return for each wording the problems that are told so, with the place in the text of each of its numbers."""
    rng = Random(0)  # noqa: S311 - a sample, not a secret
    found: dict[str, list[tuple[Record, dict[str, int]]]] = {}
    for kind in (kind for domain in DOMAINS if domain.id == _WORDED for kind in domain.kinds):
        for _ in range(_DRAWS):
            record = kind.draw(rng)
            shown = [int(number) for number in re.findall(r"\d+", record.text)]
            if min(shown) < _LEAST_TELLING:
                continue
            values = {name: value for name, value in record.model_dump().items() if shown.count(value) == 1}
            wording = _wording(record.text)
            known = [type(example) for example, _ in found.get(wording, ())]
            if len(set(values.values())) == len(shown) and type(record) not in known:
                places = {name: shown.index(value) for name, value in values.items()}
                found.setdefault(wording, []).append((record, places))
    return found


def _wording(text: str) -> str:
    return re.sub(r"\d+", "#", _plain(text))


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip(" .?").lower()

"""What a replay says when no reply is recorded: the nearest recorded request, and where it first differs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile

from pydantic import JsonValue

from tutorkit.canonical import canonical_json
from tutorkit.errors import ModelError, Refused, ReplayMiss
from tutorkit.models.cache import ReplyCache

NOBODY = ""
"""Refusals that came with a recording belong to no run: nobody here paid for them."""

_CANDIDATES = 2000
_EXCERPT = 40
_ABSENT = "nothing"


@dataclass(frozen=True, kw_only=True)
class Difference:
    """The first place where two values differ, with what stands there in each."""

    path: str
    recorded: str
    asked: str


def replay_miss(cache: ReplyCache, *, key: str, model: str, sample: int, body: Mapping[str, JsonValue]) -> ModelError:
    """Say what comes of a call to which no reply is recorded.

    A call that the provider declined without any reply is declined again. Any other one was never recorded, and is
    described by the recorded request of the same model that is nearest to it.
    """
    if refusals := cache.failed_tries(run_id=NOBODY, key=key):
        return Refused(refusals[-1].error, data={"model": model, "tries": refusals})
    candidates = cache.of_model(model, limit=_CANDIDATES)
    if not candidates:
        known = ", ".join(f"{name} ({count})" for name, count in cache.models().items()) or "nothing at all"
        return ReplayMiss(
            f"No call to {model} is recorded. Recorded is: {known}.",
            data={"key": key, "model": model},
        )
    readable = [entry for entry in candidates if entry.body]
    if not readable:
        return ReplayMiss(
            f"This call to {model} was never recorded. Which request is nearest cannot be said: they were recorded"
            " without their text.",
            data={"key": key, "model": model},
        )
    asked = _leaves_of(body, sample)
    nearest = max(readable, key=lambda entry: _likeness(_leaves_of(entry.body, entry.sample), asked))
    difference = first_difference(_leaves_of(nearest.body, nearest.sample), asked)
    return ReplayMiss(
        f"This call to {model} was never recorded. The nearest recorded request differs first at {difference.path}:"
        f" recorded {difference.recorded}, asked now {difference.asked}.",
        data={
            "key": key,
            "model": model,
            "nearest_key": nearest.key,
            "path": difference.path,
            "recorded": difference.recorded,
            "asked": difference.asked,
        },
    )


def first_difference(recorded: Mapping[str, str], asked: Mapping[str, str]) -> Difference:
    """Return the first leaf, in the order of the paths asked for, that two flattened values do not share."""
    paths = [*asked, *(path for path in recorded if path not in asked)]
    path = next((path for path in paths if recorded.get(path) != asked.get(path)), "the address")
    left, right = recorded.get(path, _ABSENT), asked.get(path, _ABSENT)
    start = max(0, _shared_prefix(left, right) - _EXCERPT // 2)
    return Difference(path=path, recorded=_excerpt(left, start), asked=_excerpt(right, start))


def _leaves_of(body: Mapping[str, JsonValue], sample: int) -> dict[str, str]:
    return {**leaves(body), "sample": str(sample)}


def leaves(value: object) -> dict[str, str]:
    """Flatten a JSON value: each of its leaves as canonical JSON, by its path."""
    return dict(_leaves(value, ""))


def _leaves(value: object, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping) and value:
        for name, inner in value.items():
            yield from _leaves(inner, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list | tuple) and value:
        for position, inner in enumerate(value):
            yield from _leaves(inner, f"{path}[{position}]")
    else:
        yield path, canonical_json(value)


def _likeness(recorded: Mapping[str, str], asked: Mapping[str, str]) -> tuple[int, int]:
    """Count the shared leaves; where that ties, how much of the first unlike text is alike at its two ends."""
    shared = sum(asked.get(path) == text for path, text in recorded.items())
    unlike = next((path for path, text in asked.items() if recorded.get(path) != text), None)
    if unlike is None:
        return shared, 0
    left, right = recorded.get(unlike, ""), asked[unlike]
    return shared, _shared_prefix(left, right) + _shared_prefix(left[::-1], right[::-1])


def _shared_prefix(left: str, right: str) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(left, right, strict=False)))


def _excerpt(text: str, start: int) -> str:
    cut = text[start : start + _EXCERPT]
    return f"{'…' if start else ''}{cut}{'…' if start + _EXCERPT < len(text) else ''}"

"""The names of simulated learners: ``learner/sub.smaller_from_larger:0.8+add.drops_carry?persona=anxious&seed=3``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from tutorkit.errors import BadSetting, UnknownName
from tutorkit.misconceptions import SKILLS, malrule
from tutorkit.students.personas import persona_named
from tutorkit.students.retention import Hold

PREFIX = "learner/"
NONE = "none"
_WORDS = "words="
USUAL_STRENGTH = 0.9
"""How firmly a misconception is held whose strength is not named: the application rate that diagnosis assumes."""


def is_learner(ref: str) -> bool:
    """Tell whether a reference is a simulated learner's."""
    return ref.startswith(PREFIX)


def with_words(ref: str, model: str) -> str:
    """Return the name of a learner whose words are a model's: ``learner/…?words=provider/model`` at the end."""
    return f"{ref}{'&' if '?' in ref else '?'}{_WORDS}{model}"


def without_words(ref: str) -> tuple[str, str | None]:
    """Split a name into the simulated learner's own and the model that words it; None where the templates do."""
    for mark in "?&":
        own, found, model = ref.partition(f"{mark}{_WORDS}")
        if found:
            return own, model
    return ref, None


def written_ref(bugs: Mapping[str, Hold], options: Mapping[str, str]) -> str:
    """Write the name of a learner with these misconceptions, and these options that are not as usual."""
    names = "+".join(_bug_text(bug, hold) for bug, hold in bugs.items()) or NONE
    query = "&".join(f"{name}={value}" for name, value in options.items())
    return PREFIX + names + (f"?{query}" if query else "")


def read_ref(ref: str) -> tuple[dict[str, Hold], dict[str, Any]]:
    """Read a learner's name: its misconceptions and its options, by the names of the fields that they fill.

    Raises:
        UnknownName: for a misconception, persona, skill or option that there is not.
        BadSetting: for a value that does not fit.
    """
    names, _, query = ref.removeprefix(PREFIX).partition("?")
    bugs = {} if names == NONE else dict(_bug(text) for text in names.split("+"))
    return bugs, dict(_option(text) for text in query.split("&")) if query else {}


def _bug_text(bug: str, hold: Hold) -> str:
    return f"{bug}:{hold.strength:g}" + ("" if hold.peak == hold.strength else f"^{hold.peak:g}")


def _bug(text: str) -> tuple[str, Hold]:
    bug, colon, held = text.partition(":")
    now, hat, highest = held.partition("^")
    strength = _share("strength", now) if colon else USUAL_STRENGTH
    peak = _share("strength", highest) if hat else strength
    if peak < strength:
        raise BadSetting(
            f"{bug} was never held more firmly than {peak:g} and is held with {strength:g}.",
            remedy="Write its strength, then ^ and the highest that it ever was.",
            data={"misconception": bug},
        )
    return malrule(bug).id, Hold(strength, peak)


def _share(name: str, text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number <= 1:
        raise _unfit(name, text, "Give a number from 0 to 1.")
    return number


def _count(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) < 2**63):
        raise _unfit(name, text, "Give a whole number from 0 on.")
    return int(text)


def _skills(_name: str, text: str) -> tuple[str, ...]:
    for skill in text.split("+"):
        if skill not in SKILLS:
            raise UnknownName("skill", skill, tuple(SKILLS))
    return tuple(text.split("+"))


_OPTIONS: Mapping[str, Callable[[str, str], object]] = MappingProxyType(
    {
        "persona": lambda _name, text: persona_named(text),
        "compliance": _share,
        "slip": _share,
        "guess": _share,
        "lacks": _skills,
        "seed": _count,
        "day": _count,
    }
)


def _option(text: str) -> tuple[str, object]:
    name, _, value = text.partition("=")
    if name not in _OPTIONS:
        raise UnknownName("option of a simulated learner", name, tuple(_OPTIONS))
    return name, _OPTIONS[name](name, value)


def _unfit(name: str, text: str, remedy: str) -> BadSetting:
    return BadSetting(
        f"The {name} of a simulated learner cannot be {text!r}.", remedy=remedy, data={"option": name, "value": text}
    )

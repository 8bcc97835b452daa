"""What a method needs of a student, and what a student can do."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pydantic import JsonValue

from tutorkit.errors import BadSetting
from tutorkit.methods.vocabulary import Need
from tutorkit.ports import ContinuingStudent, Student, Talker, TrainableStudent, WritingStudent

_ABILITIES: Mapping[Need, tuple[type[Student | Talker], str]] = MappingProxyType(
    {
        "go_on": (ContinuingStudent, "go on from the first steps of a solution"),
        "write": (WritingStudent, "write other things than answers"),
        "train": (TrainableStudent, "be trained"),
        "say": (Talker, "be sent another project's prompts"),
    }
)

_SIMULATED_CAN = "simulated ones can do all that does not take a model; models behind an API cannot be trained"
_WHO_CAN: Mapping[Need, str] = MappingProxyType(
    {"go_on": _SIMULATED_CAN, "write": _SIMULATED_CAN, "train": _SIMULATED_CAN, "say": "only language models can"}
)


def missing(student: Student, needs: frozenset[Need]) -> tuple[Need, ...]:
    """Return what is needed and this student cannot do, in alphabetical order."""
    return tuple(sorted(need for need in needs if not isinstance(student, _ABILITIES[need][0])))


def lacks(ref: str, need: Need, *, instead: Mapping[str, JsonValue] = MappingProxyType({})) -> BadSetting:
    """Return the error that says of a student what it cannot do; ``instead`` are parameters that do without."""
    chosen = " and ".join(f"{name}={value}" for name, value in instead.items())
    variant = f"give the method the parameter {chosen}" if chosen else "take a variant of the method that does without"
    return BadSetting(
        f"The student {ref} cannot {_ABILITIES[need][1]}, which this method needs.",
        remedy=f"Take another student ({_WHO_CAN[need]}), or {variant}: see `tutorkit methods NAME`.",
        data={"student": ref, "need": need},
    )

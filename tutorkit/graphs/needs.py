"""What a method needs of a student, and what a student can do."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from tutorkit.errors import BadSetting
from tutorkit.methods.vocabulary import Need
from tutorkit.ports import ContinuingStudent, Student, TrainableStudent, WritingStudent

_ABILITIES: Mapping[Need, tuple[type[Student], str]] = MappingProxyType(
    {
        "go_on": (ContinuingStudent, "go on from the first steps of a solution"),
        "write": (WritingStudent, "write other things than answers"),
        "train": (TrainableStudent, "be trained"),
    }
)


def missing(student: Student, needs: frozenset[Need]) -> tuple[Need, ...]:
    """Return what is needed and this student cannot do, in alphabetical order."""
    return tuple(sorted(need for need in needs if not isinstance(student, _ABILITIES[need][0])))


def lacks(ref: str, need: Need) -> BadSetting:
    """Return the error that says of a student what it cannot do."""
    return BadSetting(
        f"The student {ref} cannot {_ABILITIES[need][1]}, which this method needs.",
        remedy="Take another student (simulated ones can do all; models behind an API cannot be trained), or a variant"
        " of the method that does without: see `tutorkit methods NAME`.",
        data={"student": ref, "need": need},
    )

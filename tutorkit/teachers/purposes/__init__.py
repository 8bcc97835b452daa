"""What the rule-based teacher can be asked for, by purpose: one module for each family of methods.

To teach it another purpose, write a module with ``PURPOSES`` and name it here. A purpose's name is the last part of its
prompt's id; methods that ask for the same thing in the same form share it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from tutorkit.teachers.purposes import (
    annotate,
    arte,
    dataenvgym,
    diagnosis,
    exercises,
    kid,
    lbt,
    peoa,
    preferences,
    rationales,
    steps,
    strategies,
    tom,
    tpd,
)
from tutorkit.teachers.purposes.base import Purpose

PURPOSES: Mapping[str, Purpose] = MappingProxyType(
    {
        **tpd.PURPOSES,
        **strategies.PURPOSES,
        **rationales.PURPOSES,
        **exercises.PURPOSES,
        **dataenvgym.PURPOSES,
        **diagnosis.PURPOSES,
        **tom.PURPOSES,
        **lbt.PURPOSES,
        **steps.PURPOSES,
        **kid.PURPOSES,
        **arte.PURPOSES,
        **peoa.PURPOSES,
        **annotate.PURPOSES,
        **preferences.PURPOSES,
    }
)

__all__ = ["PURPOSES", "Purpose"]

"""What the controls share that ask another teacher."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tutorkit.ports import Teacher


@dataclass(frozen=True, kw_only=True)
class Wrapping:
    """Stands before another teacher and passes for the same kind of mind."""

    ref: str
    base: Teacher

    @property
    def diagnoses_as(self) -> Literal["rule", "llm", "human"]:
        """What kind of mind the wrapped teacher is."""
        return self.base.diagnoses_as

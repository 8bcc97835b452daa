"""Students' answers as tensors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch

from tutorkit.knowledge.interactions import Interaction


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Some students' answers side by side, each padded at the end.

    ``asked`` has a one for each skill of a question (students x places x skills), ``right`` the answers as 0 and 1, and
    ``there`` tells where there is an answer (students x places).
    """

    asked: torch.Tensor
    right: torch.Tensor
    there: torch.Tensor

    @property
    def told(self) -> torch.Tensor:
        """What each answer tells (students x places x 2 · skills): its skills, in the first half if right."""
        right = self.right.unsqueeze(2)
        return torch.cat([self.asked * right, self.asked * (1 - right)], dim=2)


def numbered(interactions: Sequence[Interaction]) -> dict[str, int]:
    """Number the skills from 1, in order of first appearance; 0 is for a skill that is not among them."""
    names = dict.fromkeys(skill for row in interactions for skill in row.skills)
    return {name: place for place, name in enumerate(names, start=1)}


def batch_of(students: Sequence[Sequence[Interaction]], numbers: Mapping[str, int]) -> Batch:
    """Lay students' answers side by side; an answer with much help stands as a wrong one."""
    shape = (len(students), max(len(rows) for rows in students))
    asked = torch.zeros(*shape, len(numbers) + 1)
    right, there = torch.zeros(shape), torch.zeros(shape, dtype=torch.bool)
    for student, rows in enumerate(students):
        for place, row in enumerate(rows):
            for skill in row.skills:
                asked[student, place, numbers.get(skill, 0)] = 1.0
            right[student, place] = float(row.correct and not row.assisted)
            there[student, place] = True
    return Batch(asked=asked, right=right, there=there)


def windows(rows: Sequence[Interaction], longest: int) -> list[Sequence[Interaction]]:
    """Cut a student's answers into pieces of at most this length; in training each stands for itself."""
    return [rows[first : first + longest] for first in range(0, len(rows), longest)]

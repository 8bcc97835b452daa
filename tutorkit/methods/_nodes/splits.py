"""Splits: the problems of one, where a method can do nothing without them."""

from __future__ import annotations

from tutorkit.errors import BadSetting
from tutorkit.methods.vocabulary import Deps
from tutorkit.types import Problem, Split


def needed_problems(deps: Deps, split: Split, *, to: str) -> tuple[Problem, ...]:
    """Return the problems of a split.

    Args:
        deps: the run's participants.
        split: which split.
        to: what they are needed for: "write exercises after".

    Raises:
        BadSetting: when there are none.
    """
    problems = deps.problems(split)
    if not problems:
        raise BadSetting(
            f"There are no {split} problems to {to}.",
            remedy=f"Give a size for them, for example --{split} 60.",
            data={"split": split},
        )
    return problems

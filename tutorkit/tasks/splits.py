"""Who stands on which side: splits by the hash of the leak family, and drawing from them.

A problem's split depends on its ``group`` and on nothing else: not on the order of the rows, not on what other rows
there are, not on a seed. So no run can train on what another run tests.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from tutorkit.canonical import digest
from tutorkit.errors import BadSetting, EmptyData
from tutorkit.tasks.task import SPLITS
from tutorkit.types import Problem, Split

DEFAULT_SIZES: Mapping[Split, int] = {"train": 0, "probe": 0, "val": 60, "test": 200}
"""What is drawn when nothing is asked for: as much as there is, up to this."""

ALL_SHARES: Mapping[Split, float] = {"test": 0.5, "val": 0.3, "train": 0.1, "probe": 0.1}
"""Shares of the hash space for a set without an official division."""

LEARNING_SHARES: Mapping[Split, float] = {"val": 0.3, "train": 0.6, "probe": 0.1}
"""Shares for the training side of a set whose test side is official."""


def normalised(text: str) -> str:
    """Fold a text to lower-case letters and digits with single spaces: what two wordings of one text have in common."""
    return re.sub(r"[^a-z0-9]+", " ", unicodedata.normalize("NFKC", text).lower()).strip()


def split_of(group: str, shares: Mapping[Split, float] = ALL_SHARES) -> Split:
    """Return the split of a leak family: where the SHA-256 of its name falls among the shares, which sum to 1."""
    split: Split = "test"
    place = int(hashlib.sha256(group.encode()).hexdigest(), 16) / 2**256
    edge = 0.0
    for split, share in shares.items():
        edge += share
        if place < edge:
            return split
    return split


def draw(
    problems: Iterable[Problem], sizes: Mapping[Split, int] | None, *, seed: int, task: str
) -> tuple[Problem, ...]:
    """Draw so many problems of each split, in an order fixed by ``seed`` and the problems' ids.

    Args:
        problems: with their splits assigned.
        sizes: how many of each split; without it, ``DEFAULT_SIZES`` or as many as there are.
        seed: which of them are drawn.
        task: its name, for the error.

    Raises:
        BadSetting: when more is asked for than there is.
        EmptyData: when there is nothing to draw from.
    """
    pool: dict[Split, list[Problem]] = {split: [] for split in SPLITS}
    for problem in problems:
        pool[problem.split].append(problem)
    if not any(pool.values()):
        raise EmptyData(f"{task} holds no problem.", data={"task": task})
    drawn: list[Problem] = []
    for split in SPLITS:
        wanted = (DEFAULT_SIZES if sizes is None else sizes).get(split, 0)
        if sizes is not None:
            check_size(task, split, wanted=wanted, there=len(pool[split]))
        drawn += sorted(pool[split], key=lambda problem: digest([seed, problem.id]))[:wanted]
    return tuple(drawn)


def check_size(task: str, split: Split, *, wanted: int, there: int) -> None:
    """Refuse a split that cannot have the size asked for.

    Raises:
        BadSetting: for a negative size, or one above what there is.
    """
    if wanted < 0:
        raise BadSetting(f"The {split} split cannot have {wanted} problems.", data={"split": split, "wanted": wanted})
    if wanted > there:
        raise BadSetting(
            f"{task} has {there} {split} problems and {wanted} were asked for.",
            remedy=f"Ask for at most {there}, or leave the sizes out and take what there is.",
            data={"task": task, "split": split, "wanted": wanted, "there": there},
        )


def capped_notes(problems: Sequence[Problem], sizes: Mapping[Split, int] | None) -> tuple[str, ...]:
    """Say which splits stayed below the size that was hoped for."""
    counts = Counter(problem.split for problem in problems)
    hoped = DEFAULT_SIZES if sizes is None else sizes
    return tuple(
        f"{split}: {counts[split]} problems, which is all there are (of {hoped[split]} wished for)."
        for split in SPLITS
        if counts[split] < hoped.get(split, 0)
    )


def drop_leaks(problems: Sequence[Problem]) -> tuple[list[Problem], int]:
    """Leave out of every other split what shares a leak family with a test problem; return how many were left out."""
    tested = {problem.group for problem in problems if problem.split == "test"}
    kept = [problem for problem in problems if problem.split == "test" or problem.group not in tested]
    return kept, len(problems) - len(kept)

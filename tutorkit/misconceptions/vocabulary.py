"""What a domain of misconceptions is made of: kinds of items, skills, wrong procedures. One module is one domain."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any, Generic, TypeVar

from tutorkit.misconceptions.work import Work
from tutorkit.types import Record

ItemT = TypeVar("ItemT", bound=Record)


@dataclass(frozen=True)
class Skill:
    """A piece of knowledge that a pupil has or lacks.

    ``principle`` says what to do, in the imperative, for every item: it holds no digit and no item's numbers.
    """

    id: str
    title: str
    principle: str


@dataclass(frozen=True)
class Kind(Generic[ItemT]):
    """One kind of item: its record, the correct procedure, and how a random one is drawn.

    ``draw`` gives the items that a worksheet would have. Those on which a given rule shows are found by drawing again,
    so for every rule a fair share of the draws must be of that sort.
    """

    record: type[ItemT]
    solve: Callable[[ItemT], Work]
    draw: Callable[[Random], ItemT]


@dataclass(frozen=True, kw_only=True)
class Rule(Generic[ItemT]):
    """One wrong procedure for one kind of item, as its domain's module writes it down.

    ``skill`` is what a pupil lacks who follows it; ``impasse`` is when it shows. ``prior`` is its rank or share among
    pupils, in (0, 1). ``procedure`` returns None where it has nothing to say about an item.
    """

    name: str
    kind: type[ItemT]
    procedure: Callable[[ItemT], Work | None] = field(repr=False)
    skill: str
    title: str
    impasse: str
    prior: float

    def act(self, part: Record) -> Work | None:
        """Work a part out by this rule; None when it is of another kind, or the rule has nothing to say about it."""
        return self.procedure(part) if isinstance(part, self.kind) else None


@dataclass(frozen=True, kw_only=True)
class Domain:
    """A domain: ``id`` is the ``domain`` of its items, and what the ids of its rules begin with."""

    id: str
    title: str
    kinds: tuple[Kind[Any], ...]
    skills: tuple[Skill, ...]
    rules: tuple[Rule[Any], ...]

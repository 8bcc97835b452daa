"""What the teaching of a run may take of each role: the equal budget at which methods are compared.

Unlike the budget of an experiment it is no stop. Where it is used up, what would pass it is set aside like an item that
failed, the method goes on with what it has, and the student is measured. Measuring the student takes nothing of it, as
in the papers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from pydantic import BaseModel, ConfigDict, Field

from tutorkit.errors import AllowanceSpent, UnknownPrice
from tutorkit.types import Call, Role

TEST_PHASES = "test"
"""Phases that begin so measure the student."""


class Share(BaseModel):
    """What one role may take; None is without limit. ``usd`` counts replies from the cache at their price, too."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    calls: int | None = Field(default=None, ge=0)
    tokens: int | None = Field(default=None, ge=0)
    usd: float | None = Field(default=None, ge=0)


@dataclass
class _Spent:
    calls: int = 0
    tokens: int = 0
    usd: float = 0.0
    under_way: int = 0


@dataclass
class Meter:
    """Counts what each role took, and says when its share is used up.

    Calls are kept exactly. Tokens and money are known after a call only, so they are passed by at most the calls that
    are under way. A judge counts as a teacher: both are the strong side.

    Args:
        shares: by role; a role that is not there is without limit.
        price: what a call costs by the price table, whether or not it came from the cache; None when unknown.
    """

    shares: Mapping[Role, Share]
    price: Callable[[Call], float | None]
    _spent: dict[Role, _Spent] = field(default_factory=dict)

    def admit(self, role: Role) -> None:
        """Let one request pass, and count it as under way until ``leave``.

        Raises:
            AllowanceSpent: when the role's share is used up.
        """
        share, spent = self._of(role)
        if share.calls is not None and spent.calls + spent.under_way >= share.calls:
            raise _used_up(role, f"{share.calls} calls")
        if share.tokens is not None and spent.tokens >= share.tokens:
            raise _used_up(role, f"{share.tokens} tokens")
        if share.usd is not None and spent.usd >= share.usd:
            raise _used_up(role, f"${share.usd:g}")
        spent.under_way += 1

    def leave(self, role: Role) -> None:
        """Hear that an admitted request has ended, however it ended."""
        self._of(role)[1].under_way -= 1

    def add(self, calls: Iterable[Call]) -> None:
        """Count calls that were made: of this process, and of earlier ones when a run is resumed.

        Raises:
            UnknownPrice: when money is limited and a call's price is not known.
        """
        for call in calls:
            share, spent = self._of(call.role)
            spent.calls += 1
            spent.tokens += (call.tokens_in or 0) + (call.tokens_out or 0)
            if share.usd is not None:
                usd = self.price(call)
                if usd is None:
                    raise UnknownPrice(call.model)
                spent.usd += usd

    def _of(self, role: Role) -> tuple[Share, _Spent]:
        side: Role = "student" if role == "student" else "teacher"
        return self.shares.get(side, Share()), self._spent.setdefault(side, _Spent())


def unlimited() -> Meter:
    """Return a meter that lets everything pass."""
    return Meter(shares={}, price=lambda call: call.cost_usd)


def _used_up(role: Role, share: str) -> AllowanceSpent:
    return AllowanceSpent(f"The share of the {role} is used up: {share}.", data={"role": role, "share": share})

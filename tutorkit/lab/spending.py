"""What calls took: added up as they are made, or by role when all is done."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from tutorkit.lab.report import Spending
from tutorkit.types import Call, Role

_ROLES: tuple[Role, ...] = ("teacher", "student", "judge")


@dataclass
class Tally:
    """Adds calls up, each id once. Calls from the cache are counted apart and take nothing.

    ``usd`` is what the calls of known price cost, ``unpriced`` counts the others; ``tokens_in`` and ``tokens_out`` are
    those that are known, ``unmeasured`` counts the calls of which some are not. ``failed`` counts every call that did
    not end well, also from the cache.
    """

    calls: int = 0
    cache_hits: int = 0
    failed: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    unmeasured: int = 0
    usd: float = 0.0
    unpriced: int = 0
    _seen: set[str] = field(default_factory=set)

    def add(self, call: Call) -> None:
        """Add one call."""
        if call.id in self._seen:
            return
        self._seen.add(call.id)
        self.failed += call.outcome != "ok"
        if call.cache_hit:
            self.cache_hits += 1
            return
        self.calls += 1
        self.tokens_in += call.tokens_in or 0
        self.tokens_out += call.tokens_out or 0
        self.unmeasured += call.tokens_in is None or call.tokens_out is None
        self.usd += call.cost_usd or 0.0
        self.unpriced += call.cost_usd is None


def spending_by_role(calls: Iterable[Call]) -> tuple[Spending, ...]:
    """Add up what each role took; a role that made no call is left out."""
    tallies = {role: Tally() for role in _ROLES}
    for call in calls:
        tallies[call.role].add(call)
    return tuple(_line(role, tally) for role, tally in tallies.items() if tally.calls or tally.cache_hits)


def _line(role: Role, tally: Tally) -> Spending:
    return Spending(
        role=role,
        calls=tally.calls,
        cache_hits=tally.cache_hits,
        failed=tally.failed,
        tokens_in=tally.tokens_in,
        tokens_out=tally.tokens_out,
        usd=None if tally.unpriced else tally.usd,
    )

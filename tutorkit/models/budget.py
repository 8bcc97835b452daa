"""One ledger for every call of a run, with hard limits."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, fields

from tutorkit.errors import BudgetExhausted, UnknownPrice
from tutorkit.models.prices import Price, Prices
from tutorkit.ports import Reserve

_USUAL_IN, _USUAL_OUT = 750, 250
"""Tokens of a call of which nothing else is known."""


@dataclass(frozen=True, kw_only=True)
class Spent:
    """What a run has used up: tries that reached a provider, tokens in and out, US dollars.

    ``unpriced`` and ``unmeasured`` count the tries whose cost, or tokens, nobody knows; they are not in the sums.
    ``free`` and ``empty`` count those that surely cost nothing, or took no tokens: a rule's reply, a refused request.
    """

    calls: int = 0
    tokens: int = 0
    usd: float = 0.0
    unpriced: int = 0
    unmeasured: int = 0
    free: int = 0
    empty: int = 0

    def __add__(self, other: Spent) -> Spent:
        return Spent(**{each.name: getattr(self, each.name) + getattr(other, each.name) for each in fields(self)})

    def plus(self, *, cost_usd: float | None, tokens: int | None) -> Spent:
        """Return the sum with one more call."""
        return Spent(
            calls=self.calls + 1,
            tokens=self.tokens + (tokens or 0),
            usd=self.usd + (cost_usd or 0.0),
            unpriced=self.unpriced + (cost_usd is None),
            unmeasured=self.unmeasured + (tokens is None),
            free=self.free + (cost_usd == 0),
            empty=self.empty + (tokens == 0),
        )


class RunBudget:
    """A ledger that stops before a limit is passed; safe to share between threads and tasks.

    Calls are counted when they start, so ``max_calls`` is never passed, however many are under way. What a call costs
    is known when it ends: until then it counts as the mean of the known ones that took anything, and so does an ended
    one of unknown cost; where none is known, that counts as a usual one. So the limits in money and tokens can be
    passed by calls that started before any had ended, and by no more. A call of a batch starts together with all
    others: for it the most that it may take is reserved until it has ended.

    Args:
        max_calls: the most calls, those in ``spent`` included.
        max_usd: the most US dollars.
        max_tokens: the most tokens, in and out together.
        spent: what earlier executions of this run used up.
        price_of: how a model's price is found, for ``max_usd``.
    """

    def __init__(
        self,
        *,
        max_calls: int | None = None,
        max_usd: float | None = None,
        max_tokens: int | None = None,
        spent: Spent | None = None,
        price_of: Callable[[str], Price | None] | None = None,
    ) -> None:
        self._max_calls = max_calls
        self._max_usd = max_usd
        self._max_tokens = max_tokens
        self._spent = spent or Spent()
        self._price_of = price_of or Prices().of
        self._under_way = 0
        self._reserved = 0
        self._reserved_tokens = 0
        self._reserved_usd = 0.0
        self._lock = threading.Lock()

    @property
    def spent(self) -> Spent:
        """What is used up by the calls that have ended."""
        with self._lock:
            return self._spent

    def admit(self, *, model: str, reserve: Reserve | None = None) -> None:
        """Let one call pass, and count it as under way: with what is reserved for it, or else as one of mean size.

        Raises:
            BudgetExhausted: when it would pass a limit; nothing is counted then.
            UnknownPrice: when money is limited and the model's price is unknown.
        """
        with self._lock:
            self._check_calls()
            self._check_tokens(reserve)
            self._check_money(model, reserve)
            self._count(reserve, 1)

    def commit(
        self, *, cost_usd: float | None, tokens: int | None, cache_hit: bool, reserve: Reserve | None = None
    ) -> None:
        """Close an admitted call with what it took; a cache hit gives its place back and counts nothing.

        ``reserve`` is what the call was admitted with.
        """
        with self._lock:
            self._count(reserve, -1)
            if not cache_hit:
                self._spent = self._spent.plus(cost_usd=cost_usd, tokens=tokens)

    def _count(self, reserve: Reserve | None, change: int) -> None:
        self._under_way += change
        if reserve is not None:
            self._reserved += change
            self._reserved_tokens += change * reserve.tokens
            self._reserved_usd += change * (reserve.usd or 0.0)

    def _check_calls(self) -> None:
        if self._max_calls is not None and self._spent.calls + self._under_way >= self._max_calls:
            raise self._exhausted("max_calls", self._max_calls, f"{self._max_calls} calls")

    def _check_tokens(self, reserve: Reserve | None) -> None:
        if self._max_tokens is None:
            return
        spent = self._spent
        taken = spent.tokens + self._reserved_tokens
        measured = spent.calls - spent.unmeasured - spent.empty
        mean = _mean(spent.tokens, measured, unknown=spent.unmeasured, usual=_USUAL_IN + _USUAL_OUT)
        if self._would_pass(
            self._max_tokens, taken, mean, spent.unmeasured, None if reserve is None else reserve.tokens
        ):
            raise self._exhausted("max_tokens", self._max_tokens, f"{self._max_tokens} tokens")

    def _check_money(self, model: str, reserve: Reserve | None) -> None:
        if self._max_usd is None:
            return
        price = self._price_of(model)
        if price is None:
            raise UnknownPrice(model)
        if price.free:
            return
        spent = self._spent
        taken = spent.usd + self._reserved_usd
        usual = (_USUAL_IN * price.usd_per_million_in + _USUAL_OUT * price.usd_per_million_out) / 1_000_000
        mean = _mean(spent.usd, spent.calls - spent.unpriced - spent.free, unknown=spent.unpriced, usual=usual)
        if self._would_pass(self._max_usd, taken, mean, spent.unpriced, None if reserve is None else reserve.usd):
            raise self._exhausted("max_usd", self._max_usd, f"${self._max_usd:g}")

    def _would_pass(self, limit: float, taken: float, mean: float, unknown: int, reserve: float | None) -> bool:
        """Tell whether one more call would pass the limit; of whatever size is unknown, the mean is taken."""
        usual = unknown + self._under_way - self._reserved
        return taken >= limit or taken + usual * mean + (mean if reserve is None else reserve) > limit

    def _exhausted(self, limit: str, allowed: float, words: str) -> BudgetExhausted:
        spent = self._spent
        return BudgetExhausted(
            f"The next call would pass the limit of {words}: {spent.calls} calls, {spent.tokens} tokens and"
            f" ${spent.usd:.4f} are spent, and {self._under_way} calls are under way.",
            data={"limit": limit, "allowed": allowed, "spent": spent, "under_way": self._under_way},
        )


def _mean(known: float, measured: int, *, unknown: int, usual: float) -> float:
    """Return the mean of the known calls; of none, what is usual, but only once it is seen that nobody tells."""
    if measured > 0:
        return known / measured
    return usual if unknown else 0.0

"""The gateway and the ledger of a run, as its settings and limits have them."""

from __future__ import annotations

from collections.abc import Iterable

from tutorkit.lab.participants import is_offline
from tutorkit.lab.plan import Limits
from tutorkit.models import Gateway, Price, Prices, RunBudget, Spent, spent_by
from tutorkit.settings import Settings
from tutorkit.store import Store, calls
from tutorkit.store import spent as spent_in_store

FREE = Price(0.0, 0.0)


def budget_for(run_ids: Iterable[str], limits: Limits, *, settings: Settings, store: Store) -> RunBudget:
    """Open the ledger of an experiment: what its runs have spent so far is on it already."""
    prices = prices_for(settings)
    return RunBudget(
        max_calls=limits.max_calls,
        max_usd=limits.max_usd,
        max_tokens=limits.max_tokens,
        spent=_spent_so_far(run_ids, settings=settings, store=store),
        price_of=lambda model: FREE if is_offline(model) else prices.of(model),
    )


def gateway_for(run_id: str, budget: RunBudget, *, settings: Settings, store: Store) -> Gateway:
    """Open the gateway for one run."""
    settings.home.mkdir(parents=True, exist_ok=True)
    return Gateway(
        cache=settings.cache_path,
        mode=settings.cache_mode,
        run_id=run_id,
        recorded=_recorded(run_id, store),
        budget=budget,
        concurrency=settings.concurrency,
        timeout=settings.timeout_s,
        prices=prices_for(settings),
    )


def prices_for(settings: Settings) -> Prices:
    """Return the prices that hold: the table's, overridden by the user's file."""
    return Prices.from_file(settings.prices) if settings.prices else Prices()


def _spent_so_far(run_ids: Iterable[str], *, settings: Settings, store: Store) -> Spent:
    """Add up what the runs have spent: the calls in the store, and those that were paid for and never came so far."""
    total = Spent()
    for run_id in run_ids:
        stored = spent_in_store(store, run_id=run_id)
        lost = spent_by(settings.cache_path, run_id, apart_from=_recorded(run_id, store))
        total = Spent(
            calls=total.calls + stored.calls + lost.calls,
            tokens=total.tokens + stored.tokens_in + stored.tokens_out + lost.tokens,
            usd=total.usd + stored.known_usd + lost.usd,
            unpriced=total.unpriced + stored.calls_of_unknown_price + lost.unpriced,
            unmeasured=total.unmeasured + stored.calls_of_unknown_tokens + lost.unmeasured,
        )
    return total


def _recorded(run_id: str, store: Store) -> set[str]:
    """Return the keys of the replies that this run paid for and that its store holds."""
    return {call.key for call in calls(store, run_id=run_id) if not call.cache_hit and call.outcome != "error"}

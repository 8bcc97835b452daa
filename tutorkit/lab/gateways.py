"""The gateway and the ledger of a run, as its settings and limits have them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tutorkit.graphs.allowance import TEST_PHASES, Meter, Share
from tutorkit.graphs.events import Listener, StopSignal
from tutorkit.lab.batching import way_for
from tutorkit.lab.participants import is_offline
from tutorkit.lab.plan import Allowance, Limits, Sending
from tutorkit.lab.pricing import call_price
from tutorkit.models import Gateway, Price, Prices, ProviderSettings, RunBudget, Spent, read_limits, spent_by
from tutorkit.models.local_names import PROVIDER
from tutorkit.settings import Settings
from tutorkit.store import Store, each_call, measuring_calls, paid_calls
from tutorkit.types import Call, Role

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


def gateway_for(
    run_id: str,
    budget: RunBudget,
    *,
    settings: Settings,
    store: Store,
    sending: Sending,
    listen: Listener,
    stop: StopSignal,
) -> Gateway:
    """Open the gateway for one run.

    Raises:
        BadSetting: when the run has a batch under way and ``sending`` would ask for the same replies again.
    """
    settings.home.mkdir(parents=True, exist_ok=True)
    return Gateway(
        cache=settings.cache_path,
        mode=settings.cache_mode,
        run_id=run_id,
        recorded=_recorded(run_id, store),
        budget=budget,
        settings={PROVIDER: ProviderSettings(folder=settings.models_path)},
        concurrency=settings.concurrency,
        limits=read_limits(settings.limits) if settings.limits else None,
        limits_folder=settings.limits_dir,
        way=way_for(run_id, sending, settings=settings, listen=listen, stop=stop),
        timeout=settings.timeout_s,
        prices=prices_for(settings),
    )


def meter_for(run_id: str, allowance: Allowance, *, settings: Settings, store: Store) -> Meter:
    """Make the meter of a run's teaching; what it took before it was interrupted is counted already."""
    prices = prices_for(settings)
    shares: dict[Role, Share] = {"teacher": allowance.teacher, "student": allowance.student}
    meter = Meter(shares=shares, price=lambda call: call_price(call, prices))
    if allowance != Allowance():
        meter.add(teaching_calls(run_id, store))
    return meter


def teaching_calls(run_id: str, store: Store) -> Iterator[Call]:
    """Yield the calls of a run that did not measure the student."""
    measuring = measuring_calls(store, run_id=run_id, phases=TEST_PHASES)
    return (call for call in each_call(store, run_id=run_id) if call.id not in measuring)


def prices_for(settings: Settings) -> Prices:
    """Return the prices that hold: the table's, overridden by the user's file."""
    return Prices.from_file(settings.prices) if settings.prices else Prices()


def _spent_so_far(run_ids: Iterable[str], *, settings: Settings, store: Store) -> Spent:
    """Add up what the runs have spent: the calls in the store, and those that were paid for and never came so far.

    The failed tries of a request that has no reply yet may stand in both; they are taken from the cache's ledger.
    """
    total = Spent()
    for run_id in run_ids:
        paid = paid_calls(store, run_id=run_id)
        answered = {call.key for call in paid if call.outcome != "error"}
        total += spent_by(settings.cache_path, run_id, apart_from=answered)
        for call in paid:
            if call.key in answered:
                total = total.plus(cost_usd=call.cost_usd, tokens=call.tokens)
    return total


def _recorded(run_id: str, store: Store) -> set[str]:
    """Return the keys of the replies that this run paid for and that its store holds."""
    return {call.key for call in paid_calls(store, run_id=run_id) if call.outcome != "error"}

"""What is said of prices: the list of those that are known, and where those that a report used come from."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from tutorkit.lab.participants import is_offline
from tutorkit.models import Prices
from tutorkit.models.prices import PRICES_DATE, PriceSource
from tutorkit.types import Call


class PriceLine(BaseModel):
    """The price of one model in US dollars per million tokens; None is unknown. ``date`` is the built-in table's."""

    model_config = ConfigDict(frozen=True)

    model: str
    usd_per_million_in: float | None
    usd_per_million_out: float | None
    source: PriceSource | None
    date: str | None


def call_price(call: Call, prices: Prices) -> float | None:
    """Return what a call costs by the prices, whether or not it came from the cache; None when that is not known."""
    if is_offline(call.model):
        return 0.0
    return prices.cost(call.model, tokens_in=call.tokens_in, tokens_out=call.tokens_out)


def price_lines(prices: Prices, model: str | None = None) -> tuple[PriceLine, ...]:
    """Return the prices that are known, or that of one model."""
    if model is not None:
        known = prices.known(model)
        if known is None:
            unknown = PriceLine(model=model, usd_per_million_in=None, usd_per_million_out=None, source=None, date=None)
            return (unknown,)
        found = {model: known}
    else:
        found = prices.listed()
    return tuple(
        PriceLine(
            model=name,
            usd_per_million_in=price.usd_per_million_in,
            usd_per_million_out=price.usd_per_million_out,
            source=source,
            date=PRICES_DATE if source == "table" else None,
        )
        for name, (price, source) in found.items()
    )


def price_note(models: Iterable[str], prices: Prices, *, file: Path | None) -> str | None:
    """Say where the prices of some models come from; None where none of them costs anything.

    Args:
        models: who is paid.
        prices: the prices that hold.
        file: the user's own price file.
    """
    paid: dict[PriceSource, list[str]] = {}
    for model in dict.fromkeys(models):
        known = prices.known(model)
        if known is not None and not known.price.free:
            paid.setdefault(known.source, []).append(model)
    words = {"table": f"the built-in table of {PRICES_DATE}", "yours": f"your file {file}", "litellm": "litellm's map"}
    said = [f"{words[source]} ({', '.join(names)})" for source, names in paid.items()]
    return f"Prices: {'; '.join(said)}." if said else None

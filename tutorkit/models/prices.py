"""What a model costs: a small dated table, the user's own prices above it, and *unknown* where nobody has said.

The table's figures are list prices in US dollars per million tokens, as litellm 1.106.2 states them in
``model_prices_and_context_window_backup.json``, read on 2026-11-24. Prices change: give your own where
the bill matters.

The batch APIs of OpenAI and Anthropic bill half of the list price, for input and output alike. Sources, read on
2026-11-24: Anthropic's guide to batch processing, OpenAI's developer forum, and the same file of litellm, whose batch
price is half of the list price for every model of this table.
"""

from __future__ import annotations

import json
import math
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Literal, NamedTuple

from tutorkit.errors import BadSetting
from tutorkit.models.names import is_loopback, parse_model

PRICES_DATE = "2026-11-24"
BATCH_SHARE = 0.5
"""The part of its list price that a call costs in a provider's own batch API."""

_BATCH_PROVIDERS = frozenset({"openai", "anthropic"})
_DATE_SUFFIX = re.compile(r"-(\d{8}|\d{4}-\d{2}-\d{2})$")


@dataclass(frozen=True)
class Price:
    """A model's list price in US dollars per million tokens."""

    usd_per_million_in: float
    usd_per_million_out: float

    @property
    def free(self) -> bool:
        """Whether it costs nothing at all."""
        return self.usd_per_million_in == 0 and self.usd_per_million_out == 0


FREE = Price(0.0, 0.0)

PriceSource = Literal["yours", "table", "litellm", "local"]
"""Where a price comes from: the user's file, the dated table, litellm's map, or this very machine, which bills none."""


class KnownPrice(NamedTuple):
    """A price and where it comes from."""

    price: Price
    source: PriceSource


_TABLE = MappingProxyType(
    {
        "anthropic/claude-haiku-4-5": Price(1.0, 5.0),
        "anthropic/claude-opus-4-5": Price(5.0, 25.0),
        "anthropic/claude-opus-4-6": Price(5.0, 25.0),
        "anthropic/claude-opus-4-7": Price(5.0, 25.0),
        "anthropic/claude-opus-5": Price(5.0, 25.0),
        "anthropic/claude-sonnet-4-5": Price(3.0, 15.0),
        "anthropic/claude-sonnet-4-6": Price(3.0, 15.0),
        "anthropic/claude-sonnet-5": Price(2.0, 10.0),
        "openai/gpt-4.1": Price(2.0, 8.0),
        "openai/gpt-4.1-mini": Price(0.4, 1.6),
        "openai/gpt-4.1-nano": Price(0.1, 0.4),
        "openai/gpt-4o": Price(2.5, 10.0),
        "openai/gpt-4o-mini": Price(0.15, 0.6),
        "openai/gpt-5": Price(1.25, 10.0),
        "openai/gpt-5-mini": Price(0.25, 2.0),
        "openai/gpt-5-nano": Price(0.05, 0.4),
        "openai/gpt-5.1": Price(1.25, 10.0),
        "openai/gpt-5.2": Price(1.75, 14.0),
        "openai/gpt-5.4": Price(2.5, 15.0),
        "openai/gpt-5.4-mini": Price(0.75, 4.5),
        "openai/gpt-5.5": Price(5.0, 30.0),
        "openai/o3": Price(2.0, 8.0),
        "openai/o4-mini": Price(1.1, 4.4),
    }
)


class Prices:
    """Finds prices: the overrides, then nothing for a loopback server, the table, and litellm's map if it is loaded.

    A model served at a loopback address costs nothing unless an override says otherwise. One served at any other
    address of the user's own has no known price: the table holds for the providers' own endpoints only.

    Args:
        overrides: prices by model name, with or without ``@URL``; one without holds at every address.
    """

    def __init__(self, overrides: Mapping[str, Price] | None = None) -> None:
        self._overrides = dict(overrides or {})
        # Only what is known: a price that is unknown now may be known as soon as litellm is loaded.
        self._found: dict[str, KnownPrice] = {}

    @classmethod
    def from_file(cls, path: Path) -> Prices:
        """Read overrides from a JSON file: ``{"openai/NAME": [USD per million in, USD per million out], …}``.

        Raises:
            BadSetting: when the file cannot be read or says something else.
        """
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise BadSetting(f"The price file {path} cannot be read: {error}.", data={"path": str(path)}) from error
        if not isinstance(content, dict):
            raise BadSetting(f"The price file {path} does not hold a JSON object.", data={"path": str(path)})
        return cls({model: _price_from(model, value, path) for model, value in content.items()})

    def of(self, model: str) -> Price | None:
        """Return the price of ``provider/name[@URL]``, or None when it is unknown."""
        known = self.known(model)
        return None if known is None else known.price

    def known(self, model: str) -> KnownPrice | None:
        """Return the price of ``provider/name[@URL]`` and where it comes from, or None when it is unknown."""
        known = self._found.get(model)
        if known is None:
            known = self._find(model)
            if known is not None:
                self._found[model] = known
        return known

    def listed(self) -> dict[str, KnownPrice]:
        """Return the prices of the table and the overrides, by model name; an override hides the table's price."""
        table = {model: KnownPrice(price, "table") for model, price in _TABLE.items()}
        yours = {model: KnownPrice(price, "yours") for model, price in self._overrides.items()}
        return dict(sorted({**table, **yours}.items()))

    def cost(self, model: str, *, tokens_in: int | None, tokens_out: int | None, batch: bool = False) -> float | None:
        """Return what a call cost in US dollars, or None when the price or the tokens are unknown.

        Args:
            model: ``provider/name[@URL]``.
            tokens_in: tokens of the request.
            tokens_out: tokens of the reply.
            batch: whether it went through a batch API. OpenAI and Anthropic give a discount for it at their own
                endpoints, from the list price or from the override; nobody else is known to.
        """
        price = self.of(model)
        if price is None:
            return None
        if price.free:
            return 0.0
        if tokens_in is None or tokens_out is None:
            return None
        full = (tokens_in * price.usd_per_million_in + tokens_out * price.usd_per_million_out) / 1_000_000
        return full * BATCH_SHARE if batch and _has_batch_discount(model) else full

    def _find(self, model: str) -> KnownPrice | None:
        ref = parse_model(model)
        bare = f"{ref.provider}/{ref.name}"
        for name in (model, bare):
            if name in self._overrides:
                return KnownPrice(self._overrides[name], "yours")
        if ref.provider in ("local", "transformers") or (ref.base_url is not None and is_loopback(ref.base_url)):
            return KnownPrice(FREE, "local")
        if ref.base_url is not None:
            return None
        listed = _TABLE.get(bare) or _TABLE.get(_DATE_SUFFIX.sub("", bare))
        if listed is not None:
            return KnownPrice(listed, "table")
        loaded = _loaded_litellm_price(ref.name, bare)
        return None if loaded is None else KnownPrice(loaded, "litellm")


def _has_batch_discount(model: str) -> bool:
    ref = parse_model(model)
    return ref.provider in _BATCH_PROVIDERS and ref.base_url is None


def _price_from(model: str, value: object, path: Path) -> Price:
    numbers = value if isinstance(value, list) else []
    usable = [
        n for n in numbers if isinstance(n, int | float) and not isinstance(n, bool) and math.isfinite(n) and n >= 0
    ]
    if len(numbers) != 2 or len(usable) != 2:
        raise BadSetting(
            f"The price of {model} in {path} is not two numbers, in and out, in US dollars per million tokens.",
            data={"path": str(path), "model": model},
        )
    return Price(float(usable[0]), float(usable[1]))


def _loaded_litellm_price(*names: str) -> Price | None:
    """Look into litellm's price map, but never import litellm for it: that takes seconds."""
    known: Mapping[str, Mapping[str, object]] = getattr(sys.modules.get("litellm"), "model_cost", {})
    for name in names:
        entry = known.get(name, {})
        per_token_in, per_token_out = entry.get("input_cost_per_token"), entry.get("output_cost_per_token")
        if isinstance(per_token_in, int | float) and isinstance(per_token_out, int | float):
            return Price(per_token_in * 1e6, per_token_out * 1e6)
    return None

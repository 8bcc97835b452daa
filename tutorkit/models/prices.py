"""What a model costs: a small dated table, the user's own prices above it, and *unknown* where nobody has said.

The table's figures are list prices in US dollars per million tokens, as litellm 1.106.2 states them in
``model_prices_and_context_window_backup.json``, read on 2026-11-24. Prices change: give your own where
the bill matters.
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

from tutorkit.errors import BadSetting
from tutorkit.models.names import is_loopback, parse_model

PRICES_DATE = "2026-11-24"

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
        ref = parse_model(model)
        bare = f"{ref.provider}/{ref.name}"
        for name in (model, bare):
            if name in self._overrides:
                return self._overrides[name]
        if ref.provider == "local":
            return FREE
        if ref.base_url is not None:
            return FREE if is_loopback(ref.base_url) else None
        return _TABLE.get(bare) or _TABLE.get(_DATE_SUFFIX.sub("", bare)) or _loaded_litellm_price(ref.name, bare)

    def cost(self, model: str, *, tokens_in: int | None, tokens_out: int | None) -> float | None:
        """Return what a call cost in US dollars, or None when the price or the tokens are unknown."""
        price = self.of(model)
        if price is None:
            return None
        if price.free:
            return 0.0
        if tokens_in is None or tokens_out is None:
            return None
        return (tokens_in * price.usd_per_million_in + tokens_out * price.usd_per_million_out) / 1_000_000


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

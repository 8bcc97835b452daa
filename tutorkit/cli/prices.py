"""``prices``: what models cost, as far as it is known."""

from __future__ import annotations

from typing import Annotated

import typer

from tutorkit.cli import options
from tutorkit.cli.show import as_json, table, text
from tutorkit.lab import Lab, PriceLine

_SOURCES = {"yours": "your file", "litellm": "litellm's map", "local": "this machine"}


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(prices)


def prices(
    model: Annotated[str | None, typer.Argument(help="Show one model, provider/model, with @URL if need be.")] = None,
    json: options.AsJson = False,
) -> None:
    """List what models cost: the built-in table with its date, and your own prices (TUTORKIT_PRICES) above it."""
    with Lab() as lab:
        found = lab.prices(model)
    if json:
        as_json(found)
        return
    table(
        "List prices in US dollars per million tokens",
        ["model", "in", "out", "from"],
        [
            [line.model, _money(line.usd_per_million_in), _money(line.usd_per_million_out), _source(line)]
            for line in found
        ],
    )
    if any(line.source is None for line in found):
        text(
            "An unknown price is never taken for nothing: --max-usd is refused for such a model. Give a price in a JSON"
            ' file, {"provider/model": [in, out]}, and name the file in TUTORKIT_PRICES.'
        )
    else:
        text("The batch APIs of OpenAI and Anthropic bill half of these.")


def _money(usd: float | None) -> str:
    return "unknown" if usd is None else f"{usd:g}"


def _source(line: PriceLine) -> str:
    if line.source is None:
        return ""
    return _SOURCES.get(line.source, f"table of {line.date}")

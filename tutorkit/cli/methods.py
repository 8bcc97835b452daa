"""``methods``: which there are, and all there is to know of one before it is chosen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from tutorkit.cli import options
from tutorkit.cli.show import as_json, out, table, text
from tutorkit.lab import Lab, Method, MethodFacts, Parameter, facts_of, method_words


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(methods)


def methods(
    name: Annotated[str | None, typer.Argument(help="Show one method: when to take it, its cost and more.")] = None,
    json: options.AsJson = False,
) -> None:
    """List the teaching methods, or show one: when to take it, what it costs and needs, its variants and parameters."""
    with Lab() as lab:
        found = lab.methods() if name is None else (lab.method(name),)
    if json:
        as_json([_as_json(facts_of(method)) for method in found])
    elif name is None:
        _show_list(found)
    else:
        _show(facts_of(found[0]))


def _show_list(found: tuple[Method, ...]) -> None:
    text("Methods", bold=True)
    _grid([method.name, method.summary] for method in found)
    text("tutorkit methods NAME says when to take one, what it costs and needs, and what is known of its paper.")


def _show(facts: MethodFacts) -> None:
    method = facts.method
    text(f"{method.name}: {method.summary}", bold=True)
    text(method_words.paper_words(facts))
    if facts.link:
        text(facts.link)
    _section("When to take it", method.when)
    _section("What it does", *facts.about)
    _section("What it needs", *method_words.needs_words(facts), between="")
    _section("What it costs", *facts.formula, method_words.LETTERS, method_words.sizes_words(facts))
    text("")
    rows = [
        [
            method_words.setting_words(each.params),
            each.fidelity.removeprefix("variant:"),
            *method_words.calls_words(each.calls),
        ]
        for each in (facts.default, *facts.settings)
    ]
    table("Settings and their calls", ["--set", "variant", "teacher", "student", "judge"], rows)
    _section("What it leaves", method_words.leaves_words(method))
    _section("Where it waits for review", method_words.review_words(method))
    _section("Control arms", *method_words.controls_words(method), between="")
    _section("What is known of the paper", *facts.known)
    text("\nParameters: --set name=value", bold=True)
    _grid([f"{each.name}={method_words.value_words(each.default)}", _meaning(each)] for each in facts.parameters)
    if method.example:
        text("\nTry it, without a model", bold=True)
        out.print(f"tutorkit teach {method.name} {method.example}", markup=False, soft_wrap=True)


def _meaning(parameter: Parameter) -> str:
    return f"{parameter.meaning} ({parameter.allowed})" if parameter.allowed else parameter.meaning


def _grid(rows: Iterable[Sequence[str]]) -> None:
    """Draw columns without lines, so that much goes into a narrow terminal."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(overflow="fold", max_width=28)
    grid.add_column(overflow="fold")
    for row in rows:
        grid.add_row(*map(escape, row))
    out.print(grid)


def _section(title: str, *paragraphs: str, between: str = "\n") -> None:
    """Write paragraphs under a title; a section that says nothing is left out."""
    said = [paragraph for paragraph in paragraphs if paragraph]
    if said:
        text(f"\n{title}", bold=True)
        text(f"{between}\n".join(said))


def _as_json(facts: MethodFacts) -> dict[str, object]:
    method = facts.method
    return {
        "name": method.name,
        "version": method.version,
        "summary": method.summary,
        "paper": vars(method.paper) | {"link": facts.link},
        "when": method.when,
        "about": facts.about,
        "known": facts.known,
        "nodes": list(method.nodes),
        "steps": dict(facts.steps),
        "edges": [[edge.source, edge.target, edge.when is not None] for edge in method.edges],
        "review_points": list(method.review_points),
        "artefacts": list(method.artefacts),
        "rows": list(method.rows),
        "params": method.params.model_json_schema(),
        "cost": {"formula": "\n\n".join(facts.formula), "sizes": asdict(facts.sizes)},
        "settings": [
            {
                "set": dict(each.params),
                "fidelity": each.fidelity,
                "needs": sorted(each.needs),
                "calls": asdict(each.calls),
            }
            for each in (facts.default, *facts.settings)
        ],
        "controls": {"deranged": method.deranged, "random": dict(method.random_target)},
        "instead": dict(method.instead),
        "panel": facts.panel,
        "example": method.example,
    }

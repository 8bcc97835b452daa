"""``classroom``: a simulated class, to try things out on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tutorkit.cli import options
from tutorkit.cli.show import as_json, table, text
from tutorkit.lab import ClassroomReport, create_classroom

_classroom = typer.Typer(help="Simulated classes, to try things out on.", no_args_is_help=True, rich_markup_mode=None)


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    _classroom.command("create")(create)
    app.add_typer(_classroom, name="classroom")


def create(
    size: Annotated[int, typer.Option("--size", help="Pupils.")] = 30,
    seed: Annotated[int, typer.Option("--seed", help="Seed of everything; the same one gives the same class.")] = 0,
    domains: Annotated[
        str | None, typer.Option("--domains", help="What it is about, as sub,frac; every domain if left out.")
    ] = None,
    items: Annotated[int, typer.Option("--items", help="Length of the worksheet.")] = 20,
    out: Annotated[Path | None, typer.Option("--out", help="Folder; simulated-class-SEED if left out.")] = None,
    working: Annotated[bool, typer.Option("--working", help="Write the lines of the working too.")] = False,
    json: options.AsJson = False,
) -> None:
    """Make a simulated class: roster.csv, answers.csv, and truth.json, the key to who holds which misconception."""
    named = [name.strip() for name in domains.split(",") if name.strip()] if domains is not None else None
    report = create_classroom(size, seed=seed, domains=named, items=items, to=out, working=working)
    if json:
        as_json(report)
        return
    _show(report)


def _show(report: ClassroomReport) -> None:
    text(
        f"A simulated class of {report.pupils} pupils, seed {report.seed}: {report.items} items each of "
        f"{', '.join(report.domains)}; {report.right:,} of {report.answers:,} answers are right.",
        bold=True,
    )
    rows = [[count, str(pupils)] for count, pupils in report.holding.items()]
    table("Pupils (simulated)", ["misconceptions", "pupils"], rows)
    folder = Path(report.folder)
    text(f"{folder / report.files[0]}: the roster. {folder / report.files[1]}: what they answered.")
    text(f"{folder / report.files[2]}: the answer key, who holds which misconception. None of these pupils exists.")

"""Show things on a terminal, or as JSON for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence

from pydantic import BaseModel
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tutorkit.errors import BudgetExhausted, ConfigError, DataError, ReplyPending, RunInterrupted, TutorkitError

EXIT_FAILED, EXIT_USAGE, EXIT_WAITING, EXIT_BUDGET, EXIT_INTERRUPTED = 1, 2, 3, 4, 130

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)


def as_json(value: object) -> None:
    """Write a value as JSON to standard output; records as their fields."""
    sys.stdout.write(json.dumps(_plain(value), indent=2, ensure_ascii=False) + "\n")


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Draw a table. The columns share the width, and no text is taken for markup."""
    drawn = Table(title=title, title_justify="left", title_style="bold", header_style="", expand=False)
    for column in columns:
        drawn.add_column(column, overflow="fold")
    for row in rows:
        drawn.add_row(*(escape(cell) for cell in row))
    out.print(drawn)


def text(words: str, *, bold: bool = False) -> None:
    """Write a paragraph; nothing in it is taken for markup."""
    out.print(words, style="bold" if bold else None, markup=False)


def exit_code(error: TutorkitError) -> int:
    """Return the exit code of an error: 2 for what was asked wrongly, 3 waiting, 4 budget, 130 interrupted, else 1."""
    codes: tuple[tuple[type[TutorkitError], int], ...] = (
        (ReplyPending, EXIT_WAITING),
        (BudgetExhausted, EXIT_BUDGET),
        (RunInterrupted, EXIT_INTERRUPTED),
        (ConfigError, EXIT_USAGE),
        (DataError, EXIT_USAGE),
    )
    return next((code for kind, code in codes if isinstance(error, kind)), EXIT_FAILED)


def fail(error: TutorkitError, *, as_json: bool) -> int:
    """Say what went wrong and what to do, and return the exit code."""
    if as_json:
        facts = {"code": error.code, "message": error.message, "remedy": error.remedy}
        sys.stdout.write(json.dumps({"error": facts}, indent=2, ensure_ascii=False) + "\n")
    else:
        err.print(error.message, style="red", markup=False)
        err.print(error.remedy, markup=False)
    return exit_code(error)


def _plain(value: object) -> object:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    return value

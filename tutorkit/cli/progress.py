"""Progress of a run on the terminal, drawn from its event stream."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from tutorkit.cli.show import err
from tutorkit.lab import Event, ItemsAdvanced, Listener, NodeStarted, RunStarted


@contextmanager
def progress_bar(*, quiet: bool) -> Iterator[Listener]:
    """Draw a bar for each node of each arm on standard error, and hand out the listener that moves it."""
    if quiet:
        yield lambda _event: None
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=err, transient=True) as bars:
        known: dict[tuple[str, str], TaskID] = {}
        arms: dict[str, str] = {}

        def listen(event: Event) -> None:
            if isinstance(event, RunStarted):
                arms[event.run_id] = event.arm
                return
            where = (event.run_id, event.node)
            if isinstance(event, NodeStarted):
                for earlier in known.values():
                    bars.update(earlier, visible=False)
                known[where] = bars.add_task(f"{arms.get(event.run_id, '')}: {_title(event.node)}", total=1)
            elif isinstance(event, ItemsAdvanced):
                bars.update(known[where], completed=event.done, total=event.total)
            else:
                bars.update(known[where], completed=bars.tasks[known[where]].total or 1)

        yield listen


def _title(visit: str) -> str:
    node, _, count = visit.partition("#")
    words = node.replace("_", " ")
    return words if count == "0" else f"{words} (round {int(count) + 1})"

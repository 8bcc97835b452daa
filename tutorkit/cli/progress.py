"""Progress of a run on the terminal, drawn from its event stream and from nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

from tutorkit.cli.show import err
from tutorkit.lab import (
    BatchAdvanced,
    CallMade,
    Event,
    ItemsAdvanced,
    Listener,
    NodeFinished,
    NodeStarted,
    RunStarted,
    Tally,
)


@contextmanager
def progress_bar(*, quiet: bool) -> Iterator[Listener]:
    """Draw a bar for each node and what the calls took so far on standard error; hand out the listener for that."""
    if quiet:
        yield lambda _event: None
        return
    shown = _Shown()
    with Live(get_renderable=shown.draw, console=err, transient=True):
        yield shown.listen


class _Shown:
    """What stands on the screen: the bar of the node that is at work, and one line about the calls."""

    def __init__(self) -> None:
        self._bars = Progress(
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=err
        )
        self._known: dict[tuple[str, str], TaskID] = {}
        self._arms: dict[str, str] = {}
        self._batches: dict[str, str] = {}
        self._tally = Tally()

    def draw(self) -> Group:
        """Return what is drawn now."""
        made = self._tally.calls or self._tally.cache_hits
        lines = [*self._batches.values(), *([tally_words(self._tally)] if made else [])]
        return Group(self._bars, *(Text(line, no_wrap=True) for line in lines))

    def listen(self, event: Event) -> None:
        """Take one event."""
        if isinstance(event, RunStarted):
            self._arms[event.run_id] = event.arm
        elif isinstance(event, NodeStarted):
            self._begin(event)
        elif isinstance(event, CallMade):
            self._tally.add(event.call)
        elif isinstance(event, ItemsAdvanced):
            self._bars.update(self._known[event.run_id, event.node], completed=event.done, total=event.total)
        elif isinstance(event, BatchAdvanced):
            self._batches[event.batch] = f"batch {event.batch}: {event.done:,} of {event.total:,} done"
        elif isinstance(event, NodeFinished):
            self._batches.clear()
            task = self._known[event.run_id, event.node]
            self._bars.update(task, completed=self._bars.tasks[task].total or 1)

    def _begin(self, event: NodeStarted) -> None:
        where = (event.run_id, event.node)
        if where not in self._known:
            name = f"{self._arms.get(event.run_id, '')}: {_title(event.node)}"
            self._known[where] = self._bars.add_task(name, total=1)
        for each, task in self._known.items():
            self._bars.update(task, visible=each == where)


def tally_words(tally: Tally) -> str:
    """Say what calls took; what is unknown is said to be unknown, and never counted as nothing."""
    parts = [f"{tally.calls:,} call{'' if tally.calls == 1 else 's'}"]
    if tally.cache_hits:
        parts.append(f"{tally.cache_hits:,} from cache")
    if tally.failed:
        parts.append(f"{tally.failed:,} failed")
    parts.append(f"tokens {tally.tokens_in:,} → {tally.tokens_out:,}" + " + unknown" * bool(tally.unmeasured))
    parts.append(_money(tally))
    return "  ·  ".join(parts)


def _money(tally: Tally) -> str:
    if not tally.unpriced:
        return f"${tally.usd:.4f}"
    return "cost unknown" if not tally.usd else f"${tally.usd:.4f} + unknown"


def _title(visit: str) -> str:
    node, _, count = visit.partition("#")
    words = node.replace("_", " ")
    return words if count == "0" else f"{words} (round {int(count) + 1})"

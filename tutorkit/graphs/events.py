"""What a run reports while it goes on: one stream of events for whoever draws progress."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class RunStarted:
    """The run of one arm of an experiment begins, or goes on."""

    run_id: str
    arm: str


@dataclass(frozen=True)
class NodeStarted:
    """A node of the method begins."""

    run_id: str
    node: str


@dataclass(frozen=True)
class ItemsAdvanced:
    """So many of a node's items are done; those that failed count as done."""

    run_id: str
    node: str
    done: int
    total: int


@dataclass(frozen=True)
class NodeFinished:
    """A node of the method has ended."""

    run_id: str
    node: str


Event = RunStarted | NodeStarted | ItemsAdvanced | NodeFinished
Listener = Callable[[Event], None]


def ignore(_event: Event) -> None:
    """Listen to nothing."""


class StopSignal:
    """A wish to stop: no new item is begun, those under way are finished and kept."""

    def __init__(self) -> None:
        self.requested = False

    def request(self) -> None:
        """Ask the run to drain and stop."""
        self.requested = True

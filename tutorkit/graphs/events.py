"""What a run tells while it goes on: one stream of events, from which everything that draws progress is fed.

Order. ``RunStarted`` comes first and ``RunEnded`` last, exactly once each for an arm that is executed, whatever stops
it; what comes between them carries that arm's run id. The arms of an experiment follow one another. Inside a run stand
``NodeStarted``, then that node's ``ItemsAdvanced`` and ``CallMade``, then ``NodeFinished``, which a node that was
stopped or failed does not reach. A node that waits for a person's reply is begun again at every look.

Going on. A resumed run tells what is done now and nothing of what was done before: nodes behind its checkpoint are
silent, the first ``ItemsAdvanced`` of a node counts the items that are done already, a call is told when it is kept.
A call whose record was kept just before the process died may be told once more, under the same id. An arm that is
finished already is taken as it is, in silence.

Threads. Listeners are called one after another, in the order of the events, on the thread of the run's event loop. They
must return quickly, since the run waits for them; whoever wants to look from another thread hands in the ``put`` of a
queue, which is a listener. Another process reads the store: every call and every finished item is there.

Failures. A listener that raises is told nothing more, the log says so once, and the run goes on (``fan_out``).
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from tutorkit.types import Call, Run, RunStatus

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class RunStarted:
    """The run of one arm of an experiment begins, or goes on; ``run`` is what was asked for."""

    run: Run

    @property
    def run_id(self) -> str:
        """The run's id."""
        return self.run.id

    @property
    def arm(self) -> str:
        """The arm's name."""
        return self.run.arm


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
class CallMade:
    """A call is kept: one that was paid for, a reply from the cache, or a try that brought none.

    ``ago`` is how many seconds before this event the call ended, as far as is known: the tries and re-asks of one
    question are told together when the last one is over.
    """

    run_id: str
    node: str
    call: Call
    ago: float = 0.0


@dataclass(frozen=True)
class NodeFinished:
    """A node of the method has ended."""

    run_id: str
    node: str


@dataclass(frozen=True)
class RunEnded:
    """The run of one arm has ended as ``status`` says; ``stop_reason`` is ``finished``, or what stopped it."""

    run_id: str
    status: RunStatus
    stop_reason: str | None


@dataclass(frozen=True)
class BatchAdvanced:
    """So many requests of a provider's batch are done; it is told at every look, between the events of the nodes."""

    run_id: str
    batch: str
    done: int
    total: int


Event = RunStarted | NodeStarted | ItemsAdvanced | CallMade | NodeFinished | RunEnded | BatchAdvanced
Listener = Callable[[Event], None]


def ignore(_event: Event) -> None:
    """Listen to nothing."""


def fan_out(*listeners: Listener) -> Listener:
    """Return one listener that tells all of these, in their order.

    One that raises is told nothing more, and the log says so: who watches a run may not make it fail.
    """
    audience = list(listeners)

    def tell(event: Event) -> None:
        for listener in tuple(audience):
            try:
                listener(event)
            except Exception:
                what = type(event).__name__  # the event itself may hold what a learner wrote
                logger.exception("A listener failed at %s and is told nothing more; the run goes on.", what)
                audience.remove(listener)

    return tell


class StopSignal:
    """A wish to stop: no new item is begun, those under way are finished and kept."""

    def __init__(self) -> None:
        self.requested = False

    def request(self) -> None:
        """Ask the run to drain and stop."""
        self.requested = True

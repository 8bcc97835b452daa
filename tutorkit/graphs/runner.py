"""Execute a run: alone on its lock, resumed where it stopped, ended in a state that says why."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from tutorkit.errors import (
    AllowanceSpent,
    BudgetExhausted,
    ReplyPending,
    ReviewPending,
    RunBusy,
    RunInterrupted,
    TutorkitError,
)
from tutorkit.graphs.deps import Cast
from tutorkit.graphs.engine import last_state, run_graph
from tutorkit.methods.vocabulary import Method, State
from tutorkit.types import RunStatus


@dataclass(frozen=True)
class Ending:
    """How an execution ended. ``error`` is what stopped it, if it did not run to its end."""

    status: RunStatus
    stop_reason: str
    state: State
    error: TutorkitError | None = None


async def execute(method: Method, cast: Cast, *, folder: Path) -> Ending:
    """Run a method to its end or to whatever stops it; call it again to go on.

    An exhausted budget, a reply or a review that is still to come and an interruption are ways of ending, not failures:
    everything is kept. So it is when a provider fails.

    Args:
        method: what to run.
        cast: who takes part.
        folder: the run's own folder, for its checkpoint and its lock.

    Raises:
        RunBusy: when another process executes this run.
    """
    folder.mkdir(parents=True, exist_ok=True)
    checkpoint = folder / "graph.sqlite"
    lock = FileLock(folder / "lock", timeout=0)
    try:
        with lock:
            return await _to_its_end(method, cast, checkpoint)
    except Timeout as error:
        raise RunBusy(
            f"The run {cast.run_id} is being executed by another process.", data={"run_id": cast.run_id}
        ) from error


async def _to_its_end(method: Method, cast: Cast, checkpoint: Path) -> Ending:
    try:
        state = await run_graph(method, cast, checkpoint=checkpoint)
    except TutorkitError as error:
        state = await last_state(cast.run_id, checkpoint=checkpoint)
        status, reason = _status_of(error)
        return Ending(status, reason, state, error)
    return Ending("finished", "finished", state)


def _status_of(error: TutorkitError) -> tuple[RunStatus, str]:
    if isinstance(error, BudgetExhausted):
        return "stopped", "budget"
    if isinstance(error, AllowanceSpent):
        return "stopped", "allowance"
    if isinstance(error, RunInterrupted):
        return "stopped", "interrupted"
    if isinstance(error, ReviewPending):
        return "waiting", "review"
    if isinstance(error, ReplyPending):
        return "waiting", "inbox"
    return "failed", error.code

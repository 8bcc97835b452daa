"""The way of a run's calls through batches, where that is wished."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from tutorkit.errors import BadSetting
from tutorkit.graphs.events import BatchAdvanced, Listener, StopSignal
from tutorkit.lab.plan import Sending
from tutorkit.models import Provider, ReplyCache, read_limits
from tutorkit.models.batch import BatchDesk, FolderBatches, Journal
from tutorkit.models.limits import Limiters
from tutorkit.models.providers.batches import Batches
from tutorkit.models.sending import Direct, Way
from tutorkit.settings import Settings


def way_for(run_id: str, sending: Sending, *, settings: Settings, listen: Listener, stop: StopSignal) -> Way | None:
    """Open the way of a run's calls; None where each goes at once.

    Raises:
        BadSetting: when calls would go at once whose replies a batch under way will bring, and has been paid for.
    """
    if settings.cache_mode == "replay":
        return None
    path = settings.home / "batches.sqlite"
    if not sending.gathers:
        _refuse_to_pay_twice(run_id, path, settings)
        return None
    limits = read_limits(settings.limits) if settings.limits else None
    limiters = Limiters(folder=settings.limits_dir, ceiling=settings.concurrency, limits=limits)
    return BatchDesk(
        Direct(limiters, timeout=settings.timeout_s),
        batches_of=_batches_of(sending),
        journal=Journal(path),
        run_id=run_id,
        stopped=lambda: stop.requested,
        news=lambda news: listen(BatchAdvanced(run_id, news.batch, news.done, news.total)),
    )


def _batches_of(sending: Sending) -> Callable[[Provider], Batches | None]:
    def batches_of(provider: Provider) -> Batches | None:
        if sending.batch_folder is not None and provider.name == "openai":
            return FolderBatches(sending.batch_folder)
        return provider.batches() if sending.batch else None

    return batches_of


def _refuse_to_pay_twice(run_id: str, path: Path, settings: Settings) -> None:
    if not path.exists():
        return
    with closing(Journal(path)) as journal, ReplyCache(settings.cache_path) as cache:
        owed = [
            f"{entry.name} ({journal.size(entry.local_id)} requests to {entry.model})"
            for entry in journal.under_way(run_id)
            if not entry.by_hand and any(cache.get(key) is None for key in journal.items(entry.local_id).values())
        ]
    if owed:
        raise BadSetting(
            f"The run {run_id} has batches under way: {', '.join(owed)}. Without --batch it would pay for their replies"
            " twice.",
            remedy="Add --batch (batch=True): it takes the replies once they are there. To do without them, cancel the"
            " batches at the provider, and then add --batch once more.",
            data={"run_id": run_id, "batches": owed},
        )

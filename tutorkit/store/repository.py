"""What people ask of the store: the runs there are, the calls they made, and what those cost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select

from tutorkit.errors import BadSetting, RecordNotFound, UnknownName
from tutorkit.store.database import Store
from tutorkit.store.queries import matching, matching_rows, of_run, records
from tutorkit.store.rows import record_of
from tutorkit.store.tables import AttemptRow, CallRow, RunItemRow, RunRow, table_of
from tutorkit.types import Call, Run


def runs(store: Store) -> list[Run]:
    """Return every run, the first one first."""
    with store.read() as connection:
        return records(connection, Run)


def run(store: Store, *, run_id: str) -> Run:
    """Return one run, by its id or by the beginning of its id.

    Raises:
        UnknownName: when no run is called so; it names those that are near.
        BadSetting: when more than one begins so.
    """
    every = runs(store)
    found = [one for one in every if one.id == run_id] or [one for one in every if one.id.startswith(run_id)]
    if not found:
        raise UnknownName("run", run_id, [one.id for one in every])
    if len(found) > 1:
        raise BadSetting(
            f"{len(found)} runs begin with {run_id!r}.",
            remedy=f"Give more of the id: {', '.join(one.id for one in found[:4])}.",
            data={"runs": [one.id for one in found]},
        )
    return found[0]


def started(store: Store, *, run_id: str) -> datetime:
    """Return when a run was first put, in UTC.

    Raises:
        UnknownName: when there is no run of that id.
    """
    table = table_of(RunRow)
    with store.read() as connection:
        found: datetime | None = connection.execute(
            select(table.c.created_at).where(table.c.id == run_id)
        ).scalar_one_or_none()
    if found is None:
        raise UnknownName("run", run_id, [one.id for one in runs(store)])
    return found


def calls(store: Store, *, run_id: str) -> list[Call]:
    """Return a run's calls, in the order in which they were put."""
    with store.read() as connection:
        return of_run(connection, Call, run_id)


def each_call(store: Store, *, run_id: str) -> Iterator[Call]:
    """Yield a run's calls, in the order in which they were put, so that memory does not grow with their number."""
    with store.read() as connection:
        for row in matching_rows(connection, Call, table_of(CallRow).c.run_id == run_id):
            yield record_of(Call, row)


def measuring_calls(store: Store, *, run_id: str, phases: str) -> set[str]:
    """Return the ids of the calls by which a student answered in the phases that begin so."""
    attempt = table_of(AttemptRow).c
    query = select(attempt.call_ids).where(attempt.run_id == run_id, attempt.phase.startswith(phases, autoescape=True))
    with store.read() as connection:
        return {call_id for call_ids in connection.execute(query).scalars() for call_id in call_ids}


def call(store: Store, *, call_id: str) -> Call:
    """Return one call, by its id or by the beginning of its id.

    Raises:
        RecordNotFound: when no call is called so.
        BadSetting: when more than one begins so.
    """
    with store.read() as connection:
        found = matching(connection, Call, "id", [call_id]) or records(
            connection, Call, table_of(CallRow).c.id.startswith(call_id, autoescape=True)
        )
    if not found:
        raise RecordNotFound(f"There is no call with the id {call_id!r}.", data={"id": call_id})
    if len(found) > 1:
        raise BadSetting(
            f"{len(found)} calls begin with {call_id!r}.",
            remedy=f"Give more of the id: {', '.join(one.id for one in found[:4])}.",
            data={"calls": [one.id for one in found]},
        )
    return found[0]


class PaidCall(NamedTuple):
    """What the ledger needs of a call that was paid for; ``tokens`` are those in and out, None when unknown."""

    key: str
    outcome: str
    cost_usd: float | None
    tokens: int | None


def paid_calls(store: Store, *, run_id: str) -> list[PaidCall]:
    """Return a run's calls that no cache answered, in the order in which they were made."""
    table = table_of(CallRow).c
    query = select(table.key, table.outcome, table.cost_usd, table.tokens_in + table.tokens_out)
    with store.read() as connection:
        rows = connection.execute(query.where(table.run_id == run_id, ~table.cache_hit).order_by(table.seq))
        return [PaidCall(*row) for row in rows]


def failed_items(store: Store, *, run_id: str, code: str | None = None) -> int:
    """Count the items of a run that were set aside for good; those with this error's code alone, if one is given."""
    table = table_of(RunItemRow)
    with store.read() as connection:
        values = connection.execute(select(table.c.value).where(table.c.run_id == run_id)).scalars()
        failures = [value["failed"] for value in values if isinstance(value, dict) and "failed" in value]
    return sum(code in (None, failure) for failure in failures)


def models_served(store: Store, *, run_id: str) -> tuple[str, ...]:
    """Return the names under which models answered a run, sorted."""
    table = table_of(CallRow).c
    query = select(table.model_served).where(table.run_id == run_id, table.model_served.is_not(None)).distinct()
    with store.read() as connection:
        return tuple(sorted(connection.execute(query).scalars()))

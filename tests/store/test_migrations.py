"""A database of an earlier version keeps what is in it."""

from __future__ import annotations

from sqlalchemy import text
from store_samples import call, run

from tutorkit.store import StoreSink, calls, export_run, open_store, schema
from tutorkit.store.database import writing
from tutorkit.types import Call


def test_calls_that_were_kept_before_anyone_took_their_time(store_url: str) -> None:
    before = call(seconds=None)
    with open_store(store_url) as store:
        StoreSink(store).put(run(), before)
        store.flush()
        with writing(store.engine).begin() as connection:
            schema.command.downgrade(schema._config(connection), "0001")
        with store.read() as connection:
            assert "seconds" not in set(connection.execute(text("SELECT * FROM call")).keys())
    with open_store(store_url) as store:
        assert calls(store, run_id="run-1") == [before]
        StoreSink(store).put(call(id="c-new", seconds=0.25))
        assert [one.seconds for one in calls(store, run_id="run-1")] == [None, 0.25]


def test_how_long_a_call_took_is_kept_and_not_exported(store_url: str) -> None:
    with open_store(store_url) as store:
        StoreSink(store).put(run(), call(seconds=1.5))
        assert StoreSink(store).get(Call, "c-1").seconds == 1.5
        (exported,) = export_run(store, run_id="run-1")["calls"]
    assert exported["id"] == "c-1" and "seconds" not in exported

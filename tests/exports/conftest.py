from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tutorkit.lab import Lab


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    with Lab(home=tmp_path / "home") as opened:
        yield opened

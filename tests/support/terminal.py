"""The command line, called inside the test's own process."""

from __future__ import annotations

import json
import sys
from typing import NamedTuple

import pytest

from tutorkit.cli import show
from tutorkit.cli.main import run

WIDTH = 200


class Shown(NamedTuple):
    """What a command showed."""

    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)


class Terminal:
    """Types commands."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        # Not by COLUMNS: a worker process of pytest's has that set before the consoles are made, and they keep it.
        for console in (show.out, show.err):
            monkeypatch.setattr(console, "width", WIDTH)
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    def __call__(self, *arguments: str) -> Shown:
        self._monkeypatch.setattr(sys, "argv", ["tutorkit", *arguments])
        code = 0
        try:
            run()
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
        shown = self._capsys.readouterr()
        return Shown(code, shown.out, shown.err)

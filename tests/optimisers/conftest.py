"""DSPy where it is installed, a stand-in where it is not; and the answers that the served models know."""

from __future__ import annotations

import sys
from importlib.util import find_spec

import pytest
from support import dspy_stub

from tutorkit.tasks import load_task


@pytest.fixture(autouse=True)
def dspy(monkeypatch):
    if find_spec("dspy") is None:
        for name, module in dspy_stub.modules().items():
            monkeypatch.setitem(sys.modules, name, module)


@pytest.fixture(scope="module")
def gold(request):
    """The gold of the problems that the test module's SIZES draw, by their text."""
    problems = load_task("chains", data_dir=None, seed=0, sizes=request.module.SIZES).problems
    return {each.question().as_text(): each.gold for each in problems}

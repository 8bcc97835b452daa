"""The committed comparison on the real model is what its committed replies give, offline."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parent.parent / "evals" / "real_comparison"


def load_script():
    spec = importlib.util.spec_from_file_location("real_comparison_run", FOLDER / "run.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


SCRIPT = load_script()
REPLAYED = [name for name in SCRIPT.contests() if not name.endswith(SCRIPT.TRAINED)]


@pytest.mark.parametrize("name", REPLAYED)
def test_the_committed_replies_give_the_committed_numbers(name):
    """Without DSPy's arms, which want DSPy itself; ``run.py`` replays these, too."""
    ours = [each.name for each in SCRIPT.contests()[name].entrants if not each.name.startswith("dspy-")]
    found = SCRIPT.measured(SCRIPT.replay(name, entrants=ours))
    wanted = SCRIPT.measured(SCRIPT.committed(name))
    assert found == {entrant: wanted[entrant] for entrant in ours}


def test_every_contest_has_its_result_of_these_settings():
    for name, contest in SCRIPT.contests().items():
        report = SCRIPT.committed(name)
        assert report.contest == contest and not report.unfinished and not report.simulated
        assert {standing.name for standing in report.standings} == {each.name for each in contest.entrants}


def test_the_table_of_the_readme_is_that_of_the_results():
    page = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert SCRIPT.table_of(list(SCRIPT.contests())) in page

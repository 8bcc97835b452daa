"""The committed results of the real model are what its committed replies give, offline."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parent.parent


def load_script():
    spec = importlib.util.spec_from_file_location("real_model_run", REPO / "evals" / "real_model" / "run.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


SCRIPT = load_script()
COMMITTED = sorted(name for name in SCRIPT.plans() if SCRIPT.result_path(name).exists())


@pytest.mark.data
@pytest.mark.parametrize("name", COMMITTED)
def test_the_committed_replies_give_the_committed_numbers(name, data_dir):
    if not SCRIPT.has_its_problems(name, data_dir=data_dir):
        pytest.skip(f"this data folder holds other problems than those that {name} was recorded on")
    assert SCRIPT.is_reproduced(SCRIPT.replay(name, data_dir=data_dir), name)


def test_every_plan_has_its_result_and_its_cassette():
    assert sorted(SCRIPT.plans()) == COMMITTED
    for name in COMMITTED:
        assert SCRIPT.cassette_path(name).exists()


def test_on_conventions_the_gain_excludes_zero_and_the_controls_do_not():
    arms = {arm["name"]: arm for arm in SCRIPT.committed("conventions")["arms"]}
    assert arms["taught"]["gain"]["low"] > 0
    for control in ("silent", "deranged"):
        assert arms[control]["gain"]["low"] <= 0


def test_the_table_of_the_readme_is_that_of_the_results():
    page = (REPO / "evals" / "real_model" / "README.md").read_text(encoding="utf-8")
    assert SCRIPT.table_of(COMMITTED) in page

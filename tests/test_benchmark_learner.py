"""The benchmark of diagnosis runs, and diagnoses what it says."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parent.parent / "benchmarks" / "learner.py"

pytestmark = pytest.mark.slow


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error", str(SCRIPT), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def test_a_class_is_diagnosed():
    done = run("--pupils", "6", "--answers", "100", "--rounds", "1", "--json")
    found = {each["job"]: each for each in json.loads(done.stdout)}["diagnose"]
    assert (found["pupils"], found["answers"], found["rounds"]) == (6, 600, 1)
    assert found["named"] > 0 and found["per_second"] > 0


def test_no_pupils_cannot_be_measured():
    refused = run("--pupils", "0")
    assert refused.returncode == 2 and "at least one pupil" in refused.stderr

"""The benchmarks run, and make exactly the calls that they say: no figure is worth more than its counts."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).resolve().parent.parent / "benchmarks"

pytestmark = pytest.mark.slow


def run(script: str, *arguments: str, expect: int = 0) -> str:
    command = [sys.executable, "-W", "error", str(BENCHMARKS / script), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == expect, done.stderr
    return done.stdout or done.stderr


def test_a_replay_answers_every_call_from_the_cache():
    found = json.loads(run("replay.py", "--calls", "40", "--rounds", "1", "--json"))
    assert found["calls"] == 40
    assert found["requests"] == 0
    assert found["hits"] == {"bare": 40, "structured": 40, "map": 40}
    assert found["rows"] == {"attempt": 40, "call": 40, "run_item": 40}


def test_a_soak_has_every_request_of_the_server_once_in_each_ledger():
    found = json.loads(run("soak.py", "--calls", "50", "--in-flight", "8", "--latency", "0.05", "--json"))
    assert found["requests"] == found["tries"] == found["admitted"] == 50
    assert found["rows"] == {"attempt": 50, "call": 50, "run_item": 50}
    assert found["peak_in_flight"] == 8
    assert [int(percent) for percent in found["resident"]] == [0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100]


@pytest.mark.parametrize("student", ["http", "sim/two-bugs"])
def test_a_long_run_is_killed_five_times_and_ends_as_if_nothing_had_been(student):
    arguments = ["--student", student, "--items", "100", "--json"]
    command = [sys.executable, "-W", "error", str(BENCHMARKS / "long_run.py"), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    found = json.loads(done.stdout)
    assert found["same_end"] and [each["percent"] for each in found["resumed"]] == [10, 30, 50, 80, 97]
    assert len({each["node"].partition("#")[0] for each in found["resumed"]}) > 1
    assert found["again"] <= found["in_flight"] * 5
    assert (found["requests"] >= found["calls"]) == (student == "http")
    # How long it takes depends on the machine: no verdict on that here.
    assert not [fault for fault in found["faults"] if "until it went on" not in fault]


def test_the_gateway_does_its_job_with_as_many_calls_in_flight_as_it_may():
    found = json.loads(run("gateway.py", "--only", "tutorkit", "--rounds", "1", "--job", "small", "--json"))
    assert found["small"]["tutorkit"]["peak"] == 64


@pytest.mark.parametrize(
    ("script", "arguments", "says"),
    [
        ("replay.py", ["--calls", "0"], "at least one call"),
        ("soak.py", ["--calls", "9"], "at least 10 calls"),
        ("long_run.py", ["--items", "99"], "at least 100 items"),
        ("gateway.py", ["--only", "carrier-pigeon"], "there are aiohttp, tutorkit"),
    ],
)
def test_what_cannot_be_measured_is_refused(script, arguments, says):
    assert says in run(script, *arguments, expect=2)


def test_every_client_says_what_it_does_beside_the_call():
    sys_path = f"import sys; sys.path.insert(0, {str(BENCHMARKS)!r})"
    code = (
        f"{sys_path}; import gateway, json; print(json.dumps({{n: gateway.does_beside(n) for n in gateway.CLIENTS}}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    said = json.loads(done.stdout)
    assert all(words and "\n" not in words for words in said.values())
    assert {"curator", "distilabel", "inspect-ai", "dspy"} <= set(said)

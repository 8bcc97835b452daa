"""A run survives the death of its process, wherever it dies, and several processes share one database."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from support.bench import export, plan
from support.model_server import serve_model

from tutorkit.lab import Lab
from tutorkit.methods.registry import find_method

pytestmark = pytest.mark.slow

KILLED_AFTER_A_NODE = """
import os, signal, sys
from tutorkit.lab import ItemsAdvanced, Lab, NodeFinished, Plan

plan, home, victim = Plan.model_validate_json(sys.argv[1]), sys.argv[2], sys.argv[3]

def die(event):
    node_ends = isinstance(event, NodeFinished) and event.node == victim
    inside = isinstance(event, ItemsAdvanced) and f"{event.node}/{event.done}" == victim
    if node_ends or inside:
        os.kill(os.getpid(), signal.SIGKILL)

with Lab(home=home, concurrency=3) as lab:
    lab.teach_plan(plan, listen=die)
"""


def weak_student(body: dict) -> str:
    """Adds like someone who never carries, until a lesson tells it to, and gives up on the rest."""
    question = body["messages"][-1]["content"].rpartition("Problem:")[2]
    taught = "carry" in body["messages"][0]["content"].lower()
    answers = []
    for part in re.split(r"\([a-d]\) ", question)[1:]:
        if found := re.match(r"(\d+) \+ (\d+)\s*(?:$|\()", part):
            left, right = found.groups()
            columns = zip(f"{left:>03}", f"{right:>03}", strict=True)
            answers.append(
                int(left) + int(right) if taught else int("".join(str((int(a) + int(b)) % 10) for a, b in columns))
            )
        else:
            answers.append(0)
    return f"I work it out.\nAnswer: {', '.join(map(str, answers))}"


def run_killed(text: str, home: Path, victim: str) -> int:
    command = [sys.executable, "-c", KILLED_AFTER_A_NODE, text, str(home), victim]
    return subprocess.run(command, capture_output=True, check=False, timeout=120).returncode


@pytest.fixture
def model():
    with serve_model(weak_student) as server:
        yield server


AFTER_NODES = [f"{node}#0" for node in find_method("tpd").nodes if node != "evaluate"]
INSIDE_NODES = ["practise#0/5", "extract_errors#0/3", "write_demos#0/1", "evaluate#0/7"]


@pytest.mark.parametrize(("victims", "in_flight"), [(AFTER_NODES, 0), (INSIDE_NODES, 2)], ids=["after", "inside"])
def test_kill_9_and_the_same_command_ends_as_if_nothing_had_been(tmp_path, model, victims, in_flight):
    given = plan(student=f"openai/tiny@{model.url}", sizes={"train": 3, "val": 12, "test": 12})
    with Lab(home=tmp_path / "whole") as lab:
        whole = lab.teach_plan(given)
        complete = export(lab, whole.run_id)
    paid = model.calls
    assert paid == 12 + 12 + 12
    model.asked.clear()

    codes = [run_killed(given.model_dump_json(), tmp_path / "killed", victim) for victim in victims]
    assert codes == [-signal.SIGKILL] * len(victims)
    with Lab(home=tmp_path / "killed") as lab:
        report = lab.teach_plan(given)
        assert export(lab, report.run_id) == complete
    # Spending aside: what was in flight when the process died is paid for again, and nothing else is.
    without = {"pack": None, "spending": ()}
    assert report.model_copy(update=without) == whole.model_copy(update=without)
    assert paid <= model.calls <= paid + in_flight * len(victims)


def test_two_processes_on_one_database_lose_nothing(tmp_path):
    plans = [plan(seed=seed, sizes={"train": 3, "val": 20, "test": 20}) for seed in (1, 2, 3)]
    script = (
        "import sys; from tutorkit.lab import Lab, Plan\n"
        "with Lab(home=sys.argv[2]) as lab: lab.teach_plan(Plan.model_validate_json(sys.argv[1]))"
    )
    both = [
        subprocess.Popen(
            [sys.executable, "-c", script, each.model_dump_json(), str(tmp_path / "shared")], stderr=subprocess.PIPE
        )
        for each in plans
    ]
    for process in both:
        _, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors.decode()
    with Lab(home=tmp_path / "shared") as lab, Lab(home=tmp_path / "alone") as alone:
        for each in plans:
            report = alone.teach_plan(each)
            assert export(lab, report.run_id) == export(alone, report.run_id)


def test_two_processes_do_not_execute_one_run_at_once(tmp_path, model):
    given = plan(student=f"openai/tiny@{model.url}", sizes={"train": 3, "val": 30, "test": 30})
    script = (
        "import sys; from tutorkit.lab import Lab, Plan\n"
        "with Lab(home=sys.argv[2], concurrency=2) as lab: lab.teach_plan(Plan.model_validate_json(sys.argv[1]))"
    )
    command = [sys.executable, "-c", script, given.model_dump_json(), str(tmp_path)]
    both = [subprocess.Popen(command, stderr=subprocess.PIPE) for _ in range(2)]
    outcomes = [process.communicate(timeout=120)[1].decode() for process in both]
    codes = [process.returncode for process in both]
    assert 0 in codes
    for code, words in zip(codes, outcomes, strict=True):
        assert code == 0 or "is being executed by another process" in words
    assert max(model.asked.values()) == 1


def test_ctrl_c_drains_and_the_same_command_goes_on(tmp_path, model):
    options = f"--task chains --student openai/tiny@{model.url} --teacher rules --val 200 --test 20 --controls none"
    command = [sys.executable, "-m", "tutorkit.cli", "teach", "tpd", *options.split(), "--concurrency", "2", "--json"]
    environment = {"TUTORKIT_HOME": str(tmp_path), "PATH": ""}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)
    while model.calls < 20 and process.poll() is None:
        pass
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err.decode()
    assert b'"stop_reason": "interrupted"' in out
    before = model.calls
    assert 20 <= before < 200
    again = subprocess.run(command, capture_output=True, env=environment, check=False, timeout=120)
    assert again.returncode == 0, again.stderr.decode()
    assert max(model.asked.values()) == 1 and model.calls > before

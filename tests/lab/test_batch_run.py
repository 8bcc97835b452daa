"""A whole run through batches: the same results as one that calls directly, and every way of stopping and going on."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest
from support.batch_server import serve_batches
from support.bench import export, plan
from test_resume import weak_student

from tutorkit.lab import BatchAdvanced, Lab, Limits
from tutorkit.models.batch import BatchDesk, Pace

SIZES = {"train": 3, "val": 6, "test": 6}
TEACH = ("teach", "tpd", "--task", "chains", "--teacher", "rules", "--controls", "none", "--val", "6", "--test", "6")
PACE = Pace(linger=0.05, first_look=0.001, longest_look=0.01, settle=0.0, stop_check=0.01)


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch):
    monkeypatch.setattr("tutorkit.lab.batching.BatchDesk", partial(BatchDesk, pace=PACE))


@pytest.fixture
def server():
    with serve_batches(answer=weak_student) as running:
        yield running


@pytest.mark.parametrize("kind", ["model", "claude"])
def test_a_run_in_batches_ends_as_a_direct_one(server, tmp_path, kind):
    given = plan(student=getattr(server, kind), sizes=SIZES)
    told: list[BatchAdvanced] = []
    with Lab(home=tmp_path / "batch") as lab:
        report = lab.teach_plan(
            given, batch=True, listen=lambda event: told.append(event) if isinstance(event, BatchAdvanced) else None
        )
        in_batches = export(lab, report.run_id)
        assert lab.teach_plan(given).run_id == report.run_id
    assert server.count("POST /v1/chat") == server.count("POST /v1/messages ") == 0
    assert max(server.asked.values()) == 1
    assert server.sizes[0] == 6
    assert told[0].total == 6
    if kind == "model":
        with Lab(home=tmp_path / "direct") as lab:
            direct = lab.teach_plan(given)
            assert export(lab, direct.run_id) == in_batches
        assert server.count("POST /v1/chat") == sum(server.sizes)
    # A run of the other way may use what is recorded.
    with Lab(home=tmp_path / "batch", cache_mode="replay") as lab:
        again = lab.teach_plan(given.model_copy(update={"repeat": 1}))
    assert again.arms[0].gain == report.arms[0].gain


def test_a_budget_stops_a_batch_and_a_higher_one_goes_on(server, tmp_path):
    given = plan(student=server.model, sizes=SIZES)
    with Lab(home=tmp_path) as lab:
        stopped = lab.teach_plan(given, batch=True, limits=Limits(max_tokens=1000))
        assert (stopped.status, stopped.stop_reason) == ("stopped", "budget")
        assert 0 < sum(server.sizes) * 15 <= 1000
        finished = lab.teach_plan(given, batch=True)
    assert finished.status == "finished"
    assert max(server.asked.values()) == 1


def test_a_request_that_no_model_takes_stops_the_run_with_the_providers_words(server, tmp_path, tutorkit):
    server.outcome = lambda _body: 400
    shown = tutorkit(*TEACH, "--student", server.model, "--batch")
    assert shown.code == 1
    assert "odd option" in shown.err
    server.outcome = lambda _body: "ok"
    assert tutorkit(*TEACH, "--student", server.model, "--batch").code == 0


def test_a_folder_ends_the_run_as_waiting_and_the_same_command_goes_on(server, tmp_path, tutorkit):
    folder = tmp_path / "batches"
    command = (*TEACH, "--student", "openai/tiny@http://127.0.0.1:9/v1", "--batch-folder", str(folder))
    waves = 0
    while (shown := tutorkit(*command)).code == 3:
        waves += 1
        (asked,) = [path for path in folder.glob("*.jsonl") if not answers_of(path).exists()]
        assert f"vllm run-batch -i {asked} -o {answers_of(asked)}" in " ".join(shown.out.split())
        assert tutorkit(*command).code == 3
        answers_of(asked).write_text("\n".join(map(answered, asked.read_text().splitlines())))
    assert shown.code == 0, shown.err
    assert waves >= 2
    assert "held-out problems" in shown.out


def answers_of(path: Path) -> Path:
    """Where the answers go; of a file of answers, itself."""
    return path if path.name.endswith(".out.jsonl") else path.with_suffix(".out.jsonl")


def answered(line: str) -> str:
    request = json.loads(line)
    message = {"role": "assistant", "content": weak_student(request["body"])}
    body = {"model": "tiny", "choices": [{"index": 0, "finish_reason": "stop", "message": message}]}
    return json.dumps({"custom_id": request["custom_id"], "response": {"status_code": 200, "body": body}})


@pytest.mark.slow
def test_ctrl_c_names_the_batch_and_the_same_command_takes_it_up(server, tutorkit):
    server.looks = 10**9
    command = [sys.executable, "-m", "tutorkit.cli", *TEACH, "--student", server.model, "--batch"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        while not server.count("GET /v1/batches/batch_0"):
            assert process.poll() is None, process.stderr.read()
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "batch_0 (6 requests)" in out.replace("\n", " ")
    without = tutorkit(*TEACH, "--student", server.model)
    assert without.code == 2
    assert "batch_0 (6 requests to tiny)" in without.err.replace("\n", " ")
    assert "Add --batch" in without.err
    server.looks = 1
    server.batches["batch_0"]["left"] = 0
    assert tutorkit(*TEACH, "--student", server.model, "--batch").code == 0
    assert max(server.asked.values()) == 1
    assert server.count("POST /v1/chat") == 0

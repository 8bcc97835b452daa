"""The child process of a training, without the packages that train."""

from __future__ import annotations

import json
import subprocess
import sys

SCRIPT = """
import sys
from tutorkit.errors import TrainingFailed
from tutorkit.training import worker
def train(spec, say):
    print("a library prints")
    say.write('{"step": 1}\\n')
    say.flush()
    if spec.stage == "dpo":
        raise TrainingFailed("No memory.", remedy="Buy some.")
worker.train = train
sys.exit(worker.main())
"""


def run(tmp_path, stage: str) -> subprocess.Popen[str]:
    spec = {"stage": stage, "base": "b", "settings": {}, "rows": [], "models": "m", "out": "o"}
    (tmp_path / "spec.json").write_text(json.dumps(spec))
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(tmp_path / "spec.json")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_finished_training_ends_well_while_its_pipe_is_still_open(tmp_path):
    with run(tmp_path, "sft") as child:
        assert child.wait(60) == 0
        assert child.stdout.read() == '{"step": 1}\n'
        assert "a library prints" in child.stderr.read()


def test_a_failure_stands_last_in_what_it_says(tmp_path):
    with run(tmp_path, "dpo") as child:
        assert child.wait(60) == 1
        assert child.stderr.read().strip().splitlines()[-1] == "No memory. Buy some."


def test_it_ends_when_its_parent_has_gone(tmp_path):
    script = SCRIPT.replace('    print("a library prints")', "    import time; time.sleep(600)")
    (tmp_path / "spec.json").write_text(
        json.dumps({"stage": "sft", "base": "b", "settings": {}, "rows": [], "models": "m", "out": "o"})
    )
    with subprocess.Popen([sys.executable, "-c", script, str(tmp_path / "spec.json")], stdin=subprocess.PIPE) as child:
        child.stdin.close()
        assert child.wait(60) == 1

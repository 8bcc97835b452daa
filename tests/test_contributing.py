"""A newcomer follows CONTRIBUTING: one file and its prompt, in a package of its own, found through the entry point."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parent.parent


def written_files() -> dict[str, str]:
    """The files that CONTRIBUTING shows, by their paths."""
    text = (REPO / "CONTRIBUTING.md").read_text(encoding="utf-8")
    found = re.findall(r"`([\w./-]+\.(?:py|md|toml))`[^`]*?:?\n\n```\w+\n(.*?)```\n", text, flags=re.DOTALL)
    return dict(found)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    source, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("site")
    files = {**written_files(), "toytutor/__init__.py": "", "toytutor/prompts/__init__.py": ""}
    assert {"toytutor/one_hint.py", "toytutor/prompts/one-hint/write.md", "pyproject.toml"} <= set(files)
    for name, content in files.items():
        path = source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    uv = Path(sys.executable).with_name("uv")
    options = ["--quiet", "--offline", "--no-deps", "--no-build-isolation", "--python", sys.executable]
    subprocess.run([uv, "pip", "install", *options, "--target", target, source], check=True)
    return target


def tutorkit(installed: Path, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    command = [sys.executable, "-m", "tutorkit.cli", *arguments, "--json"]
    return subprocess.run(command, capture_output=True, text=True, env=environment, cwd=cwd, check=False)


@pytest.mark.slow
def test_the_example_of_contributing_runs_from_a_package_of_its_own(installed: Path, tmp_path: Path):
    listed = json.loads(tutorkit(installed, "methods", cwd=tmp_path).stdout)
    assert {"one-hint", "tpd"} <= {method["name"] for method in listed}

    command = ["teach", "one-hint", "--task", "chains", "--student", "sim/two-bugs", "--teacher", "inbox/requests"]
    command += ["--val", "20", "--test", "60"]
    first = tutorkit(installed, *command, cwd=tmp_path)
    assert first.returncode == 3, first.stdout + first.stderr
    (request,) = (tmp_path / "requests").glob("write-*.request.md")
    assert "Write one sentence that would have helped" in request.read_text(encoding="utf-8")

    reply = request.with_name(request.name.replace(".request.md", ".reply.json"))
    hint = "Carry whenever a column makes a ten. [[skill:carry]] Read percent as hundredths. [[skill:percent]]"
    reply.write_text(json.dumps({"hint": hint}), encoding="utf-8")
    second = tutorkit(installed, *command, cwd=tmp_path)
    assert second.returncode == 0, second.stdout + second.stderr
    report = json.loads(second.stdout)
    assert report["simulated"] and report["arms"][0]["gain"]["low"] > 0
    silent = next(arm for arm in report["arms"] if arm["name"] == "silent")
    assert silent["gain"]["value"] == 0

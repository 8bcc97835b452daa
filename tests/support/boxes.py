"""The sandbox as tests use it: as whoever runs them, and as an ordinary user where that is root."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import pytest

import tutorkit
from tutorkit.errors import SandboxMissing
from tutorkit.sandbox import Ended, Limits, Sandbox

NOBODY = 65534
_PROBE = """
import base64, dataclasses, json, sys
from tutorkit.sandbox import Limits, Sandbox
given = json.loads(sys.stdin.read())
files = {name: base64.b64decode(content) for name, content in given["files"].items()}
box = Sandbox.found(python=sys.executable)
ended = box.run(files, program=given["program"], limits=Limits(**given["limits"]))
shown = dataclasses.asdict(ended) | {"report": base64.b64encode(ended.report).decode()}
print(json.dumps(shown))
"""


def why_no_box() -> str | None:
    """Say why nothing can be boxed here; None when it can."""
    try:
        Sandbox.found().check()
    except SandboxMissing as error:
        return error.message
    return None


NO_BOX = why_no_box()
needs_box = pytest.mark.skipif(NO_BOX is not None, reason=f"no sandbox here: {NO_BOX}")
USERS = ["whoever runs this", *(["nobody"] if os.geteuid() == 0 else [])]


class Ourselves:
    """Run as the user of the tests."""

    def run(self, files, *, program, limits=None) -> Ended:
        return Sandbox.found().run(files, program=program, limits=limits)


class Nobody:
    """Run as an ordinary user, in a process of its own, from a copy of the package that this user can read."""

    def __init__(self, folder: Path, python: str) -> None:
        self.folder, self.python = folder, python

    def run(self, files, *, program, limits=None) -> Ended:
        import base64

        given = {
            "files": {name: base64.b64encode(content).decode() for name, content in files.items()},
            "program": program,
            "limits": asdict(limits or Limits()),
        }
        done = subprocess.run(
            [self.python, "-B", "-c", _PROBE],
            input=json.dumps(given),
            capture_output=True,
            text=True,
            check=False,
            user=NOBODY,
            group=NOBODY,
            extra_groups=[],
            cwd="/",
            env={"PYTHONPATH": str(self.folder), "PATH": os.environ["PATH"]},
        )
        assert done.returncode == 0, done.stderr
        shown = json.loads(done.stdout)
        return Ended(**(shown | {"report": base64.b64decode(shown["report"])}))


@contextmanager
def nobody() -> Iterator[Nobody]:
    """Make the package readable for everybody, for a while."""
    home = Path(tutorkit.__file__).parent
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        copied = folder / "tutorkit"
        shutil.copytree(home / "sandbox", copied / "sandbox", ignore=shutil.ignore_patterns("__pycache__"))
        for each in ("__init__.py", "errors.py"):
            shutil.copy(home / each, copied / each)
        for path in (folder, *folder.rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)
        yield Nobody(folder, python_for_all())


def python_for_all() -> str:
    """Return an interpreter that an ordinary user can run; the test is skipped where there is none."""
    for path in ("/usr/bin/python3", "/usr/local/bin/python3"):
        if Path(path).exists():
            asked = subprocess.run(
                [path, "-c", "import sys; print(sys.version_info >= (3, 11))"],
                capture_output=True, text=True, check=False, user=NOBODY, group=NOBODY, extra_groups=[], cwd="/",
            )  # fmt: skip
            if asked.stdout.strip() == "True":
                return path
    pytest.skip("no Python 3.11 that an ordinary user can read")

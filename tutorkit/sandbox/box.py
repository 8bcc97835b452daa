"""The box: one Python program, run in namespaces of its own with nothing but its interpreter and its files in sight."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import IO

from tutorkit.errors import SandboxMissing
from tutorkit.sandbox.archive import fault_of_name
from tutorkit.sandbox.outcome import Ended, Limits, Status, readable
from tutorkit.sandbox.running import Heard, watch
from tutorkit.sandbox.start import OUT_OF_MEMORY, READY
from tutorkit.sandbox.syscalls import filter_program

WORK = "/work"
_START = "/start.py"
_NOBODY = "65534"
_LIBRARIES = ("/usr/lib", "/usr/lib64", "/lib", "/lib64")
_DEVICES = ("/dev/null", "/dev/zero", "/dev/urandom")
_ENVIRONMENT = {
    "HOME": WORK,
    "LANG": "C.UTF-8",
    "PATH": "/nowhere",
    # Sets of texts come out in the same order each time: what a learner sees twice is the same.
    "PYTHONHASHSEED": "0",
    "TMPDIR": WORK,
}


@dataclass(frozen=True, kw_only=True)
class Sandbox:
    """A way to run strangers' Python, which either holds or refuses.

    A program sees its interpreter with the standard library, the system's libraries, three devices and its own files
    in ``/work``, the only place where it can write. It has no network, no /proc, no environment, no other process, and
    can start none, nor a thread. When ``run`` returns, nothing of it is left.

    ``bwrap`` and ``python`` are the paths of bubblewrap and of the interpreter.
    """

    bwrap: str
    python: str
    libraries: tuple[str, ...] = field(default=_LIBRARIES)

    @classmethod
    def found(cls, *, python: str | None = None) -> Sandbox:
        """Return the sandbox of this machine.

        Args:
            python: the interpreter; the one that runs this when left out, outside its virtual environment.

        Raises:
            SandboxMissing: when there is no bubblewrap, or none that can contain here.
        """
        bwrap = shutil.which("bwrap")
        if bwrap is None:
            raise SandboxMissing("There is no bubblewrap (bwrap), so learners' code is not run.")
        interpreter = python or str(getattr(sys, "_base_executable", sys.executable))
        return cls(bwrap=bwrap, python=str(Path(interpreter).resolve()))

    def check(self) -> None:
        """Run an empty program.

        Raises:
            SandboxMissing: when that cannot be done, with what bubblewrap says.
        """
        self.run({"empty.py": b""}, program="empty.py")

    def run(self, files: Mapping[str, bytes], *, program: str, limits: Limits | None = None) -> Ended:
        """Run a program and wait until nothing of it is left. The thread that calls must live as long.

        Args:
            files: all that the program finds in ``/work``, by path.
            program: which of them is run.
            limits: what it may take.

        Returns:
            How it ended; ``refused``, without running anything, when the files are too many, too large, or have names
            that lead out of the folder.

        Raises:
            SandboxMissing: when the box cannot be made. Nothing was run then.
        """
        allowed = limits or Limits()
        if why := _fault(files, program, allowed):
            return Ended(status="refused", why=why)
        with ExitStack() as stack:
            started = time.monotonic()
            heard = self._watched(stack, files, program, allowed)
            return self._ended(heard, seconds=time.monotonic() - started)

    def _watched(self, stack: ExitStack, files: Mapping[str, bytes], program: str, limits: Limits) -> Heard:
        script = resources.files("tutorkit.sandbox").joinpath("start.py").read_bytes()
        start = stack.enter_context(_holding(script))
        rules = stack.enter_context(_holding(filter_program()))
        held = {path: stack.enter_context(_holding(content)) for path, content in files.items()}
        status = os.pipe()
        arguments = [
            *self._walls(),
            *("--perms", "0444", "--file", str(start.fileno()), _START),
            *("--seccomp", str(rules.fileno()), "--json-status-fd", str(status[1])),
            *("--size", str(limits.disk), "--perms", "0700", "--tmpfs", WORK),
        ]
        for path, content in held.items():
            arguments += ["--file", str(content.fileno()), f"{WORK}/{path}"]
        arguments += ["--remount-ro", "/", "--chdir", WORK, "--", *self._inside(program, limits)]
        passed = (status[1], *(each.fileno() for each in (start, rules, *held.values())))
        try:
            return watch([self.bwrap, *arguments], passed=passed, status=status, limits=limits)
        except OSError as error:
            raise SandboxMissing(
                f"{self.bwrap} cannot be run, so learners' code is not run: {error.strerror}.",
                data={"bwrap": self.bwrap, "errno": error.errno},
            ) from error

    def _walls(self) -> list[str]:
        """Return what makes the box, without the files of the program."""
        walls = ["--unshare-all", "--unshare-user", "--uid", _NOBODY, "--gid", _NOBODY, "--hostname", "box"]
        walls += ["--die-with-parent", "--new-session", "--cap-drop", "ALL", "--clearenv"]
        prefix = Path(self.python).parent.parent
        # Libraries that belong to the interpreter are looked for beside it, wherever it was put.
        for name, value in {**_ENVIRONMENT, "LD_LIBRARY_PATH": f"{prefix}/lib"}.items():
            walls += ["--setenv", name, value]
        for folder in dict.fromkeys((*self.libraries, f"{prefix}/lib", f"{prefix}/lib64")):
            if os.path.islink(folder):
                walls += ["--symlink", os.readlink(folder), folder]
            elif os.path.isdir(folder):
                walls += ["--ro-bind", folder, folder]
        walls += ["--ro-bind", self.python, self.python]
        for device in _DEVICES:
            walls += ["--dev-bind", device, device]
        return walls

    def _inside(self, program: str, limits: Limits) -> list[str]:
        given = json.dumps({"memory": limits.memory, "cpu_s": limits.cpu_s, "file": limits.file})
        # As -I does, without the part of it that overhears the seed: the environment is empty in any case.
        return [self.python, "-P", "-s", "-B", "-S", "-X", "utf8", _START, given, f"{WORK}/{program}"]

    def _ended(self, heard: Heard, *, seconds: float) -> Ended:
        began = heard.report.startswith(READY)
        if not began and heard.cut_by is None:
            said = readable(heard.output).strip() or f"It ended with {heard.exit_code}."
            raise SandboxMissing(
                f"The sandbox cannot be made, so learners' code is not run. bubblewrap says: {said}",
                data={"said": said, "exit_code": heard.exit_code},
            )
        number = heard.exit_code - 128 if heard.exit_code is not None and heard.exit_code > 128 else None
        status: Status = "finished"
        if heard.cut_by is not None:
            status = heard.cut_by
        elif heard.exit_code == OUT_OF_MEMORY:
            status = "out_of_memory"
        elif number == signal.SIGXCPU:
            status = "timed_out"
        elif number is not None:
            status = "killed"
        return Ended(
            status=status,
            exit_code=heard.exit_code if status == "finished" else None,
            signal=number if status == "killed" else None,
            output=readable(heard.output),
            report=heard.report.removeprefix(READY),
            seconds=seconds,
        )


def _fault(files: Mapping[str, bytes], program: str, limits: Limits) -> str | None:
    if program not in files:
        return f"there is no file {program!r}"
    if len(files) > limits.files:
        return f"there are {len(files)} files, and {limits.files} are allowed"
    size = sum(len(content) for content in files.values())
    if size > limits.source:
        return f"the files have {size} bytes, and {limits.source} are allowed"
    return next((fault for name in files if (fault := fault_of_name(name))), None)


def _holding(content: bytes) -> IO[bytes]:
    """Return an open file without a name that holds this, and stands at its beginning."""
    held = tempfile.TemporaryFile()  # noqa: SIM115 - whoever takes it closes it
    held.write(content)
    held.seek(0)
    return held

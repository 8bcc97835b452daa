"""The first thing that runs in the box: it closes what was left open, sets the limits, and runs the program.

It stands alone: it is carried into the box as a file, and nothing of tutorkit is there. Its arguments are the limits as
JSON and the program's path. Descriptor 3 is the report; descriptors 1 and 2 are one and the same output.
"""

import json
import os
import resource
import runpy
import sys

REPORT = 3
READY = b"ready\n"
OUT_OF_MEMORY = 97


def limit(memory: int, cpu_s: int, file: int) -> None:
    """Set limits that nothing in the box can raise again."""
    for name, soft, hard in (
        ("RLIMIT_AS", memory, memory),
        ("RLIMIT_CPU", cpu_s, cpu_s + 1),
        ("RLIMIT_FSIZE", file, file),
        ("RLIMIT_NOFILE", 64, 64),
        ("RLIMIT_NPROC", 1, 1),
        ("RLIMIT_CORE", 0, 0),
        ("RLIMIT_MEMLOCK", 0, 0),
        ("RLIMIT_MSGQUEUE", 0, 0),
        ("RLIMIT_NICE", 0, 0),
        ("RLIMIT_RTPRIO", 0, 0),
    ):
        _, allowed = resource.getrlimit(getattr(resource, name))
        ceiling = hard if allowed == resource.RLIM_INFINITY else min(hard, allowed)
        resource.setrlimit(getattr(resource, name), (min(soft, ceiling), ceiling))


def start() -> None:
    """Set the box up and run the program in it."""
    limits, program = json.loads(sys.argv[1]), sys.argv[2]
    os.dup2(1, REPORT)
    os.dup2(2, 1)
    os.closerange(REPORT + 1, 65_536)
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    sys.argv[:] = [program]
    limit(limits["memory"], limits["cpu_s"], limits["file"])
    os.write(REPORT, READY)
    try:
        runpy.run_path(program, run_name="__main__")
    except MemoryError:
        os._exit(OUT_OF_MEMORY)


if __name__ == "__main__":
    start()

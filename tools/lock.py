"""Resolve the dependencies and pin them by hash, without naming a package index.

Run by ``make lock``. The core set is a subset of the development set, so both agree on every version.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ROOT / "requirements"
COMMON = ["--universal", "--generate-hashes", "--no-annotate", "--no-header", "--quiet", "--python-version", "3.11"]
EXTRAS = ["bench", "math", "otel", "parquet", "plots", "postgres"]


def main() -> None:
    """Write every lock file."""
    extras = [part for extra in EXTRAS for part in ("--extra", extra)]
    _compile("pyproject.toml", "dev.lock", "--group", "dev", *extras)
    _compile("pyproject.toml", "core.lock", "--constraint", "requirements/dev.lock")
    _compile("requirements/bootstrap.in", "bootstrap.lock")
    _compile("requirements/real.in", "real.lock", "--no-deps")


def _compile(source: str, target: str, *options: str) -> None:
    command = [str(Path(sys.executable).with_name("uv")), "pip", "compile", source, *COMMON, *options]
    subprocess.run([*command, "--output-file", str(LOCKS / target)], check=True, cwd=ROOT)  # noqa: S603


if __name__ == "__main__":
    main()

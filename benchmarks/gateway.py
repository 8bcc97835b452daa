"""One job for the gateway and for every neighbour: what each adds to a call.

    python benchmarks/gateway.py                        400 calls, 64 in flight; then 2,000 calls, 256 in flight
    python benchmarks/gateway.py --only aiohttp,tutorkit --rounds 5 --job small --json

A server on this machine answers every structured call after 200 ms. The clients run one after another, round by round,
each in an environment of its own under ``.bench/`` (made at first use, with the newest versions that the pins allow),
caches off, every question another one. Printed are medians over the rounds:

- ``wall``: seconds from a client's first request to its last reply, as the server saw them, over the ideal;
- ``CPU ms``: processor time of the client for each call, without its start; ``× bare`` relates it to bare aiohttp's;
- ``start s``: processor time of its start, imports above all;
- ``RSS MB``: the most memory that one of its processes held; ``peak``: the most calls that the server saw in flight.

They do unequal work beside the calls, which the last column names: read no factor without it.
"""

from __future__ import annotations

import argparse
import ast
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from stand_in import reset, seen, stand_in

HERE = Path(__file__).resolve().parent
SCRIPTS = HERE / "gateway_clients"
ENVIRONMENTS = HERE.parent / ".bench"
LATENCY = 0.2
JOBS = {"small": (400, 64), "large": (2000, 256)}
LONGEST = 600

# Environment and script of each client. No packages: this very environment.
CLIENTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "aiohttp": ("aiohttp_bare", ("aiohttp==3.14.*",)),
    "tutorkit": ("tutorkit_gateway", ()),
    "openai": ("openai_default", ("openai[aiohttp]==2.54.*",)),
    "openai+aiohttp": ("openai_aiohttp", ("openai[aiohttp]==2.54.*",)),
    "litellm": ("litellm_acompletion", ("litellm==1.106.*",)),
    "instructor": ("instructor_create", ("instructor==1.17.*",)),
    "langchain-openai": ("langchain_abatch", ("langchain-openai==1.7.*",)),
    "pydantic-ai": ("pydantic_ai_run", ("pydantic-ai-slim[openai]==2.68.*",)),
    "dspy": ("dspy_predict", ("dspy==3.4.*",)),
    "inspect-ai": ("inspect_generate", ("inspect-ai==0.3.285", "openai>=3.4")),
    "curator": ("curator_llm", ("bespokelabs-curator==0.1.31",)),
    # It imports requests without naming it, and bs4, without which it only looks no citations up.
    "distilabel": ("distilabel_pipeline", ("distilabel[openai,instructor]==1.5.3", "requests")),
}


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One client's job in one round."""

    wall: float
    cpu_ms: float
    start: float
    rss_mb: float
    peak: int


def environment(packages: Sequence[str]) -> str:
    """Return the Python of an environment with these packages, making it first if need be."""
    if not packages:
        return sys.executable
    folder = ENVIRONMENTS / "-".join(packages).translate(str.maketrans("[]=><*", "______"))
    python = folder / "bin" / "python"
    if not (folder / "complete").exists():
        uv = str(Path(sys.executable).with_name("uv"))
        _run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(folder)])
        _run([uv, "pip", "install", "--quiet", "--system-certs", "--python", str(python), *packages])
        (folder / "complete").touch()
    return str(python)


def measure(name: str, url: str, *, calls: int, in_flight: int) -> Measured:
    """Have a client do the job once.

    Raises:
        SystemExit: with the end of what it said, when it did not.
    """
    script, packages = CLIENTS[name]
    reset(url)
    command = [environment(packages), str(SCRIPTS / f"{script}.py"), f"{url}/v1", str(calls), str(in_flight)]
    with tempfile.TemporaryDirectory() as home:
        # Some keep caches in the home folder, and would find them again in the next round.
        found = json.loads(_run(command, HOME=home).strip().splitlines()[-1])
    counted = seen(url)
    if counted["requests"] != calls:
        raise SystemExit(f"{name} made {counted['requests']:.0f} requests for {calls} calls")
    ideal = math.ceil(calls / in_flight) * LATENCY
    return Measured(
        wall=counted["span"] / ideal,
        cpu_ms=found["cpu"] / calls * 1000,
        start=found["start"],
        rss_mb=found["rss_mb"],
        peak=int(counted["peak"]),
    )


def medians(rounds: Sequence[Measured]) -> Measured:
    """Return the median of each figure, and the highest peak."""
    return Measured(
        wall=statistics.median(each.wall for each in rounds),
        cpu_ms=statistics.median(each.cpu_ms for each in rounds),
        start=statistics.median(each.start for each in rounds),
        rss_mb=statistics.median(each.rss_mb for each in rounds),
        peak=max(each.peak for each in rounds),
    )


def table(found: Mapping[str, Measured]) -> str:
    """Return the figures as a Markdown table, the least processor time first."""
    bare = found["aiohttp"].cpu_ms if "aiohttp" in found else math.nan
    lines = [
        "| client | wall ÷ ideal | CPU ms | × bare | start s | RSS MB | peak | beside the call |",
        "|---" * 8 + "|",
    ]
    for name, each in sorted(found.items(), key=lambda item: item[1].cpu_ms):
        figures = f"{each.wall:.2f} | {each.cpu_ms:.2f} | {each.cpu_ms / bare:.1f} | {each.start:.1f}"
        lines.append(f"| {name} | {figures} | {each.rss_mb:.0f} | {each.peak} | {does_beside(name)} |")
    return "\n".join(lines)


def does_beside(name: str) -> str:
    """Return what a client does beside the call: the docstring of its script."""
    script = SCRIPTS / f"{CLIENTS[name][0]}.py"
    return ast.get_docstring(ast.parse(script.read_text(encoding="utf-8"))) or ""


def _run(command: Sequence[str], **variables: str) -> str:
    within = {**os.environ, **variables}
    done = subprocess.run(command, capture_output=True, text=True, timeout=LONGEST, check=False, env=within)
    if done.returncode:
        raise SystemExit(f"{' '.join(command[:3])} failed:\n{(done.stderr or done.stdout)[-2000:]}")
    return done.stdout


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default=",".join(CLIENTS), help="names of clients, with commas between")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--job", choices=[*JOBS, "both"], default="both")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    names = given.only.split(",")
    if unknown := [name for name in names if name not in CLIENTS]:
        parser.error(f"no client {unknown[0]!r}; there are {', '.join(CLIENTS)}")
    for name in names:
        environment(CLIENTS[name][1])
    results: dict[str, dict[str, Measured]] = {}
    for job in JOBS if given.job == "both" else [given.job]:
        calls, in_flight = JOBS[job]
        rounds: list[dict[str, Measured]] = []
        for _ in range(given.rounds):
            with stand_in(LATENCY) as url:
                rounds.append({name: measure(name, url, calls=calls, in_flight=in_flight) for name in names})
        results[job] = {name: medians([each[name] for each in rounds]) for name in names}
        if not given.json:
            head = f"{calls} calls, {in_flight} in flight, {LATENCY * 1000:.0f} ms each; {given.rounds} rounds"
            sys.stdout.write(f"\n{head}\n\n{table(results[job])}\n")
    if given.json:
        plain = {job: {name: vars(each) for name, each in found.items()} for job, found in results.items()}
        sys.stdout.write(json.dumps(plain, indent=1) + "\n")


if __name__ == "__main__":
    main()

"""How fast learners are diagnosed: one thread, one process, no model.

    python benchmarks/learner.py                    a class of 30 with 200 answers each, three rounds
    python benchmarks/learner.py --pupils 10 --answers 50 --json

Each job is done on simulated pupils, drawn by a seed before the clock starts:

- ``diagnose``: every answer of every pupil held against all malrules of its domain, posteriors, evidence, next probe.
  No two pupils share an item, which is the worst case; nothing that was worked out in an earlier round is kept.

The figures are medians over the rounds; CPU is that of the process.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from random import Random

from tutorkit.misconceptions import DOMAINS, ItemAnswer, diagnose, drawn_item, malrules, perform
from tutorkit.misconceptions.posterior import forget_outcomes

MOST_MISCONCEPTIONS = 3
APPLIES = 0.9


@dataclass(frozen=True, kw_only=True)
class Took:
    """Seconds for a job, by the clock and of the processor, and what came of it."""

    wall: float
    cpu: float
    named: int


@dataclass(frozen=True, kw_only=True)
class Found:
    """The figures of one job."""

    job: str
    pupils: int
    answers: int
    rounds: int
    wall: float
    cpu: float
    per_second: float
    named: int


def drawn_class(pupils: int, answers: int, *, seed: int) -> list[list[ItemAnswer]]:
    """Draw pupils with up to three misconceptions each, and their answers to items of all domains."""
    rng = Random(seed)
    return [_answers(rng, answers) for _ in range(pupils)]


def _answers(rng: Random, count: int) -> list[ItemAnswer]:
    held = [rule.procedure for rule in rng.sample(malrules(), rng.randint(0, MOST_MISCONCEPTIONS))]
    items = [drawn_item(rng.choice(DOMAINS), rng) for _ in range(count)]
    return [
        ItemAnswer(item=dict(item), answer=perform(item, held if rng.random() < APPLIES else ()).answer)
        for item in items
    ]


def diagnosed(room: Sequence[Sequence[ItemAnswer]]) -> int:
    """Diagnose every pupil, and return how many misconceptions were named."""
    return sum(len(verdict.likely) for answers in room for verdict in diagnose(answers).domains)


JOBS: dict[str, Callable[[Sequence[Sequence[ItemAnswer]]], int]] = {"diagnose": diagnosed}


def measure(job: str, *, pupils: int, answers: int, rounds: int) -> Found:
    """Do a job as often as there are rounds, each time as if for the first time."""
    room = drawn_class(pupils, answers, seed=0)
    took = [_once(JOBS[job], room) for _ in range(rounds)]
    wall = statistics.median(each.wall for each in took)
    return Found(
        job=job,
        pupils=pupils,
        answers=pupils * answers,
        rounds=rounds,
        wall=wall,
        cpu=statistics.median(each.cpu for each in took),
        per_second=pupils * answers / wall,
        named=took[-1].named,
    )


def _once(job: Callable[[Sequence[Sequence[ItemAnswer]]], int], room: Sequence[Sequence[ItemAnswer]]) -> Took:
    forget_outcomes()
    wall, cpu = time.perf_counter(), time.process_time()
    named = job(room)
    return Took(wall=time.perf_counter() - wall, cpu=time.process_time() - cpu, named=named)


def table(found: Sequence[Found]) -> str:
    """Return the figures as a Markdown table."""
    lines = ["| job | pupils | answers | seconds | CPU s | answers/s | named |", "|---" * 7 + "|"]
    lines += [
        f"| {each.job} | {each.pupils} | {each.answers:,} | {each.wall:.2f} | {each.cpu:.2f} "
        f"| {each.per_second:,.0f} | {each.named} |"
        for each in found
    ]
    return "\n".join(lines)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pupils", type=int, default=30)
    parser.add_argument("--answers", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    if min(given.pupils, given.answers, given.rounds) < 1:
        parser.error("give at least one pupil, one answer and one round")
    found = [measure(job, pupils=given.pupils, answers=given.answers, rounds=given.rounds) for job in JOBS]
    shown = json.dumps([asdict(each) for each in found], indent=1) if given.json else table(found)
    sys.stdout.write(f"{shown}\n")


if __name__ == "__main__":
    main()

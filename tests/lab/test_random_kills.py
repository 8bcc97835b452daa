"""Twenty SIGKILLs at random moments of one run, the same command after each: nothing is lost, little is paid twice."""

from __future__ import annotations

import json
import math
import os
import re
import shutil
import signal
import sqlite3
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import pytest
from support.bench import export
from support.model_server import serve_model
from support.nursery import nursery

from tutorkit.canonical import digest
from tutorkit.lab import Lab

pytestmark = pytest.mark.slow

KILLS = 20
AT_THE_START = 4
"""So many of them come while the process still opens or makes its files."""

CONCURRENCY = 3
SEED = 5
LATENCY_S = 0.003


def student(body: dict) -> str:
    """Adds like someone who never carries, until a lesson tells it to, and gives up on the rest."""
    question = body["messages"][-1]["content"].rpartition("Problem:")[2]
    taught = "carry" in body["messages"][0]["content"].lower()
    answers = []
    for part in re.split(r"\([a-d]\) ", question)[1:]:
        found = re.match(r"(\d+) \+ (\d+)\s*(?:$|\()", part)
        left, right = (int(number) for number in found.groups()) if found else (0, 0)
        answers.append(left + right if taught else sum((left // at + right // at) % 10 * at for at in (1, 10, 100)))
    return f"I work it out.\nAnswer: {', '.join(map(str, answers))}"


def teacher(body: dict) -> dict:
    """Says the one thing that helps, in the schema that was asked for."""
    asked = body["messages"][-1]["content"]
    shown = re.findall(r"Id:\s*<data>(\w+)</data>", asked)
    gold = re.findall(r"Correct answer:\s*<data>(.*?)</data>", asked, flags=re.DOTALL)
    rule = "When you add, carry the ten."
    return {
        "Instruction": {"instruction": "Work part by part.", "steps": ["Do each part.", "Give all answers."]},
        "ErrorNote": {
            "analysis": "The ten was lost.",
            "first_wrong_step": 1,
            "evidence": "I work it out.",
            "error_summary": "A ten was not carried.",
            "cause": "no carry",
            "skill": "carry",
            "misconception_id": None,
            "confidence": 0.5,
        },
        "Principles": {"principles": [{"text": rule, "covers_error_ids": shown, "skill": "carry"}]},
        "Violations": {
            "violations": [{"principle_id": name, "evidence": "I work it out.", "violated": True} for name in shown]
        },
        "Demo": {"solution": "Carry the ten.", "final_answer": "".join(gold[-1:]), "principles_used": shown},
        "Refined": {"instruction": f"Work part by part. {rule}", "principles_kept": shown},
    }[body["response_format"]["json_schema"]["name"]]


def model(body: dict) -> str:
    """Both of them; every fifth of the teacher's first replies breaks its schema."""
    if "response_format" not in body:
        return student(body)
    again = "could not be used" in body["messages"][-1]["content"]
    return "{}" if not again and int(digest(body), 16) % 5 == 0 else json.dumps(teacher(body))


@dataclass
class Assassin:
    """Answers, and kills the process that asks: at the request of a given number, or a little later."""

    victim: int = 0
    asked: int = 0
    moment: float = math.inf
    delay: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, body: dict) -> str:
        with self.lock:
            self.asked += 1
            if self.asked >= self.moment:
                self.moment = math.inf
                self.kill_in(self.delay)
        time.sleep(LATENCY_S)
        return model(body)

    def kill_in(self, delay: float) -> None:
        if delay:
            threading.Timer(delay, os.kill, (self.victim, signal.SIGKILL)).start()
        else:
            os.kill(self.victim, signal.SIGKILL)


def wait_for_the_server_to_notice() -> None:
    """Return when every connection of the killed process has been read to its end: each has a thread of its own."""
    while any("process_request_thread" in thread.name for thread in threading.enumerate()):
        time.sleep(0.001)


def paid_and_kept(home: Path, copy: Path) -> int:
    """Count the replies that a killed process left in the cache, in a copy: the files stay as they were left."""
    if not (home / "cache.sqlite").exists():
        return 0
    copy.mkdir()
    for each in home.glob("cache.sqlite*"):
        shutil.copy(each, copy)
    with sqlite3.connect(copy / "cache.sqlite") as connection:
        there = connection.execute("SELECT name FROM sqlite_master WHERE name = 'try'").fetchall()
        return connection.execute("SELECT COUNT(*) FROM try WHERE error IS NULL").fetchone()[0] if there else 0


def moments(requests: int) -> list[tuple[float, float]]:
    """Draw when to kill: at which request, and how long after it.

    The last ones come with the request itself: a process that lives on for a while could be done before it dies.
    """
    draw = Random(SEED)
    numbers = sorted(draw.sample(range(2, requests - 1), KILLS - AT_THE_START))
    delays = [0.0 if number > requests - 30 else draw.choice([0.0, draw.uniform(0, 0.02)]) for number in numbers]
    return [*((0, draw.uniform(0, 0.15)) for _ in range(AT_THE_START)), *zip(numbers, delays, strict=True)]


def test_twenty_kills_and_the_same_command_ends_as_if_nothing_had_been(tmp_path):
    assassin = Assassin()
    with serve_model(assassin) as server, nursery(tmp_path) as young:
        name = f"openai/tiny@{server.url}"
        options = "--task chains --val 12 --test 12 --train 3 --controls none --json"
        command = ["teach", "tpd", *options.split(), "--concurrency", str(CONCURRENCY)]
        command += ["--student", name, "--teacher", name]

        ended = young.run(command, home=tmp_path / "whole")
        assert ended.code == 0, ended.said
        whole = Counter(server.asked)
        assert set(whole.values()) == {1} and any("could not be used" in body for body in whole)
        with Lab(home=tmp_path / "whole") as lab:
            complete = export(lab, lab.newest_run().id)

        server.asked.clear()
        assassin.asked = 0
        lost: list[int] = []
        for moment, delay in moments(len(whole)):

            def begun(process: int, moment: float = moment, delay: float = delay) -> None:
                assassin.victim = process
                if moment:
                    assassin.moment, assassin.delay = moment, delay
                else:
                    assassin.kill_in(delay)

            ended = young.run(command, home=tmp_path / "killed", started=begun)
            assert ended.code == -signal.SIGKILL, (moment, delay, ended.said)
            wait_for_the_server_to_notice()
            kept = paid_and_kept(tmp_path / "killed", tmp_path / f"copy-{len(lost)}")
            lost.append(assassin.asked - kept - sum(lost))
        ended = young.run(command, home=tmp_path / "killed")
        assert ended.code == 0, ended.said

    with Lab(home=tmp_path / "killed") as lab:
        assert export(lab, lab.newest_run().id) == complete
    # What was in flight at a kill was asked again, and nothing else was.
    assert 0 < max(lost) <= CONCURRENCY
    assert set(server.asked) == set(whole)
    assert server.calls == len(whole) + sum(lost)

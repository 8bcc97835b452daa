"""Every task by its name."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tutorkit.errors import UnknownName
from tutorkit.tasks import SPLITS, TaskScorer, gold_is_accepted, load_task, task_names
from tutorkit.types import Problem

GENERATED = [info.name for info in task_names() if not info.needs_data]


def test_the_list_has_every_task_once():
    infos = task_names()
    names = [info.name for info in infos]
    assert len(names) == len(set(names))
    assert {"arithmetic/order", "chains/3", "conventions/routing", "sums/two-step", "gsm8k", "bbh/snarks"} <= set(names)
    assert all(info.summary and info.licence for info in infos)


@pytest.mark.parametrize("name", GENERATED)
def test_generated_tasks_need_no_data_and_accept_their_golds(name: str):
    task = load_task(name, sizes={"train": 10, "probe": 5, "val": 10, "test": 20})
    grader = TaskScorer()
    assert [len(task.split(split)) for split in SPLITS] == [10, 5, 10, 20]
    assert task.fresh
    with_gold = [problem for problem in task.problems if problem.gold is not None]
    assert all(gold_is_accepted(problem, by=grader) for problem in with_gold)
    assert len({problem.id for problem in task.problems}) == 45
    assert task.description
    assert "Answer: " in task.answer_format or not with_gold
    sides: dict[str, str] = {}
    for problem in task.problems:
        assert sides.setdefault(problem.group, problem.split) == problem.split
        assert Problem.model_validate_json(problem.model_dump_json()) == problem


@pytest.mark.parametrize("name", GENERATED)
def test_the_same_seed_gives_the_same_digest(name: str):
    sizes = {"val": 10, "test": 10}
    assert load_task(name, sizes=sizes, seed=3).digest == load_task(name, sizes=sizes, seed=3).digest
    assert load_task(name, sizes=sizes, seed=3).digest != load_task(name, sizes=sizes, seed=4).digest


@pytest.mark.parametrize("name", ["chains", "arithmetic/addition"])
def test_the_order_in_which_sizes_are_given_decides_nothing(name: str):
    one = load_task(name, sizes={"train": 3, "val": 10, "test": 20})
    other = load_task(name, sizes={"test": 20, "train": 3, "val": 10})
    assert one.digest == other.digest


def test_the_digest_does_not_hang_on_the_process(tmp_path: Path):
    code = "from tutorkit.tasks import load_task; print(load_task('conventions').digest)"
    told = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": salt, "PYTHONPATH": str(Path(__file__).parents[2])},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for salt in ("1", "2")
    }
    assert told == {load_task("conventions").digest + "\n"}


def test_an_unknown_task_is_told_its_neighbours():
    with pytest.raises(UnknownName, match="Did you mean gsm8k"):
        load_task("gsm8")
    with pytest.raises(UnknownName):
        load_task("bbh/nothing")


def test_a_question_shows_no_gold_steps_or_skills():
    for problem in load_task("arithmetic", sizes={"val": 5}).problems:
        shown = json.loads(problem.question().model_dump_json())
        assert set(shown) == {"id", "text", "choices", "item"}

"""The loaders of public sets: on small files of our own, and on the real ones where they are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tutorkit.errors import BadRow, BadSetting, DataNotFound, GoldRejected
from tutorkit.tasks import SPLITS, Task, TaskScorer, gold_is_accepted, load_task, task_names
from tutorkit.tasks.benchmarks.bbh import BBH_TASKS
from tutorkit.tasks.splits import DEFAULT_SIZES
from tutorkit.types import Split

PUBLIC = [info.name for info in task_names() if info.needs_data]


def write(path: Path, *rows: object, whole: bool = False) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(rows[0]) if whole else "\n".join(map(json.dumps, rows)), encoding="utf-8")
    return path


def everything(name: str, data_dir: Path) -> Task:
    """Load all of a set: each split's refusal tells how much there is."""
    sizes: dict[Split, int] = {}
    for split in SPLITS:
        with pytest.raises(BadSetting) as caught:
            load_task(name, data_dir=data_dir, sizes={split: 10**6})
        sizes[split] = int(str(caught.value.data["there"]))
    return load_task(name, data_dir=data_dir, sizes=sizes)


def gsm(number: int) -> dict[str, str]:
    total = number + 1000
    return {
        "question": f"Tom has {number} eggs and buys 1,000 more. How many?",
        "answer": f"He has {number}+1000=<<{number}+1000={total}>>{total} eggs.\n#### {total:,}",
    }


def test_gsm8k_steps_lose_their_marks_and_golds_their_commas(tmp_path: Path):
    write(tmp_path / "gsm8k" / "test.jsonl", *map(gsm, range(5)))
    task = everything("gsm8k", tmp_path)
    problem = next(p for p in task.problems if "Tom has 3 eggs" in p.text)
    assert problem.gold == "1003"
    assert [(step.text, step.result) for step in problem.steps] == [("He has 3+1000=1003 eggs.", "1003")]
    assert "1003" not in problem.question().model_dump_json()


def test_official_sides_are_kept_and_a_single_file_is_divided(tmp_path: Path):
    write(tmp_path / "gsm8k" / "train.jsonl", *map(gsm, range(60)))
    write(tmp_path / "gsm8k" / "test.jsonl", *map(gsm, range(50, 80)))
    task = load_task("gsm8k", data_dir=tmp_path)
    assert len(task.split("test")) == 30
    assert not {p.group for p in task.split("val")} & {p.group for p in task.split("test")}
    assert "10 rows left out, since a test problem is of their family." in task.notes
    (tmp_path / "gsm8k" / "train.jsonl").unlink()
    alone = load_task("gsm8k", data_dir=tmp_path)
    assert alone.split("val")
    assert alone.split("test")
    assert any("which is all there are" in note for note in alone.notes)


def test_rows_of_the_file_in_any_order_make_the_same_task(tmp_path: Path):
    write(tmp_path / "a" / "gsm8k" / "test.jsonl", *map(gsm, range(40)))
    write(tmp_path / "b" / "gsm8k" / "test.jsonl", *map(gsm, reversed(range(40))))
    assert load_task("gsm8k", data_dir=tmp_path / "a").digest == load_task("gsm8k", data_dir=tmp_path / "b").digest


def test_bad_rows_of_a_public_file_are_named(tmp_path: Path):
    write(tmp_path / "gsm8k" / "test.jsonl", gsm(1), {"question": "q"}, {"question": "q", "answer": "no marker"})
    with pytest.raises(BadRow) as caught:
        load_task("gsm8k", data_dir=tmp_path)
    assert caught.value.data["rows"] == [2, 3]
    assert "line 2: answer: Field required; line 3: the answer has no line '#### NUMBER'" in caught.value.message
    write(
        tmp_path / "bbh" / "navigate.json", {"examples": [{"input": "Do you return?", "target": "Maybe"}]}, whole=True
    )
    with pytest.raises(GoldRejected, match="entry 1: the gold 'Maybe' is not accepted by yes_no"):
        load_task("bbh/navigate", data_dir=tmp_path)


def test_svamp_variants_of_one_story_are_one_family(tmp_path: Path):
    def row(number: int, body: str) -> dict[str, object]:
        return {
            "ID": f"chal-{number}", "Body": body, "Question": "How many now?", "Equation": "( 5.0 - 2.0 )",
            "Answer": 3.0, "Type": "Common-Division",
        }  # fmt: skip

    rows = [
        row(1, "Paco had 26 salty cookies and 17 sweet cookies. He ate 14."),
        row(2, "Paco had 40 sweet cookies and 25 salty cookies. Then he left"),
        row(3, "Some birds were sitting on the fence."),
    ]
    write(tmp_path / "svamp" / "SVAMP.json", rows, whole=True)
    task = everything("svamp", tmp_path)
    groups = {p.id: p.group for p in task.problems}
    assert all(p.gold == "3" and p.skills == ("division",) for p in task.problems)
    assert groups["svamp-chal-1"] == groups["svamp-chal-2"] != groups["svamp-chal-3"]


def test_options_leave_the_text_and_come_back_when_it_is_shown(tmp_path: Path):
    row = {"input": "Which is red?\nOptions:\n(A) grass\n(B) blood", "target": "(B)"}
    torn = {"input": "Find one like it:\nOptions:\n(A) Monsters\n(B) Inc\n(C) Up", "target": "Monsters, Inc"}
    write(
        tmp_path / "bbh" / "bbh" / "movie_recommendation.json",
        {"canary": "GUID", "examples": [row, torn] * 9},
        whole=True,
    )
    task = everything("bbh/movie_recommendation", tmp_path)
    assert len(task.problems) == 18
    assert len({p.id for p in task.problems}) == len(task.problems)
    assert "GUID" not in "".join(p.model_dump_json() for p in task.problems)
    for problem in task.problems:
        assert problem.text in {"Which is red?", "Find one like it:"}
        if problem.text == "Which is red?":
            assert problem.question().as_text() == row["input"]
            assert (problem.gold, problem.scorer) == ("B", "choice")
        else:
            assert (problem.gold, problem.scorer) == ("Monsters, Inc", "exact")


def test_one_puzzle_with_its_clues_or_options_in_another_order_is_one_family(tmp_path: Path):
    clues = ["The owl is left of the hen.", "The jay is the leftmost."]
    examples = [
        {"input": f"Three birds sit on a branch. {a} {b}\nOptions:\n(A) The owl\n(B) The jay", "target": "(B)"}
        for a, b in (clues, clues[::-1])
    ]
    write(tmp_path / "logical_deduction_three_objects.json", {"examples": examples}, whole=True)
    task = everything("bbh/logical_deduction_three_objects", tmp_path)
    assert len(task.problems) == 2
    assert len({problem.group for problem in task.problems}) == 1


@pytest.mark.parametrize(
    ("task", "file", "row", "gold"),
    [
        (
            "aqua",
            "aqua_rat/test.json",
            {"question": "1+1?", "options": ["A)1", "B)2"], "rationale": "B", "correct": "B"},
            "B",
        ),
        (
            "commonsenseqa",
            "commonsenseqa/dev_rand_split.jsonl",
            {
                "id": "x",
                "answerKey": "A",
                "question": {
                    "stem": "Where?",
                    "choices": [{"label": "A", "text": "here"}, {"label": "B", "text": "there"}],
                },
            },
            "A",
        ),
        (
            "strategyqa",
            "strategyqa/dev.json",
            [{"qid": "x", "question": "Is it?", "answer": False, "facts": ["So."]}],
            "no",
        ),
    ],
)
def test_one_file_of_a_set_is_enough(tmp_path: Path, task: str, file: str, row: object, gold: str):
    write(tmp_path / file, row, whole=True)
    assert [problem.gold for problem in everything(task, tmp_path).problems] == [gold]


@pytest.mark.data
@pytest.mark.parametrize("name", PUBLIC)
def test_real_sets_load_split_and_accept_their_golds(data_dir: Path, name: str, tmp_path: Path):
    try:
        task = load_task(name, data_dir=data_dir, base_url="http://127.0.0.1:9", cache_dir=tmp_path)
    except DataNotFound:
        pytest.skip(f"{name} is not in the data folder")
    grader = TaskScorer()
    assert task.split("val")
    assert task.split("test")
    assert len(task.problems) <= sum(DEFAULT_SIZES.values())
    assert len({p.id for p in task.problems}) == len(task.problems)
    sides: dict[str, str] = {}
    for problem in task.problems:
        assert gold_is_accepted(problem, by=grader)
        assert sides.setdefault(problem.group, problem.split) == problem.split
        assert problem.task == name.removesuffix("/test")
        if problem.scorer == "choice":
            assert problem.gold in {choice.label for choice in problem.choices}
            assert "Options:" not in problem.text


@pytest.mark.data
def test_real_sets_are_drawn_by_seed_and_size(data_dir: Path):
    if not (data_dir / "gsm8k").is_dir():
        pytest.skip("gsm8k is not in the data folder")
    sizes = {"val": 5, "test": 7}
    first, again, other = (load_task("gsm8k", data_dir=data_dir, seed=seed, sizes=sizes) for seed in (0, 0, 1))
    assert first.digest == again.digest != other.digest
    assert (len(first.split("val")), len(first.split("test"))) == (5, 7)
    with pytest.raises(BadSetting, match="were asked for"):
        load_task("gsm8k", data_dir=data_dir, sizes={"test": 10**6})


def test_there_are_27_bbh_tasks():
    assert len(BBH_TASKS) == 27

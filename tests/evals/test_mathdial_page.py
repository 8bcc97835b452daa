"""What docs/mathdial.md shows is run, and its figures are those that come out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tutorkit.evals.mae import load_mae, nearest_named, score_mae
from tutorkit.evals.mathdial import (
    groundings,
    load_mathdial,
    next_turns,
    score_replies,
    score_talks,
    success_at,
    talks_of,
    trivial_replies,
)

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "mathdial.md").read_text(encoding="utf-8")


def row(begins: str) -> list[list[float]]:
    line = next(line for line in PAGE.splitlines() if line.startswith(f"| {begins} |"))
    return [[float(number) for number in re.findall(r"[\d.]+", cell)] for cell in line.split("|")[2:-1]]


@pytest.mark.data
def test_the_python_runs(data_dir, monkeypatch, capsys):
    monkeypatch.setenv("TUTORKIT_DATA_DIR", str(data_dir))
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)
    exec(compile(code, "mathdial.md", "exec"), {})
    assert capsys.readouterr().out.count("compat") == 3


@pytest.mark.data
def test_the_figures_of_the_half(data_dir):
    rows = load_mathdial(data_dir).rows
    lines = {
        (students, line.tutor, line.matching): line
        for students in ("everyone", "labelled")
        for line in score_talks(talks_of(rows, students=students)).lines
    }
    shown = {
        "`everyone`, compat": ("everyone", "as recorded", "compat"),
        "`labelled`, compat": ("labelled", "as recorded", "compat"),
        "`everyone`, strict": ("everyone", "as recorded", "strict"),
        "tells at once, compat": ("everyone", "always tells", "compat"),
        "never helps, compat": ("everyone", "never helps", "compat"),
    }
    for name, key in shown.items():
        success, telling = row(name)
        found = lines[key]
        repeat = 7 // len(success)
        assert [round(each.value, 3) for each in found.success] == success * repeat
        assert [round(each.value, 3) for each in found.telling] == telling * repeat


@pytest.mark.data
def test_what_it_says_of_the_teachers_own_word(data_dir):
    rows = load_mathdial(data_dir).rows
    pairs = [(talk, one) for talk, one in zip(talks_of(rows), rows, strict=True) if one.self_correctness]
    found, missed = ([talk for talk, one in pairs if (one.self_correctness == "No") is end] for end in (False, True))
    balanced = {
        way: (success_at(found, 99, matching=way).value + 1 - success_at(missed, 99, matching=way).value) / 2
        for way in ("strict", "compat")
    }
    told = re.search(r"balanced accuracy of (\.\d+) against (\.\d+)", PAGE)
    assert told is not None
    assert [round(balanced[way], 2) for way in ("strict", "compat")] == [float(told[1]), float(told[2])]


@pytest.mark.data
def test_the_figures_of_the_replies_and_of_the_misconceptions(data_dir):
    pytest.importorskip("sacrebleu")
    rows = load_mathdial(data_dir).rows
    cases = next_turns(talks_of(rows), groundings(rows))
    assert f"{len(cases):,} turns" in PAGE
    replies = {**trivial_replies(cases), "human": tuple(case.reply for case in cases)}
    shown = {
        "the learner's last words": "echo",
        "one question, always the same": "constant",
        "a teacher's, on another problem": "other problem",
        "the human teacher's own": "human",
    }
    for name, key in shown.items():
        scores = score_replies(cases, replies[key])
        bleu, grounded, like = (cell[0] for cell in row(name))
        assert round(scores.bleu, 1) == bleu
        assert (round(scores.grounded, 2), round(scores.like_teacher, 2)) == (grounded, like)
    examples = load_mae(data_dir)
    overall, within = (score_mae(examples, nearest_named(examples, within_topic=topic)) for topic in (False, True))
    assert (
        f"in .{overall.accuracy.value * 100:.0f} of the cases, within the topic in .{within.accuracy.value * 100:.0f}"
        in PAGE
    )

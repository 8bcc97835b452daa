from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tutorkit.errors import DiskFull, NotApproved, PackDamaged, PackError
from tutorkit.packs import build_pack, lessons_for_student, load_pack, render_card, render_prompt, save_pack
from tutorkit.types import Lesson, Pack

_DEMO = {"problem": "52 - 38 = ?", "solution": "Borrow: 12 - 8 = 4, 4 - 3 = 1.\nSo 14.", "answer": "14"}


def _lesson(number: int, **changes: Any) -> Lesson:
    fields = {
        "id": f"l-{number}",
        "run_id": "run-1",
        "kind": "principle",
        "text": f"Principle {number} [skill:borrow] ≠ |bar|",
        "source_attempt_ids": ("a-1",),
        "audit": "approved",
    }
    return Lesson.model_validate({**fields, **changes})


def _pack(*lessons: Lesson, **changes: Any) -> Pack:
    fields: dict[str, Any] = {
        "name": "borrowing",
        "instruction": "Work column by column.",
        "lessons": lessons or (_lesson(1), _lesson(2, kind="demo", text="demo text", data=_DEMO), _lesson(3)),
        "provenance": {
            "task": "arithmetic",
            "student": "openai/gpt-small",
            "teacher": "rules",
            "method": "tpd",
            "fidelity": "paper",
            "run_id": "run-1",
            "seed": 7,
            "tutorkit": "0.1.0",
            "models": {"not": "shown"},
        },
        "evidence": {
            "before": {"value": 0.25, "low": 0.1, "high": 0.4, "n": 40, "method": "Wilson score"},
            "gain": {"value": 0.5, "low": 0.3, "high": 0.7, "n": 40, "method": "cluster bootstrap"},
            "arms": {"silent": {"value": 0.0, "low": -0.1, "high": 0.1, "n": 40, "method": "cluster bootstrap"}},
            "p_value": 0.004,
        },
    }
    return build_pack(**{**fields, **changes})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return save_pack(_pack(), tmp_path / "packs" / "borrowing")


def test_a_pack_comes_back_as_it_was_saved(folder: Path) -> None:
    assert load_pack(folder) == _pack()
    assert sorted(path.name for path in folder.iterdir()) == ["README.md", "evidence.json", "pack.json", "prompt.md"]
    assert [path.name for path in folder.parent.iterdir()] == ["borrowing"]
    assert json.loads((folder / "evidence.json").read_text()) == _pack().evidence


def test_the_digest_is_of_the_whole_content() -> None:
    assert _pack().digest == _pack().digest
    changed = [
        _pack(instruction="Work row by row."),
        _pack(_lesson(1), _lesson(2)),
        _pack(_lesson(2), _lesson(1)),
        _pack(evidence={}),
        _pack(provenance={}),
        _pack(name="other"),
    ]
    assert len({pack.digest for pack in (_pack(), *changed)}) == len(changed) + 1


def test_the_prompt_says_everything_in_the_words_it_was_written_in() -> None:
    pack = _pack()
    assert render_prompt(pack.instruction, pack.lessons) == (
        "Work column by column.\n\n"
        "## Principles\n\n"
        "1. Principle 1 [skill:borrow] ≠ |bar|\n\n"
        "2. Principle 3 [skill:borrow] ≠ |bar|\n\n"
        "## Worked examples\n\n"
        "### Example 1\n\n"
        "Problem: 52 - 38 = ?\n\n"
        "Solution: Borrow: 12 - 8 = 4, 4 - 3 = 1.\nSo 14.\n\n"
        "Answer: 14\n"
    )


def test_a_prompt_of_other_kinds() -> None:
    lessons = [
        _lesson(1, kind="instruction", text="Read twice."),
        _lesson(2, kind="instruction", text="Be brief."),
        _lesson(3, kind="demo", text="A demo without its parts."),
    ]
    told = render_prompt("Read twice.", lessons)
    assert told.count("Read twice.") == 1
    assert "## Instructions\n\n1. Be brief." in told
    assert "1. A demo without its parts." in told
    assert render_prompt("", []) == "\n"


def test_every_kind_of_lesson_has_its_place() -> None:
    kinds = Lesson.model_fields["kind"].annotation.__args__
    lessons = [_lesson(number, kind=kind, text=f"about {kind}") for number, kind in enumerate(kinds)]
    told = render_prompt("", lessons)
    assert all(f"about {kind}" in told for kind in kinds)


def test_only_approved_lessons_reach_a_student_unless_told_otherwise() -> None:
    assert lessons_for_student(_pack(), unreviewed=False) == _pack().lessons
    mixed = _pack(_lesson(1), _lesson(2, audit="draft"), _lesson(3, audit="pending"), _lesson(4, audit="rejected"))
    with pytest.raises(NotApproved, match=r"2 of 4 lessons that nobody approved.*--unreviewed") as caught:
        lessons_for_student(mixed, unreviewed=False)
    assert caught.value.data == {"pack": "borrowing", "not_approved": 2, "lessons": 4, "draft": 1, "pending": 1}
    assert [lesson.id for lesson in lessons_for_student(mixed, unreviewed=True)] == ["l-1", "l-2", "l-3"]
    decided = _pack(_lesson(1), _lesson(4, audit="rejected"))
    assert [lesson.id for lesson in lessons_for_student(decided, unreviewed=False)] == ["l-1"]


def test_a_rejected_lesson_is_in_no_prompt(tmp_path: Path) -> None:
    pack = _pack(_lesson(1), _lesson(4, audit="rejected", text="nonsense"))
    folder = save_pack(pack, tmp_path / "p")
    assert "nonsense" not in (folder / "prompt.md").read_text()
    assert load_pack(folder) == pack


def test_the_card_says_what_it_is_and_what_was_measured() -> None:
    card = render_card(_pack())
    for row in (
        "| Task | arithmetic |",
        "| Student | openai/gpt-small |",
        "| Teacher | rules |",
        "| Method | tpd |",
        "| Fidelity | paper |",
        "| Seed | 7 |",
        "| tutorkit | 0.1.0 |",
        "| gain | 0.500 | 0.300 to 0.700 | 40 | cluster bootstrap |",
        "| arms / silent | 0.000 | -0.100 to 0.100 | 40 | cluster bootstrap |",
        "- p_value: 0.004",
        "3 of 3 lessons are approved",
        "2 principles, 1 demo",
        "## Limits",
        "tutorkit pack apply",
        _pack().digest,
    ):
        assert row in card
    assert "simulated" not in card.lower()
    assert "--unreviewed" not in card


def test_the_card_says_simulated_wherever_the_student_was() -> None:
    card = render_card(_pack(provenance={"student": "sim/subtraction", "task": "arithmetic"}))
    summary, facts, measured, limits = (
        card.split("| | |")[0],
        card.split("| | |")[1].split("## What")[0],
        card.split("## What was measured")[1].split("## Review")[0],
        card.split("## Limits")[1],
    )
    assert all("simulated" in part.lower() for part in (summary, facts, measured, limits))


def test_the_card_counts_what_nobody_approved() -> None:
    card = render_card(_pack(_lesson(1), _lesson(2, audit="draft"), _lesson(3, audit="rejected")))
    assert "1 of 3 lessons are approved" in card
    assert "**1 are not** (1 draft)" in card
    assert "1 were rejected" in card
    assert "--unreviewed" in card


def test_a_card_without_measurements_says_so() -> None:
    assert "this pack's effect is unknown" in render_card(_pack(evidence={}))
    assert "| x | 0.500 | not known |  |  |" in render_card(_pack(evidence={"x": {"value": 0.5}}))


def test_saving_again_replaces_the_pack(folder: Path) -> None:
    (folder / "left over.txt").touch()
    save_pack(_pack(name="other"), folder)
    assert load_pack(folder).name == "other"
    assert [path.name for path in folder.parent.iterdir()] == ["borrowing"]
    assert not (folder / "left over.txt").exists()


def test_what_is_no_pack_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.tex").write_text("years of work")
    with pytest.raises(PackError, match="is no pack"):
        save_pack(_pack(), tmp_path / "thesis")
    (tmp_path / "file").write_text("x")
    with pytest.raises(PackError, match="is no pack"):
        save_pack(_pack(), tmp_path / "file")
    with pytest.raises(PackError, match="cannot be written"):
        save_pack(_pack(), tmp_path / "file" / "below")
    (tmp_path / "empty").mkdir()
    assert load_pack(save_pack(_pack(), tmp_path / "empty")) == _pack()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_leaves_the_old_pack(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def into_a_full_disk(path: Path, content: bytes) -> int:
        with open("/dev/full" if path.name == "README.md" else path, "wb", buffering=0) as file:
            return file.write(content)

    monkeypatch.setattr(Path, "write_bytes", into_a_full_disk)
    with pytest.raises(DiskFull):
        save_pack(_pack(name="other"), folder)
    assert load_pack(folder) == _pack()
    assert os.listdir(folder.parent) == ["borrowing"]


def test_there_is_no_pack(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="no pack at"):
        load_pack(tmp_path / "nowhere")


def _edit(folder: Path, name: str, old: str, new: str) -> None:
    text = (folder / name).read_text()
    assert old in text
    (folder / name).write_text(text.replace(old, new))


@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        ("pack.json", "Work column", "Guess column", "content has the digest"),
        ("pack.json", '"audit": "approved"', '"audit": "rejected"', "content has the digest"),
        ("pack.json", "{", "", "Invalid JSON"),
        ("pack.json", '"format": 1', '"format": 2', "format"),
        ("pack.json", '"retrieval": "all"', '"retrieval": 3', "pack.retrieval"),
        ("prompt.md", "Borrow", "Do not borrow", "changed after"),
        ("evidence.json", "0.25", "0.95", "changed after"),
    ],
)
def test_a_changed_file_is_named(folder: Path, name: str, old: str, new: str, words: str) -> None:
    _edit(folder, name, old, new)
    with pytest.raises(PackDamaged, match=words) as caught:
        load_pack(folder)
    assert caught.value.data["file"] == name
    assert name in str(caught.value)


def test_a_missing_file_is_named_and_the_card_may_be_edited(folder: Path) -> None:
    _edit(folder, "README.md", "Limits", "Limits, in my words")
    assert load_pack(folder) == _pack()
    (folder / "prompt.md").unlink()
    with pytest.raises(PackDamaged, match=r"prompt\.md: it is missing"):
        load_pack(folder)

"""MathDial's files: what is read, and what is said of a file that cannot be."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from tutorkit.errors import BadRow, DataNotFound, EmptyData, MissingColumn
from tutorkit.evals.mathdial import (
    confusion_cases,
    groundings,
    load_mathdial,
    move_shares,
    outcomes,
    problem_of,
    read_conversation,
    talks_of,
    turns_of,
)

ROW = {
    "qid": 7,
    "scenario": 2,
    "question": "Ann has 3 bags of 4 apples. How many apples?",
    "ground_truth": "3 bags hold 3*4=12 apples.\n 12",
    "student_incorrect_solution": "3+4=7\n 7",
    "student_profile": "Bob is a pupil.",
    "teacher_described_confusion": "adds in place of multiplying",
    "self-correctness": "Yes",
    "self-typical-confusion": 4.0,
    "self-typical-interactions": 5.0,
    "conversation": "Teacher: (generic)Hi Bob, walk me through it|EOM|Bob: 3+4 is 7|EOM|"
    "Teacher: (probing)Why: do you add?|EOM|Student: Oh, it is 12",
}


def written(tmp_path, *rows, name="test.jsonl", end=""):
    lines = [json.dumps(row) for row in rows]
    (tmp_path / name).write_text("\n".join(lines) + end, encoding="utf-8")
    return tmp_path


def test_a_row_is_read_with_its_names_moves_and_answer(tmp_path):
    loaded = load_mathdial(written(tmp_path, ROW))
    (row,) = loaded.rows
    assert (row.gold, row.self_correctness, row.self_typical_confusion) == ("12", "Yes", 4.0)
    spoken = read_conversation(row.conversation)
    assert [(each.speaker, each.move) for each in spoken] == [
        ("Teacher", "generic"),
        ("Bob", None),
        ("Teacher", "probing"),
        ("Student", None),
    ]
    assert spoken[2].text == "Why: do you add?"
    everyone, labelled = (turns_of(spoken, students=students) for students in ("everyone", "labelled"))
    assert [turn.role for turn in everyone] == ["tutor", "learner", "tutor", "learner"]
    assert [turn.text for turn in labelled if turn.role == "learner"] == ["Oh, it is 12"]
    assert [turn.index for turn in labelled] == [0, 1, 2]
    assert problem_of(row).gold == "12" and [step.text for step in problem_of(row).steps] == [
        "3 bags hold 3*4=12 apples."
    ]


def test_a_line_break_that_is_written_out_parts_the_answer_too(tmp_path):
    changed = {**ROW, "ground_truth": r"3 bags hold 12.\n 1,200"}
    (row,) = load_mathdial(written(tmp_path, changed)).rows
    assert row.gold == "1200"


def test_a_bracket_that_is_no_move_stays_in_the_text():
    (said, _) = read_conversation("Teacher: (sorry)Hello|EOM|Student: hi")
    assert said.move is None and said.text == "(sorry)Hello"


def test_moves_are_the_teachers_alone():
    (_, said) = read_conversation("Teacher: (focus)Hello|EOM|Student: (telling)hi")
    assert said.move is None and said.text == "(telling)hi"


@pytest.mark.parametrize("place", ["file", "folder", "above"])
@pytest.mark.parametrize("side", ["test", "train"])
def test_the_file_is_found_from_wherever_one_points(tmp_path, place, side):
    inner = tmp_path / "mathdial"
    inner.mkdir()
    written(inner, ROW, name=f"{side}.jsonl")
    path = {"file": inner / f"{side}.jsonl", "folder": inner, "above": tmp_path}[place]
    loaded = load_mathdial(path, side=side)
    assert loaded.file.name == f"{side}.jsonl" and loaded.file.rows == 1
    assert loaded.file.sha256[:16] in loaded.note and "b452be46f28b" in loaded.note


def test_another_byte_is_another_digest(tmp_path):
    one = load_mathdial(written(tmp_path, ROW)).file.sha256
    assert load_mathdial(written(tmp_path, ROW, end="\n")).file.sha256 != one


def test_what_cannot_be_read_is_named_with_all_its_lines(tmp_path):
    with pytest.raises(DataNotFound, match=r"no train\.jsonl"):
        load_mathdial(written(tmp_path, ROW), side="train")
    with pytest.raises(EmptyData):
        load_mathdial(written(tmp_path, end="\n"))
    with pytest.raises(BadRow) as half:
        load_mathdial(written(tmp_path, ROW, end='\n{"qid": 8, "question": "An'))
    assert half.value.data["rows"] == [2]
    renamed = {("dialogue" if key == "conversation" else key): value for key, value in ROW.items()}
    with pytest.raises(MissingColumn) as missing:
        load_mathdial(written(tmp_path, renamed))
    assert missing.value.data["missing"] == ["conversation"]
    bad = [
        {**ROW, "ground_truth": "none at all"},
        ROW,
        {**ROW, "conversation": "Hello there"},
        {**ROW, "conversation": "Teacher: (focus)alone"},
        {**ROW, "self-correctness": "Perhaps"},
        {**ROW, "student_incorrect_solution": None},
    ]
    with pytest.raises(BadRow) as found:
        load_mathdial(written(tmp_path, *bad))
    assert found.value.data["rows"] == [1, 3, 4, 5, 6]
    assert "self-correctness" in str(found.value) and "no speaker" in str(found.value)


@pytest.mark.data
def test_the_shared_half_is_what_its_readme_says(data_dir):
    loaded = load_mathdial(data_dir)
    assert len(loaded.rows) == 293 and len({row.group for row in loaded.rows}) == 205
    assert outcomes(loaded.rows) == {"Yes": 217, "Yes, but I had to reveal the answer": 43, "No": 31, "not said": 2}
    cases = confusion_cases(loaded.rows)
    raw = [json.loads(line) for line in (data_dir / "mathdial" / "test.jsonl").read_text("utf-8").splitlines()]
    assert [case.confusion for case in cases] == [
        row["teacher_described_confusion"].strip() for row in raw if (row["teacher_described_confusion"] or "").strip()
    ]
    assert all(case.wrong_solution and case.problem for case in cases) and len(groundings(loaded.rows)) == 293


@pytest.mark.data
def test_the_moves_are_shared_out_as_in_the_file(data_dir):
    loaded = load_mathdial(data_dir)
    shares = {each.turn: each for each in move_shares(talks_of(loaded.rows))}
    acts: Counter[str] = Counter()
    opening: Counter[str] = Counter()
    for line in (data_dir / "mathdial" / "test.jsonl").read_text("utf-8").splitlines():
        said = [part for part in json.loads(line)["conversation"].split("|EOM|") if part.startswith("Teacher: (")]
        moves = [part[len("Teacher: (") : part.index(")")] for part in said]
        acts.update(moves)
        opening[moves[0]] += 1
    assert shares["all"].n == acts.total() == 1783
    assert {move: share * 1783 for move, share in shares["all"].shares.items()} == pytest.approx(dict(acts))
    assert {move: share * 293 for move, share in shares["0"].shares.items()} == pytest.approx(dict(opening))
    # The whole test file has .34 .26 .24 .16.
    assert [round(shares["all"].shares[move], 2) for move in ("focus", "probing", "generic", "telling")] == [
        0.33,
        0.27,
        0.24,
        0.16,
    ]
    telling = [shares[turn].shares["telling"] for turn in ("1", "3", "6+")]
    assert telling == sorted(telling) and telling[-1] > 0.3
    assert [each.turn for each in move_shares(talks_of(loaded.rows))] == ["all", "0", "1", "2", "3", "4", "5", "6+"]

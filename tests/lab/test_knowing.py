"""Models of mastery on a file of answers."""

from __future__ import annotations

import json

import pytest

from tutorkit.errors import BadRow, BadSetting, EmptyData, MissingColumn, UnknownName
from tutorkit.knowledge.bkt import BKT
from tutorkit.knowledge.evaluating import measured
from tutorkit.knowledge.models import new_model
from tutorkit.knowledge.predictions import cross_validated
from tutorkit.knowledge.synthetic import simulated_answers
from tutorkit.lab.knowing import evaluate_models, read_answers

SKILLS = {"a": BKT(guess=0.2), "b": BKT(initial=0.7, guess=0.2)}


def written(path, rows):
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return path


def test_a_file_is_measured_as_the_answers_in_it_are(tmp_path):
    rows = simulated_answers(SKILLS, students=30, answers=6, seed=0)
    lines = [{**row.model_dump(mode="json"), "group": "odd" if int(row.student[1:]) % 2 else "even"} for row in rows]
    report = evaluate_models(written(tmp_path / "answers.jsonl", lines), models=["bkt", "pfa"], folds=3, seed=2)
    assert (report.answers, report.students, report.left_out) == (360, 30, 0)
    for found in report.models:
        plain = cross_validated(new_model(found.model), rows, folds=3, seed=2)
        assert found.measures == measured(plain, seed=2)
        assert set(found.skills) == {"a", "b"} and [group.group for group in found.groups] == ["even", "odd"]


def test_a_file_of_the_usual_layout_with_a_row_for_each_skill(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text(
        "user,kc,score,problem,order\n"
        "u1,add,1,q1,7\nu1,carry,1,q1,7\nu1,add;carry,0,q2,8\nu2,add~~carry,0.0,q1,9\nu2,,1,q3,10\n",
        encoding="utf-8",
    )
    columns = {"student": "user", "skills": "kc", "correct": "score", "item": "problem", "id": "order"}
    data = read_answers(path, columns=columns)
    assert [(row.student, row.skills, row.correct, row.item) for row in data.interactions] == [
        ("u1", ("add", "carry"), True, "q1"),
        ("u1", ("add", "carry"), False, "q2"),
        ("u2", ("add", "carry"), False, "q1"),
    ]
    assert data.left_out == 1 and data.groups == {}


def test_answers_are_put_in_order_of_time_where_all_have_one(tmp_path):
    late, early = "2026-02-01T10:00:00+01:00", "2026-02-01 09:30"
    rows = [
        {"student": "s", "skills": ["a"], "correct": True, "at": late},
        {"student": "s", "skills": "b", "correct": 0, "at": late},
    ]
    rows[1]["at"] = early
    assert [row.skills for row in read_answers(written(tmp_path / "f.jsonl", rows)).interactions] == [("a",), ("b",)]
    rows[1]["at"] = "2026-02-01 08:30"
    assert [row.skills for row in read_answers(written(tmp_path / "f.jsonl", rows)).interactions] == [("b",), ("a",)]
    rows[1]["at"] = None
    assert [row.skills for row in read_answers(written(tmp_path / "f.jsonl", rows)).interactions] == [("a",), ("b",)]


def test_rows_without_an_id_are_answers_of_their_own_and_help_is_read(tmp_path):
    row = {"student": 7, "skills": "a", "correct": "true", "assisted": "no"}
    first, second = read_answers(written(tmp_path / "f.jsonl", [row, {**row, "assisted": 1}])).interactions
    assert first.id != second.id and (first.student, first.assisted, second.assisted) == ("7", False, True)


def test_every_bad_row_is_named(tmp_path):
    good = {"student": "s", "skills": "a", "correct": 1}
    rows = [
        good,
        {**good, "correct": 0.5},
        {**good, "at": "yesterday"},
        {**good, "student": ""},
        {**good, "assisted": "?"},
    ]
    with pytest.raises(BadRow) as caught:
        read_answers(written(tmp_path / "f.jsonl", rows))
    assert caught.value.data["rows"] == [2, 3, 4, 5]
    assert "line 2: correct is 0.5" in caught.value.message and "which is no time" in caught.value.message


def test_what_cannot_be_used(tmp_path):
    path = written(tmp_path / "f.jsonl", [{"student": "s", "kc": "a", "correct": 1}])
    with pytest.raises(MissingColumn, match="no column skills; it has student, kc, correct"):
        read_answers(path)
    with pytest.raises(BadSetting, match="There is no use for colour"):
        read_answers(path, columns={"colour": "kc"})
    with pytest.raises(EmptyData):
        read_answers(written(tmp_path / "g.jsonl", [{"student": "s", "skills": "", "correct": 1}]))
    with pytest.raises(UnknownName):
        evaluate_models(path, models=["bktt"])

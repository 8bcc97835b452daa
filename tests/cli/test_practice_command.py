"""``practice`` and ``knowledge``, as a person types them and as a program reads them."""

from __future__ import annotations

import io
import json

import pytest

from tutorkit.knowledge.bkt import BKT
from tutorkit.knowledge.synthetic import simulated_answers
from tutorkit.misconceptions import solve
from tutorkit.misconceptions.reading import read_text


def right(text):
    return solve(read_text(text)).answer


@pytest.fixture
def typed(tutorkit, monkeypatch):
    def run(lines, *arguments):
        monkeypatch.setattr("sys.stdin", io.StringIO(lines))
        return tutorkit("practice", *arguments)

    return run


def test_a_person_answers_gets_the_right_way_and_is_told_what_is_known(typed):
    shown = typed("987654\n?\n?\nwhat now\n\n", "--items", "2")
    assert shown.code == 0
    words = " ".join(shown.out.split())
    assert "1 of 2" in words and "2 of 2" in words
    assert words.count("Not right. This is how it goes:") == 2 and "Another one, " in words
    assert "cannot be read as an answer" in words
    assert "These were all questions of this session." in words and "0 of 1" in words and "What is known" in words


def test_it_goes_on_where_it_stopped(typed, tutorkit):
    first = typed("bye\n", "--domain", "add", "--items", "4")
    assert "Kept. The same command goes on from here." in first.out
    question = tutorkit("practice", "--json").json["question"]
    assert question["text"] in first.out and question["of"] == 4
    cut = typed(f"{right(question['text'])}\n")
    assert cut.code == 0 and "Right." in cut.out and "Kept." in cut.out
    assert tutorkit("practice", "--json").json["question"]["number"] == 2
    assert "Going on after 1 questions." in typed("").out


def test_a_program_answers_question_by_question(tutorkit):
    step = tutorkit("practice", "--learner", "ada", "--domain", "sub", "--items", "3", "--json").json
    assert step["feedback"] is None and step["question"]["number"] == 1
    for number in (2, 3, None):
        answer = right(step["question"]["text"])
        step = tutorkit("practice", "--learner", "ada", "--answer", answer, "--json").json
        assert step["feedback"]["right"] and (step["question"] or {}).get("number") == number
        if number is None:
            break
    assert step["ended"] == "items"
    assert sum(line["mastery"]["right"] for line in step["known"]) >= 3
    known = tutorkit("knowledge", "show", "--learner", "ada", "--json").json
    assert known["ada"] == step["known"]
    assert "ada: what is known" in tutorkit("knowledge", "show").out


def test_a_step_without_json_is_for_reading(tutorkit):
    shown = tutorkit("practice", "--items", "1", "--answer", "987654")
    assert "Not right." in shown.out and "These were all questions" in shown.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["practice", "--domain", "subb"], "There is no domain named 'subb'. Did you mean sub"),
        (["practice", "--learner", "../x"], "cannot name a learner"),
        (["practice", "--answer", "what now"], "cannot be read as an answer"),
        (["knowledge", "show", "--learner", "nobody"], "There is no learner named 'nobody'"),
        (["knowledge", "evaluate", "nowhere.csv"], "There is no file nowhere.csv"),
    ],
)
def test_a_wrong_request_is_told_what_is_wrong(tutorkit, arguments, words):
    shown = tutorkit(*arguments)
    assert shown.code == 2 and words in " ".join(shown.err.split())


def test_nobody_has_practised_yet(tutorkit):
    assert "Begin with: tutorkit practice" in tutorkit("knowledge", "show").out
    assert tutorkit("knowledge", "show", "--json").json == {}


def test_models_beside_each_other_on_a_file(tutorkit, tmp_path):
    rows = simulated_answers({"a": BKT(guess=0.2)}, students=20, answers=8, seed=0)
    lines = [{"user": row.student, "skills": "a", "correct": row.correct, "group": row.student[-1:]} for row in rows]
    path = tmp_path / "answers.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    command = ["knowledge", "evaluate", str(path), "--map", "student=user", "--folds", "4", "--model", "bkt"]
    report = tutorkit(*command, "--json").json
    (bkt,) = report["models"]
    assert report["students"] == 20 and bkt["measures"]["auc"]["low"] < bkt["measures"]["auc"]["value"]
    shown = tutorkit(*command, "--skills")
    assert f"{bkt['measures']['auc']['value']:.3f} [" in shown.out
    assert all(title in shown.out for title in ("Subgroups", "Skills", "160 answers of 20 students"))


def test_what_a_curriculum_saves_is_said_to_be_simulated(tutorkit):
    shown = tutorkit("knowledge", "simulate", "--learners", "4", "--tasks", "3")
    assert "Simulated: 4 learners, a chain of 3 tasks" in shown.out and "saves" in shown.out
    assert tutorkit("knowledge", "simulate", "--learners", "4", "--tasks", "3", "--json").json["simulated"] is True

"""The codes, the form of a turn, and the scaffolds."""

from __future__ import annotations

import json
import re
from fractions import Fraction
from itertools import product

import pytest
from pydantic import ValidationError

from tutorkit.errors import BadRow, DataNotFound, DuplicateId, EmptyData, UnknownName
from tutorkit.misconceptions import solve
from tutorkit.tutoring.spock import (
    ALLOWED,
    MEANINGS,
    Scaffold,
    SpockTurn,
    SubProblem,
    read_scaffolds,
    read_turn,
    shipped_scaffold,
    shipped_scaffolds,
)
from tutorkit.tutoring.spock.giving import gives_away, scaffold_faults

PAIRS = {"a": "1 2", "b": "3", "c": "4 5", "d": "6", "e": "7", "f": "8 9 10 11", "g": "12"}


def test_each_action_belongs_to_one_evaluation():
    assert {evaluation: " ".join(actions) for evaluation, actions in ALLOWED.items()} == PAIRS
    assert set(MEANINGS) == {*"abcdefg", *map(str, range(1, 13)), *"wxyz"}


@pytest.mark.parametrize(("evaluation", "action"), list(product("abcdefg", map(str, range(1, 13)))))
def test_a_turn_takes_the_allowed_pairs_and_no_other(evaluation, action):
    fields = {"evaluation": evaluation, "action": action, "state": "x", "tutorbot": "Well."}
    if action in PAIRS[evaluation].split():
        assert SpockTurn.model_validate(fields).codes.action == action
    else:
        with pytest.raises(ValidationError, match="goes with the action"):
            SpockTurn.model_validate(fields)


def test_what_stands_for_nothing_is_a_code_too():
    for nothing in ("N/A", "n/a", "", None, "None"):
        turn = SpockTurn.model_validate({"evaluation": nothing, "action": nothing, "state": nothing, "tutorbot": "Hi."})
        assert (turn.evaluation, turn.action, turn.state) == ("g", "12", "w")
    assert SpockTurn.model_validate({"evaluation": "a", "action": 1, "state": "x", "tutorbot": "No."}).action == "1"


PUBLISHED = {
    "Thoughts of Tutorbot": "It's wrong.",
    "Evaluation of Student Response": "a",
    "Action Based on Evaluation": "1",
    "Subproblem State": "x",
    "Subproblem": "What is 2+2?",
    "Tutorbot": "Not yet.",
}


def test_the_published_form_is_read_as_json_and_as_python():
    for text in (json.dumps(PUBLISHED), repr(PUBLISHED)):
        turn = read_turn(text)
        assert turn is not None and (turn.evaluation, turn.action, turn.state) == ("a", "1", "x")
        assert (turn.thoughts, turn.subproblem, turn.tutorbot) == ("It's wrong.", "What is 2+2?", "Not yet.")


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", "a 1 x", "(" * 5000, json.dumps({**PUBLISHED, "Action Based on Evaluation": "3"})]
)
def test_what_is_malformed_is_none(text):
    assert read_turn(text) is None


def test_the_target_has_no_thoughts_and_is_read_back():
    turn = read_turn(json.dumps(PUBLISHED))
    assert turn is not None and "thoughts" not in turn.as_target() and "wrong" not in turn.as_target()
    again = read_turn(turn.as_target())
    assert again is not None and again.codes == turn.codes and again.tutorbot == turn.tutorbot


def final(scaffold: Scaffold) -> Fraction:
    return Fraction(scaffold.subproblems[-1].answer.rpartition("=")[2].strip())


def test_the_shipped_scaffolds_come_to_what_they_say():
    assert [scaffold.id for scaffold in shipped_scaffolds()] == [
        "party-tickets",
        "two-jugs",
        "winter-jacket",
        "school-trip",
        "wilting-plant",
    ]
    answers = {scaffold.id: final(scaffold) for scaffold in shipped_scaffolds()[:4]}
    assert answers == {
        "party-tickets": 502 - 178,
        "two-jugs": Fraction(2, 3) + Fraction(1, 4),
        "winter-jacket": 80 - Fraction(15 * 80, 100),
        "school-trip": 5 + 3 * 6,
    }
    assert Fraction(solve({"domain": "sub", "a": 502, "b": 178}).answer) == answers["party-tickets"]
    for scaffold in shipped_scaffolds():
        assert scaffold_faults(scaffold) == ()
        for equation in re.findall(r"(\d+) ([−×]) (\d+) (?:=) (\d+)", scaffold.solution):
            left, sign, right, result = equation
            assert {"−": int(left) - int(right), "×": int(left) * int(right)}[sign] == int(result)


def sub(**changes) -> SubProblem:
    fields = {
        "question": "What is 3 × 4?",
        "answer": "12",
        "hint": "Count fours.",
        "incorrect": "7",
        "feedback": "You added.",
    }
    return SubProblem.model_validate({**fields, **changes})


def scaffold_of(*subs: SubProblem, solution="It is 12.") -> Scaffold:
    return Scaffold(problem="Ann has 3 bags.", subproblems=subs, solution=solution)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"hint": "It is 12."}, "hint of subproblem 1"),
        ({"feedback": "It should be 24 / 2 = 12."}, "feedback of subproblem 1"),
        ({"incorrect": "3 × 4 = 12"}, "incorrect answer of subproblem 1 is right"),
        ({"answer": "13"}, "solution lacks"),
    ],
)
def test_what_is_wrong_with_a_scaffold(changes, words):
    assert scaffold_faults(scaffold_of(sub())) == ()
    (fault,) = scaffold_faults(scaffold_of(sub(**changes)))
    assert words in fault


def test_giving_away_goes_by_what_the_learner_does_not_have_yet():
    assert gives_away("it comes to 12", sub(), known=["3 × 4"])
    assert not gives_away("it comes to 12", sub(), known=["I said 12"])
    assert not gives_away("it comes to 112 or 1.2", sub(), known=[])
    words = sub(answer="out of the cells, by osmosis", question="Where does the water go?")
    assert gives_away("The water leaves the cells by osmosis", words, known=["water"]) is True
    assert gives_away("It is called osmosis", sub(answer="osmosis"), known=["the cells"]) is True
    assert gives_away("It is called osmosis", sub(answer="osmosis"), known=["I say osmosis"]) is False
    assert gives_away("Water moves", words, known=["water"]) is False


def test_a_file_of_scaffolds(tmp_path):
    file = tmp_path / "mine.yaml"
    with pytest.raises(DataNotFound):
        read_scaffolds(file)
    file.write_text("[]", encoding="utf-8")
    with pytest.raises(EmptyData):
        read_scaffolds(file)
    file.write_text("- problem: [", encoding="utf-8")
    with pytest.raises(BadRow):
        read_scaffolds(file)
    good = scaffold_of(sub()).model_dump(mode="json", exclude={"id"})
    file.write_text(json.dumps([good, {**good, "subproblems": []}, {**good, "more": 1}]), encoding="utf-8")
    with pytest.raises(BadRow) as bad:
        read_scaffolds(file)
    assert bad.value.data["rows"] == [2, 3]
    file.write_text(json.dumps([good, good]), encoding="utf-8")
    with pytest.raises(DuplicateId) as twice:
        read_scaffolds(file)
    assert twice.value.data["rows"] == [2]
    file.write_text(json.dumps([good]), encoding="utf-8")
    (read,) = read_scaffolds(file)
    assert read.id.startswith("scaffold-") and read.subproblems == (sub(),)
    with pytest.raises(UnknownName, match="two-jugs"):
        shipped_scaffold("two-jug")
    with pytest.raises(ValidationError, match="same question"):
        scaffold_of(sub(), sub(answer="13"))

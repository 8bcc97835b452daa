"""``tutorkit diagnose``, as a teacher types it and as a program reads it."""

import json
import re

import pytest

ANSWERS = """pupil,item,answer
Ada,52 - 18,46
Ada,614 - 47,633
Ada,58 - 12,46
Ada,81 - 36,45
Ben,47 + 26,73
Ben,house,1
Cem,52 - 18,99
Cem,73 - 25,1
Cem,64 - 28,7777
Cem,91 - 43,?
"""


@pytest.fixture
def answers(tmp_path):
    path = tmp_path / "answers.csv"
    path.write_text(ANSWERS, encoding="utf-8")
    return str(path)


def words(shown):
    return " ".join(shown.out.split())


def test_a_teacher_reads_what_is_likely_on_what_evidence_and_what_to_ask(tutorkit, answers):
    shown = tutorkit("diagnose", answers)
    said = words(shown)
    assert shown.code == 0
    for needed in (
        "Column subtraction: 2 of 4 right. These answers fit a misconception:",
        "Takes the smaller digit from the larger in every column (sub.smaller_from_larger), p = over .99",
        "It gives these answers: 52 − 18 = 46; 614 − 47 = 633. Against it: 81 − 36 = 45.",
        "Column addition: 1 of 1 right. Nothing wrong so far; not every misconception has had occasion to show.",
        "Column subtraction: 0 of 3 right. The errors fit no misconception that is known.",
        "Not counted, line 11 (91 − 43): The answer '?' cannot be read.",
        "Line 7 was left out: 'house' is no item that can be read.",
        "not about the pupil",
    ):
        assert needed in said
    assert re.search(r"Ask next: \d+ − \d+\. \(", said)


def test_nothing_that_is_said_makes_a_trait_of_a_misconception(tutorkit, answers):
    said = words(tutorkit("diagnose", answers)).lower()
    for name in ("ada", "ben", "cem"):
        assert not re.search(rf"\b{name} (is|has|cannot|can't|lacks|fails|suffers|believes)\b", said)
    for label in ("weak", "poor", "slow", "deficit", "careless", "bad at", "misconceived"):
        assert label not in said


def test_one_pupil_alone_and_the_same_as_data(tutorkit, answers):
    found = tutorkit("diagnose", answers, "--pupil", "Ada", "--json").json
    (one,) = found["pupils"]
    (verdict,) = one["verdicts"]["domains"]
    (likely,) = verdict["likely"]
    assert (verdict["status"], likely["id"]) == ("likely", "sub.smaller_from_larger")
    assert [one["answers"][index]["line"] for index in likely["matching"]] == [2, 3]
    assert verdict["probe"]["item"]["domain"] == "sub"
    assert found["shared"] == [
        {"id": likely["id"], "title": found["titles"][likely["id"]], "pupils": ["Ada"]},
    ]
    assert [bad["line"] for bad in found["bad"]] == [7]


def test_the_class_is_summed_up(tutorkit, tmp_path):
    path = tmp_path / "wide.csv"
    path.write_text("pupil,47 + 26,58 + 37,69 + 15\nAda,63,85,74\nBen,63,85,74\nCem,73,95,84\n", encoding="utf-8")
    shown = tutorkit("diagnose", str(path))
    assert "In this class" in shown.out and "Ada, Ben" in shown.out and "Forgets to carry" in shown.out


def test_repeated_answers_are_mentioned(tutorkit, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("pupil,item,answer\n" + "\n".join(f"Ada,{n} - 18,5" for n in (52, 64, 75)), encoding="utf-8")
    assert "5 was written for 3 different items: guessed or copied, perhaps." in words(tutorkit("diagnose", str(path)))


def test_what_the_teacher_saw_counts(tutorkit, answers):
    def p(*options):
        found = tutorkit("diagnose", answers, "--pupil", "Ada", *options, "--json").json
        ranked = found["pupils"][0]["verdicts"]["domains"][0]["hypotheses"]
        return next(each["p"] for each in ranked if each["id"] == "sub.smaller_from_larger")

    pair = "Ada=sub.smaller_from_larger"
    assert p("--deny", pair) < p() < p("--confirm", pair)
    wrong = tutorkit("diagnose", answers, "--deny", "sub.smaller_from_larger")
    assert wrong.code == 2 and "PUPIL=MISCONCEPTION" in wrong.err
    unknown = tutorkit("diagnose", answers, "--deny", "Ada=sub.nothing")
    assert unknown.code == 2 and "There is no misconception named 'sub.nothing'" in unknown.err


def test_a_rule_of_ones_own_is_used(tutorkit, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("pupil,item,answer\nAda,1/2 + 1/3,2/2\nAda,3/4 + 2/5,5/12\n", encoding="utf-8")
    assert "fit no misconception" in tutorkit("diagnose", str(path)).out
    added = tutorkit("misconceptions", "add", "--item", "a/b + c/d", "--buggy", "(a+c)/(a*b)", "--title", "First two")
    assert added.code == 0
    assert "First two (own.first_two)" in tutorkit("diagnose", str(path)).out


def test_a_teacher_is_asked_about_what_nothing_explains(tutorkit, answers):
    said = words(tutorkit("diagnose", answers, "--model", "rules"))
    assert "rules on 3 unexplained answers (unverified, a guess): No procedure found" in said


def test_the_benchmark_says_who_foretold_how_much(tutorkit):
    shown = tutorkit("diagnose", "--benchmark", "--pupils", "20")
    assert "simulated" in shown.out and "most frequent malrule" in shown.out and "95 % interval" in shown.out
    report = tutorkit("diagnose", "--benchmark", "--pupils", "20", "--json").json
    assert report["right"]["value"] > report["baselines"][0]["right"]["value"] and report["teacher"] == "rules"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["diagnose"], 2, "Give a file of ANSWERS, or --benchmark"),
        (["diagnose", "nothing.csv"], 2, "There is no file nothing.csv"),
        (["diagnose", "--benchmark", "--model", "sim/two-bugs"], 2, "cannot say what a pupil does"),
    ],
)
def test_a_wrong_request_is_told(tutorkit, arguments, code, said):
    shown = tutorkit(*arguments)
    assert shown.code == code and said in " ".join(shown.err.split())


def test_an_unknown_pupil_is_told_with_those_that_there_are(tutorkit, answers):
    shown = tutorkit("diagnose", answers, "--pupil", "Zoe", "--json")
    assert shown.code == 2 and json.loads(shown.out)["error"]["remedy"] == "There is: Ada, Ben, Cem."

"""Which lessons a student gets for one question."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tutorkit.errors import BadSetting
from tutorkit.retrieval import ALL, choose, read_rule, similarities
from tutorkit.types import Lesson

ABOUT = {
    "late": "A customer waits for a parcel that should have come days ago.",
    "broken": "A customer says that something arrived broken.",
    "train": "Two trains leave at 10 and at 12 and meet on the way.",
}


def lesson(name: str, about: str | None = None, *, kind="strategy", text="Stay calm.") -> Lesson:
    data = {} if about is None else {"applies_to": about}
    return Lesson(id=name, run_id="r", kind=kind, text=text, data=data)


POOL = [lesson(name, about) for name, about in ABOUT.items()]


def chosen(question: str, pool=POOL, rule="top-1") -> list[str]:
    return [found.id for found in choose(question, pool, rule=rule)]


def test_by_default_the_student_gets_everything():
    assert choose("Anything?", POOL) == tuple(POOL) == choose("Anything?", POOL, rule=ALL)


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("My parcel should have come on Monday, days ago!", "late"),
        ("The lamp arrived broken.", "broken"),
        ("When do the trains meet?", "train"),
    ],
)
def test_the_nearest_situation_is_found(question, name):
    assert chosen(question) == [name]


def test_below_the_floor_there_is_none():
    assert chosen("Compute determinants.", rule="top-3") == []
    question = "A violin."
    near = dict(zip(ABOUT, similarities(question, list(ABOUT.values())), strict=True))
    assert 0 < near["late"] < 0.3
    assert "late" in chosen(question, rule="top-3") and chosen(question, rule="top-3 above 0.3") == []


def test_the_floor_itself_is_not_above_it():
    assert chosen(ABOUT["late"], rule="top-1 above 0.99") == ["late"]
    assert chosen(ABOUT["late"], rule="top-1 above 1") == []


def test_lessons_come_in_the_order_in_which_they_are_given_and_of_equals_the_earlier_is_taken():
    both = "A parcel is late, and something arrived broken; a customer waits."
    assert chosen(both, [POOL[1], POOL[0]], rule="top-2") == ["broken", "late"]
    twins = [lesson("one", "A parcel."), lesson("two", "A parcel.")]
    assert chosen("A parcel?", twins) == ["one"]


def test_instructions_are_about_everything_and_take_no_place():
    pool = [*POOL, lesson("how", kind="instruction", text="Write your working.")]
    assert chosen("The lamp arrived broken.", pool) == ["broken", "how"]


def test_a_lesson_without_a_subject_is_about_what_it_says_and_tags_say_nothing():
    plain = lesson("plain", text="When a parcel is late, trace it. [[skill:trains]]")
    assert chosen("Where is my parcel?", [plain]) == ["plain"]
    assert chosen("trains", [plain], rule="top-1") == []


def test_numbers_are_all_one_word():
    near = similarities("They leave at 7 and at 9.", [ABOUT["train"]])
    assert near == similarities("They leave at 1234 and at 5.", [ABOUT["train"]])


def test_similarity_is_one_for_the_same_words_and_rare_words_weigh_more():
    assert similarities("a b", ["b a"]) == [pytest.approx(1)]
    common, rare = similarities("x q", ["x a", "q a", "x b", "x c"])[:2]
    assert rare > common
    assert similarities("", ["a"]) == [0.0] == similarities("a", [""]) and similarities("a", []) == []


@pytest.mark.parametrize(
    "rule", ["", "some", "top-0", "top-3 above", "top-3 above 2", "top-3 above -1", "TOP-3", "top-"]
)
def test_another_rule_is_refused_with_examples(rule):
    with pytest.raises(BadSetting, match=r"top-3 above 0\.2"):
        choose("?", POOL, rule=rule)


def test_a_rule_is_read():
    assert read_rule("all") == (None, 0.0)
    assert read_rule("top-3") == (3, 0.0)
    assert read_rule("top-12 above 0.25") == (12, 0.25)


def test_the_choice_does_not_hang_on_the_process():
    code = (
        "from tutorkit.retrieval import similarities;"
        "words = [chr(97 + n % 26) * (1 + n % 7) for n in range(90)];"
        "pool = [' '.join(words[n::3] * n) for n in range(1, 6)];"
        "print([similarities(' '.join(words[n:]), pool) for n in range(60)])"
    )
    told = {
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": seed, "PATH": ""},
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(told) == 1

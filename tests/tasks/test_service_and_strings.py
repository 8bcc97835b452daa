"""The tasks service and strings: what is asked, what is right, and that a problem does not give its answer away."""

from __future__ import annotations

from collections import Counter

import pytest

from tutorkit.errors import BadSetting, DataError
from tutorkit.tasks import TaskScorer, load_task
from tutorkit.tasks import service as world
from tutorkit.tasks import strings as words
from tutorkit.tasks.scorers import scorer

SIZES = {"train": 12, "val": 20, "test": 60}


def test_the_situations_take_turns_and_no_text_tells_the_move():
    task = load_task("service", sizes=SIZES)
    assert set(Counter(problem.skills[0] for problem in task.split("test")).values()) == {15}
    for problem in task.problems:
        assert problem.gold == world.situation_of(problem.item).move
        assert problem.gold not in problem.text.casefold().split() and "policy" not in problem.text
        assert problem.gold not in problem.item.values()


def test_a_situation_has_one_right_move_and_a_habit_that_is_wrong():
    for problem in load_task("service", sizes=SIZES).problems:
        situation = world.situation_of(problem.item)
        graded = {move: TaskScorer().grade(problem, f"Answer: {move}").outcome for move in world.MOVES}
        assert [move for move, outcome in graded.items() if outcome == "right"] == [situation.move]
        assert world.work(problem.item, ())[1] == situation.move
        assert world.work(problem.item, [situation.name])[1] == situation.habit
        assert world.is_right(problem.item, situation.move) and not world.is_right(problem.item, situation.habit)


def test_every_word_with_the_properties_is_right():
    problem = next(p for p in load_task("strings", sizes=SIZES).problems if len(p.skills) == 2)
    other = words.work(problem.item, ())[1]
    assert other != problem.gold
    for word in (problem.gold, other):
        assert TaskScorer().grade(problem, f"Answer: {word}").outcome == "right" and words.is_right(problem.item, word)


def test_no_two_problems_ask_for_the_same_and_no_text_holds_its_gold():
    task = load_task("strings", sizes=SIZES)
    asked = [problem.text for problem in task.problems]
    assert len(set(asked)) == len(asked)
    for problem in task.problems:
        assert problem.gold not in problem.text and "gold" not in problem.item
        assert {name: words.MEASURES[name](problem.gold) for name in problem.skills} == problem.item["wanted"]


def test_a_lacking_property_is_wrong_and_the_others_are_right():
    for problem in load_task("strings", sizes=SIZES).problems:
        for skill in problem.skills:
            _, word = words.work(problem.item, [skill])
            missed = [n for n, value in problem.item["wanted"].items() if words.MEASURES[n](word) != value]
            assert missed == [skill]


@pytest.mark.parametrize("item", [{}, {"domain": "service", "situation": "calm"}, {"domain": "strings", "wanted": {}}])
def test_an_item_of_another_kind_is_refused(item):
    for work in (world.work, words.work):
        with pytest.raises(DataError):
            work(item, ())


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ("Answer: bobona", "right"),
        ("Answer: **Bobona**.", "right"),
        ("I take this word:\nbobona", "right"),
        ("Answer: bobon", "wrong"),
        ("Answer: tobona", "wrong"),
        ("Answer: babonu", "wrong"),
        ("Answer: bbbona", "wrong"),
        ("Answer: two words", "invalid"),
        ("Answer: b0b0na", "invalid"),
        ("", "invalid"),
    ],
)
def test_properties_are_counted_in_the_answer(answer, outcome):
    problem = load_task("strings", sizes={"val": 1, "test": 1}).problems[0]
    asked = problem.model_copy(update={"gold": "bobona", "scorer": "properties?length=6&first=b&last=a&vowels=3"})
    assert TaskScorer().grade(asked, answer).outcome == outcome


def test_a_wrong_answer_names_what_it_lacks():
    problem = load_task("strings", sizes={"val": 1, "test": 1}).problems[0]
    asked = problem.model_copy(update={"gold": "ba", "scorer": "properties?length=2&first=b"})
    assert TaskScorer().grade(asked, "Answer: tat").how.endswith("lacks length, first")


@pytest.mark.parametrize(
    "name", ["properties", "properties?length=long", "properties?first=ab", "properties?first=.", "properties?size=3"]
)
def test_a_property_that_there_is_not_is_refused(name):
    with pytest.raises(BadSetting):
        scorer(name)

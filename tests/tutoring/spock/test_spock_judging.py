"""What learners say, judged by rule."""

from __future__ import annotations

import pytest

from tutorkit.tutoring.spock import judged, shipped_scaffold

TICKETS, JUGS, JACKET, PLANT = (
    shipped_scaffold(name) for name in ("party-tickets", "two-jugs", "winter-jacket", "wilting-plant")
)
CASES = [
    (JACKET, 1, "12", "b"),
    (JACKET, 1, "12 euros", "b"),
    (JACKET, 1, "I get 12 because 15 × 0.8 = 12", "b"),
    (JACKET, 1, "12, since 15 times 0.8", "b"),
    (JACKET, 1, "is it 12?", "b"),
    (JACKET, 1, "maybe 12", "b"),
    (JACKET, 1, "15", "a"),
    (JACKET, 1, "it's 80 - 15 = 65", "a"),
    (JACKET, 1, "I think 8", "a"),
    (JACKET, 1, "-12", "a"),
    (JACKET, 1, "112", "a"),
    (JACKET, 1, "1.2", "a"),
    (JACKET, 1, "12 or 13", "d"),
    (JACKET, 1, "hm", "d"),
    (JACKET, 1, "", "d"),
    (JACKET, 1, "the price is cheaper in the sale", "d"),
    (JACKET, 1, "my dog ate a whole sandwich yesterday", "e"),
    (JACKET, 1, "can I have a hint", "f"),
    (JACKET, 1, "what does per cent mean?", "f"),
    (JACKET, 1, "who won the match yesterday?", "e"),
    (JUGS, 2, "11/12", "b"),
    (JUGS, 2, "8/12 + 3/12 = 11/12", "b"),
    (JUGS, 2, "22/24", "b"),
    (JUGS, 2, "3/7", "a"),
    (JUGS, 2, "12/11", "a"),
    (TICKETS, 1, "9 tens and 12 ones", "b"),
    (TICKETS, 1, "9 and 12", "b"),
    (TICKETS, 1, "9 tens and 2 ones", "c"),
    (TICKETS, 1, "10 tens and 2 ones", "a"),
    (TICKETS, 0, "from the hundreds", "b"),
    (TICKETS, 0, "the tens", "a"),
    (TICKETS, 2, "476", "a"),
    (PLANT, 0, "in the soil", "b"),
    (PLANT, 0, "in the cells", "a"),
    (PLANT, 2, "out of the cells, that's osmosis", "b"),
    (PLANT, 2, "osmosis?", "c"),
    (PLANT, 2, "into the cells by osmosis", "c"),
    (PLANT, 2, "out of the cells by osmosis?", "b"),
    (PLANT, 2, "it isn't osmosis", "a"),
    (PLANT, 2, "into the cells by diffusion", "a"),
    (PLANT, 3, "the pressure falls", "c"),
    (PLANT, 3, "the pressure falls and the cells get limp", "b"),
    (PLANT, 3, "the water can't go back into the cells", "a"),
]


@pytest.mark.parametrize(("scaffold", "place", "text", "evaluation"), CASES)
def test_what_is_said_is_judged_so(scaffold, place, text, evaluation):
    found = judged(text, scaffold.subproblems[place], scaffold)
    assert found.evaluation == evaluation
    assert found.complete is (evaluation == "b")


WISHES = [
    ("give me a hint please", "hint"),
    ("I'm stuck", "hint"),
    ("I don't know", "hint"),
    ("just tell me the answer", "solution"),
    ("show me the solution", "solution"),
    ("I give up", "solution"),
    ("can we go back?", "back"),
    ("let's go back to the one before", "back"),
    ("go back", "back"),
    ("I want to see the previous question", "back"),
    ("why is a discount taken of the price?", "other"),
]


@pytest.mark.parametrize(("text", "wish"), WISHES)
def test_wishes_are_told_apart(text, wish):
    found = judged(text, JACKET.subproblems[1], JACKET)
    assert (found.evaluation, found.wish) == ("f", wish)


def test_numbers_are_certain_and_words_are_not():
    assert judged("12", JACKET.subproblems[1], JACKET).certain
    assert not judged("in the soil", PLANT.subproblems[0], PLANT).certain
    assert judged("I have 12, can you help me go on?", JACKET.subproblems[1], JACKET).evaluation == "b"


def test_at_the_end_there_is_nothing_to_judge_but_a_wish_to_go_back():
    assert judged("68", JACKET.subproblems[2], JACKET, done=True).evaluation == "g"
    assert judged("go back", JACKET.subproblems[2], JACKET, done=True).wish == "back"

from random import Random

import pytest

from tutorkit.misconceptions import DOMAINS, drawn_item, malrules, same_answer, solve
from tutorkit.tasks.items import item_problem
from tutorkit.tasks.scorers import gold_is_accepted, scorer


@pytest.mark.parametrize("domain", DOMAINS)
def test_an_items_own_answer_is_right_and_the_answers_of_its_misconceptions_are_wrong(domain):
    rng, worked = Random(7), scorer("worked")
    for _ in range(60):
        item = drawn_item(domain, rng)
        problem = item_problem(item)
        assert gold_is_accepted(problem), problem
        for rule in malrules(domain):
            answer = rule.run(item).answer
            wanted = "right" if same_answer(answer, solve(item).answer) else "wrong"
            assert worked.grade(problem, f"Answer: {answer}").outcome == wanted, (problem.text, answer)


@pytest.mark.parametrize(
    ("gold_item", "text", "outcome"),
    [
        ({"domain": "sub", "a": 52, "b": 18}, "52 - 18 = 34", "right"),
        ({"domain": "sub", "a": 52, "b": 18}, "I think it is 46.", "wrong"),
        ({"domain": "sub", "a": 52, "b": 18}, "no idea", "invalid"),
        ({"domain": "sub", "a": 5200, "b": 18}, "5,182", "right"),
        ({"domain": "frac", "op": "+", "a": 1, "b": 2, "c": 1, "d": 4}, "6/8", "right"),
        ({"domain": "frac", "op": "+", "a": 1, "b": 2, "c": 1, "d": 4}, "2/4", "wrong"),
    ],
)
def test_answers_in_free_text(gold_item, text, outcome):
    assert scorer("worked").grade(item_problem(gold_item), text).outcome == outcome


def test_an_items_problem_is_the_same_each_time_and_shows_no_answer():
    item = {"domain": "sub", "a": 52, "b": 18}
    problem = item_problem(item)
    assert problem == item_problem(dict(reversed(item.items())))
    assert problem.text == "Work out 52 − 18."
    assert problem.gold not in problem.question().as_text()

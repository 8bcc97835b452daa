"""The rule-based teacher's hypotheses: the likeliest malrule, run on what it is asked to predict."""

import asyncio

import pytest
from asking import RULES

from tutorkit.misconceptions import Hypothesised, malrule, malrules, read_text, solve
from tutorkit.ports import Ask


def hypothesis(answers, asked):
    inputs = {
        "answers": [{"item": item, "answer": answer, "right": False, "steps": []} for item, answer in answers],
        "asked": list(asked),
    }
    return asyncio.run(RULES.call(Ask(prompt_id="diagnosis/hypothesis", inputs=inputs, schema=Hypothesised)))


def test_it_predicts_by_the_likeliest_malrule():
    reply = hypothesis([("52 - 18", "46"), ("73 - 25", "52")], ["614 - 47", "81 - 36"])
    said = reply.value
    assert said.title == malrule("sub.smaller_from_larger").title and said.rule == ""
    assert [(each.item, each.answer) for each in said.predicts] == [("614 - 47", "633"), ("81 - 36", "55")]
    assert "46" in reply.calls[0].messages[1].content


def test_two_malrules_predict_each_on_its_own_items():
    answers = [("52 - 18", "46"), ("73 - 25", "52"), ("57 - 20", "30"), ("68 - 30", "30")]
    said = hypothesis(answers, ["81 - 36", "94 - 50"]).value
    assert [each.answer for each in said.predicts] == ["55", "40"]


@pytest.mark.parametrize(
    "answers",
    [
        [],
        [("house", "3")],
        [("52 - 18", "99"), ("73 - 25", "1"), ("64 - 28", "8")],
        [(text, solve(read_text(text)).answer) for text in ("614 - 47", "505 - 197", "153 - 120", "801 - 74")],
    ],
)
def test_what_it_does_not_know_it_does_not_make_up(answers):
    said = hypothesis(answers, ["614 - 48"]).value
    assert (said.title, said.predicts, said.rule) == ("No procedure found", [], "")


def test_of_another_domain_than_the_asked_items_it_says_nothing():
    said = hypothesis([("52 - 18", "46"), ("73 - 25", "52")], ["1/2 + 1/3"]).value
    assert said.predicts == []
    assert len({rule.domain for rule in malrules()}) > 1

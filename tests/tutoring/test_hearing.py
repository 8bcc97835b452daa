import pytest

from tutorkit.tutoring.hearing import heard

ANSWERS = [
    ("46", "46"),
    ("I got 46", "46"),
    ("52 - 18 = 46 because 8-2 is 6", "46"),
    ("is it 42?", "42"),
    ("Please just check if it is 42", "42"),
    ("x = 4", "x = 4"),
    ("7x", "7x"),
    ("so 2x+3", "2x+3"),
    ("The answer is 3/4.", "3/4"),
    ("the answer is just 5", "5"),
    ("first I took 2 from 8\nthen 5-1=4\n46", "46"),
    ("I think it's −5", "-5"),
    ("1:25", "1:25"),
    ("1,200", "1,200"),
    ("2.50", "2.50"),
    ("I have 3 apples left over so 12", "12"),
    ("Ich glaube es ist 46", "46"),
    ("can we stop? my answer is 5", "5"),
    ("34, because 12 - 8 = 4", "34"),
    ("12 - 8 = 4, then 4 - 1 = 3, so 34", "34"),
    ("34 since 18 + 16 = 34", "34"),
    ("Ones: 2 + 6 = 8, I write 8. So I got 1480.", "1480"),
    ("I still get 46", "46"),
    ("a dog has 4 legs", None),
    ("what?", None),
    ("hello", None),
    ("I", None),
    ("", None),
    ("I don't know, can you give me a hint?", None),
]


@pytest.mark.parametrize(("text", "answer"), ANSWERS)
def test_an_answer_is_what_is_asserted_and_nothing_that_is_only_mentioned(text, answer):
    assert heard(text).answer == answer


@pytest.mark.parametrize(
    "text", ["help", "Can you give me a hint?", "I'm stuck", "I don't get it", "Ich weiß es nicht", "keine Ahnung"]
)
def test_a_wish_for_help_is_heard(text):
    assert heard(text).asks_help


@pytest.mark.parametrize(
    "text", ["34 because I borrowed", "first 12 - 8 = 4 then 4 - 1 = 3 so 34", "a\nb\n34", "34, weil 12 - 8 = 4"]
)
def test_reasons_are_heard(text):
    assert heard(text).explains


def test_a_bare_answer_is_no_reason_and_no_wish():
    said = heard("34")
    assert not (said.explains or said.asks_help or said.wants_exit)


@pytest.mark.parametrize("text", ["bye", "can we stop?", "I want to stop", "Ich möchte aufhören"])
def test_a_wish_to_stop_is_heard(text):
    assert heard(text).wants_exit


def test_who_gives_an_answer_does_not_want_to_stop():
    assert not heard("can we stop? my answer is 5").wants_exit


def test_a_very_long_message_is_read_in_linear_time_and_kept_whole():
    text = "1 + " * 50_000
    assert heard(text).text == text

"""What is repaired keeps its meaning; what would need a guess is not repaired."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutorkit.models.repair import NotJson, read_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.dictionaries(st.text(), VALUES, max_size=4)


@given(OBJECTS, st.booleans())
def test_good_json_is_read_as_it_is(value, ascii_only):
    text = json.dumps(value, ensure_ascii=ascii_only)
    assert read_json(text) == value
    assert read_json(f"Sure! Here it is:\n```json\n{text}\n```\nI hope it helps.") == value
    assert read_json(f"Well, I'd say {text} is it.") == value
    assert read_json(f"\ufeff \n{json.dumps(value, indent=2)}\n") == value


@given(
    st.dictionaries(st.text("abc'“”,}]True ", min_size=1), st.text("abc'“”,}]True None\n ") | st.none() | st.booleans())
)
def test_the_inside_of_strings_survives_every_repair(value):
    damaged = json.dumps(value, ensure_ascii=False)[:-1] + (",}" if value else "}")
    assert read_json(damaged) == value


@given(st.dictionaries(st.text("abc ", min_size=1), st.booleans() | st.none() | st.integers() | st.text("abc \n\\")))
def test_python_literals_are_read(value):
    assert read_json(f"The answer: {value!r}") == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": [1, 2,], "b": {"c": 3,},}', {"a": [1, 2], "b": {"c": 3}}),
        ("{“a”: “b”}", {"a": "b"}),
        ('{“a”: “he said "hi"”}', {"a": 'he said "hi"'}),
        ("{„a“: 1}", {"a": 1}),
        ("{'a': 'it\\'s', 'b': True}", {"a": "it's", "b": True}),
        ('{"a": "two\nlines"}', {"a": "two\nlines"}),
        ('{"a": "None, True"}', {"a": "None, True"}),
        ('As in [1], it is {"a": 1}.', {"a": 1}),
        ('The set {1, 2} gives {"a": 1}', {"a": 1}),
        ('{"a": 1}\nOnce more: {"a": 1}', {"a": 1}),
        ('```json\n{"a": 1}\n```\nNot {"a": 2}.', {"a": 1}),
        ('~~~\n{"a": 1}\n~~~', {"a": 1}),
        ('```json\n{"a": 1}', {"a": 1}),
        ("[1, 2]", [1, 2]),
        ('<think>First {"a": 2}, no.</think>\n{"a": 1}', {"a": 1}),
        ('Perhaps {"a": 2}?\n</think>\n\n```json\n{"a": 1}\n```', {"a": 1}),
        ('{"a": "</think>", "b": 1}', {"a": "</think>", "b": 1}),
        ('```json\n{"a": "</think>"}\n```', {"a": "</think>"}),
    ],
)
def test_form_is_repaired(text, value):
    assert read_json(text) == value


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "empty"),
        ("I cannot.", "no JSON object"),
        ('{"a": {"b": 1}, "c": [1, 2', "broken"),
        ('{"a": "cut off', "broken"),
        ('{"a": {"b": 1}', "broken"),
        ('{"a": 1} or rather {"a": 2}', "different"),
        ('{"a": 1, "a": 2}', "stands twice"),
        ('<think>I could say {"a": 1}.</think> I cannot.', "no JSON object"),
        ('<think>I could say {"a": 1}, or {"a": 2}', "different"),
        ('{"a": NaN}', "not a JSON value"),
        ("{'a': 'it's'}", "broken"),
        ('{"a": undefined}', "broken"),
        ('{"a": 1 "b": 2}', "broken"),
        ("[" * 100_000, "broken"),
        ("[{" * 150 + "}]" * 150, "broken"),
    ],
)
def test_meaning_is_not_guessed(text, why):
    with pytest.raises(NotJson, match=why):
        read_json(text)


@given(OBJECTS.filter(bool), st.data())
def test_a_cut_reply_is_never_read(value, data):
    text = json.dumps(value)
    cut = data.draw(st.integers(1, len(text) - 1))
    with pytest.raises(NotJson):
        read_json(text[:cut])


@given(st.text())
def test_any_text_is_read_or_refused(text):
    try:
        read_json(text)
    except NotJson as error:
        assert str(error)


def test_many_small_values_are_looked_through_quickly():
    with pytest.raises(NotJson, match="different"):
        read_json("[1] [2] " * 20_000)

"""One way to turn data into bytes: equal data, equal bytes, and different data, different bytes."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutorkit.canonical import canonical_json, digest, stable_id
from tutorkit.errors import NotCanonical

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(max_size=4), JSON, max_size=5))
def test_the_order_of_keys_does_not_matter(value):
    assert canonical_json(dict(reversed(value.items()))) == canonical_json(value)


@pytest.mark.parametrize(
    ("left", "right"), [(1, 1.0), (True, 1), ("1", 1), (None, "null"), ([1, 2], [2, 1]), ("a", ["a"])]
)
def test_what_differs_has_another_digest(left, right):
    assert digest(left) != digest(right)


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), {1: "x"}, {"x": {2: 3}}, {1, 2}, object(), b"x", [object()]]
)
def test_what_has_no_canonical_form_is_refused(value):
    with pytest.raises(NotCanonical):
        digest(value)


def test_golden_digests_and_half_a_surrogate():
    assert digest({"b": [1, 2.5, None], "a": "é"}) == digest({"a": "é", "b": (1, 2.5, None)})
    assert digest({"a": 1})[:16] == "015abd7f5cc57a2d"
    assert stable_id("run", "x", 1) == "run-" + digest(["x", 1])[:16]
    assert len(digest("\ud800")) == 64


def test_the_digest_does_not_depend_on_the_process():
    script = "from tutorkit.canonical import digest; print(digest({'x': ['y', {'z': 1.5}]}))"
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == digest({"x": ["y", {"z": 1.5}]})

"""Splits by the hash of the leak family."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutorkit.errors import BadSetting, EmptyData
from tutorkit.tasks.splits import ALL_SHARES, draw, drop_leaks, split_of
from tutorkit.types import Problem, Split


def problem(identity: str, group: str, split: Split) -> Problem:
    return Problem(id=identity, task="t", text=identity, gold="1", scorer="number", split=split, group=group)


def test_shares_are_kept_and_no_split_moves_between_releases():
    counts = Counter(split_of(f"family {number}") for number in range(4000))
    for split, share in ALL_SHARES.items():
        assert abs(counts[split] / 4000 - share) < 0.03
    assert [split_of(name) for name in ("a", "b", "c", "d", "e", "f")] == [
        "val",
        "test",
        "test",
        "test",
        "test",
        "test",
    ]


@given(st.permutations([f"p{number}" for number in range(12)]), st.integers(0, 5))
def test_the_draw_does_not_depend_on_the_order_of_rows(names: list[str], seed: int):
    pool = [problem(name, name, "val") for name in names]
    usual = [problem(name, name, "val") for name in sorted(names)]
    assert draw(pool, {"val": 5}, seed=seed, task="t") == draw(usual, {"val": 5}, seed=seed, task="t")


def test_another_seed_draws_others():
    pool = [problem(f"p{number}", f"g{number}", "test") for number in range(50)]
    assert draw(pool, {"test": 10}, seed=0, task="t") != draw(pool, {"test": 10}, seed=1, task="t")


def test_too_much_asked_for_is_refused_and_by_default_all_is_taken():
    pool = [problem(f"p{number}", f"g{number}", "test") for number in range(5)]
    with pytest.raises(BadSetting, match="t has 5 test problems and 6 were asked for") as caught:
        draw(pool, {"test": 6}, seed=0, task="t")
    assert "at most 5" in caught.value.remedy
    assert len(draw(pool, None, seed=0, task="t")) == 5
    with pytest.raises(BadSetting, match="cannot have -1"):
        draw(pool, {"test": -1}, seed=0, task="t")
    with pytest.raises(EmptyData):
        draw([], None, seed=0, task="t")


def test_families_of_test_problems_are_left_out_elsewhere():
    kept, dropped = drop_leaks([problem("a", "x", "train"), problem("b", "x", "test"), problem("c", "y", "val")])
    assert ([p.id for p in kept], dropped) == (["b", "c"], 1)

"""Decisions about rows of fine-tuning data, and how the rows are read."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import text
from store_samples import attempt, call, lesson, problem, run

from tutorkit.errors import BadSetting, RecordNotFound
from tutorkit.store import (
    Store,
    StoreSink,
    find_row,
    held_out,
    lineage,
    open_store,
    review_row,
    review_rows_of_run,
    row_counts,
    row_reviews,
    schema,
    training_rows,
)
from tutorkit.store.database import writing
from tutorkit.types import Message, PreferencePair, RLExample, SFTExample

SAID = (Message(role="user", content="?"), Message(role="assistant", content="!"))


def sft(name: str, **changes) -> SFTExample:
    return SFTExample.model_validate({"id": name, "run_id": "run-1", "messages": SAID, **changes})


def pair(name: str, **changes) -> PreferencePair:
    fields = {"id": name, "run_id": "run-1", "prompt": "p", "chosen": "c", "rejected": "r", "unit": "output"}
    return PreferencePair.model_validate({**fields, "both_orders": True, **changes})


def rl(name: str, **changes) -> RLExample:
    return RLExample.model_validate({"id": name, "run_id": "run-1", "messages": SAID, "reward_spec": "a", **changes})


def states(store: Store) -> dict[str, str]:
    kinds = ("sft", "preference", "rl")
    found = [row for kind in kinds for batch in training_rows(store, kind, run_id="run-1") for row in batch.rows]
    return {row.id: row.audit for row in found}


def test_a_decision_about_one_row_keeps_who_when_and_why(store: Store) -> None:
    StoreSink(store).put(run(), sft("x-1"), sft("x-2"), pair("y-1"))
    told = review_row(store, row_id="x-1", to="approved", by="Ada", why="sound")
    assert told.decided == {"sft": 1}
    review_row(store, row_id="x-1", to="rejected", by="Bo", why="leaks")
    review_row(store, row_id="y-1", to="approved", by="Ada", why="fine")
    assert states(store) == {"x-1": "rejected", "x-2": "pending", "y-1": "approved"}
    kept = row_reviews(store, row_ids=("y-1", "x-1", "x-2"))
    assert [(one.row_kind, one.row_id, one.by, one.why, one.from_state, one.to_state) for one in kept] == [
        ("sft", "x-1", "Ada", "sound", "pending", "approved"),
        ("sft", "x-1", "Bo", "leaks", "approved", "rejected"),
        ("preference", "y-1", "Ada", "fine", "pending", "approved"),
    ]
    assert all(one.at.utcoffset() == timedelta(0) for one in kept)


def test_all_rows_of_a_run_are_decided_about_but_what_was_rejected_stays_so(store: Store) -> None:
    StoreSink(store).put(run(), sft("x-1"), sft("x-2", audit="draft"), pair("y-1"), rl("z-1"), sft("o", run_id="run-2"))
    review_row(store, row_id="x-2", to="rejected", by="Ada", why="wrong")
    told = review_rows_of_run(store, run_id="run-1", to="approved", by="Bo", why="read them")
    assert told.decided == {"sft": 1, "preference": 1, "rl": 1} and told.left_rejected == 1
    assert states(store) == {"x-1": "approved", "x-2": "rejected", "y-1": "approved", "z-1": "approved"}
    assert [one.to_state for one in row_reviews(store, row_ids=("x-2",))] == ["rejected"]
    assert find_row(store, row_id="o")[1].audit == "pending"
    back = review_rows_of_run(store, run_id="run-1", to="pending", by="Bo", why="look again")
    assert back.decided == {"sft": 2, "preference": 1, "rl": 1} and back.left_rejected == 0
    assert set(states(store).values()) == {"pending"}
    assert row_counts(store, run_id="run-1") == {
        "sft": {"pending": 2},
        "preference": {"pending": 1},
        "rl": {"pending": 1},
    }


def test_a_run_that_is_resumed_cannot_take_a_decision_back(store: Store) -> None:
    StoreSink(store).put(run(), sft("x-1"))
    review_rows_of_run(store, run_id="run-1", to="approved", by="Ada", why="sound")
    StoreSink(store).put(sft("x-1", audit="pending"))
    assert states(store) == {"x-1": "approved"}


def test_a_decision_wants_a_row_a_name_and_a_reason(store: Store) -> None:
    StoreSink(store).put(run(), sft("x-1"))
    with pytest.raises(RecordNotFound, match="'x-9'"):
        review_row(store, row_id="x-9", to="approved", by="Ada", why="sound")
    with pytest.raises(RecordNotFound, match="run-7 has no rows"):
        review_rows_of_run(store, run_id="run-7", to="approved", by="Ada", why="sound")
    for by, why in ((" ", "sound"), ("Ada", "")):
        with pytest.raises(BadSetting, match="reason"):
            review_row(store, row_id="x-1", to="approved", by=by, why=why)
        with pytest.raises(BadSetting, match="reason"):
            review_rows_of_run(store, run_id="run-1", to="approved", by=by, why=why)
    assert row_reviews(store, row_ids=("x-1",)) == () and states(store) == {"x-1": "pending"}


def test_rows_come_by_round_and_id_in_batches_whatever_order_they_were_put_in(new_url: Callable[[], str]) -> None:
    rows = [sft(f"{name}-{number}", round=number % 2) for name in ("B", "a", "_") for number in range(4)]
    orders = set()
    for given in (rows, rows[::-1]):
        with open_store(new_url()) as store:
            StoreSink(store).put(run(), *given)
            batches = list(training_rows(store, "sft", run_id="run-1", at_once=5))
            assert [len(batch.rows) for batch in batches] == [5, 5, 2]
            orders.add(tuple(row.id for batch in batches for row in batch.rows))
    (order,) = orders
    assert order[:6] == ("B-0", "B-2", "_-0", "_-2", "a-0", "a-2")


def test_a_batch_brings_calls_golds_and_which_attempts_are_measured(store: Store) -> None:
    first, second = StoreSink(store), StoreSink(store)
    first.put(run(), problem(gold="old"), attempt(), call(), problem(id="p-3", gold="3"))
    first.put(
        attempt(id="a-t", split="test", problem_id="p-2"), problem(id="p-2", text="Two?", choices=(), split="test")
    )
    second.put(problem(gold="new"), attempt(id="a-o", run_id="run-2"), problem(id="p-3", gold="three"))
    first.put(sft("x-1", problem_id="p-1", call_ids=("c-1", "c-gone"), source_attempt_ids=("a-1",)))
    first.put(sft("x-2", problem_id="p-3", source_attempt_ids=("a-t", "a-gone")), sft("x-3", problem_id="p-gone"))
    (batch,) = training_rows(store, "sft", run_id="run-1")
    assert [row.id for row in batch.rows] == ["x-1", "x-2", "x-3"]
    assert {name: one.prompt_id for name, one in batch.calls.items()} == {"c-1": "tpd/draft"}
    assert batch.golds == {"p-1": "old", "p-3": "three"} and batch.measured == {"a-t"}
    assert held_out(store, run_id="run-1") == ({"p-2"}, {"Two?"})


def test_a_row_is_followed_back_to_its_attempts_lessons_and_calls(store: Store) -> None:
    StoreSink(store).put(run(), problem(), attempt(), lesson(), call(id="c-row"), call(id="c-author"))
    row = sft("x-1", lesson_ids=("l-1",), source_attempt_ids=("a-1", "a-gone"), call_ids=("c-row",))
    StoreSink(store).put(row)
    found = lineage(store, record_id="x-1")
    assert found.run == run() and found.rows == (row,)
    assert [one.id for one in found.lessons] == ["l-1"] and found.attempts == (attempt(),)
    assert found.problems == (problem(),) and {one.id for one in found.calls} == {"c-row", "c-author"}
    assert set(found.missing) == {"a-gone", "c-student"}


def test_rows_that_were_kept_before_there_were_decisions(store_url: str) -> None:
    with open_store(store_url) as store:
        StoreSink(store).put(run(), sft("x-1"))
        store.flush()
        with writing(store.engine).begin() as connection:
            schema.command.downgrade(schema._config(connection), "0003")
    with open_store(store_url) as store:
        review_row(store, row_id="x-1", to="approved", by="Ada", why="sound")
        assert states(store) == {"x-1": "approved"}
        with store.read() as connection:
            assert schema.drift(connection) == []
            assert connection.execute(text("SELECT count(*) FROM row_review")).scalar_one() == 1
        assert len(list(itertools.chain(row_reviews(store, row_ids=("x-1",))))) == 1

"""Reading what a run of thousands of items needs: in few queries, and no more than is asked for."""

from __future__ import annotations

from collections import Counter

import pytest
from sqlalchemy import event
from store_samples import attempt, call, lesson, problem

from tutorkit.errors import RecordNotFound
from tutorkit.store import Store, StoreSink, each_call, measuring_calls, repository
from tutorkit.types import Attempt, Lesson, PreferencePair, Problem


@pytest.fixture
def sink(store: Store) -> StoreSink:
    return StoreSink(store)


@pytest.fixture
def selects(store: Store) -> list[str]:
    """Every SELECT of records that is sent from now on; a server's locks and settings are none."""
    seen: list[str] = []

    def listen(_connection, _cursor, statement, *_more) -> None:
        if statement.startswith("SELECT") and " ORDER BY " in statement:
            seen.append(statement)

    event.listen(store.engine, "after_cursor_execute", listen)
    return seen


def test_many_records_come_in_the_order_of_their_ids_in_one_query(sink: StoreSink, selects: list[str]) -> None:
    names = [f"a-{number}" for number in range(2000)]
    sink.put(*(attempt(id=name, sample=place) for place, name in enumerate(names)))
    wanted = [*names[::-3], names[7], names[7]]
    assert [found.id for found in sink.get_all(Attempt, wanted)] == wanted
    assert len(selects) == 1
    assert sink.get_all(Attempt, []) == []


def test_one_that_is_not_there_is_named_or_left_out(sink: StoreSink) -> None:
    sink.put(lesson(id="l-1"), lesson(id="l-2"))
    with pytest.raises(RecordNotFound, match="no Lesson with the id 'nowhere'"):
        sink.get_all(Lesson, ["l-2", "nowhere", "l-1"])
    left = sink.get_all(Lesson, ["l-2", "nowhere", "l-1"], missing_ok=True)
    assert [found.id for found in left] == ["l-2", "l-1"]
    assert sink.get_all(PreferencePair, ["l-1"], missing_ok=True) == []


def test_of_many_problems_each_comes_in_the_revision_that_the_sink_was_given(store: Store, sink: StoreSink) -> None:
    sink.put(problem(id="p-1", text="old"), problem(id="p-2"))
    StoreSink(store).put(problem(id="p-1", text="new"))
    assert [found.text for found in sink.get_all(Problem, ["p-2", "p-1"])] == [problem().text, "old"]
    assert [found.text for found in StoreSink(store).get_all(Problem, ["p-1"])] == ["new"]


def test_of_remembered_items_those_that_are_named_are_read(sink: StoreSink) -> None:
    for name in "abcd":
        sink.remember("run-1", "draft", name, name.upper())
    sink.remember("run-1", "other", "a", "another node's")
    assert sink.recall("run-1", "draft", items=["c", "nowhere", "a"]) == {"a": "A", "c": "C"}
    assert sink.recall("run-1", "draft", items=[]) == {}
    assert len(sink.recall("run-1", "draft")) == 4


def test_calls_are_made_records_one_after_another(sink: StoreSink, store: Store, monkeypatch) -> None:
    sink.put(*(call(id=f"c-{number}", run_id=f"run-{number % 2}") for number in range(60)))
    built: Counter[str] = Counter()
    record_of = repository.record_of
    monkeypatch.setattr(repository, "record_of", lambda kind, row: (built.update([row["id"]]), record_of(kind, row))[1])
    each = each_call(store, run_id="run-1")
    assert next(each).id == "c-1" and built.total() == 1
    assert [found.id for found in each] == [f"c-{number}" for number in range(3, 60, 2)]


def test_the_calls_that_measured_are_those_of_the_phases_that_begin_so(sink: StoreSink, store: Store) -> None:
    phases = {"val-0": ("c-1",), "test-untaught": ("c-2", "c-3"), "test-taught": ("c-4",), "te%t": ("c-5",)}
    sink.put(*(attempt(id=phase, phase=phase, call_ids=made) for phase, made in phases.items()))
    sink.put(attempt(id="other", run_id="run-2", phase="test-taught", call_ids=("c-6",)))
    assert measuring_calls(store, run_id="run-1", phases="test") == {"c-2", "c-3", "c-4"}

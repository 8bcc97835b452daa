from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from store_samples import attempt, call, diagnosis, every_noun, lesson, problem, run

from tutorkit.canonical import canonical_json
from tutorkit.errors import BadSetting, RecordNotFound, UnknownName
from tutorkit.store import (
    PaidCall,
    Store,
    StoreSink,
    calls,
    export_run,
    lineage,
    open_store,
    paid_calls,
    review,
    reviews,
    runs,
    started,
)
from tutorkit.store import call as find_call
from tutorkit.store import run as find_run
from tutorkit.types import Lesson


@pytest.fixture
def sink(store: Store) -> StoreSink:
    return StoreSink(store)


def test_runs_are_found_by_id_and_by_its_beginning(store: Store, sink: StoreSink) -> None:
    sink.put(run(id="run-bb12"), run(id="run-aa34"), run(id="run-aa"))
    assert [one.id for one in runs(store)] == ["run-bb12", "run-aa34", "run-aa"]
    assert find_run(store, run_id="run-b").id == "run-bb12"
    assert find_run(store, run_id="run-aa").id == "run-aa"


def test_a_run_that_is_not_there_or_not_one_is_named_with_those_near(store: Store, sink: StoreSink) -> None:
    with pytest.raises(UnknownName, match="no run named 'run-1'"):
        find_run(store, run_id="run-1")
    sink.put(run(id="run-bb12"), run(id="run-aa34"), run(id="run-aa35"))
    with pytest.raises(UnknownName, match="Did you mean run-bb12"):
        find_run(store, run_id="run-bb13")
    with pytest.raises(BadSetting, match="2 runs begin with 'run-aa3'") as caught:
        find_run(store, run_id="run-aa3")
    assert caught.value.data["runs"] == ["run-aa34", "run-aa35"]


def test_when_a_run_was_started(store: Store, sink: StoreSink) -> None:
    sink.put(run())
    assert abs(started(store, run_id="run-1") - datetime.now(UTC)) < timedelta(minutes=5)
    with pytest.raises(UnknownName, match="Did you mean run-1"):
        started(store, run_id="run-2")


def test_the_paid_calls_are_those_that_no_cache_answered_and_say_what_is_unknown(store: Store, sink: StoreSink) -> None:
    sink.put(
        call(id="1", key="a", tokens_in=10, tokens_out=5, cost_usd=0.1),
        call(id="2", key="b", tokens_in=1, tokens_out=1, cost_usd=0.2, outcome="invalid"),
        call(id="3", key="c", tokens_in=99, tokens_out=99, cost_usd=0, cache_hit=True),
        call(id="4", key="d", run_id="another", cost_usd=None),
        call(id="5", key="e", tokens_in=7, tokens_out=None, cost_usd=None),
    )
    assert paid_calls(store, run_id="run-1") == [
        PaidCall("a", "ok", 0.1, 15),
        PaidCall("b", "invalid", 0.2, 2),
        PaidCall("e", "ok", None, None),
    ]
    assert paid_calls(store, run_id="none") == []
    assert [one.id for one in calls(store, run_id="run-1")] == ["1", "2", "3", "5"]


def _taught(sink: StoreSink) -> None:
    """A principle (second version), from one attempt, with one diagnosis, and three calls; and things beside it."""
    sink.put(run(), problem(), attempt(), diagnosis(), lesson())
    sink.put(*(call(id=f"c-{name}") for name in ("student", "diagnose", "author", "edit", "other")))
    sink.put(lesson(id="l-2", text="Borrow!", version=2, parent_id="l-1", call_ids=("c-edit",)))
    sink.put(
        lesson(id="l-other", source_attempt_ids=("a-other",), call_ids=()), attempt(id="a-other", problem_id="p-2")
    )
    sink.put(attempt(id="a-after", phase="test", lesson_ids=("l-2", "l-gone"), call_ids=("c-other",)))


def test_from_a_principle_back_to_its_calls(store: Store, sink: StoreSink) -> None:
    _taught(sink)
    review(store, lesson_id="l-2", to="approved", by="Ada", why="sound")
    found = lineage(store, record_id="l-2")
    assert found.run == run()
    assert [one.id for one in found.lessons] == ["l-2", "l-1"]
    assert found.attempts == (attempt(),)
    assert found.attempts[0].raw == "The answer is 26."
    assert found.problems == (problem(),)
    assert found.diagnoses == (diagnosis(),)
    assert {one.id for one in found.calls} == {"c-student", "c-diagnose", "c-author", "c-edit"}
    assert all(one.prompt_id and one.prompt_digest and one.model for one in found.calls)
    assert [(one.by, one.to_state) for one in found.reviews] == [("Ada", "approved")]
    assert found.missing == ()


def test_from_an_attempt_a_diagnosis_and_a_call(store: Store, sink: StoreSink) -> None:
    _taught(sink)
    after = lineage(store, record_id="a-after")
    assert [one.id for one in after.lessons] == ["l-2"]
    assert [one.id for one in after.calls] == ["c-other"]
    assert after.missing == ("l-gone",)
    cause = lineage(store, record_id="d-1")
    assert cause.attempts == (attempt(),)
    assert [one.id for one in cause.calls] == ["c-student", "c-diagnose"]
    made = lineage(store, record_id="c-author")
    assert [one.id for one in made.lessons] == ["l-1"]
    assert made.attempts == (attempt(),)
    assert made.problems == (problem(),)


def test_a_chain_names_what_it_lacks(store: Store, sink: StoreSink) -> None:
    sink.put(lesson(parent_id="l-0", source_attempt_ids=("a-0",)))
    found = lineage(store, record_id="l-1")
    assert found.run is None
    assert found.missing == ("a-0", "l-0", "c-author")
    with pytest.raises(RecordNotFound, match="'nowhere'"):
        lineage(store, record_id="nowhere")


def test_a_chain_of_versions_that_bites_its_tail_ends(store: Store, sink: StoreSink) -> None:
    sink.put(lesson(id="l-1", parent_id="l-2"), lesson(id="l-2", parent_id="l-1"))
    assert [one.id for one in lineage(store, record_id="l-1").lessons] == ["l-1", "l-2"]


def test_an_attempt_is_shown_with_the_revision_that_it_answered(store: Store) -> None:
    first, second = StoreSink(store), StoreSink(store)
    first.put(run(), problem(text="old"), attempt(id="a-old"))
    second.put(problem(text="new"), attempt(id="a-new"))
    StoreSink(store).put(attempt(id="a-loose"))
    texts = {
        name: [one.text for one in lineage(store, record_id=name).problems] for name in ("a-old", "a-new", "a-loose")
    }
    assert texts == {"a-old": ["old"], "a-new": ["new"], "a-loose": ["new"]}


def test_a_review_keeps_who_when_and_why(store: Store, sink: StoreSink) -> None:
    sink.put(lesson())
    assert review(store, lesson_id="l-1", to="approved", by="Ada", why="sound").audit == "approved"
    assert review(store, lesson_id="l-1", to="rejected", by="Bo", why="leaks the answer").audit == "rejected"
    assert sink.get(Lesson, "l-1") == lesson(audit="rejected")
    kept = reviews(store, lesson_ids=("l-1",))
    assert [(one.by, one.why, one.from_state, one.to_state) for one in kept] == [
        ("Ada", "sound", "draft", "approved"),
        ("Bo", "leaks the answer", "approved", "rejected"),
    ]
    assert all(one.at.utcoffset() == timedelta(0) for one in kept)


def test_a_review_wants_a_lesson_a_name_and_a_reason(store: Store, sink: StoreSink) -> None:
    sink.put(lesson())
    with pytest.raises(RecordNotFound, match="'l-9'"):
        review(store, lesson_id="l-9", to="approved", by="Ada", why="sound")
    for by, why in ((" ", "sound"), ("Ada", "")):
        with pytest.raises(BadSetting, match="reason"):
            review(store, lesson_id="l-1", to="approved", by=by, why=why)
    assert reviews(store, lesson_ids=("l-1",)) == ()


def test_two_executions_export_the_same_bytes(new_url: Callable[[], str]) -> None:
    told = []
    for seed in (1, 2):
        made = [*every_noun(), *(attempt(id=f"a-{number}") for number in range(5, 15))]
        random.Random(seed).shuffle(made)
        made.sort(key=lambda record: type(record).__name__ != "Problem")
        with open_store(new_url()) as store:
            sink = StoreSink(store)
            sink.remember("run-1", "node", "item", seed)
            for record in made:
                sink.put(record)
            paid = {"cache_hit": False, "cost_usd": 0.25, "seconds": 0.5}
            sink.put(call(id="c-8", **(paid if seed == 1 else {"cache_hit": True, "cost_usd": 0.0, "seconds": None})))
            review(store, lesson_id="l-1", to="approved", by="Ada", why="sound")
            told.append(export_run(store, run_id="run-1"))
    assert canonical_json(told[0]) == canonical_json(told[1])
    assert [one["id"] for one in told[0]["lessons"]] == ["l-1", "l-2"]
    assert [one["id"] for one in told[0]["problems"]] == ["p-1"]
    assert len(told[0]["attempts"]) == 11
    assert told[0]["reviews"][0]["by"] == "Ada"
    for word in ("created_at", "cost_usd", "cache_hit", "seconds", '"at"'):
        assert word not in canonical_json(told[0])


def test_an_export_tells_runs_apart(store: Store, sink: StoreSink) -> None:
    sink.put(run(), run(id="run-2"), attempt(), attempt(id="a-2", run_id="run-2"))
    assert [one["id"] for one in export_run(store, run_id="run-1")["attempts"]] == ["a-1"]
    with pytest.raises(UnknownName):
        export_run(store, run_id="run-3")


def test_a_call_is_found_by_its_id_and_by_its_beginning(store: Store, sink: StoreSink) -> None:
    sink.put(call(id="call-aa12"), call(id="call-bb34"), call(id="call-bb35"), call(id="call-bb3"))
    assert find_call(store, call_id="call-a").id == "call-aa12"
    assert find_call(store, call_id="call-bb3").id == "call-bb3"
    with pytest.raises(BadSetting, match="3 calls begin with 'call-bb'"):
        find_call(store, call_id="call-bb")
    for wrong in ("call-c", "call-_a12", "call-%"):
        with pytest.raises(RecordNotFound, match="no call"):
            find_call(store, call_id=wrong)

from __future__ import annotations

import math
import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store_samples import attempt, call, diagnosis, every_noun, lesson, problem, run

from tutorkit.errors import NotCanonical, RecordNotFound, StoreError, UnknownName
from tutorkit.ports import Sink
from tutorkit.store import Store, StoreSink, open_store, review
from tutorkit.types import Attempt, Call, Dialogue, Grade, Lesson, Problem, Record, Run, SkillState, Turn

_odd_text = st.text(st.characters(codec=None) | st.sampled_from("\x00\ue000\ud800"), max_size=12)
_json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats(allow_nan=False, allow_infinity=False)
    | _odd_text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_odd_text, inner, max_size=3),
    max_leaves=8,
)


@pytest.fixture
def sink(store: Store) -> StoreSink:
    return StoreSink(store)


def test_every_noun_comes_back_as_it_went_in(store_url: str) -> None:
    with open_store(store_url) as store:
        sink: Sink = StoreSink(store)
        sink.put(*every_noun())
    with open_store(store_url) as store:
        sink = StoreSink(store)
        for record in every_noun():
            found = sink.get(type(record), record.id)
            assert found == record
            assert found.model_dump_json() == record.model_dump_json()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(raw=_odd_text, steps=st.lists(_odd_text, max_size=3), data=st.dictionaries(_odd_text, _json, max_size=3))
def test_any_text_and_any_json_come_back(sink: StoreSink, raw: str, steps: list[str], data: dict[str, object]) -> None:
    made: list[Record] = [
        attempt(id=f"a{raw!r}{steps!r}", raw=raw, steps=steps),
        lesson(id=f"l{raw!r}{data!r}", text=raw, data=data),
        call(id=f"c{raw!r}{data!r}", reply=raw, sent=data, messages=({"role": "user", "content": raw},)),
    ]
    sink.put(*made)
    assert [sink.get(type(record), record.id) for record in made] == made
    assert made[0] in sink.find(Attempt, raw=raw)


@pytest.mark.parametrize("odd", ["\x00", "a\x00b", "\ud800", "\ue000", "\ue0000000", "\ue000e000\x00", "", "é\r\n"])
def test_text_that_no_database_holds_comes_back(sink: StoreSink, odd: str) -> None:
    made = attempt(raw=odd, steps=(odd,))
    sink.put(made)
    assert sink.get(Attempt, "a-1") == made
    assert sink.find(Attempt, raw=odd) == [made]


def test_find_compares_every_field_and_keeps_the_order_of_first_insertion(sink: StoreSink) -> None:
    sink.put(attempt(id="z"), attempt(id="m", sample=7), attempt(id="b", phase="test"))
    sink.put(attempt(id="a"), attempt(id="z"))
    assert [found.id for found in sink.find(Attempt)] == ["z", "m", "b", "a"]
    assert [found.id for found in sink.find(Attempt, run_id="run-1", phase="probe")] == ["z", "m", "a"]
    assert [found.id for found in sink.find(Attempt, phase="probe", sample=7)] == ["m"]
    assert sink.find(Attempt, run_id="another") == []


def test_find_takes_none_and_truth_values(sink: StoreSink) -> None:
    sink.put(lesson(id="l-1", skill=None), lesson(id="l-2", verified=True))
    assert [found.id for found in sink.find(Lesson, skill=None)] == ["l-1"]
    assert [found.id for found in sink.find(Lesson, verified=True)] == ["l-2"]


@pytest.mark.parametrize("name", ["phrase", "grade", "seq", "problem_digest"])
def test_find_refuses_what_is_no_comparable_field(sink: StoreSink, name: str) -> None:
    with pytest.raises(UnknownName, match=name):
        sink.find(Attempt, **{name: "x"})


def test_get_names_what_is_not_there(sink: StoreSink) -> None:
    with pytest.raises(RecordNotFound, match="no Attempt with the id 'nowhere'"):
        sink.get(Attempt, "nowhere")


def test_a_record_that_lives_inside_another_is_refused(sink: StoreSink) -> None:
    with pytest.raises(StoreError, match="Grade is no record of its own"):
        sink.put(Grade(outcome="right", score=1, normalised=None, how="exact"))


def test_what_has_no_json_form_is_refused_before_anything_is_taken(sink: StoreSink) -> None:
    with pytest.raises(NotCanonical):
        sink.put(lesson(id="fine"), lesson(id="bad", data={"x": math.nan}))
    with pytest.raises(NotCanonical):
        sink.remember("run-1", "n", "i", math.inf)
    assert sink.find(Lesson) == []


@pytest.mark.parametrize(
    ("first", "again"),
    [
        (attempt(), attempt(raw="something else")),
        (diagnosis(), diagnosis(summary="something else")),
        (call(cache_hit=False, cost_usd=0.25), call(cache_hit=True, cost_usd=0.0)),
    ],
)
def test_what_happened_once_is_not_rewritten(sink: StoreSink, first: Record, again: Record) -> None:
    sink.put(first, first)
    sink.put(again)
    assert sink.find(type(first)) == [first]


def test_what_stands_now_is_replaced_in_its_place(sink: StoreSink) -> None:
    state = SkillState(id="k", run_id="r", student="s", skill="x", p_mastered=0.2, n=1, model="bkt", model_version="1")
    talk = Dialogue(id="g", run_id="r", student="s", problem_id="p")
    sink.put(run(), run(id="run-2"), state, talk)
    ended = run(status="finished", stop_reason="done", models_served=("m",))
    later = state.model_copy(update={"p_mastered": 0.9, "n": 5})
    longer = talk.model_copy(update={"turns": (Turn(index=0, role="tutor", text="Why?"),)})
    sink.put(ended, later, longer)
    assert sink.find(Run) == [ended, run(id="run-2")]
    assert sink.find(SkillState) == [later]
    assert sink.find(Dialogue) == [longer]


def test_a_lesson_only_goes_forward(sink: StoreSink) -> None:
    draft = lesson()
    sink.put(draft)
    checked = lesson(verified=True, checks=("leak", "answer"))
    sink.put(checked)
    sink.put(checked.model_copy(update={"audit": "pending"}))
    assert sink.find(Lesson) == [lesson(verified=True, checks=("leak", "answer"), audit="pending")]
    sink.put(draft)
    assert sink.find(Lesson) == [lesson(verified=True, checks=("leak", "answer"), audit="pending")]


@pytest.mark.parametrize("decision", ["approved", "rejected"])
def test_a_run_cannot_take_back_or_make_a_decision(store: Store, sink: StoreSink, decision: str) -> None:
    sink.put(lesson(), lesson(id="l-2"))
    review(store, lesson_id="l-1", to=decision, by="Ada", why="read it")
    sink.put(lesson(), lesson(audit="pending"), lesson(id="l-2", audit="approved"))
    assert [found.audit for found in sink.find(Lesson)] == [decision, "draft"]


def test_two_runs_over_different_revisions_of_a_set_coexist(store: Store) -> None:
    first, second = StoreSink(store), StoreSink(store)
    old, new = problem(text="old", split="val"), problem(text="new", split="test")
    first.put(old, problem(id="p-2"), attempt(id="a-old"))
    second.put(new, attempt(id="a-new"))
    first.put(attempt(id="a-old-2"))
    assert first.find(Problem, task="arithmetic") == [old, problem(id="p-2")]
    assert first.get(Problem, "p-1") == old
    assert second.get(Problem, "p-1") == new
    assert first.find(Problem, split="test") == []
    assert StoreSink(store).find(Problem) == [problem(id="p-2"), new]


def test_the_same_revision_twice_is_one_problem(sink: StoreSink) -> None:
    sink.put(problem(), problem())
    sink.put(problem())
    assert sink.find(Problem) == [problem()]


def test_remembered_items_are_recalled_by_run_and_node(sink: StoreSink) -> None:
    sink.remember("run-1", "draft", "b", {"ids": ["x"], "n": 1, "f": 1.0})
    sink.remember("run-1", "draft", "a", None)
    sink.remember("run-1", "other", "b", 1)
    sink.remember("run-2", "draft", "b", 2)
    sink.remember("run-1", "draft", "b", ["again"])
    assert sink.recall("run-1", "draft") == {"b": ["again"], "a": None}
    assert list(sink.recall("run-1", "draft")) == ["b", "a"]
    assert sink.recall("run-3", "draft") == {}


def test_threads_share_one_store(store: Store) -> None:
    def work(name: int) -> None:
        sink = StoreSink(store)
        for number in range(100):
            sink.put(call(id=f"{name}-{number}"))

    threads = [threading.Thread(target=work, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = [one.id for one in StoreSink(store).find(Call)]
    assert len(found) == 400
    for name in range(4):
        assert [one for one in found if one.startswith(f"{name}-")] == [f"{name}-{number}" for number in range(100)]

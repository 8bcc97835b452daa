"""Review points: what was rejected leaves the state, once and for all."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from support.toys import toy_cast as cast
from support.toys import toy_method as method

from tutorkit.errors import BudgetExhausted, MethodInvalid, ReviewPending
from tutorkit.graphs.engine import check_method
from tutorkit.graphs.review import Undecided, undecided, without
from tutorkit.graphs.runner import execute
from tutorkit.methods.vocabulary import END, START, Edge
from tutorkit.types import Lesson, Message, SFTExample

SAID = (Message(role="user", content="?"), Message(role="assistant", content="!"))


def lesson(name: str, **given) -> Lesson:
    return Lesson(
        **{"id": name, "run_id": "run-1", "kind": "principle", "text": name, "verified": True, "audit": "pending"}
        | given
    )


def row(name: str, **given) -> SFTExample:
    return SFTExample(**{"id": name, "run_id": "run-1", "messages": SAID} | given)


@pytest.mark.parametrize(
    ("state", "left"),
    [
        ({"lessons": ["a", "x", "b"]}, {"lessons": ["a", "b"]}),
        ({"by": {"p1": ["x", "a"], "p2": ["y"]}}, {"by": {"p1": ["a"], "p2": []}}),
        ({"deep": [["x", ["y", "a"]], 3, None, True]}, {"deep": [[["a"]], 3, None, True]}),
        ({"names": {"p1": "x", "p2": "a"}, "marks": {"x": 1.5, "a": 2}}, {"names": {"p2": "a"}, "marks": {"a": 2}}),
        (
            {"seen": [{"lesson": "x", "n": 1}, {"lesson": "a", "of": ["y", "b"]}]},
            {"seen": [{"lesson": "a", "of": ["b"]}]},
        ),
        ({"text": "x and y", "n": 0, "scored": [["xx", 0.5]]}, {"text": "x and y", "n": 0, "scored": [["xx", 0.5]]}),
        ({"one": "x", "round": 2}, {"round": 2}),
    ],
)
def test_ids_leave_wherever_they_stand(state, left):
    assert without(state, {"x", "y"}) == left
    assert without(state, set()) == state


def test_what_is_left_of_a_state_is_another_state():
    state = {"lessons": ["a", "x"]}
    without(state, {"x"})
    assert state == {"lessons": ["a", "x"]}


def test_what_the_checks_refused_waits_for_nobody():
    sink = cast().sink
    sink.put(lesson("a"), lesson("b", audit="draft"), lesson("c", audit="approved"), lesson("d", audit="rejected"))
    sink.put(lesson("e", verified=False, audit="rejected"), lesson("f", verified=False), row("r"))
    sink.put(lesson("g", run_id="another"))
    assert undecided(sink, "run-1") == Undecided(lessons=2, rows=1)
    assert undecided(sink, "run-1").words == "2 lessons, 1 row"
    assert undecided(sink, "run-2").words == ""


class Toy:
    """Writes two lessons and a row of each, then uses them; ``broken`` lets the second node die."""

    def __init__(self, *, broken: bool = False) -> None:
        self.broken, self.used, self.wrote = broken, [], 0

    async def write(self, _state, deps):
        self.wrote += 1
        deps.sink.put(lesson("a"), lesson("b"), row("row-a", lesson_ids=("a",)), row("row-b", lesson_ids=("b",)))
        return {"lessons": ["a", "b"], "rows": ["row-a", "row-b"]}

    async def use(self, state, _deps):
        self.used.append({**state})
        if self.broken:
            raise BudgetExhausted("no more")
        return {"n": len(state["lessons"])}

    def method(self):
        edges = (Edge(START, "write"), Edge("write", "use"), Edge("use", END))
        return replace(method({"write": self.write, "use": self.use}, edges), review_points=("use",))


def decide(sink, **audits: str) -> None:
    """Write decisions as the store does."""
    for name, audit in audits.items():
        name = name.replace("_", "-")
        kind = SFTExample if name.startswith("row") else Lesson
        sink.put(sink.get(kind, name).model_copy(update={"audit": audit}))


async def test_the_run_waits_until_all_is_decided_and_goes_on_with_what_is_left(tmp_path: Path):
    toy, made = Toy(), replace(cast(), review=True)
    for said, decided in [
        ("2 lessons, 2 rows", {}),
        ("1 lesson, 2 rows", {"a": "rejected"}),
        ("1 row,", {"b": "approved", "row_b": "approved"}),
    ]:
        decide(made.sink, **decided)
        ending = await execute(toy.method(), made, folder=tmp_path)
        assert (ending.status, ending.stop_reason) == ("waiting", "review")
        assert isinstance(ending.error, ReviewPending) and f"waits for review of {said}" in ending.error.message
        assert "tutorkit review run-1" in ending.error.remedy and "--rows" in ending.error.remedy
    decide(made.sink, row_a="approved")
    ending = await execute(toy.method(), made, folder=tmp_path)
    # The row was approved, and yet goes: it was made of a rejected lesson.
    assert toy.used == [{"lessons": ["b"], "rows": ["row-b"]}] and toy.wrote == 1
    assert (ending.status, ending.state) == ("finished", {"lessons": ["b"], "rows": ["row-b"], "n": 1})


async def test_whoever_does_not_ask_for_review_neither_waits_nor_loses_anything(tmp_path: Path):
    toy, made = Toy(), cast()
    made.sink.put(lesson("a", audit="rejected"))
    assert (await execute(toy.method(), made, folder=tmp_path)).state["lessons"] == ["a", "b"]


@pytest.mark.parametrize("review", [True, False])
async def test_a_later_decision_changes_nothing_though_the_node_is_run_again(tmp_path: Path, review):
    toy, made = Toy(broken=True), replace(cast(), review=True)
    await execute(toy.method(), made, folder=tmp_path)
    decide(made.sink, a="rejected", b="approved", row_a="rejected", row_b="approved")
    assert (await execute(toy.method(), made, folder=tmp_path)).stop_reason == "budget"
    decide(made.sink, a="approved", b="rejected", row_a="pending")
    toy.broken = False
    ending = await execute(toy.method(), replace(made, review=review), folder=tmp_path)
    assert toy.used == [{"lessons": ["b"], "rows": ["row-b"]}] * 2 and ending.state["lessons"] == ["b"]


async def test_each_visit_of_a_point_waits_for_what_is_new(tmp_path: Path):
    async def write(state, deps):
        name = f"lesson-{len(state.get('written', []))}"
        deps.sink.put(lesson(name))
        return {"written": [*state.get("written", []), name]}

    edges = (
        Edge(START, "write"),
        Edge("write", "use"),
        Edge("use", "write", lambda s, _: s["used"] < 2),
        Edge("use", END),
    )

    async def use(state, _deps):
        return {"used": int(state.get("used", 0)) + 1}

    toy = replace(method({"write": write, "use": use}, edges, rounds=2), review_points=("use",))
    made = replace(cast(), review=True)
    for name in ("lesson-0", "lesson-1"):
        ending = await execute(toy, made, folder=tmp_path)
        assert ending.status == "waiting" and "of 1 lesson," in ending.error.message
        made.sink.put(lesson(name, audit="approved"))
    assert (await execute(toy, made, folder=tmp_path)).state == {"written": ["lesson-0", "lesson-1"], "used": 2}


def test_a_review_point_that_is_no_node_is_refused():
    with pytest.raises(MethodInvalid, match="the review point gone, which is no node"):
        check_method(replace(Toy().method(), review_points=("gone",)))

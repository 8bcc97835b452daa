"""The engine: a checkpoint after each node, JSON only, and methods that fit together."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from support.bench import bench
from support.toys import toy_cast as cast
from support.toys import toy_method as method

from tutorkit.errors import BudgetExhausted, MethodInvalid, RunBusy, RunInterrupted
from tutorkit.graphs.deps import deps_for
from tutorkit.graphs.engine import check_method, last_state, run_graph
from tutorkit.graphs.events import NodeFinished, NodeStarted, StopSignal
from tutorkit.graphs.runner import execute
from tutorkit.methods.vocabulary import END, START, Edge, State
from tutorkit.students.buggy import parse_sim
from tutorkit.types import Message, SFTExample


async def add_one(state: State, _deps) -> State:
    return {"n": int(state.get("n", 0)) + 1}


ONE = method({"a": add_one}, (Edge(START, "a"), Edge("a", END)))


async def test_edges_are_taken_in_their_order_and_loops_end(tmp_path: Path):
    looped = method(
        {"a": add_one}, (Edge(START, "a"), Edge("a", "a", lambda state, _: state["n"] < 30), Edge("a", END)), rounds=40
    )
    assert await run_graph(looped, cast(), checkpoint=tmp_path / "g") == {"n": 30}


async def test_a_crashed_node_is_run_again_and_those_before_it_are_not(tmp_path: Path):
    ran, broken = [], True

    async def first(_state, _deps):
        ran.append("first")
        return {"x": 1}

    async def second(state, _deps):
        ran.append("second")
        if broken:
            raise BudgetExhausted("no more")
        return {"y": state["x"] + 1}

    toy = method(
        {"first": first, "second": second}, (Edge(START, "first"), Edge("first", "second"), Edge("second", END))
    )
    ending = await execute(toy, cast(), folder=tmp_path)
    assert (ending.status, ending.stop_reason, ending.state) == ("stopped", "budget", {"x": 1})
    broken = False
    ending = await execute(toy, cast(), folder=tmp_path)
    assert (ending.status, ending.state) == ("finished", {"x": 1, "y": 2})
    assert ran == ["first", "second", "second"]


async def test_a_finished_run_is_not_run_again(tmp_path: Path):
    assert await run_graph(ONE, cast(), checkpoint=tmp_path / "g") == {"n": 1}
    assert await run_graph(ONE, cast(), checkpoint=tmp_path / "g") == {"n": 1}
    assert await last_state("run-1", checkpoint=tmp_path / "g") == {"n": 1}
    assert await last_state("run-1", checkpoint=tmp_path / "nothing") == {}


async def test_a_state_that_is_not_json_is_refused(tmp_path: Path):
    async def bad(_state, _deps):
        return {"x": {1, 2}}

    with pytest.raises(MethodInvalid, match="not JSON"):
        await run_graph(method({"bad": bad}, (Edge(START, "bad"), Edge("bad", END))), cast(), checkpoint=tmp_path / "g")


async def test_random_numbers_depend_on_seed_and_visit_alone(tmp_path: Path):
    async def draw(state, deps):
        return {"drawn": [*state.get("drawn", []), deps.rng.random()]}

    toy = method(
        {"draw": draw},
        (Edge(START, "draw"), Edge("draw", "draw", lambda s, _: len(s["drawn"]) < 2), Edge("draw", END)),
        rounds=2,
    )
    one = await run_graph(toy, cast(), checkpoint=tmp_path / "1")
    two = await run_graph(toy, cast(), checkpoint=tmp_path / "2")
    other = await run_graph(toy, replace(cast(), seed=1), checkpoint=tmp_path / "3")
    assert one == two and one["drawn"][0] != one["drawn"][1]
    assert one != other


async def test_a_wish_to_stop_ends_before_the_next_node(tmp_path: Path):
    stop = StopSignal()

    async def asks(_state, _deps):
        stop.request()
        return {"x": 1}

    toy = method({"asks": asks, "b": add_one}, (Edge(START, "asks"), Edge("asks", "b"), Edge("b", END)))
    ending = await execute(toy, cast(stop=stop), folder=tmp_path)
    assert (ending.status, ending.stop_reason, ending.state) == ("stopped", "interrupted", {"x": 1})
    assert isinstance(ending.error, RunInterrupted)


async def test_events_name_run_and_visit(tmp_path: Path):
    events: list = []
    await run_graph(ONE, cast(listen=events.append), checkpoint=tmp_path / "g")
    assert events == [NodeStarted("run-1", "a#0"), NodeFinished("run-1", "a#0")]


async def test_a_run_is_executed_by_one_process_at_a_time(tmp_path: Path):
    async def inside(_state, _deps):
        with pytest.raises(RunBusy, match="run-1"):
            await execute(ONE, cast(), folder=tmp_path)
        return {}

    toy = method({"inside": inside}, (Edge(START, "inside"), Edge("inside", END)))
    assert (await execute(toy, cast(), folder=tmp_path)).status == "finished"


@pytest.mark.parametrize(
    ("edges", "words"),
    [
        ((Edge(START, "a"), Edge("a", "b")), "an edge to b, which is no node"),
        ((Edge(START, "a"), Edge("a", END, lambda *_: True)), "how to go on from a"),
        ((Edge(START, END), Edge("a", END)), "never reaches the node a"),
        ((Edge("a", END),), "how to go on from START"),
    ],
)
def test_a_graph_that_does_not_fit_together_is_refused(edges, words):
    with pytest.raises(MethodInvalid, match=words):
        check_method(method({"a": add_one}, edges))


async def test_a_trained_students_calls_are_its_own_though_it_says_the_same(tmp_path: Path):
    made = replace(bench(tmp_path).cast, student=parse_sim("sim/two-bugs"))
    problem = made.problems["val"][0]
    row = SFTExample(
        id="row",
        run_id=made.run_id,
        messages=(Message(role="user", content="?"), Message(role="assistant", content="!")),
    )
    made.sink.put(row)
    deps = deps_for(made, "evaluate#0")
    pupil = await deps.trained(["row"])
    before = await deps.student.answer(problem, (), phase="test-untaught")
    after = await pupil.answer(problem, (), phase="test-taught")
    assert before.raw == after.raw and before.call_ids != after.call_ids and before.student != after.student
    assert pupil.ref.startswith("sim/two-bugs#")

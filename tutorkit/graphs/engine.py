"""Execute a method's graph with langgraph: one checkpoint per node, JSON only, resumed from the last one.

This is the only module that imports langgraph.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from tutorkit.canonical import canonical_json
from tutorkit.errors import MethodInvalid, NotCanonical, RunInterrupted
from tutorkit.graphs.deps import Cast, deps_for
from tutorkit.graphs.events import NodeFinished, NodeStarted
from tutorkit.graphs.review import at_review_point
from tutorkit.methods.vocabulary import END, START, Edge, Method, NodeFunction, State

VISITS = "_visits"


async def run_graph(method: Method, cast: Cast, *, checkpoint: Path) -> State:
    """Run a method's graph to its end, from its last checkpoint where there is one.

    Args:
        method: a method that ``check_method`` accepts.
        cast: who takes part.
        checkpoint: the file of this run's checkpoints, one after each node.

    Returns:
        The last state.

    Raises:
        TutorkitError: whatever a node raised; the checkpoint before that node stays, and the same call goes on from it.
    """
    from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

    config: Any = {
        "configurable": {"thread_id": cast.run_id},
        "recursion_limit": len(method.nodes) * method.rounds(cast.params) + 10,
    }
    async with AsyncSqliteSaver.from_conn_string(str(checkpoint)) as saver:
        graph = _compile(method, cast, saver)
        begun = (await graph.aget_state(config)).created_at is not None
        start: Any = None if begun else {VISITS: {}}
        await graph.ainvoke(start, config, durability="sync")
        return _without_bookkeeping((await graph.aget_state(config)).values)


async def last_state(run_id: str, *, checkpoint: Path) -> State:
    """Return a run's state at its last checkpoint; empty when it has none."""
    from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

    if not checkpoint.exists():
        return {}
    async with AsyncSqliteSaver.from_conn_string(str(checkpoint)) as saver:
        found = await saver.aget_tuple({"configurable": {"thread_id": run_id}})
    values = found.checkpoint["channel_values"].get("__root__", {}) if found else {}
    return _without_bookkeeping(values)


def check_method(method: Method) -> None:
    """Refuse a method whose graph does not fit together.

    Raises:
        MethodInvalid: for an edge to or from a node that there is not, a review point that is no node, a node that is
            never reached, or a node that does not say unconditionally how to go on.
    """

    def invalid(what: str) -> MethodInvalid:
        return MethodInvalid(f"The method {method.name} {what}.", data={"method": method.name})

    known = {START, END, *method.nodes}
    for edge in method.edges:
        if strangers := {edge.source, edge.target} - known:
            raise invalid(f"has an edge to {min(strangers)}, which is no node of it")
    if strangers := {*method.review_points} - {*method.nodes}:
        raise invalid(f"has the review point {min(strangers)}, which is no node of it")
    for source in (START, *method.nodes):
        out = _edges_from(method, source)
        if not out or out[-1].when is not None:
            raise invalid(f"does not say how to go on from {source} when no condition holds")
    if lost := set(method.nodes) - _reached(method):
        raise invalid(f"never reaches the node {min(lost)}")


def _reached(method: Method) -> set[str]:
    reached, frontier = {START}, {START}
    while frontier:
        frontier = {edge.target for edge in method.edges if edge.source in frontier} - reached
        reached |= frontier
    return reached


def _compile(method: Method, cast: Cast, saver: Any) -> Any:  # noqa: ANN401 (langgraph's generics do not help here)
    from langgraph.graph import END as GRAPH_END
    from langgraph.graph import START as GRAPH_START
    from langgraph.graph import StateGraph

    names = {START: GRAPH_START, END: GRAPH_END}
    graph: Any = StateGraph(dict)
    for name, function in method.nodes.items():
        graph.add_node(name, _node(name, function, cast, is_review_point=name in method.review_points))
    for source in (START, *method.nodes):
        out = _edges_from(method, source)
        targets = {edge.target: names.get(edge.target, edge.target) for edge in out}
        graph.add_conditional_edges(names.get(source, source), _router(out, cast), targets)
    return graph.compile(checkpointer=saver)


def _node(
    name: str, function: NodeFunction, cast: Cast, *, is_review_point: bool
) -> Callable[[State], Awaitable[State]]:
    async def run(state: State) -> State:
        if cast.stop.requested:
            raise RunInterrupted(f"The run {cast.run_id} was interrupted before {name}; what was done is kept.")
        visits = state.get(VISITS)
        counts: dict[str, Any] = dict(visits) if isinstance(visits, dict) else {}
        visit = f"{name}#{counts.get(name, 0)}"
        if is_review_point:
            state = at_review_point(state, cast, visit)
        cast.listen(NodeStarted(cast.run_id, visit))
        update = await function(_without_bookkeeping(state), deps_for(cast, visit))
        try:
            canonical_json(update)
        except NotCanonical as error:
            raise MethodInvalid(
                f"The node {name} returned a state that is not JSON: {error.message}", data={"node": name}
            ) from error
        cast.sink.flush()
        cast.listen(NodeFinished(cast.run_id, visit))
        return {**state, **update, VISITS: {**counts, name: counts.get(name, 0) + 1}}

    return run


def _router(edges: list[Edge], cast: Cast) -> Callable[[State], str]:
    def route(state: State) -> str:
        return next(edge.target for edge in edges if edge.when is None or edge.when(state, cast.params))

    return route


def _edges_from(method: Method, source: str) -> list[Edge]:
    return [edge for edge in method.edges if edge.source == source]


def _without_bookkeeping(state: State) -> State:
    return {key: value for key, value in state.items() if key != VISITS}

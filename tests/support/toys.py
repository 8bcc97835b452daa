"""A method of any nodes, and a run of it without problems or a teacher."""

from __future__ import annotations

from pathlib import Path

from support.memory import MemorySink
from support.participants import SilentStudent, never_teaches
from tutorkit.graphs.deps import Cast
from tutorkit.graphs.events import StopSignal
from tutorkit.methods.vocabulary import Cost, Method, Paper, Params, TaskBrief
from tutorkit.tasks import TaskScorer


class Rounds(Params):
    rounds: int = 1


def toy_method(nodes, edges, *, rounds=1) -> Method:
    return Method(
        name="toy",
        version="1",
        summary="A toy.",
        paper=Paper("none", "", 2026),
        params=Rounds,
        fidelity=lambda _: "paper",
        nodes=nodes,
        edges=edges,
        artefacts=(),
        cost=lambda *_: Cost(teacher=0, student=0),
        rounds=lambda _: rounds,
    )


def toy_cast(*, stop: StopSignal | None = None, listen=lambda _event: None, sink: MemorySink | None = None) -> Cast:
    return Cast(
        run_id="run-1",
        method="toy",
        seed=0,
        task=TaskBrief("t", "d", "f"),
        problems={},
        params=Rounds(),
        teacher=never_teaches(),
        student=SilentStudent(),
        scorer=TaskScorer(),
        sink=sink or MemorySink(),
        concurrency=2,
        stop=stop or StopSignal(),
        listen=listen,
        folder=Path(),
    )

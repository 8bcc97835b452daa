"""The bridge between an optimiser's thread and a run: what a request costs does not depend on how many came before."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from support.bench import bench

from tutorkit.graphs.deps import deps_for
from tutorkit.optimisers.bridge import Bridge, in_thread
from tutorkit.ports import Answer
from tutorkit.types import Message

ASKED = 40


@dataclass
class Echo:
    """A student that says what it was told."""

    ref: str = "echo"
    heard: list[str] = field(default_factory=list)

    async def answer(self, question, lessons, *, sample=0):
        raise AssertionError("nobody asks for an answer")

    async def say(self, messages, *, role, purpose, options, sample):
        self.heard.append(messages[-1].content)
        return Answer(raw=messages[-1].content, steps=(), calls=())


def ask_all(bridge: Bridge) -> list[str]:
    said = [
        bridge.ask("student", [Message(role="user", content=f"{number}")], purpose="optimise", options={}, sample=0)
        for number in (*range(ASKED), 3)
    ]
    return said


async def test_a_request_reads_no_other_requests_and_a_resumed_one_only_its_own(tmp_path, monkeypatch):
    found = bench(tmp_path)
    cast, read = replace(found.cast, student=Echo()), []
    recall = found.sink.recall

    def counted(run_id, node, *, items=None):
        known = recall(run_id, node, items=items)
        read.append(len(known))
        return known

    monkeypatch.setattr(found.sink, "recall", counted)
    said, _ = await in_thread(deps_for(cast, "optimise#0"), ask_all)
    assert said == [*map(str, range(ASKED)), "3"] and cast.student.heard == said[:-1]
    assert len(read) == ASKED and sum(read) == 0
    again, _ = await in_thread(deps_for(cast, "optimise#0"), ask_all)
    assert again == said and len(cast.student.heard) == ASKED
    assert sum(read) == ASKED

"""A request that was never recorded stops the run and says where it was asked."""

from __future__ import annotations

import pickle

import pytest
from support.bench import bench

from tutorkit.errors import ReplayMiss
from tutorkit.types import Attempt


class Forgetful:
    """A student, or a teacher, whose replies were recorded up to a point."""

    def __init__(self, inner, *, knows: int) -> None:
        self.inner, self.left = inner, knows

    def __getattr__(self, name):
        return getattr(self.inner, name)

    def _recall(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise ReplayMiss("This was never recorded.", remedy="Record it.", data={"path": "messages[0].content"})

    async def answer(self, question, lessons, *, sample=0):
        self._recall()
        return await self.inner.answer(question, lessons, sample=sample)

    async def call(self, ask):
        self._recall()
        return await self.inner.call(ask)


@pytest.mark.parametrize("who", ["student", "teacher"])
async def test_a_miss_stops_the_run_and_names_run_node_and_purpose(tmp_path, who):
    found = bench(tmp_path, method="tpd")
    spy = getattr(found.cast, who)
    spy.inner = Forgetful(spy.inner, knows=3)
    ending = await found.run()
    assert (ending.status, ending.stop_reason) == ("failed", "replay-miss")
    node, purpose = ("practise#0", "answer") if who == "student" else ("extract_errors#0", "extract_errors")
    assert ending.error.message == f"{node} of the run tpd-test ({purpose}): This was never recorded."
    facts = {"run_id": "tpd-test", "node": node, "purpose": purpose, "path": "messages[0].content"}
    assert ending.error.data == facts and ending.error.remedy == "Record it."
    assert str(pickle.loads(pickle.dumps(ending.error))) == str(ending.error)
    # No item is set aside for it: what was recorded is done, and nothing counts as failed.
    kept = [item for items in found.sink.items.values() for item in items.values()]
    assert kept and not any("failed" in item for item in kept)
    if who == "student":
        assert len(found.records(Attempt)) == 3

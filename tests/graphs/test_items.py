"""The item runner: bounded, resumable, each failure kept to its item."""

from __future__ import annotations

import asyncio

import pytest
from support.memory import MemorySink

from tutorkit.errors import (
    BudgetExhausted,
    MethodInvalid,
    Refused,
    ReplyPending,
    RunInterrupted,
    Unreachable,
)
from tutorkit.graphs.events import StopSignal
from tutorkit.graphs.items import PASSING_IN_A_ROW, ItemPool


def pool(
    sink: MemorySink, *, concurrency: int = 4, stop: StopSignal | None = None, seen: list | None = None
) -> ItemPool:
    return ItemPool(
        sink=sink,
        run_id="r",
        visit="node#0",
        concurrency=concurrency,
        stop=stop or StopSignal(),
        advanced=lambda done, total: seen.append((done, total)) if seen is not None else None,
    )


async def test_results_stand_in_the_order_of_the_items_whatever_finished_first():
    async def work(n: int) -> int:
        await asyncio.sleep((5 - n) * 0.002)
        return n * n

    result = await pool(MemorySink()).map(work, [1, 2, 3, 4], key=str)
    assert list(result.done.items()) == [("1", 1), ("2", 4), ("3", 9), ("4", 16)]


async def test_no_more_than_the_allowed_number_is_under_way():
    under_way, peak = 0, 0

    async def work(_n: int) -> None:
        nonlocal under_way, peak
        under_way += 1
        peak = max(peak, under_way)
        await asyncio.sleep(0.001)
        under_way -= 1

    await pool(MemorySink(), concurrency=3).map(work, list(range(20)), key=str)
    assert peak == 3


async def test_a_finished_item_is_not_done_again():
    sink, done = MemorySink(), []

    async def work(n: int) -> int:
        done.append(n)
        if n == 3 and len(done) < 4:
            raise BudgetExhausted("no more")
        return n

    with pytest.raises(BudgetExhausted):
        await pool(sink, concurrency=1).map(work, [1, 2, 3, 4], key=str)
    result = await pool(sink, concurrency=1).map(work, [1, 2, 3, 4], key=str)
    assert done == [1, 2, 3, 3, 4]
    assert list(result.done.values()) == [1, 2, 3, 4]


async def test_a_refusal_is_set_aside_for_good_and_the_others_go_on():
    sink, asked = MemorySink(), []

    async def work(n: int) -> int:
        asked.append(n)
        if n == 2:
            raise Refused("It declined.")
        return n

    for _ in range(2):
        result = await pool(sink).map(work, [1, 2, 3], key=str)
        assert list(result.done) == ["1", "3"]
        assert [(f.item, f.code, f.message) for f in result.failed] == [("2", "refused", "It declined.")]
    assert sorted(asked) == [1, 2, 3]


async def test_a_providers_trouble_stops_at_the_end_and_only_that_item_is_tried_again():
    sink, asked, up = MemorySink(), [], False

    async def work(n: int) -> int:
        asked.append(n)
        if n == 2 and not up:
            raise Unreachable("No connection.")
        return n

    with pytest.raises(Unreachable):
        await pool(sink).map(work, [1, 2, 3], key=str)
    up = True
    assert list((await pool(sink).map(work, [1, 2, 3], key=str)).done) == ["1", "2", "3"]
    assert sorted(asked) == [1, 2, 2, 3]


async def test_a_provider_that_is_down_is_not_asked_for_every_item():
    asked = []

    async def work(n: int) -> int:
        asked.append(n)
        raise Unreachable("No connection.")

    with pytest.raises(Unreachable):
        await pool(MemorySink(), concurrency=1).map(work, list(range(100)), key=str)
    assert len(asked) == PASSING_IN_A_ROW


async def test_all_requests_of_a_stage_are_out_before_it_waits():
    async def work(n: int) -> int:
        if n != 2:
            raise ReplyPending("One waits.", data={"files": [f"{n}.md"], "folder": "box"})
        return n

    with pytest.raises(ReplyPending, match="2 requests in box wait") as caught:
        await pool(MemorySink(), concurrency=1).map(work, [1, 2, 3], key=str)
    assert caught.value.data["files"] == ["1.md", "3.md"]


async def test_a_wish_to_stop_finishes_what_is_under_way_and_keeps_it():
    sink, stop = MemorySink(), StopSignal()

    async def work(n: int) -> int:
        if n == 2:
            stop.request()
        return n

    with pytest.raises(RunInterrupted):
        await pool(sink, concurrency=1, stop=stop).map(work, [1, 2, 3], key=str)
    assert set(sink.recall("r", "node#0")) == {"1", "2"}


async def test_an_unforeseen_failure_is_a_typed_row_unless_it_hits_every_item():
    async def odd(n: int) -> int:
        return 1 // (n % 2)

    result = await pool(MemorySink()).map(odd, [1, 2, 3], key=str)
    assert [(f.item, f.code) for f in result.failed] == [("2", "unexpected")]
    with pytest.raises(ZeroDivisionError):
        await pool(MemorySink()).map(odd, [2, 4], key=str)


async def test_two_items_under_one_key_are_refused():
    async def work(n: int) -> int:
        return n

    with pytest.raises(MethodInvalid, match="two items under one key"):
        await pool(MemorySink()).map(work, [1, 1], key=str)


async def test_progress_counts_what_a_resumed_run_has_done_already():
    sink, seen = MemorySink(), []
    sink.remember("r", "node#0", "1", {"done": 1})

    async def work(n: int) -> int:
        return n

    await pool(sink, concurrency=1, seen=seen).map(work, [1, 2, 3], key=str)
    assert seen == [(1, 3), (2, 3), (3, 3)]


async def test_a_reply_that_does_not_fit_is_named_among_those_that_are_missing():
    async def work(n: int) -> int:
        data = {"files": [f"{n}.md"], "folder": "box", "misfit": n == 2}
        raise ReplyPending("The reply to 2 does not fit: no text." if n == 2 else "One waits.", data=data)

    with pytest.raises(
        ReplyPending, match=r"3 requests in box wait for a reply. The reply to 2 does not fit: no text."
    ):
        await pool(MemorySink()).map(work, [1, 2, 3], key=str)


async def test_a_map_reads_no_other_items_of_its_node():
    """A node that maps one item after another, as an optimiser's bridge does, would else read all of them each time."""

    class Sink(MemorySink):
        read = 0

        def recall(self, run_id, node, *, items=None):
            found = super().recall(run_id, node, items=items)
            self.read += len(found)
            return found

    async def work(n: int) -> int:
        return n

    sink = Sink()
    for n in range(50):
        await pool(sink).map(work, [n], key=str)
    assert sink.read == 0
    assert (await pool(sink).map(work, [3, 7], key=str)).done == {"3": 3, "7": 7} and sink.read == 2

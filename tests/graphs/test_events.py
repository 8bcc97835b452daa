"""The event stream: its order, what it tells of calls, what a resumed run tells, and listeners that fail."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest
from support.bench import bench
from support.participants import call

from tutorkit.graphs.deps import Ledger
from tutorkit.graphs.events import CallMade, ItemsAdvanced, NodeFinished, NodeStarted, StopSignal, fan_out
from tutorkit.types import Call


def calls_told(events) -> list[Call]:
    return [event.call for event in events if isinstance(event, CallMade)]


async def test_every_call_is_told_once_as_it_is_kept_inside_its_node(tmp_path):
    events = []
    made = bench(tmp_path, listen=events.append)
    await made.run()
    told = calls_told(events)
    assert told == made.records(Call) and len(told) > 100
    at_work: list[str] = []
    for event in events:
        if isinstance(event, NodeStarted):
            at_work.append(event.node)
        elif isinstance(event, NodeFinished):
            at_work.remove(event.node)
        else:
            assert at_work == [event.node] and event.run_id == "tpd-test"
            assert isinstance(event, ItemsAdvanced) or event.call.node == event.node
    assert at_work == []


async def test_a_call_is_kept_before_it_is_told(tmp_path):
    kept = []

    def look(event):
        if isinstance(event, CallMade):
            kept.append(made.sink.get(Call, event.call.id) == event.call)

    made = bench(tmp_path, listen=look)
    await made.run()
    assert kept and all(kept)


async def test_tries_and_re_asks_of_one_question_lie_one_after_another(tmp_path):
    events = []
    ledger = Ledger(bench(tmp_path, listen=events.append).cast, "author#0")
    failed, asked, again = (
        call("teacher", "author", n).model_copy(update={"seconds": s}) for n, s in enumerate((None, 2.0, 3.0))
    )
    ledger.record((failed, asked, again), metered=True)
    assert [event.ago for event in events] == [5.0, 3.0, 0.0]
    assert [event.call.seconds for event in events] == [None, 2.0, 3.0]


async def test_a_resumed_run_tells_what_is_done_now(tmp_path):
    first, second = [], []

    def stop_in_the_middle(event):
        first.append(event)
        if isinstance(event, ItemsAdvanced) and event.node == "extract_errors#0" and event.done == 3:
            made.cast.stop.request()

    made = bench(tmp_path, listen=stop_in_the_middle)
    assert (await made.run()).stop_reason == "interrupted"
    again = replace(made, cast=replace(made.cast, listen=second.append, stop=StopSignal()))
    assert (await again.run()).status == "finished"
    assert second[0] == NodeStarted("tpd-test", "extract_errors#0")
    done_before = first[-1].done
    assert 3 <= done_before < first[-1].total and second[1] == replace(first[-1], done=done_before)
    told = calls_told([*first, *second])
    assert told == made.records(Call) and calls_told(first) and calls_told(second)


async def test_a_listener_that_fails_is_told_nothing_more_and_the_run_goes_on(tmp_path, caplog):
    whole = bench(tmp_path / "whole")
    await whole.run()
    before, after, broken = [], [], []

    def fail_at_a_call(event):
        broken.append(event)
        if isinstance(event, CallMade):
            raise ValueError("the bar broke")

    watched = bench(tmp_path / "watched", listen=fan_out(before.append, fail_at_a_call, after.append))
    with caplog.at_level(logging.ERROR):
        ending = await watched.run()
    assert ending.status == "finished" and watched.sink.records == whole.sink.records
    assert before == after and calls_told(after) == whole.records(Call)
    assert len(calls_told(broken)) == 1
    (said,) = caplog.records
    assert "CallMade" in said.getMessage() and "the bar broke" in caplog.text
    # The event is not repeated: it may hold what a learner wrote.
    assert watched.records(Call)[0].messages[-1].content not in caplog.text


async def test_the_end_of_the_process_is_no_failure_of_a_listener(tmp_path):
    def stop(_event):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fan_out(stop)(NodeStarted("run", "node"))

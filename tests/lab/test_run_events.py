"""Every arm begins and ends once in the event stream, whatever stops it."""

from __future__ import annotations

import asyncio

import pytest
from support.bench import plan

from tutorkit.errors import MissingKey
from tutorkit.graphs.events import StopSignal
from tutorkit.lab import CallMade, Lab, Limits, NodeStarted, RunEnded, RunStarted, Tally, teaching

SMALL = {"train": 3, "val": 12, "test": 12}


def ends(events) -> list[tuple]:
    """Check that runs are told one after another, and return how each ended."""
    found, open_run = [], None
    for event in events:
        if isinstance(event, RunStarted):
            assert open_run is None
            open_run = event.run_id
        assert event.run_id == open_run
        if isinstance(event, RunEnded):
            found.append((event.run_id, event.status, event.stop_reason))
            open_run = None
    assert open_run is None
    return found


def test_each_arm_begins_and_ends_and_a_finished_one_is_silent(tmp_path):
    events = []
    with Lab(home=tmp_path) as lab:
        report = lab.teach_plan(plan(sizes=SMALL, controls="free"), listen=events.append)
        assert ends(events) == [(arm.run_id, "finished", "finished") for arm in report.arms]
        began = [event for event in events if isinstance(event, RunStarted)]
        assert [(one.arm, one.run.method, one.run.student) for one in began] == [
            ("taught", "tpd", "sim/two-bugs"),
            ("silent", "tpd", "sim/two-bugs"),
        ]
        told = [event.call for event in events if isinstance(event, CallMade)]
        assert told == [call for arm in report.arms for call in lab.calls(arm.run_id)]
        events.clear()
        lab.teach_plan(plan(sizes=SMALL, controls="free"), listen=events.append)
    assert events == []


def test_a_spent_budget_ends_the_run_as_stopped(tmp_path):
    events, tally = [], Tally()
    with Lab(home=tmp_path) as lab:
        report = lab.teach_plan(plan(sizes=SMALL), limits=Limits(max_calls=7), listen=events.append)
    assert ends(events) == [(report.run_id, "stopped", "budget")]
    for event in events:
        if isinstance(event, CallMade):
            tally.add(event.call)
    assert tally.calls == 7


def test_a_run_that_looks_again_for_replies_is_one_run(tmp_path, monkeypatch):
    monkeypatch.setattr(teaching, "_POLL_S", 0.01)
    events = []
    with Lab(home=tmp_path) as lab:
        given = plan(sizes=SMALL, teacher=f"inbox/{tmp_path / 'inbox'}")
        report = lab.teach_plan(given, listen=events.append, wait_s=0.03)
    assert ends(events) == [(report.run_id, "waiting", "inbox")]
    assert [event.node for event in events if isinstance(event, NodeStarted)] == ["draft_instruction#0"] * 4


def test_a_run_that_cannot_be_set_up_ends_as_failed(tmp_path):
    events = []
    with Lab(home=tmp_path) as lab, pytest.raises(MissingKey):
        lab.teach_plan(plan(sizes=SMALL, teacher="openai/gpt-4.1-nano"), listen=events.append)
    ((_, status, reason),) = ends(events)
    assert (status, reason) == ("failed", "missing-key")


def test_an_error_that_nobody_foresaw_ends_the_run_as_failed(tmp_path, monkeypatch):
    events = []

    def broken(*_arguments, **_more):
        raise ZeroDivisionError

    monkeypatch.setattr(teaching, "execute", broken)
    with Lab(home=tmp_path) as lab, pytest.raises(ZeroDivisionError):
        lab.teach_plan(plan(sizes=SMALL), listen=events.append)
    ((_, status, reason),) = ends(events)
    assert (status, reason) == ("failed", "unexpected")


@pytest.mark.parametrize("way", ["stopped", "cancelled"])
async def test_a_run_that_is_interrupted_says_so(tmp_path, way):
    events, stop = [], StopSignal()
    with Lab(home=tmp_path) as lab:
        task = asyncio.current_task()

        def interrupt(event):
            events.append(event)
            if isinstance(event, CallMade) and len(events) < 20:
                stop.request() if way == "stopped" else task.cancel()

        try:
            await lab.ateach_plan(plan(sizes=SMALL), listen=interrupt, stop=stop)
        except asyncio.CancelledError:
            assert way == "cancelled" and task.uncancel() >= 0
    ((_, status, reason),) = ends(events)
    assert (status, reason) == ("stopped", "interrupted")

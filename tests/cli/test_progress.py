"""What the terminal shows while a run goes on comes from its events."""

from __future__ import annotations

import io

import pytest
from rich.console import Console
from store.store_samples import call, run

from tutorkit.cli import progress
from tutorkit.lab import CallMade, ItemsAdvanced, NodeFinished, NodeStarted, RunEnded, RunStarted, Tally

PAID = {"tokens_in": 1000, "tokens_out": 200, "cost_usd": 0.25}


def drawn(shown: progress._Shown) -> list[str]:
    console = Console(file=io.StringIO(), width=120)
    console.print(shown.draw())
    return [" ".join(line.split()) for line in console.file.getvalue().splitlines() if line.strip()]


def tally(*calls) -> Tally:
    found = Tally()
    for one in calls:
        found.add(one)
    return found


@pytest.mark.parametrize(
    ("calls", "words"),
    [
        ([call(**PAID)], "1 call · tokens 1,000 → 200 · $0.2500"),
        ([call(**PAID), call(**PAID)], "1 call · tokens 1,000 → 200 · $0.2500"),  # told twice, made once
        ([call(**PAID), call(id="b", **PAID, outcome="invalid")], "2 calls · 1 failed · tokens 2,000 → 400 · $0.5000"),
        (
            [call(**PAID), call(id="b", cache_hit=True, **{**PAID, "cost_usd": 0.0})],
            "1 call · 1 from cache · tokens 1,000 → 200 · $0.2500",
        ),
        ([call(**{**PAID, "cost_usd": None})], "1 call · tokens 1,000 → 200 · cost unknown"),
        (
            [call(**PAID), call(id="b", tokens_in=None, tokens_out=None, cost_usd=None, outcome="error")],
            "2 calls · 1 failed · tokens 1,000 → 200 + unknown · $0.2500 + unknown",
        ),
    ],
)
def test_what_calls_took_in_one_line_and_unknown_stays_unknown(calls, words):
    assert " ".join(progress.tally_words(tally(*calls)).split()) == words


def test_the_node_at_work_and_the_calls_so_far():
    shown = progress._Shown()
    shown.listen(RunStarted(run(id="r", arm="taught")))
    assert drawn(shown) == []
    shown.listen(NodeStarted("r", "extract_errors#0"))
    shown.listen(ItemsAdvanced("r", "extract_errors#0", 3, 20))
    (bar,) = drawn(shown)
    assert bar.startswith("taught: extract errors ") and " 3/20 " in bar
    shown.listen(CallMade("r", "extract_errors#0", call(**PAID)))
    assert drawn(shown)[1:] == ["1 call · tokens 1,000 → 200 · $0.2500"]
    shown.listen(NodeFinished("r", "extract_errors#0"))
    assert " 20/20 " in drawn(shown)[0]
    shown.listen(NodeStarted("r", "extract_errors#1"))
    bar, calls = drawn(shown)
    assert bar.startswith("taught: extract errors (round 2) ") and calls.startswith("1 call ")
    shown.listen(RunEnded("r", "finished", "finished"))


def test_a_node_that_is_begun_again_keeps_its_bar():
    shown = progress._Shown()
    for _ in range(3):
        shown.listen(NodeStarted("r", "draft#0"))
        shown.listen(ItemsAdvanced("r", "draft#0", 1, 4))
    assert len(drawn(shown)) == 1 and len(shown._bars.tasks) == 1


def test_a_terminal_is_left_clean_and_a_quiet_one_alone(monkeypatch):
    console = Console(file=io.StringIO(), force_terminal=True, width=100)
    monkeypatch.setattr(progress, "err", console)
    events = [RunStarted(run(id="r")), NodeStarted("r", "a#0"), CallMade("r", "a#0", call(**PAID))]
    with progress.progress_bar(quiet=True) as listen:
        for event in events:
            listen(event)
    assert console.file.getvalue() == ""
    with progress.progress_bar(quiet=False) as listen:
        for event in events:
            listen(event)
    assert "taught: a" in console.file.getvalue() and "1 call" in console.file.getvalue()

"""What a run of thousands of items must not do: ask its database for each of them by itself, at any time."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest
from sqlalchemy import event
from support.bench import plan

from tutorkit.graphs.events import ItemsAdvanced, StopSignal
from tutorkit.lab import Allowance, Lab, Share

SMALL, LARGE = {"train": 6, "val": 25, "test": 10}, {"train": 6, "val": 75, "test": 60}
IN_ONE_BATCH = {"mode": "append_principles", "batch": 64}
"""A batch of errors and a demo have questions of their own, as they have a call."""

BY_TRAIN = ({"train": 20, "val": 5, "test": 10}, {"train": 60, "val": 15, "test": 60})


def queries(lab: Lab) -> list[str]:
    """Collect every SELECT that the laboratory sends from now on, as far as the table."""
    seen: list[str] = []

    def listen(_connection, _cursor, statement, *_more) -> None:
        if statement.startswith("SELECT"):
            seen.append(statement.partition("FROM")[2].split()[0])

    event.listen(lab.store.engine, "after_cursor_execute", listen)
    return seen


def asked_in(folder, method, sizes, **over) -> Counter[str]:
    with Lab(home=folder) as lab:
        seen = queries(lab)
        assert lab.teach_plan(plan(method, sizes=sizes, **over)).status == "finished"
        return Counter(seen)


@pytest.mark.parametrize(
    ("method", "sizes", "over"),
    [
        ("tpd", (SMALL, LARGE), {"params": IN_ONE_BATCH}),
        ("tpd", (SMALL, LARGE), {"params": IN_ONE_BATCH, "allowance": Allowance(teacher=Share(calls=1000))}),
        ("undo", BY_TRAIN, {"params": {"rounds": 2}}),
    ],
)
def test_a_run_of_more_items_asks_no_more_questions(tmp_path, method, sizes, over):
    few, many = (asked_in(tmp_path / str(place), method, each, **over) for place, each in enumerate(sizes))
    assert many == few and few.total() > 0


def test_a_run_that_goes_on_asks_no_more_questions_when_more_is_done(tmp_path):
    found = []
    for place, sizes in enumerate((SMALL, LARGE)):
        stop = StopSignal()

        def halt(told, stop=stop) -> None:
            if isinstance(told, ItemsAdvanced) and told.node == "evaluate#0" and told.done == told.total:
                stop.request()

        with Lab(home=tmp_path / str(place)) as lab:
            assert run(lab, sizes, listen=halt, stop=stop) == "interrupted"
            seen = queries(lab)
            assert run(lab, sizes) == "finished"
            found.append(Counter(seen))
    assert found[0] == found[1]


def run(lab: Lab, sizes, **how) -> str:
    return asyncio.run(lab.ateach_plan(plan(sizes=sizes), **how)).stop_reason

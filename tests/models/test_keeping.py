"""Replies that come together are kept together, and none is lost or used before it is kept."""

from __future__ import annotations

import asyncio

import pytest

from tutorkit.errors import DiskFull
from tutorkit.models import Entry, Paid
from tutorkit.models.keeping import Keeper


def paid(key: str) -> Paid:
    entry = Entry(
        key=key,
        provider="openai",
        base_url="",
        model="openai/tiny",
        sample=0,
        body={},
        payload="p",
        model_served="tiny",
        finish="stop",
        tokens_in=1,
        tokens_out=1,
        cost_usd=None,
        paid_by="r1",
    )
    return Paid(entry, number=0, outcome="ok")


class Disk:
    """Stands for the cache: remembers each transaction, and fails when it is told to."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.transactions: list[list[str]] = []

    def put(self, *paid: Paid) -> None:
        if self.error is not None:
            raise self.error
        self.transactions.append([each.entry.key for each in paid])


async def test_what_comes_in_one_turn_is_one_transaction():
    disk = Disk()
    keeper = Keeper(disk)
    await asyncio.gather(*(keeper.put(paid(key)) for key in "abc"))
    await keeper.put(paid("d"))
    assert disk.transactions == [["a", "b", "c"], ["d"]]


async def test_a_reply_is_on_the_disk_before_it_is_used():
    disk = Disk()
    await Keeper(disk).put(paid("a"))
    assert disk.transactions == [["a"]]


async def test_who_is_cancelled_has_the_reply_kept_all_the_same():
    disk = Disk()
    keeper = Keeper(disk)
    waiting = asyncio.create_task(keeper.put(paid("a")))
    other = asyncio.create_task(keeper.put(paid("b")))
    await asyncio.sleep(0)
    waiting.cancel()
    await other
    assert waiting.cancelled()
    assert disk.transactions == [["a", "b"]]


async def test_a_full_disk_is_told_to_everybody_who_waits():
    keeper = Keeper(Disk(DiskFull("The disk is full.")))
    told = await asyncio.gather(keeper.put(paid("a")), keeper.put(paid("b")), return_exceptions=True)
    assert [type(each) for each in told] == [DiskFull, DiskFull]
    assert told[0] is not told[1]


async def test_nobody_waits_for_ever_when_something_else_breaks():
    keeper = Keeper(Disk(RuntimeError("broken")))
    loop = asyncio.get_running_loop()
    seen: list[dict] = []
    loop.set_exception_handler(lambda _, context: seen.append(context))
    with pytest.raises(asyncio.CancelledError):
        await keeper.put(paid("a"))
    assert isinstance(seen[0]["exception"], RuntimeError)

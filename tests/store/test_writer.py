from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest

from tutorkit.errors import DiskFull, StoreError
from tutorkit.store.writer import BatchWriter


class Disk:
    """Takes what is written, and fails while it is full."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.full = False
        self.go = threading.Event()
        self.go.set()

    def write(self, batch: Sequence[int]) -> None:
        assert self.go.wait(10)
        if self.full:
            raise DiskFull("The disk is full.")
        self.batches.append(list(batch))

    @property
    def written(self) -> list[int]:
        return [item for batch in self.batches for item in batch]


@pytest.fixture
def disk() -> Disk:
    return Disk()


def test_what_waits_is_written_together_and_in_order(disk: Disk) -> None:
    writer = BatchWriter(disk.write, batch=4)
    disk.go.clear()
    for item in range(10):
        writer.put([item])
    disk.go.set()
    writer.flush()
    assert disk.written == list(range(10))
    assert max(map(len, disk.batches)) == 4
    writer.close()


def test_a_failure_is_raised_at_the_next_put_and_flush_and_loses_nothing(disk: Disk) -> None:
    writer = BatchWriter(disk.write, batch=2)
    disk.full = True
    writer.put([1, 2, 3])
    with pytest.raises(DiskFull):
        writer.flush()
    with pytest.raises(DiskFull):
        writer.put([99])
    with pytest.raises(DiskFull):
        writer.flush()
    disk.full = False
    writer.flush()
    writer.put([4])
    writer.flush()
    assert disk.written == [1, 2, 3, 4]
    writer.close()


def test_a_batch_half_way_that_fails_is_the_first_to_be_tried_again(disk: Disk) -> None:
    writer = BatchWriter(disk.write, batch=2)
    disk.go.clear()
    writer.put([1, 2])
    writer.put([3, 4, 5])
    disk.full = True
    disk.go.set()
    with pytest.raises(DiskFull):
        writer.flush()
    disk.full = False
    writer.flush()
    assert disk.written == [1, 2, 3, 4, 5]
    writer.close()


def test_an_error_that_nobody_foresaw_reaches_the_caller_too() -> None:
    def broken(_batch: Sequence[int]) -> None:
        raise ZeroDivisionError("a bug")

    writer = BatchWriter(broken)
    writer.put([1])
    with pytest.raises(ZeroDivisionError):
        writer.flush()
    with pytest.raises(ZeroDivisionError):
        writer.close()


def test_closing_writes_what_waits_and_then_takes_no_more(disk: Disk) -> None:
    writer = BatchWriter(disk.write)
    disk.go.clear()
    writer.put([1])
    threading.Timer(0.05, disk.go.set).start()
    writer.close()
    assert disk.written == [1]
    writer.flush()
    writer.close()
    with pytest.raises(StoreError, match="closed"):
        writer.put([2])

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from store_samples import attempt, call

from tutorkit.errors import StoreError
from tutorkit.store import StoreSink, open_store, reviews
from tutorkit.types import Attempt, Call

pytestmark = pytest.mark.slow

_HERE = Path(__file__).parent
_PRELUDE = """
import sys
from store_samples import attempt, call, lesson
from tutorkit.store import StoreSink, open_store, review
url, name = sys.argv[1], sys.argv[2]
"""


def _start(script: str, url: str, name: str, **pipes: int) -> subprocess.Popen[str]:
    path = os.pathsep.join([str(_HERE), str(_HERE.parent.parent)])
    command = [sys.executable, "-W", "error", "-c", _PRELUDE + script, url, name]
    return subprocess.Popen(command, env={**os.environ, "PYTHONPATH": path}, text=True, stderr=subprocess.PIPE, **pipes)


def _end(process: subprocess.Popen[str]) -> None:
    _, told = process.communicate(timeout=120)
    assert process.returncode == 0, told


def test_four_processes_open_a_new_database_at_once_and_lose_nothing(store_url: str) -> None:
    writes = """
with open_store(url) as store:
    sink = StoreSink(store)
    sink.put(attempt(id="the same for all"), lesson())
    for number in range(300):
        sink.put(call(id=f"{name}-{number}"))
        sink.remember(name, "node", str(number), number)
        if number % 10 == 0:
            review(store, lesson_id="l-1", to="approved", by=name, why=str(number))
            assert len(sink.recall(name, "node")) == number + 1
"""
    processes = [_start(writes, store_url, str(name)) for name in range(4)]
    for process in processes:
        _end(process)
    with open_store(store_url) as store:
        sink = StoreSink(store)
        found = [one.id for one in sink.find(Call)]
        assert len(found) == 1200
        for name in range(4):
            assert [one for one in found if one.startswith(f"{name}-")] == [f"{name}-{i}" for i in range(300)]
            assert sink.recall(str(name), "node") == {str(number): number for number in range(300)}
        assert sink.find(Attempt) == [attempt(id="the same for all")]
        assert len(reviews(store, lesson_ids=("l-1",))) == 120


def test_what_was_flushed_outlives_a_killed_process(store_url: str) -> None:
    writes = """
sink = StoreSink(open_store(url))
number = 0
while True:
    for _ in range(50):
        sink.put(attempt(id=f"a-{number}"), call(id=f"c-{number}"))
        number += 1
    sink.flush()
    print(number, flush=True)
"""
    process = _start(writes, store_url, "victim", stdout=subprocess.PIPE)
    assert process.stdout is not None
    flushed = [int(process.stdout.readline()) for _ in range(3)][-1]
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=60)
    with open_store(store_url) as store:
        sink = StoreSink(store)
        attempts = [one.id for one in sink.find(Attempt)]
        calls = [one.id for one in sink.find(Call)]
        assert len(attempts) >= flushed == 150
        assert attempts == [f"a-{number}" for number in range(len(attempts))]
        assert len(calls) == len(attempts)
        sink.put(attempt(id="and goes on"))
        assert sink.get(Attempt, "and goes on").id == "and goes on"


def test_an_interpreter_that_ends_without_closing_writes_its_queue(store_url: str) -> None:
    _end(_start("StoreSink(open_store(url)).put(*(call(id=str(n)) for n in range(3000)))", store_url, "hasty"))
    with open_store(store_url) as store:
        assert len(StoreSink(store).find(Call)) == 3000


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_forked_process_is_told_to_open_the_store_again(store_url: str) -> None:
    with open_store(store_url) as store:
        sink = StoreSink(store)
        sink.put(call())
        sink.flush()
        child = os.fork()
        if child == 0:
            code = 1
            try:
                sink.put(call(id="from the child"))
            except StoreError as error:
                code = 0 if "Open the store again" in str(error) else 2
            store.close()
            os._exit(code)
        _, status = os.waitpid(child, 0)
        assert os.waitstatus_to_exitcode(status) == 0
        sink.put(call(id="c-9"))
        assert [one.id for one in sink.find(Call)] == ["c-1", "c-9"]

"""A process that dies at any moment leaves batches that the next one finds, and none is submitted twice."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from support.batch_server import BatchServer, serve_batches

from tutorkit.models.batch import Journal

pytestmark = pytest.mark.slow

CHILD = """
import asyncio, os, signal, sys
from pathlib import Path
from tutorkit.models import Gateway
from tutorkit.models.batch import BatchDesk, Journal, Pace
from tutorkit.models.limits import Limiters
from tutorkit.models.sending import Direct
from tutorkit.ports import ChatRequest
from tutorkit.types import Message

home, model, replies_before_death = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
pace = Pace(linger=0.02, first_look=0.001, longest_look=0.01, settle=0.0)

async def main():
    desk = BatchDesk(
        Direct(Limiters(folder=None, ceiling=4), timeout=10.0), batches_of=lambda provider: provider.batches(),
        journal=Journal(home / "batches.sqlite"), run_id="r1", pace=pace,
    )
    got = 0
    async with Gateway(cache=home / "cache.sqlite", run_id="r1", way=desk) as chat:
        async def one(number):
            nonlocal got
            words = (Message(role="user", content=str(number)),)
            reply = await chat.complete(ChatRequest(model=model, messages=words))
            got += 1
            if got == replies_before_death:
                os.kill(os.getpid(), signal.SIGKILL)
            return reply
        replies = await asyncio.gather(*map(one, range(5)))
        assert [reply.text for reply in replies] == [f"You said {number}." for number in range(5)]
        assert not any(reply.cache_hit for reply in replies)
        assert chat.cache.spent("r1").calls == 5, chat.cache.spent("r1")

asyncio.run(main())
"""

# What a run asks: OpenAI list, upload, create, look, look, look, results; Anthropic list, create, look, look, results.
POINTS = [
    *(
        ("openai", number, after)
        for number, after in [(1, False), (2, True), (3, False), (3, True), (5, True), (7, True)]
    ),
    *(("anthropic", number, after) for number, after in [(2, False), (2, True), (3, False), (5, True)]),
]


@pytest.fixture
def server():
    with serve_batches(looks=1, answer=lambda body: f"You said {body['messages'][-1]['content']}.") as running:
        yield running


def run(server: BatchServer, home: Path, kind: str, *, replies_before_death: int = 0) -> int:
    model = server.model if kind == "openai" else server.claude
    command = [sys.executable, "-c", CHILD, str(home), model, str(replies_before_death)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        server.victim = process.pid
        _, said = process.communicate(timeout=120)
    assert process.returncode in (0, -signal.SIGKILL), said
    return process.returncode


@pytest.mark.parametrize(("kind", "number", "after"), POINTS)
def test_kill_9_at_any_request_and_the_batch_was_submitted_once(server, tmp_path, kind, number, after):
    server.kill_at, server.kill_after = number, after
    assert run(server, tmp_path, kind) == -signal.SIGKILL
    server.kill_at = 0
    assert run(server, tmp_path, kind) == 0
    assert server.sizes == [5]


@pytest.mark.parametrize("kind", ["openai", "anthropic"])
def test_kill_9_between_two_replies_and_none_is_asked_again(server, tmp_path, kind):
    assert run(server, tmp_path, kind, replies_before_death=2) == -signal.SIGKILL
    assert run(server, tmp_path, kind) == 0
    assert server.sizes == [5]
    journal = Journal(tmp_path / "batches.sqlite")
    assert journal.under_way("r1") == []
    journal.close()


def test_the_requests_of_a_run_are_those_that_the_kill_points_name(server, tmp_path):
    assert run(server, tmp_path, "openai") == 0
    looks = ["/v1/batches/batch_0"] * 3
    paths = ["/v1/batches", "/v1/files", "/v1/batches", *looks, "/v1/files/file-1/content"]
    assert [name.partition(" ")[2] for name in server.seen] == paths

"""Within what a provider grants: the window, the minute, the pause, and several processes on one account."""

from __future__ import annotations

import asyncio
import json
import random
import subprocess
import sys
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from fault_server import chat, failure
from hypothesis import given, settings
from hypothesis import strategies as st
from support.virtual_time import VirtualTime

from tutorkit.errors import BadSetting
from tutorkit.models import RateLimit, RetryPolicy, ScriptedProvider, read_limits
from tutorkit.models.limits import FIRST_WINDOW, Limiters
from tutorkit.models.limits.account import LEASE_S, Account, halved, is_forgotten, joined, left, pause_left, paused
from tutorkit.models.limits.limiter import RENEWED_S, Limiter
from tutorkit.models.limits.minute import request_wait, taken, token_wait
from tutorkit.models.limits.shared import SharedAccount
from tutorkit.models.sending import tokens_needed
from tutorkit.ports import ChatRequest
from tutorkit.types import Message


def a_limiter(
    clock: Callable[[], float],
    *,
    ceiling: int = 64,
    window: float = 4.0,
    limit: RateLimit | None = None,
    path: Path | None = None,
    holder: str = "one",
) -> Limiter:
    shared = SharedAccount(path, fresh=Account(window=window), clock=clock)
    return Limiter(shared, holder=holder, ceiling=ceiling, limit=limit, clock=clock)


class World:
    """Calls of one second each, with a log of when each was sent and how many were under way then."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.sent: list[float] = []
        self.under_way = 0
        self.widths: list[int] = []

    async def call(self, limiter: Limiter, *, tokens: float = 0.0, used: float | None = None, seconds: float = 1.0):
        place = await limiter.enter(tokens)
        self.sent.append(self.clock())
        self.under_way += 1
        self.widths.append(self.under_way)
        await asyncio.sleep(seconds)
        self.under_way -= 1
        limiter.leave(place, succeeded=True, used=used)


def played(work) -> World:
    clock = VirtualTime()
    world = World(clock)
    clock.run(work(world))
    return world


def most_in_any_minute(moments: list[float]) -> int:
    ordered = sorted(moments)
    return max(bisect_left(ordered, start + 60) - place for place, start in enumerate(ordered))


def test_slow_start_doubles_the_window_each_round_trip_up_to_the_ceiling():
    async def work(world: World) -> None:
        limiter = a_limiter(world.clock, window=4, ceiling=30)
        await asyncio.gather(*(world.call(limiter) for _ in range(200)))

    world = played(work)
    rounds = [count for _, count in sorted(Counter(world.sent).items())]
    assert rounds[:5] == [4, 8, 16, 30, 30]
    assert max(world.widths) == 30


def test_an_idle_window_does_not_grow():
    async def work(world: World) -> None:
        limiter = a_limiter(world.clock, window=4)
        for _ in range(50):
            await world.call(limiter)
        await asyncio.gather(*(world.call(limiter) for _ in range(20)))

    assert max(played(work).widths[50:54]) == 4


def test_a_refusal_halves_the_window_once_a_round_and_growth_is_then_one_a_round():
    async def work(world: World) -> None:
        limiter = a_limiter(world.clock, window=16, ceiling=64)
        places = [await limiter.enter() for _ in range(16)]
        await asyncio.sleep(1)
        for place in places:
            limiter.overloaded(place, retry_after=None)
            limiter.leave(place)
        await asyncio.gather(*(world.call(limiter) for _ in range(60)))

    world = played(work)
    rounds = [count for _, count in sorted(Counter(world.sent).items())]
    assert rounds[:4] == [8, 9, 10, 11]


def test_after_retry_after_nobody_sends_before_its_end():
    async def work(world: World) -> None:
        limiter = a_limiter(world.clock, window=8)
        place = await limiter.enter()
        limiter.overloaded(place, retry_after=20.0)
        limiter.leave(place)
        world.sent.append(world.clock())
        await asyncio.gather(*(world.call(limiter) for _ in range(8)))

    first, *later = played(work).sent
    assert min(later) - first == pytest.approx(20.0)


@pytest.mark.parametrize("per_minute", [1, 3, 59, 60, 61, 500, 3000])
def test_no_minute_sees_more_requests_than_its_limit_and_no_long_run_far_fewer(per_minute):
    async def work(world: World) -> None:
        limiter = a_limiter(world.clock, window=1000, ceiling=1000, limit=RateLimit(requests_per_minute=per_minute))
        await asyncio.gather(*(world.call(limiter) for _ in range(4 * per_minute)))

    sent = played(work).sent
    assert most_in_any_minute(sent) <= per_minute
    assert max(sent) - min(sent) <= 4 * 60 * 1.02 + 1


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6), per_minute=st.integers(1, 400), clients=st.integers(1, 3))
def test_no_minute_sees_more_than_the_limit_however_the_calls_come(seed, per_minute, clients):
    moves = random.Random(seed)
    bucket, now, sent = None, 1000.0, []
    for _ in range(300):
        now += moves.choice([0.0, 0.0, 0.01, 0.5, 3.0, 70.0])
        bucket, wait = request_wait(bucket, per_minute, now)
        if wait == 0:
            bucket = taken(bucket, 1)
            sent.append(now)
        elif moves.random() < 0.5:
            # Waiting as long as it says is always enough.
            now += wait + 1e-6
            bucket, wait = request_wait(bucket, per_minute, now)
            assert wait == 0
            bucket = taken(bucket, 1)
            sent.append(now)
    assert not sent or most_in_any_minute(sent) <= per_minute


def test_tokens_are_paced_by_what_was_really_used():
    async def work(world: World) -> None:
        limiter = a_limiter(world.clock, window=500, ceiling=500, limit=RateLimit(tokens_per_minute=6000))
        await asyncio.gather(*(world.call(limiter, tokens=100, used=50) for _ in range(240)))

    sent = played(work).sent
    # 240 calls of 50 tokens are 12,000: two minutes at 6,000, and four if the guess of 100 had stood.
    assert 100 < max(sent) - min(sent) < 140


def test_a_request_larger_than_the_minute_passes_and_the_next_waits_for_it():
    bucket, wait = token_wait(None, 600, 0.0)
    assert wait == 0
    bucket = taken(bucket, 1200)
    _, wait = token_wait(bucket, 600, 0.0)
    assert wait == pytest.approx(120, abs=1)


def test_first_come_first_served_and_who_is_cancelled_takes_no_place():
    async def work(world: World) -> None:
        limiter = a_limiter(world.clock, window=1, ceiling=1)
        order: list[int] = []

        async def one(number: int) -> None:
            place = await limiter.enter()
            order.append(number)
            await asyncio.sleep(1)
            limiter.leave(place)

        tasks = [asyncio.create_task(one(number)) for number in range(6)]
        await asyncio.sleep(0.5)
        tasks[2].cancel()
        tasks[3].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert order == [0, 1, 4, 5]

    played(work)


def test_who_is_cancelled_just_as_its_turn_comes_gives_the_place_back():
    async def work(world: World) -> None:
        limiter = a_limiter(world.clock, window=1, ceiling=1)
        place = await limiter.enter()
        waiting = asyncio.create_task(world.call(limiter))
        await asyncio.sleep(0)
        limiter.leave(place)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        await asyncio.wait_for(limiter.enter(), 100)

    played(work)


def test_two_on_one_account_share_the_window_and_the_second_takes_nothing_before_the_first_has_heard(tmp_path):
    async def work(world: World) -> None:
        path = tmp_path / "account.json"
        first = a_limiter(world.clock, window=16, ceiling=16, path=path, holder="first")
        second = a_limiter(world.clock, window=16, ceiling=16, path=path, holder="second")

        async def begin_later() -> None:
            await asyncio.sleep(1.25)
            await asyncio.gather(*(world.call(second, seconds=0.1) for _ in range(100)))

        await asyncio.gather(begin_later(), *(world.call(first, seconds=0.1) for _ in range(400)))
        first.close()
        second.close()

    world = played(work)
    assert max(world.widths) == 16
    assert len(world.sent) == 500


def test_the_minute_holds_for_all_who_share_the_account(tmp_path):
    async def work(world: World) -> None:
        limit = RateLimit(requests_per_minute=120)
        sharing = [
            a_limiter(world.clock, window=50, ceiling=50, limit=limit, path=tmp_path / "account.json", holder=name)
            for name in "abc"
        ]
        await asyncio.gather(*(world.call(sharing[n % 3]) for n in range(360)))

    world = played(work)
    assert most_in_any_minute(world.sent) <= 120
    assert max(world.sent) - min(world.sent) < 190


def test_a_pause_that_one_hears_of_holds_for_the_other(tmp_path):
    async def work(world: World) -> None:
        path = tmp_path / "account.json"
        first = a_limiter(world.clock, path=path, holder="first")
        second = a_limiter(world.clock, path=path, holder="second")
        mine, theirs = await first.enter(), await second.enter()
        first.overloaded(mine, retry_after=30.0)
        first.leave(mine)
        second.leave(theirs)
        until = world.clock() + 30
        await asyncio.sleep(RENEWED_S)
        await world.call(second)
        assert world.sent[-1] >= until

    played(work)


def test_a_killed_process_gives_its_share_back_when_its_lease_ends(tmp_path):
    async def work(world: World) -> None:
        path = tmp_path / "account.json"
        killed = a_limiter(world.clock, window=8, ceiling=8, path=path, holder="killed")
        await killed.enter()
        killed._alarm.cancel()  # the dead renew nothing
        await asyncio.sleep(LEASE_S + 0.1)
        alone = a_limiter(world.clock, window=8, ceiling=8, path=path, holder="alone")
        await asyncio.gather(*(world.call(alone) for _ in range(8)))

    assert max(played(work).widths) == 8


def test_a_share_is_kept_as_long_as_calls_are_under_way(tmp_path):
    async def work(world: World) -> None:
        path = tmp_path / "account.json"
        first = a_limiter(world.clock, window=8, ceiling=8, path=path, holder="first")
        calls = [asyncio.create_task(world.call(first, seconds=60)) for _ in range(4)]
        await asyncio.sleep(20)
        second = a_limiter(world.clock, window=8, ceiling=8, path=path, holder="second")
        await asyncio.gather(*(world.call(second) for _ in range(20)))
        assert max(world.widths) == 8
        await asyncio.gather(*calls)
        await asyncio.sleep(LEASE_S + 1)
        assert world.under_way == 0

    played(work)


async def test_the_minute_is_charged_with_the_tokens_that_a_reply_says_it_took(gateway, server, tmp_path):
    server.default = chat("Fine.", tokens=(20, 5))
    limits = {"openai": RateLimit(tokens_per_minute=6000)}
    async with gateway(limits=limits, limits_folder=tmp_path / "limits") as chat_model:
        await chat_model.complete(replace(_ask(server.model, 1), options={"max_tokens": 5000}))
        (path,) = (tmp_path / "limits").glob("*.json")
        # A second holds a hundred; with the room that the reply had the account would be in deep debt.
        assert json.loads(path.read_text())["tokens"]["level"] >= 75


def test_what_was_learned_is_remembered_and_a_file_that_knows_nothing_is_removed(tmp_path):
    async def work(world: World) -> None:
        path = tmp_path / "limits" / "account.json"
        first = a_limiter(world.clock, window=8, path=path)
        await world.call(first)
        first.close()
        assert not path.exists()
        second = a_limiter(world.clock, window=8, path=path)
        place = await second.enter()
        second.overloaded(place, retry_after=None)
        second.leave(place)
        second.close()
        assert json.loads(path.read_text())["window"] == 4

    played(work)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"window": "much"}'])
def test_a_damaged_file_is_begun_anew(tmp_path, content):
    async def work(world: World) -> None:
        path = tmp_path / "account.json"
        path.write_text(content)
        await world.call(a_limiter(world.clock, path=path))
        assert json.loads(path.read_text())["window"] == 4

    played(work)


def test_where_no_file_can_be_written_the_process_goes_on_by_itself_and_says_so_once(tmp_path, caplog):
    (tmp_path / "occupied").write_text("a file, where a folder should be")

    async def work(world: World) -> None:
        limiter = a_limiter(world.clock, path=tmp_path / "occupied" / "account.json")
        await asyncio.gather(*(world.call(limiter) for _ in range(40)))

    assert len(played(work).sent) == 40
    assert [record.message.split(":")[0] for record in caplog.records] == [
        "Other processes are not told of the limits of this account"
    ]


def test_a_clock_that_was_set_back_stops_nobody():
    known = joined(Account(window=4), holder="one", grown=0, ceiling=8, now=5000.0)
    known = paused(known, seconds=60, now=5000.0)
    assert pause_left(known, now=5010.0) == 50
    assert pause_left(known, now=1000.0) == 0
    assert is_forgotten(known, now=1000.0)
    bucket = taken(request_wait(None, 60, 5000.0)[0], 1)
    assert request_wait(bucket, 60, 1000.0)[1] <= 1


def test_an_account_is_begun_anew_when_nobody_used_it_for_long():
    known = left(joined(Account(window=40), holder="one", grown=0, ceiling=64, now=100.0), holder="one", now=110.0)
    assert not is_forgotten(known, now=200.0)
    assert is_forgotten(known, now=110.0 + 901)


def test_a_refusal_of_a_call_sent_before_the_last_cut_does_not_halve_again():
    once = halved(Account(window=16), sent_at=10, now=11)
    assert (once.window, once.slow) == (8, False)
    assert halved(once, sent_at=10.5, now=11.2) is once
    assert halved(once, sent_at=11.5, now=12).window == 4
    assert halved(Account(window=1), sent_at=1, now=2).window == 1


async def test_at_a_server_of_ones_own_all_may_go_at_once_and_a_429_halves_that(gateway, server):
    server.default = chat("Fine.")
    server.delay = 0.02
    server.plays(*[failure(429)] * 1)
    async with gateway(concurrency=16) as chat_model:
        await asyncio.gather(*(chat_model.complete(_ask(server.model, n)) for n in range(16)))
        assert server.peak == 16
        server.peak = 0
        await asyncio.gather(*(chat_model.complete(_ask(server.model, n)) for n in range(16, 32)))
    assert server.peak <= 9


async def test_at_a_providers_own_endpoint_one_begins_small(tmp_path):
    class AtHome(ScriptedProvider):
        own_address = False
        account = "abc"

    limiters = Limiters(folder=tmp_path, ceiling=64)
    limiter = limiters.of(AtHome([]))
    entered = [asyncio.create_task(limiter.enter()) for _ in range(64)]
    await asyncio.sleep(0)
    assert sum(task.done() for task in entered) == FIRST_WINDOW
    for task in entered:
        task.cancel()
    limiters.close()


async def test_a_used_up_rate_that_the_headers_tell_of_is_waited_for(gateway, server):
    told = {"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "150ms"}
    server.plays(replace(chat("One."), headers=told), chat("Two."))
    async with gateway() as chat_model:
        await chat_model.complete(_ask(server.model, 1))
        second = asyncio.create_task(chat_model.complete(_ask(server.model, 2)))
        await asyncio.sleep(0.05)
        assert server.count == 1
        await second
    assert server.count == 2


async def test_a_failed_try_leaves_its_place_while_it_waits_for_the_next(gateway, server):
    server.plays(failure(500), chat("Two."), chat("One."))
    async with gateway(concurrency=1, retry=RetryPolicy(tries=2, base=0.3)) as chat_model:
        first = asyncio.create_task(chat_model.complete(_ask(server.model, 1)))
        second = asyncio.create_task(chat_model.complete(_ask(server.model, 2)))
        await asyncio.gather(first, second)
    assert server.peak == 1
    assert server.count == 3


@pytest.mark.slow
async def test_processes_of_one_machine_stay_within_one_minute_and_one_window(tmp_path, server):
    limits = tmp_path / "limits.json"
    limits.write_text(json.dumps({"openai": {"requests_per_minute": 1200}}))
    script = """
import asyncio, sys
from pathlib import Path
from tutorkit.models import Gateway, read_limits
from tutorkit.ports import ChatRequest
from tutorkit.types import Message

async def main(model, name, folder):
    gateway = Gateway(cache=folder / f"{name}.sqlite", limits=read_limits(folder / "limits.json"),
                      limits_folder=folder / "limits", concurrency=6)
    async with gateway:
        asks = [ChatRequest(model=model, messages=(Message(role="user", content=f"{name} {n}"),)) for n in range(40)]
        await asyncio.gather(*map(gateway.complete, asks))

asyncio.run(main(sys.argv[1], sys.argv[2], Path(sys.argv[3])))
"""
    server.delay = 0.05
    command = [sys.executable, "-c", script, server.model]
    processes = [
        await asyncio.create_subprocess_exec(*command, name, str(tmp_path), stderr=subprocess.PIPE) for name in "ab"
    ]
    for process in processes:
        _, errors = await process.communicate()
        assert process.returncode == 0, errors.decode()
    assert server.count == 80
    # What the first had under way when the second came may still be so when that begins with its half.
    assert server.peak <= 6 + 3


def test_the_file_of_limits_is_read_and_its_faults_are_named(tmp_path):
    path = tmp_path / "limits.json"
    path.write_text('{"openai": {"requests_per_minute": 500, "tokens_per_minute": 2e5}}')
    assert read_limits(path) == {"openai": RateLimit(requests_per_minute=500, tokens_per_minute=200000)}
    for content in ('{"openai": {"rpm": 5}}', '{"openai": {"requests_per_minute": 0}}', "[1]", "{"):
        path.write_text(content)
        with pytest.raises(BadSetting, match=r"limits\.json"):
            read_limits(path)
    with pytest.raises(BadSetting, match="cannot be read"):
        read_limits(tmp_path / "nothing.json")


def test_the_guess_of_a_requests_tokens_counts_what_is_asked_and_the_room_for_the_reply():
    body = {"messages": [{"role": "user", "content": "x" * 400}], "max_completion_tokens": 50}
    assert tokens_needed(body) == 150
    assert tokens_needed({"messages": [{"role": "user", "content": ""}]}) == 256


def _ask(model: str, number: int) -> ChatRequest:
    return ChatRequest(model=model, messages=(Message(role="user", content=f"Say {number}."),))

"""A limit is kept to within one call per worker, the stop keeps everything, and a higher limit goes on from there."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import threading
from dataclasses import dataclass, field
from functools import partial
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel
from support.bench import export, plan
from support.model_server import Answer, completion, serve_model
from support.nursery import nursery

from tutorkit.canonical import digest
from tutorkit.errors import BudgetExhausted, ProviderFailed, TutorkitError
from tutorkit.lab import Lab, Limits
from tutorkit.models import Gateway, Price, Prices, RetryPolicy, RunBudget, ask_structured
from tutorkit.ports import CallContext, ChatRequest
from tutorkit.types import Message

DOLLAR_A_TOKEN = Price(1e6, 1e6)
CONTEXT = CallContext(role="teacher", purpose="note", prompt_id="toy/note", prompt_digest="0")
LARGEST = 60


class Note(BaseModel):
    reason: str


# The ledger by itself, in any order of beginnings and ends.


def ledger(kind: str, limit: int) -> RunBudget:
    if kind == "tokens":
        return RunBudget(max_tokens=limit)
    return RunBudget(max_usd=limit, price_of=lambda _: DOLLAR_A_TOKEN)


def work_off(budget: RunBudget, *, calls: list[tuple[int, bool]], workers: int, order: list[int]) -> list[int]:
    """Let workers make calls, each of a size and with or without telling it; return the sizes of those that were made.

    ``order`` says at each step which worker acts: one without a call begins the next, one with a call ends it.
    """
    queue, busy, made = list(calls), dict[int, tuple[int, bool]](), []
    for step in [*order, *range(workers)]:
        worker = step % workers
        if worker in busy:
            size, told = busy.pop(worker)
            budget.commit(cost_usd=size if told else None, tokens=size if told else None, cache_hit=False)
        elif queue:
            try:
                budget.admit(model="openai/tiny")
            except BudgetExhausted:
                continue
            busy[worker] = queue.pop()
            made.append(busy[worker][0])
    for size, told in busy.values():
        budget.commit(cost_usd=size if told else None, tokens=size if told else None, cache_hit=False)
    return made


STEADY = settings(deadline=None, derandomize=True, max_examples=300)
ORDER = st.lists(st.integers(0, 100), max_size=120)
WORKERS = st.integers(1, 8)


@STEADY
@given(st.integers(0, 300), st.lists(st.tuples(st.integers(0, LARGEST), st.booleans()), max_size=60), WORKERS, ORDER)
@pytest.mark.parametrize("kind", ["usd", "tokens"])
def test_what_is_known_to_be_spent_passes_the_limit_by_one_call_per_worker_at_most(kind, limit, calls, workers, order):
    budget = ledger(kind, limit)
    made = work_off(budget, calls=calls, workers=workers, order=order)
    spent = budget.spent.usd if kind == "usd" else budget.spent.tokens
    assert spent <= limit + sum(sorted(made)[-workers:])
    assert budget.spent.calls == len(made)


@STEADY
@given(st.integers(0, 300), st.integers(1, LARGEST), st.lists(st.booleans(), max_size=60), WORKERS, ORDER)
@pytest.mark.parametrize("kind", ["usd", "tokens"])
def test_calls_of_one_size_never_pass_the_limit_though_only_one_tells(kind, limit, size, told, workers, order):
    budget = ledger(kind, limit)
    first = work_off(budget, calls=[(size, True)], workers=1, order=[0, 0])
    made = work_off(budget, calls=[(size, tells) for tells in told], workers=workers, order=order)
    assert sum(first) + sum(made) <= max(limit, size)
    assert budget.spent.calls == len(first) + len(made)


@pytest.mark.parametrize("kind", ["usd", "tokens"])
def test_a_limit_holds_where_no_reply_tells_what_it_took(kind):
    budget = ledger(kind, 100)
    assert len(work_off(budget, calls=[(10, False)] * 500, workers=1, order=[0] * 1000)) < 500


# The gateway with many workers, over loopback.


@dataclass
class Moody:
    """Answers as a seeded draw says: long or short, telling its tokens or not, of the wrong form, or with a failure."""

    sizes: list[int] = field(default_factory=list)
    again: dict[str, int] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, body: dict) -> tuple[int, dict]:
        name = digest(body)
        with self.lock:
            self.again[name] = self.again.get(name, 0) + 1
            draw = Random(f"{name}:{self.again[name]}")
            size = draw.randint(2, LARGEST)
            mood = draw.choices(["plain", "untold", "misfit", "failing"], weights=[6, 1, 1, 2])[0]
            if mood != "failing":
                self.sizes.append(size)
        if mood == "failing":
            return 500, {"error": {"message": "oops"}}
        text = '{"reason": 7}' if mood == "misfit" else '{"reason": "so"}'
        return 200, completion(text, tokens=None if mood == "untold" else (1, size - 1))


async def spend(gateway: Gateway, model: str, *, workers: int, structured: bool) -> int:
    """Let workers ask until the budget is exhausted; return how many items came to an end."""
    items = iter(range(10_000))
    ended = 0

    async def worker() -> None:
        nonlocal ended
        for item in items:
            request = ChatRequest(model=model, messages=(Message(role="user", content=f"Item {item}."),))
            try:
                if structured:
                    await ask_structured(gateway, request, Note, CONTEXT)
                else:
                    await gateway.complete(request)
            except BudgetExhausted:
                return
            except TutorkitError:
                # What it took is booked all the same.
                pass
            ended += 1

    await asyncio.gather(*(worker() for _ in range(workers)))
    return ended


@pytest.mark.parametrize("structured", [False, True], ids=["text", "structure"])
@pytest.mark.parametrize("workers", [1, 4, 16])
@pytest.mark.parametrize("kind", ["calls", "usd", "tokens"])
async def test_workers_keep_a_limit_among_failures_and_re_asks(tmp_path, kind, workers, structured):
    moody = Moody()
    prices = Prices({"openai/tiny": DOLLAR_A_TOKEN})
    budget = {
        "calls": RunBudget(max_calls=90),
        "usd": RunBudget(max_usd=2000, price_of=prices.of),
        "tokens": RunBudget(max_tokens=2000),
    }[kind]
    with serve_model(moody) as server:
        async with Gateway(
            cache=tmp_path / "c.sqlite",
            run_id="r1",
            budget=budget,
            concurrency=workers,
            prices=prices,
            retry=RetryPolicy(tries=3, base=0.001),
        ) as gateway:
            model = f"openai/tiny@{server.url}"
            assert await spend(gateway, model, workers=workers, structured=structured) > 10
            stopped_at = server.calls
            with pytest.raises(BudgetExhausted):
                await gateway.complete(ChatRequest(model=model, messages=(Message(role="user", content="One more."),)))
            assert gateway.cache.spent("r1") == budget.spent
    spent = budget.spent
    assert spent.calls == server.calls == stopped_at
    if kind == "calls":
        assert spent.calls == 90
        return
    known = spent.usd if kind == "usd" else spent.tokens
    unknown = spent.unpriced if kind == "usd" else spent.unmeasured
    assert unknown > 5
    supposed = known * spent.calls / (spent.calls - unknown)
    assert 2000 - workers * LARGEST <= supposed <= 2000 + workers * LARGEST
    assert known <= sum(moody.sizes) <= 2000 + workers * LARGEST


# Whole runs.

SIZES = {"train": 3, "val": 12, "test": 12}
AT_ONCE = 3


def answer(body: dict) -> str:
    return "I do not know.\nAnswer: 0, 0, 0, 0"


@pytest.fixture
def prices(tmp_path, monkeypatch):
    """A price for the loopback model: a dollar a token, fifteen for each reply."""
    path = tmp_path / "prices.json"
    path.write_text(json.dumps({"openai/tiny": [1e6, 1e6]}), encoding="utf-8")
    monkeypatch.setenv("TUTORKIT_PRICES", str(path))
    return path


def command(url: str, *more: str) -> list[str]:
    options = f"--task chains --teacher rules --train 3 --val 12 --test 12 --controls none --concurrency {AT_ONCE}"
    return ["teach", "tpd", *options.split(), "--student", f"openai/tiny@{url}", *more]


def test_a_higher_limit_goes_on_with_the_run_that_a_limit_stopped(tutorkit, prices, monkeypatch, tmp_path):
    with serve_model(answer) as server:
        whole = tutorkit(*command(server.url, "--json")).json
        calls, complete = server.calls, exported(whole["run_id"])
        server.asked.clear()
        monkeypatch.setenv("TUTORKIT_HOME", str(tmp_path / "stopped"))
        stops: list[int] = []
        for dollars in (0, 100, 100, 300):
            shown = tutorkit(*command(server.url, "--max-usd", str(dollars)))
            said = " ".join(shown.out.split())
            assert shown.code == 4 and f"limit of ${dollars}" in said, shown.out + shown.err
            assert "Raise the limit and run the same command again" in said
            assert dollars - 15 < 15 * server.calls <= dollars + 15 * AT_ONCE
            stops.append(server.calls)
        again = tutorkit(*command(server.url, "--max-usd", "10000", "--json")).json
        assert exported(again["run_id"]) == complete
    assert stops[0] == 0 and stops[1] == stops[2] < stops[3]
    assert again["arms"] == whole["arms"]
    assert server.calls == calls == len(server.asked)
    assert sum(row["usd"] for row in again["spending"]) == 15 * calls


def exported(run_id: str) -> str:
    with Lab() as lab:
        return export(lab, run_id)


@pytest.mark.slow
def test_what_a_killed_process_spent_is_remembered(tmp_path, prices):
    victims: list[int] = []

    def die_at_the_tenth(body: dict) -> str:
        if server.calls >= 10 and victims:
            os.kill(victims.pop(), signal.SIGKILL)
        return answer(body)

    with serve_model(die_at_the_tenth) as server, nursery(tmp_path) as young:
        run = partial(young.run, command(server.url, "--max-usd", "300", "--json"), home=tmp_path / "home")
        assert run(started=victims.append).code == -signal.SIGKILL
        assert run().code == run().code == 4
    # Three at most were in flight when it died; the server saw them, nobody got them, and they are asked again.
    assert 20 <= server.calls <= 20 + AT_ONCE + AT_ONCE
    with Lab(home=tmp_path / "home") as lab:
        paid = [call for call in lab.calls(lab.newest_run().id) if call.role == "student" and not call.cache_hit]
    assert 20 <= len(paid) <= 20 + AT_ONCE


def test_one_limit_holds_for_all_arms_together(tmp_path):
    with Lab(home=tmp_path) as lab:
        alone = lab.teach_plan(plan(sizes=SIZES))
        taught = len(lab.calls(alone.run_id))
        halted = lab.teach_plan(plan(sizes=SIZES, controls="free"), limits=Limits(max_calls=taught + 7))
        assert (halted.status, halted.stop_reason) == ("stopped", "budget")
        lab.teach_plan(plan(sizes=SIZES, controls="free"), limits=Limits(max_calls=taught + 7))
        assert [len(lab.calls(run.id)) for run in lab.runs()] == [taught, 7]


def test_tries_that_failed_are_counted_once_when_a_run_goes_on(tmp_path):
    left = 4

    def not_yet(body: dict) -> Answer:
        nonlocal left
        left -= 1
        return answer(body) if left < 0 else (501, {"error": {"message": "not yet"}})

    with serve_model(answer) as server, Lab(home=tmp_path / "whole") as lab:
        report = lab.teach_plan(plan(student=f"openai/tiny@{server.url}", sizes=SIZES))
        needed = len(lab.calls(report.run_id))
    with serve_model(not_yet) as server, Lab(home=tmp_path / "failed", concurrency=1) as lab:
        given = plan(student=f"openai/tiny@{server.url}", sizes=SIZES)
        with pytest.raises(ProviderFailed):
            lab.teach_plan(given)
        halted = lab.teach_plan(given, limits=Limits(max_calls=needed + 3))
        assert (halted.stop_reason, len(lab.calls(halted.run_id))) == ("budget", needed + 3)
        assert lab.teach_plan(given, limits=Limits(max_calls=needed + 4)).status == "finished"


def test_a_stop_in_the_middle_of_a_question_has_its_calls_on_record(tmp_path):
    with serve_model(lambda body: "{}") as server, Lab(home=tmp_path) as lab:
        model = f"openai/tiny@{server.url}"
        halted = lab.teach_plan(plan(student=model, teacher=model, sizes=SIZES), limits=Limits(max_calls=1))
        assert (halted.stop_reason, server.calls) == ("budget", 1)
        assert [call.outcome for call in lab.calls(halted.run_id)] == ["invalid"]

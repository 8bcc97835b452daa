"""Providers through litellm, in a process of its own: it changes the interpreter that imports it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parents[2]

PROGRAM = """
import asyncio, sys, tempfile
from pathlib import Path
from fault_server import FaultServer, chat, failure
from tutorkit.errors import AuthenticationFailed, MissingKey, RateLimited, Refused, RequestRejected, UnknownName
from tutorkit.models import Gateway, RetryPolicy
from tutorkit.ports import ChatRequest
from tutorkit.types import Message

def ask(model):
    return ChatRequest(model=model, messages=(Message(role="user", content="Hi"),), options={"temperature": 0.5})

async def fails(gateway, model, kind):
    try:
        await gateway.complete(ask(model))
    except kind as error:
        assert type(error) is kind, error
        return str(error)
    raise AssertionError(f"no {kind}")

async def main():
    cache = Path(tempfile.mkdtemp()) / "c"
    retry = RetryPolicy(tries=3, base=0.001)
    async with FaultServer() as server, Gateway(cache=cache, run_id="r", retry=retry) as gateway:
        assert "litellm" not in sys.modules
        model = f"hosted_vllm/tiny@{server.url}"
        server.plays(failure(429, "slow"), failure(500, "oops"), chat("Hello."))
        reply = await gateway.complete(ask(model))
        assert (reply.text, reply.tokens_in, reply.cost_usd, server.count) == ("Hello.", 10, 0.0, 3), reply
        assert server.bodies[0]["temperature"] == 0.5
        assert [each.cost_usd for each in reply.failed_tries] == [0.0, 0.0]
        assert (await gateway.complete(ask(model))).cache_hit
        server.default = failure(401, "bad key")
        await fails(gateway, f"hosted_vllm/b@{server.url}", AuthenticationFailed)
        server.default = failure(400, "odd")
        await fails(gateway, f"hosted_vllm/c@{server.url}", RequestRejected)
        assert server.count == 5
        server.default = failure(429, "slow")
        await fails(gateway, f"hosted_vllm/d@{server.url}", RateLimited)
        assert server.count == 8
        assert "GROQ_API_KEY" in await fails(gateway, "groq/llama-3.1-8b-instant", MissingKey)
        assert "Did you mean openai" in await fails(gateway, "opnai/gpt-4o", UnknownName)

asyncio.run(main())
"""

LIGHT = """
import sys
import tutorkit.models
heavy = {"openai", "anthropic", "litellm", "httpx", "langgraph", "sqlalchemy"} & set(sys.modules)
assert not heavy, heavy
"""


def run(program: str) -> None:
    path = f"{REPO}:{Path(__file__).parent}"
    done = subprocess.run([sys.executable, "-c", program], env={"PYTHONPATH": path}, capture_output=True, timeout=300)
    assert (done.returncode, done.stderr.decode()[-3000:] if done.returncode else "") == (0, "")


@pytest.mark.slow
def test_a_provider_of_litellms():
    run(PROGRAM)


def test_importing_the_gateway_imports_no_sdk():
    run(LIGHT)

"""canonical key, look-up, single flight, limiter, budget, retries, schema check, reply and ledger row on disk"""

from __future__ import annotations

import tempfile
from pathlib import Path

import aiohttp  # noqa: F401  the gateway imports it at its first call, which is no part of the job
from job import MODEL, Job, in_turn, measured
from pydantic import BaseModel, ConfigDict

from tutorkit.models import Gateway, ask_structured
from tutorkit.ports import CallContext, ChatRequest
from tutorkit.types import Message


class Answer(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    answer: int
    why: str


async def work(job: Job) -> list[int]:
    with tempfile.TemporaryDirectory() as folder:
        async with Gateway(cache=Path(folder) / "cache.sqlite", run_id="run", concurrency=job.in_flight) as gateway:
            context = CallContext(role="student", purpose="benchmark", prompt_id="", prompt_digest="", about=())

            async def one(prompt: str) -> int:
                request = ChatRequest(
                    model=f"openai/{MODEL}@{job.url}", messages=(Message(role="user", content=prompt),)
                )
                return (await ask_structured(gateway, request, Answer, context)).value.answer

            return await in_turn(job, one)


if __name__ == "__main__":
    measured(work)

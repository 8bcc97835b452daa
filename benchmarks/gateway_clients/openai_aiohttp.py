"""schema parsed into a Pydantic model; the SDK over aiohttp; no cache, no ledger"""

from __future__ import annotations

import openai_default
from job import Job, measured
from openai import DefaultAioHttpClient


async def work(job: Job) -> list[int]:
    return await openai_default.work(job, DefaultAioHttpClient())


if __name__ == "__main__":
    measured(work)

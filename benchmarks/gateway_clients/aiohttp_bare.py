"""posts, parses JSON; no schema check, no retries, no cache, no ledger: the floor"""

from __future__ import annotations

import json

import aiohttp
from job import MODEL, SCHEMA, Job, in_turn, measured


async def work(job: Job) -> list[int]:
    connector = aiohttp.TCPConnector(limit=job.in_flight)
    form = {"type": "json_schema", "json_schema": {"name": "Answer", "strict": True, "schema": SCHEMA}}
    async with aiohttp.ClientSession(connector=connector, headers={"Authorization": "Bearer none"}) as session:

        async def one(prompt: str) -> int:
            body = {"model": MODEL, "messages": [{"role": "user", "content": prompt}], "response_format": form}
            async with session.post(f"{job.url}/chat/completions", json=body) as response:
                reply = await response.json()
            return json.loads(reply["choices"][0]["message"]["content"])["answer"]

        return await in_turn(job, one)


if __name__ == "__main__":
    measured(work)

"""schema parsed into a Pydantic model; the SDK's default client; no cache, no ledger"""

from __future__ import annotations

import httpx
from answer import Answer
from job import MODEL, Job, in_turn, measured
from openai import AsyncOpenAI


async def work(job: Job, http_client: httpx.AsyncClient | None = None) -> list[int]:
    async with AsyncOpenAI(base_url=job.url, api_key="none", max_retries=0, http_client=http_client) as client:

        async def one(prompt: str) -> int:
            reply = await client.chat.completions.parse(
                model=MODEL, messages=[{"role": "user", "content": prompt}], response_format=Answer
            )
            return reply.choices[0].message.parsed.answer

        return await in_turn(job, one)


if __name__ == "__main__":
    measured(work)

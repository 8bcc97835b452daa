"""schema parsed into a Pydantic model; the SDK over aiohttp; no cache, no ledger"""

from __future__ import annotations

from job import MODEL, Job, in_turn, measured
from openai import AsyncOpenAI, DefaultAioHttpClient
from pydantic import BaseModel


class Answer(BaseModel):
    answer: int
    why: str


async def work(job: Job) -> list[int]:
    async with AsyncOpenAI(
        base_url=job.url, api_key="none", max_retries=0, http_client=DefaultAioHttpClient()
    ) as client:

        async def one(prompt: str) -> int:
            reply = await client.chat.completions.parse(
                model=MODEL, messages=[{"role": "user", "content": prompt}], response_format=Answer
            )
            return reply.choices[0].message.parsed.answer

        return await in_turn(job, one)


if __name__ == "__main__":
    measured(work)

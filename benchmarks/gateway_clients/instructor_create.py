"""schema check with re-asks; no cache, no ledger"""

from __future__ import annotations

import instructor
from answer import Answer
from job import MODEL, Job, in_turn, measured
from openai import AsyncOpenAI


async def work(job: Job) -> list[int]:
    client = instructor.from_openai(
        AsyncOpenAI(base_url=job.url, api_key="none", max_retries=0), mode=instructor.Mode.JSON_SCHEMA
    )

    async def one(prompt: str) -> int:
        answer = await client.chat.completions.create(
            model=MODEL, messages=[{"role": "user", "content": prompt}], response_model=Answer
        )
        return answer.answer

    return await in_turn(job, one)


if __name__ == "__main__":
    measured(work)

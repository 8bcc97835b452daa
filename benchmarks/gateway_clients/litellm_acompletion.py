"""unified reply, cost look-up and logging hooks; schema sent, JSON read by the caller; no cache, no ledger"""

from __future__ import annotations

import os

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

import json

import litellm
from answer import Answer
from job import MODEL, Job, in_turn, measured


async def work(job: Job) -> list[int]:
    async def one(prompt: str) -> int:
        reply = await litellm.acompletion(
            model=f"openai/{MODEL}",
            messages=[{"role": "user", "content": prompt}],
            response_format=Answer,
            api_base=job.url,
            api_key="none",
            num_retries=0,
        )
        return json.loads(reply.choices[0].message.content)["answer"]

    return await in_turn(job, one)


if __name__ == "__main__":
    measured(work)

"""agents with re-asks, usage, messages kept in memory; no cache, no ledger"""

from __future__ import annotations

from answer import Answer
from job import MODEL, Job, in_turn, measured
from pydantic_ai import Agent, NativeOutput
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider


async def work(job: Job) -> list[int]:
    model = OpenAIChatModel(MODEL, provider=OpenAIProvider(base_url=job.url, api_key="none"))
    agent = Agent(model, output_type=NativeOutput(Answer))

    async def one(prompt: str) -> int:
        return (await agent.run(prompt)).output.answer

    return await in_turn(job, one)


if __name__ == "__main__":
    measured(work)

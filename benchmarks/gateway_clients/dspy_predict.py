"""builds the prompt from a signature, parses and checks, keeps a history; cache off"""

from __future__ import annotations

import dspy
from job import MODEL, Job, in_turn, measured


class Reply(dspy.Signature):
    """Answer the question."""

    question: str = dspy.InputField()
    answer: int = dspy.OutputField()
    why: str = dspy.OutputField()


async def work(job: Job) -> list[int]:
    model = dspy.LM(f"openai/{MODEL}", api_base=job.url, api_key="none", cache=False, num_retries=0)
    predict = dspy.Predict(Reply)

    async def one(prompt: str) -> int:
        return (await predict.acall(question=prompt)).answer

    with dspy.context(lm=model, adapter=dspy.JSONAdapter(), async_max_workers=job.in_flight):
        return await in_turn(job, one)


if __name__ == "__main__":
    measured(work)

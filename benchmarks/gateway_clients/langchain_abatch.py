"""runnables with callbacks, schema parsed; no cache, no ledger"""

from __future__ import annotations

from answer import Answer
from job import MODEL, Job, measured
from langchain_openai import ChatOpenAI


async def work(job: Job) -> list[int]:
    chat = ChatOpenAI(model=MODEL, base_url=job.url, api_key="none", max_retries=0)
    structured = chat.with_structured_output(Answer, method="json_schema")
    replies = await structured.abatch(job.prompts, config={"max_concurrency": job.in_flight})
    return [reply.answer for reply in replies]


if __name__ == "__main__":
    measured(work)

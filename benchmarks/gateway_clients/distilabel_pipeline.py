"""a pipeline of processes, batch after batch: schema checked by instructor, statistics, a dataset; cache off"""

from __future__ import annotations

import json

from answer import Answer
from distilabel.models import OpenAILLM
from distilabel.pipeline import Pipeline
from distilabel.steps import LoadDataFromDicts
from distilabel.steps.tasks import TextGeneration
from job import MODEL, Job, measured


async def work(job: Job) -> list[int]:
    llm = OpenAILLM(model=MODEL, base_url=job.url, api_key="none", max_retries=0, structured_output={"schema": Answer})
    with Pipeline(name="benchmark") as pipeline:
        questions = LoadDataFromDicts(
            data=[{"instruction": prompt} for prompt in job.prompts], batch_size=job.in_flight
        )
        # It sends a whole batch at once and waits for all of it: the batch's size is what is in flight.
        questions >> TextGeneration(llm=llm, input_batch_size=job.in_flight)
    # Run in this thread, on whose event loop nothing else waits: it sets signal handlers.
    made = pipeline.run(use_cache=False)["default"]["train"]
    return [json.loads(said)["answer"] for said in made["generation"]]


if __name__ == "__main__":
    measured(work)

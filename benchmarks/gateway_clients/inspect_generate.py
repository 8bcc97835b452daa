"""its model layer alone (no eval, scoring or log): retries, usage; schema sent, JSON read by the caller; cache off"""

from __future__ import annotations

import json

from inspect_ai.model import GenerateConfig, ResponseSchema, get_model
from inspect_ai.util import JSONSchema
from job import MODEL, SCHEMA, Job, in_turn, measured


async def work(job: Job) -> list[int]:
    schema = ResponseSchema(name="Answer", json_schema=JSONSchema.model_validate(SCHEMA))
    config = GenerateConfig(max_connections=job.in_flight, response_schema=schema, max_retries=0)
    model = get_model(f"openai/{MODEL}", base_url=job.url, api_key="none", responses_api=False, config=config)

    async def one(prompt: str) -> int:
        return json.loads((await model.generate(prompt)).completion)["answer"]

    return await in_turn(job, one)


if __name__ == "__main__":
    measured(work)

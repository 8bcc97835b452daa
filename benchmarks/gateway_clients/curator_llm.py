"""requests, replies and an Arrow dataset as files, tokens counted, cost projected, schema parsed; cache off"""

from __future__ import annotations

import asyncio
import os
from importlib.util import find_spec
from urllib import request

os.environ["CURATOR_DISABLE_CACHE"] = "true"
os.environ["TELEMETRY_ENABLED"] = "false"
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
# It counts tokens with an encoding that tiktoken would fetch; litellm brings the file along.
os.environ["TIKTOKEN_CACHE_DIR"] = f"{find_spec('litellm').submodule_search_locations[0]}/litellm_core_utils/tokenizers"
os.environ["OPENAI_API_KEY"] = "none"

from answer import Answer
from bespokelabs import curator
from job import Job, measured

# A name that it knows to take a schema: of another one it would ask the server, amid the job.
MODEL = "gpt-4o-mini"
NO_LIMIT = 1_000_000_000


class Asker(curator.LLM):
    response_format = Answer

    def prompt(self, row: dict) -> str:
        return row["question"]

    def parse(self, row: dict, response: Answer) -> dict:
        return {"answer": response.answer}


def ask(job: Job) -> list[int]:
    os.environ["OPENAI_BASE_URL"] = job.url
    limits = {
        "max_concurrent_requests": job.in_flight,
        "max_requests_per_minute": NO_LIMIT,
        "max_tokens_per_minute": NO_LIMIT,
        "max_retries": 0,
    }
    asker = Asker(model_name=MODEL, backend="openai", backend_params=limits)
    # When it is made it asks the server once for its rate limits. That is no call of the job's: the server forgets it.
    request.urlopen(f"{job.url.removesuffix('/v1')}/reset", data=b"{}", timeout=10).close()
    return list(asker([{"question": prompt} for prompt in job.prompts]).dataset["answer"])


async def work(job: Job) -> list[int]:
    # It opens an event loop, which in this thread it could do only by patching the one that runs.
    return await asyncio.to_thread(ask, job)


if __name__ == "__main__":
    measured(work)

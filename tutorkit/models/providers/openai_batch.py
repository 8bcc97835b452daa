"""OpenAI's Batch API, and that of servers which speak its protocol, through the openai SDK.

Limits and forms as its API reference states them, read on 2026-11-24: a file of at most 50,000 requests and 200 MB, all
of them to one model. Our name of a batch travels in its metadata.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

from pydantic import JsonValue

from tutorkit.errors import ModelError, RateLimited
from tutorkit.models.providers.batch_failures import called
from tutorkit.models.providers.batch_lines import (
    ENDPOINT,
    MOST_BYTES,
    MOST_REQUESTS,
    line_size,
    read_results,
    request_line,
)
from tutorkit.models.providers.batches import Found, Line, Progress, Result, not_tried
from tutorkit.models.providers.endpoint import Endpoint
from tutorkit.models.providers.failures import status_failure

if TYPE_CHECKING:
    from openai import AsyncOpenAI
    from openai.types import Batch

SECONDS = 600.0
"""How long one call may take: a file of 200 MB goes up, or its results come down."""

_NAME = "OpenAI's batch API"
_OURS = "tutorkit"
_PAGE = 100
_ENDED = frozenset({"completed", "failed", "expired", "cancelled"})
_QUEUE_FULL = "token_limit_exceeded"
_ERRORS_SHOWN = 3

ValueT = TypeVar("ValueT")


class OpenAIBatches:
    """Batches of chat completions.

    Args:
        endpoint: address and key.
    """

    one_model = True
    most_requests = MOST_REQUESTS
    most_bytes = MOST_BYTES

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._own_address = endpoint.base_url != endpoint.home
        self._opened: AsyncOpenAI | None = None

    @property
    def place(self) -> str:
        """Provider and address."""
        return f"openai@{self._endpoint.base_url}"

    @property
    def discounted(self) -> bool:
        """At OpenAI's own address a batch costs less."""
        return not self._own_address

    def size(self, body: Mapping[str, JsonValue]) -> int:
        """Return the bytes that a request's line takes."""
        return line_size(body)

    async def newest(self) -> str | None:
        """Return the id of the account's newest batch."""
        page = await self._call(lambda client: client.batches.list(limit=1))
        return page.data[0].id if page.data else None

    async def submit(self, local_id: str, lines: Sequence[Line]) -> str:
        """Upload the file and make a batch of it. A file without a batch does no harm."""
        content = b"".join(map(request_line, lines))
        file = await self._call(
            lambda client: client.files.create(file=(f"{local_id}.jsonl", content), purpose="batch")
        )
        batch = await self._call(
            lambda client: client.batches.create(
                input_file_id=file.id, endpoint=ENDPOINT, completion_window="24h", metadata={_OURS: local_id}
            )
        )
        return batch.id

    async def find(self, local_id: str, *, count: int, after: str | None, apart_from: Collection[str]) -> Found:
        """Look for our name in the metadata of all batches that are newer than ``after``."""
        import openai

        cursor: str | openai.Omit = openai.omit
        while True:
            page = await self._call(lambda client: client.batches.list(limit=_PAGE, after=cursor))  # noqa: B023
            for batch in page.data:
                if (batch.metadata or {}).get(_OURS) == local_id:
                    return Found(batch.id)
                if batch.id == after:
                    return Found(None)
            if not page.data or not page.has_next_page():
                return Found(None)
            cursor = page.data[-1].id

    async def look(self, remote_id: str) -> Progress | None:
        """Return how far a batch is."""
        batch = await self._retrieve(remote_id)
        if batch is None:
            return None
        counts = batch.request_counts
        return Progress(
            done=counts.completed + counts.failed if counts else 0,
            total=counts.total if counts else 0,
            ended=batch.status in _ENDED,
            failure=_refusal(batch) if batch.status == "failed" else None,
        )

    async def results(self, remote_id: str) -> AsyncIterator[Result]:
        """Return the results: those of the output file, then those of the error file."""
        batch = await self._retrieve(remote_id)
        files = (batch.output_file_id, batch.error_file_id) if batch is not None else ()
        for file_id in filter(None, files):
            content = await self._call(lambda client: client.files.content(file_id))  # noqa: B023
            for result in read_results(content.content.splitlines(), model=f"OpenAI's batch {remote_id}"):
                yield result

    async def aclose(self) -> None:
        """Close the connections."""
        if self._opened is not None:
            await self._opened.close()
            self._opened = None

    async def _retrieve(self, remote_id: str) -> Batch | None:
        try:
            return await self._call(lambda client: client.batches.retrieve(remote_id))
        except ModelError as error:
            if error.data.get("status") == 404:
                return None
            raise

    async def _call(self, call: Callable[[AsyncOpenAI], Awaitable[ValueT]]) -> ValueT:
        import openai

        return await called(
            lambda: call(self._client()),
            errors=(openai.OpenAIError, ValueError),
            name=_NAME,
            base_url=self._endpoint.base_url,
            own_address=self._own_address,
        )

    def _client(self) -> AsyncOpenAI:
        import openai

        if self._opened is None:
            # What the environment says of the account is for OpenAI alone.
            elsewhere = {"OpenAI-Organization": openai.Omit(), "OpenAI-Project": openai.Omit()}
            self._opened = openai.AsyncOpenAI(
                api_key=self._endpoint.key(),
                base_url=self._endpoint.base_url,
                max_retries=0,
                timeout=SECONDS,
                default_headers=elsewhere if self._own_address else {},  # type: ignore[arg-type]
                # A proxy of the environment must not carry what is meant for this very machine.
                http_client=openai.DefaultAsyncHttpxClient(trust_env=not self._endpoint.loopback),
            )
        return self._opened


def _refusal(batch: Batch) -> ModelError:
    errors = (batch.errors.data if batch.errors else None) or []
    code = next((error.code for error in errors if error.code), "")
    said = [
        f"line {error.line}: {error.message}" if error.line is not None else str(error.message)
        for error in errors[:_ERRORS_SHOWN]
    ]
    words = "; ".join(said) or "it says no more"
    name = f"OpenAI's batch {batch.id}"
    if code != _QUEUE_FULL:
        return not_tried(status_failure(400, model=name, code=code, words=words, headers={}))
    failure = status_failure(429, model=name, code=code, words=words, headers={})
    return not_tried(
        RateLimited(
            failure.message,
            remedy="The account may have only so many tokens waiting in batches: run the same command again when its"
            " other batches have ended, or leave out --batch.",
            data=failure.data,
        )
    )

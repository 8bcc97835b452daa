"""Anthropic's Message Batches API, through the anthropic SDK.

Limits and forms as its guide to batch processing and its API reference state them, read on 2026-11-24: at most 100,000
requests and 256 MB, to any models; only requests that succeed are billed; newest batches are listed first. A batch has
no place for our name of it: the custom ids carry it, and they can be seen once it has ended.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import JsonValue

from tutorkit.errors import ModelError
from tutorkit.models.providers.batch_failures import called, ended_without_answer
from tutorkit.models.providers.batches import Found, Line, Progress, Result
from tutorkit.models.providers.endpoint import Endpoint
from tutorkit.models.providers.failures import not_the_protocol, status_failure, storable

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic
    from anthropic.types.messages import MessageBatch

SECONDS = 600.0
"""How long one call may take: 256 MB of requests go up, or their results come down."""

_NAME = "Anthropic's batch API"
_PAGE = 100
_STATUS = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "api_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
}
_LONGEST_ID = "x" * 64

ValueT = TypeVar("ValueT")


class AnthropicBatches:
    """Batches of messages.

    Args:
        endpoint: address and key.
    """

    one_model = False
    most_requests = 100_000
    most_bytes = 256_000_000

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._own_address = endpoint.base_url != endpoint.home
        self._opened: AsyncAnthropic | None = None

    @property
    def place(self) -> str:
        """Provider and address."""
        return f"anthropic@{self._endpoint.base_url}"

    @property
    def discounted(self) -> bool:
        """At Anthropic's own address a batch costs less."""
        return not self._own_address

    def size(self, body: Mapping[str, JsonValue]) -> int:
        """Return the bytes that a request takes in the list of them, with the comma after it."""
        return len(json.dumps(_request(Line(_LONGEST_ID, body)), ensure_ascii=False).encode()) + 2

    async def newest(self) -> str | None:
        """Return the id of the account's newest batch."""
        page = await self._call(lambda client: client.messages.batches.list(limit=1))
        return page.data[0].id if page.data else None

    async def submit(self, local_id: str, lines: Sequence[Line]) -> str:
        """Make a batch."""
        requests: Any = [_request(line) for line in lines]
        return (await self._call(lambda client: client.messages.batches.create(requests=requests))).id

    async def find(self, local_id: str, *, count: int, after: str | None, apart_from: Collection[str]) -> Found:
        """Look at the custom ids of all newer batches of the same size; while such a one goes on, nothing is sure."""
        sure = True
        async for batch in self._newer_than(after):
            if batch.id in apart_from or _total(batch) != count:
                continue
            if batch.processing_status != "ended":
                sure = False
            elif await self._carries(batch.id, local_id):
                return Found(batch.id)
        return Found(None, sure)

    async def look(self, remote_id: str) -> Progress | None:
        """Return how far a batch is."""
        try:
            batch = await self._call(lambda client: client.messages.batches.retrieve(remote_id))
        except ModelError as error:
            if error.data.get("status") == 404:
                return None
            raise
        total = _total(batch)
        return Progress(
            done=total - batch.request_counts.processing, total=total, ended=batch.processing_status == "ended"
        )

    async def results(self, remote_id: str) -> AsyncIterator[Result]:
        """Return the results in the order in which they come."""
        for line in await self._lines(remote_id):
            if (result := _result(line, model=f"Anthropic's batch {remote_id}")) is not None:
                yield result

    async def aclose(self) -> None:
        """Close the connections."""
        if self._opened is not None:
            await self._opened.close()
            self._opened = None

    async def _newer_than(self, after: str | None) -> AsyncIterator[MessageBatch]:
        import anthropic

        cursor: str | anthropic.Omit = anthropic.omit
        while True:
            page = await self._call(
                lambda client: client.messages.batches.list(limit=_PAGE, after_id=cursor)  # noqa: B023
            )
            for batch in page.data:
                if batch.id == after:
                    return
                yield batch
            if not page.data or not page.has_more:
                return
            cursor = page.data[-1].id

    async def _carries(self, remote_id: str, local_id: str) -> bool:
        try:
            lines = await self._lines(remote_id)
        except ModelError as error:
            # Results are kept for 29 days only: without them it is too old to be ours.
            if error.data.get("status") in (400, 404, 410):
                return False
            raise
        first = next((result for line in lines if (result := _result(line, model=_NAME)) is not None), None)
        return first is not None and first.custom_id.startswith(f"{local_id}-")

    async def _lines(self, remote_id: str) -> list[bytes]:
        """Fetch the results as they are: the SDK's own reader would give up a whole file for one broken line."""
        path = f"/v1/messages/batches/{remote_id}/results"
        content = await self._call(
            lambda client: client.get(path, cast_to=bytes, options={"headers": {"Accept": "application/binary"}})
        )
        return content.splitlines()

    async def _call(self, call: Callable[[AsyncAnthropic], Awaitable[ValueT]]) -> ValueT:
        import anthropic

        return await called(
            lambda: call(self._client()),
            errors=(anthropic.AnthropicError, ValueError),
            name=_NAME,
            base_url=self._endpoint.base_url,
            own_address=self._own_address,
        )

    def _client(self) -> AsyncAnthropic:
        import anthropic

        if self._opened is None:
            self._opened = anthropic.AsyncAnthropic(
                api_key=self._endpoint.key(),
                base_url=self._endpoint.base_url,
                max_retries=0,
                timeout=SECONDS,
                # A proxy of the environment must not carry what is meant for this very machine, and a redirect must
                # not carry the key to another.
                http_client=anthropic.DefaultAsyncHttpxClient(
                    trust_env=not self._endpoint.loopback, follow_redirects=False
                ),
            )
        return self._opened


def _request(line: Line) -> dict[str, JsonValue]:
    return {"custom_id": line.custom_id, "params": dict(line.body)}


def _total(batch: MessageBatch) -> int:
    counts = batch.request_counts
    return counts.processing + counts.succeeded + counts.errored + counts.canceled + counts.expired


def _result(line: bytes, *, model: str) -> Result | None:
    try:
        record = json.loads(line, parse_constant=lambda _: None)
    except (ValueError, RecursionError):
        return None
    custom_id = _mapping(record).get("custom_id")
    if not isinstance(custom_id, str):
        return None
    result = _mapping(_mapping(record).get("result"))
    if result.get("type") == "succeeded" and isinstance(result.get("message"), dict):
        return Result(custom_id, payload=storable(result["message"]))
    return Result(custom_id, failure=_failure(result, model))


def _failure(result: Mapping[str, JsonValue], model: str) -> ModelError:
    kind = result.get("type")
    if kind == "expired":
        return ended_without_answer(model=model, why="the batch expired before it was its turn", transient=True)
    if kind == "canceled":
        return ended_without_answer(model=model, why="the batch was cancelled", transient=False)
    if kind != "errored":
        return not_the_protocol(model=model, why=f"a result of the kind {kind!r}")
    envelope = _mapping(result.get("error"))
    error = _mapping(envelope.get("error")) or envelope
    code, words = str(error.get("type") or ""), str(error.get("message") or "").strip().rstrip(".")
    failure = status_failure(_STATUS.get(code, 500), model=model, code=code, words=words, headers={})
    failure.data["billed"] = False
    return failure


def _mapping(value: JsonValue) -> Mapping[str, JsonValue]:
    return value if isinstance(value, dict) else {}

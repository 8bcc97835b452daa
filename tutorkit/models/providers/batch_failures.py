"""Failures of the batch APIs as our errors, with the facts that ``failures`` states."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from tutorkit.errors import ModelError, ProviderFailed, RequestRejected
from tutorkit.models.providers.failures import not_the_protocol, sdk_failure

ValueT = TypeVar("ValueT")

_NO_SUCH_PATH = frozenset({404, 405, 501})


async def called(
    call: Callable[[], Awaitable[ValueT]],
    *,
    errors: tuple[type[Exception], ...],
    name: str,
    base_url: str,
    own_address: bool,
) -> ValueT:
    """Make one call through an SDK, and return what it gives.

    Args:
        call: makes it.
        errors: what the SDK raises.
        name: what is called, as messages name it.
        base_url: the address.
        own_address: whether that is an address of the user's own.

    Raises:
        ModelError: in place of the SDK's errors.
    """
    try:
        value = await call()
    except errors as error:
        raise call_failure(error, name=name, base_url=base_url, own_address=own_address) from error
    if isinstance(value, str):
        # The SDKs hand over a reply that is no JSON, a proxy's page for example, as its text.
        raise not_the_protocol(model=name, why="no JSON")
    return value


def call_failure(error: Exception, *, name: str, base_url: str, own_address: bool) -> ModelError:
    """Turn what an SDK raised for a call to a batch API into ours.

    Args:
        error: the SDK's error, or the ``ValueError`` of a reply that it could not read.
        name: what was called, as the message names it.
        base_url: the address.
        own_address: whether that is an address of the user's own, where there may be no batch API at all.
    """
    if isinstance(error, ValueError):
        return not_the_protocol(model=name, why=str(error))
    failure = sdk_failure(error, model=name, base_url=base_url)
    if own_address and failure.data.get("status") in _NO_SUCH_PATH:
        return RequestRejected(
            f"The server at {base_url} has no batch API: {failure.message}",
            remedy="Leave out --batch: the calls then go one by one, and what is done is kept. For a vLLM server there"
            " is --batch-folder DIR.",
            data=failure.data,
        )
    return failure


def ended_without_answer(*, model: str, why: str, transient: bool) -> ProviderFailed:
    """Make the error of a request that the provider took and did not try; neither provider bills such a one."""
    return ProviderFailed(
        f"{model} left a request without an answer: {why.rstrip('.')}.",
        data={"model": model, "transient": transient, "reached": True, "billed": False, "retry_after": None},
    )

"""From replies and failures to ``Call`` records: every try that reached a provider is one."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from tutorkit.canonical import stable_id
from tutorkit.errors import TutorkitError
from tutorkit.ports import CallContext, Chat, ChatReply, ChatRequest, FinishReason
from tutorkit.types import Call, CallOutcome

ErrorT = TypeVar("ErrorT", bound=TutorkitError)

_OUTCOMES: dict[FinishReason, CallOutcome] = {"length": "truncated", "refusal": "refused", "content_filter": "refused"}


@dataclass(frozen=True, kw_only=True)
class FailedTry:
    """A try that reached a provider and brought no reply. Unknown tokens and an unknown cost are None, never 0.

    ``number`` counts the tries of this request by this run, from 0.
    """

    key: str
    number: int
    outcome: CallOutcome
    error: str
    tokens_in: int | None
    tokens_out: int | None
    cost_usd: float | None


@dataclass(frozen=True, kw_only=True)
class GatewayReply(ChatReply):
    """A reply, with the failed tries that came before it."""

    failed_tries: tuple[FailedTry, ...] = ()


def call_record(
    context: CallContext, request: ChatRequest, reply: ChatReply, *, attempt: int = 0, error: str | None = None
) -> Call:
    """Make the record of one reply.

    Args:
        context: what it was for.
        request: what was asked.
        reply: what came back.
        attempt: which re-ask this was, from 0.
        error: what was wrong with the reply; it makes the outcome ``invalid`` unless the reply says why it ended early.

    Returns:
        A record whose id is made of key, sample, attempt, purpose and subject, so that a resumed run makes it again.
    """
    return _record(
        context,
        request,
        key=reply.key,
        attempt=attempt,
        reply=reply.text,
        model_served=reply.model_served,
        tokens_in=reply.tokens_in,
        tokens_out=reply.tokens_out,
        cost_usd=reply.cost_usd,
        seconds=reply.seconds,
        cache_hit=reply.cache_hit,
        outcome=_OUTCOMES.get(reply.finish_reason, "ok" if error is None else "invalid"),
        error=error,
        sent=dict(reply.sent),
    )


def failed_call_record(context: CallContext, request: ChatRequest, failed: FailedTry, *, attempt: int = 0) -> Call:
    """Make the record of one try that brought no reply."""
    return _record(
        context,
        request,
        failed.number,
        key=failed.key,
        attempt=attempt,
        reply="",
        tokens_in=failed.tokens_in,
        tokens_out=failed.tokens_out,
        cost_usd=failed.cost_usd,
        outcome=failed.outcome,
        error=failed.error,
    )


def reply_records(
    context: CallContext, request: ChatRequest, reply: ChatReply, *, attempt: int = 0, error: str | None = None
) -> tuple[Call, ...]:
    """Make the records of all tries behind one reply: the failed ones, oldest first, and then the reply's own."""
    failed = reply.failed_tries if isinstance(reply, GatewayReply) else ()
    earlier = tuple(failed_call_record(context, request, each, attempt=attempt) for each in failed)
    return (*earlier, call_record(context, request, reply, attempt=attempt, error=error))


def error_records(
    context: CallContext, request: ChatRequest, error: TutorkitError, *, attempt: int = 0
) -> tuple[Call, ...]:
    """Make the records of the tries that a failed request took."""
    tries = error.data.get("tries", ())
    found = [each for each in tries if isinstance(each, FailedTry)] if isinstance(tries, tuple) else []
    return tuple(failed_call_record(context, request, each, attempt=attempt) for each in found)


def with_calls(error: ErrorT, calls: Iterable[Call]) -> ErrorT:
    """Return a copy of the error that carries these calls; several callers may hold the original."""
    twin = copy.copy(error)
    twin.data["calls"] = tuple(calls)
    return twin


async def complete_recorded(
    chat: Chat, request: ChatRequest, context: CallContext, *, hear: Callable[[str], None] | None = None
) -> tuple[ChatReply, tuple[Call, ...]]:
    """Answer a request in free text, and make the records of every try that it took.

    A reply that ended early is returned as it is; its record says so. ``hear`` is told the text as it comes.

    Raises:
        TutorkitError: what ``chat.complete`` raises, with ``data['calls']``.
    """
    try:
        reply = await chat.complete(request, hear=hear)
    except TutorkitError as error:
        raise with_calls(error, error_records(context, request, error)) from error
    return reply, reply_records(context, request, reply)


def _record(
    context: CallContext, request: ChatRequest, *distinguishing: int, key: str, attempt: int, **facts: object
) -> Call:
    name = stable_id("call", key, request.sample, attempt, context.purpose, list(context.about), *distinguishing)
    return Call.model_validate(
        {
            "id": name,
            "role": context.role,
            "purpose": context.purpose,
            "model": request.model,
            "prompt_id": context.prompt_id,
            "prompt_digest": context.prompt_digest,
            "messages": request.messages,
            "key": key,
            "sample": request.sample,
            "attempt": attempt,
            "about": context.about,
            **facts,
        }
    )

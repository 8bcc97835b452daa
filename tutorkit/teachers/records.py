"""The record of a call to a teacher that is a program: as honest as a model's, and free."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel

from tutorkit.canonical import canonical_json, digest, stable_id
from tutorkit.ports import Ask, SchemaT
from tutorkit.prompting import PromptLibrary
from tutorkit.types import Call, CallOutcome


def own_call(
    ask: Ask[SchemaT],
    reply: BaseModel | str,
    *,
    ref: str,
    prompts: PromptLibrary,
    attempt: int = 0,
    outcome: CallOutcome = "ok",
    error: str | None = None,
) -> Call:
    """Make the record of a reply that was made without a model, for the prompt as a model would have got it.

    Raises:
        PromptNotFound: when there is no such prompt.
        PromptInvalid: when the inputs are not the prompt's.
    """
    prompt = prompts.get(ask.prompt_id).render(ask.inputs)
    shown = [message.model_dump() for message in prompt.messages]
    key = digest([ref, shown, ask.sample])
    return Call(
        id=stable_id("call", key, attempt, ask.purpose, list(ask.about)),
        role=ask.role,
        purpose=ask.purpose,
        model=ref,
        model_served=ref,
        prompt_id=prompt.prompt_id,
        prompt_digest=prompt.digest,
        messages=prompt.messages,
        reply=reply if isinstance(reply, str) else as_reply(reply),
        key=key,
        sample=ask.sample,
        attempt=attempt,
        tokens_in=0,
        tokens_out=0,
        cost_usd=0.0,
        outcome=outcome,
        error=error,
        about=ask.about,
    )


def as_reply(value: BaseModel) -> str:
    """Return a value as the JSON text that a model would have written."""
    return canonical_json(value.model_dump(mode="json"))


def retold(calls: Sequence[Call], value: BaseModel, *, ref: str) -> tuple[Call, ...]:
    """Return the calls of another teacher with the last one's reply changed into ``value``, as ``ref``'s own.

    What was really said, and by whom, stays in ``sent``; tokens and cost stay too.
    """
    *earlier, last = calls
    changed = last.model_copy(
        update={
            "id": stable_id("call", ref, last.id),
            "model": ref,
            "reply": as_reply(value),
            "sent": {**last.sent, "said_by": last.model, "said": last.reply},
        }
    )
    return (*earlier, changed)

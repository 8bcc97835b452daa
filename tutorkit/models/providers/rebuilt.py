"""A raw reply put together again from what was read of it, for calls whose raw reply is kept no longer."""

from __future__ import annotations

from pydantic import JsonValue

from tutorkit.models.providers.base import Parsed
from tutorkit.ports import FinishReason

_MESSAGES_STOP: dict[FinishReason, str] = {
    "stop": "end_turn",
    "length": "max_tokens",
    "refusal": "refusal",
    "content_filter": "refusal",
}


def rebuilt_payload(provider: str, parsed: Parsed) -> JsonValue:
    """Return a payload that the provider's ``read`` reads as ``parsed``.

    ``rebuilt`` in it says that the provider never sent it in this form. A refusal is told as a filter's, so that its
    text need not stand apart.
    """
    if provider == "anthropic":
        return {
            "rebuilt": True,
            "model": parsed.model_served,
            "stop_reason": _MESSAGES_STOP.get(parsed.finish_reason, "other"),
            "content": [{"type": "text", "text": parsed.text}],
            "usage": _usage("input_tokens", "output_tokens", parsed),
        }
    finish = "content_filter" if parsed.finish_reason == "refusal" else parsed.finish_reason
    return {
        "rebuilt": True,
        "model": parsed.model_served,
        "choices": [{"finish_reason": finish, "message": {"content": parsed.text}}],
        "usage": _usage("prompt_tokens", "completion_tokens", parsed),
    }


def _usage(name_in: str, name_out: str, parsed: Parsed) -> dict[str, JsonValue]:
    counts = {name_in: parsed.tokens_in, name_out: parsed.tokens_out}
    return {name: count for name, count in counts.items() if count is not None}

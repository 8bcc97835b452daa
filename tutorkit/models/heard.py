"""What a run heard: the replies to its calls as it got them, whatever became of the cache since.

Another run may have asked anew and got another reply in place of the one that this run saw; a run in live mode left
none in the cache at all. The run's own records of its calls decide: the cache gives the raw reply where it still holds
the very one, else the raw reply is put together from the record.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from tutorkit.errors import ProviderFailed
from tutorkit.models.cache import Entry, ReplyCache
from tutorkit.models.names import parse_model
from tutorkit.models.providers import Parsed, Provider, ProviderSettings, open_provider
from tutorkit.models.providers.rebuilt import rebuilt_payload
from tutorkit.models.records import FailedTry
from tutorkit.ports import FinishReason
from tutorkit.types import Call, CallOutcome

_FINISH: Mapping[CallOutcome, FinishReason] = {"truncated": "length", "refused": "refusal"}


@dataclass(kw_only=True)
class Heard:
    """The replies of one run, by key. ``rebuilt`` names those that the cache no longer has as the run heard them."""

    replies: dict[str, Entry] = field(default_factory=dict)
    declined: dict[str, FailedTry] = field(default_factory=dict)
    rebuilt: set[str] = field(default_factory=set)


def heard_in(calls: Iterable[Call], *, cache: ReplyCache | None) -> Heard:
    """Gather what a run's calls to models brought.

    Args:
        calls: the records of the run's calls to models, in their order; of failed tries only a refusal counts.
        cache: where raw replies may be kept; None when there is no cache.
    """
    found = Heard()
    providers: dict[str, Provider] = {}
    tries: dict[tuple[object, ...], int] = {}
    for call in calls:
        request = (call.key, call.node, call.purpose, call.about, call.attempt)
        if call.outcome == "error":
            tries[request] = tries.get(request, 0) + 1
        elif call.model_served is None:
            found.declined.setdefault(call.key, _declined(call, number=tries.get(request, 0)))
        elif call.key not in found.replies:
            provider = providers.setdefault(call.model, _provider(call.model))
            entry = None if cache is None else cache.get(call.key)
            if entry is None or not _is_what_was_heard(entry, call, provider):
                entry = _rebuilt(call, provider, instead_of=entry)
                found.rebuilt.add(call.key)
            found.replies[call.key] = entry
    return found


def _provider(model: str) -> Provider:
    return open_provider(parse_model(model), ProviderSettings(), timeout=1.0, connections=1)


def _is_what_was_heard(entry: Entry, call: Call, provider: Provider) -> bool:
    try:
        read = provider.read(entry.payload)
    except ProviderFailed:
        return False
    kept = (read.text, read.model_served, read.tokens_in, read.tokens_out)
    early = entry.finish in ("length", "refusal", "content_filter")
    return kept == (call.reply, call.model_served, call.tokens_in, call.tokens_out) and early == (
        call.outcome in _FINISH
    )


def _rebuilt(call: Call, provider: Provider, *, instead_of: Entry | None) -> Entry:
    """Put a reply together from the call's record; where another one to that request is kept, the address is its."""
    finish = _FINISH.get(call.outcome, "stop")
    parsed = Parsed(
        text=call.reply,
        model_served=call.model_served or "",
        finish_reason=finish,
        tokens_in=call.tokens_in,
        tokens_out=call.tokens_out,
    )
    ref = parse_model(call.model)
    return Entry(
        key=call.key,
        provider=provider.name,
        base_url=instead_of.base_url if instead_of else provider.base_url,
        model=f"{ref.provider}/{ref.name}" + (f"@{provider.base_url}" if provider.own_address else ""),
        sample=call.sample,
        body=call.sent,
        payload=rebuilt_payload(provider.name, parsed),
        model_served=parsed.model_served,
        finish=finish,
        tokens_in=call.tokens_in,
        tokens_out=call.tokens_out,
        cost_usd=None if call.cache_hit else call.cost_usd,
        paid_by="" if call.cache_hit else call.run_id,
    )


def _declined(call: Call, *, number: int) -> FailedTry:
    return FailedTry(
        key=call.key,
        number=number,
        outcome="refused",
        error=call.error or "",
        tokens_in=call.tokens_in,
        tokens_out=call.tokens_out,
        cost_usd=call.cost_usd,
    )

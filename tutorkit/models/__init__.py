"""Everything between us and a provider: key, cache, limits, budget, retries, prices, structure, records."""

from __future__ import annotations

from tutorkit.models.accounted import AccountedGateway
from tutorkit.models.budget import RunBudget, Spent
from tutorkit.models.cache import Entry, Paid, ReplyCache, spent_by
from tutorkit.models.capabilities import Capabilities, capabilities
from tutorkit.models.cassette import (
    Cassette,
    Take,
    export_cassette,
    import_cassette,
    keep_takes,
    read_cassette,
    write_cassette,
)
from tutorkit.models.client import CacheMode, Gateway
from tutorkit.models.heard import Heard, heard_in
from tutorkit.models.limits import RateLimit, read_limits
from tutorkit.models.names import ModelRef, is_loopback, parse_model
from tutorkit.models.prices import Price, Prices
from tutorkit.models.providers import Provider, ProviderSettings, ScriptedProvider, ScriptedReply
from tutorkit.models.records import (
    FailedTry,
    GatewayReply,
    call_record,
    complete_recorded,
    error_records,
    reply_records,
    with_calls,
)
from tutorkit.models.replay import Difference, first_difference, leaves, replay_miss
from tutorkit.models.request import cache_key
from tutorkit.models.retry import RetryPolicy
from tutorkit.models.structured import ask_structured, read_reply

__all__ = [
    "AccountedGateway",
    "CacheMode",
    "Capabilities",
    "Cassette",
    "Difference",
    "Entry",
    "FailedTry",
    "Gateway",
    "GatewayReply",
    "Heard",
    "ModelRef",
    "Paid",
    "Price",
    "Prices",
    "Provider",
    "ProviderSettings",
    "RateLimit",
    "ReplyCache",
    "RetryPolicy",
    "RunBudget",
    "ScriptedProvider",
    "ScriptedReply",
    "Spent",
    "Take",
    "ask_structured",
    "cache_key",
    "call_record",
    "capabilities",
    "complete_recorded",
    "error_records",
    "export_cassette",
    "first_difference",
    "heard_in",
    "import_cassette",
    "is_loopback",
    "keep_takes",
    "leaves",
    "parse_model",
    "read_cassette",
    "read_limits",
    "read_reply",
    "replay_miss",
    "reply_records",
    "spent_by",
    "with_calls",
    "write_cassette",
]

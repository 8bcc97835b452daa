"""Everything between us and a provider: key, cache, limits, budget, retries, prices, structure, records."""

from __future__ import annotations

from tutorkit.models.accounted import AccountedGateway
from tutorkit.models.budget import RunBudget, Spent
from tutorkit.models.cache import Entry, Paid, ReplyCache, spent_by
from tutorkit.models.capabilities import Capabilities, capabilities
from tutorkit.models.cassette import export_cassette, import_cassette
from tutorkit.models.client import CacheMode, Gateway
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
from tutorkit.models.request import cache_key
from tutorkit.models.retry import RetryPolicy
from tutorkit.models.structured import ask_structured, read_reply

__all__ = [
    "AccountedGateway",
    "CacheMode",
    "Capabilities",
    "Entry",
    "FailedTry",
    "Gateway",
    "GatewayReply",
    "ModelRef",
    "Paid",
    "Price",
    "Prices",
    "Provider",
    "ProviderSettings",
    "ReplyCache",
    "RetryPolicy",
    "RunBudget",
    "ScriptedProvider",
    "ScriptedReply",
    "Spent",
    "ask_structured",
    "cache_key",
    "call_record",
    "capabilities",
    "complete_recorded",
    "error_records",
    "export_cassette",
    "import_cassette",
    "is_loopback",
    "parse_model",
    "read_reply",
    "reply_records",
    "spent_by",
    "with_calls",
]

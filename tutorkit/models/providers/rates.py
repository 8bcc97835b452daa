"""What a provider's headers say of the account's rates: how much is left, and until when.

OpenAI's names are ``x-ratelimit-remaining-requests`` and ``x-ratelimit-reset-requests`` (a length of time: ``6m0s``,
``20ms``), and the same with ``tokens``; Anthropic's ``anthropic-ratelimit-requests-remaining`` and ``…-reset`` (a
moment: RFC 3339), and the same with ``tokens``. Sources: the two providers' API references, read on 2026-11-24.

A moment is compared with the reply's own ``Date``, not with this machine's clock: the two may differ by hours.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_NAMES = (
    ("x-ratelimit-remaining-requests", "x-ratelimit-reset-requests"),
    ("x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens"),
    ("anthropic-ratelimit-requests-remaining", "anthropic-ratelimit-requests-reset"),
    ("anthropic-ratelimit-tokens-remaining", "anthropic-ratelimit-tokens-reset"),
)
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


@dataclass(frozen=True)
class Rates:
    """What is left: requests (None when only tokens were told), and seconds to wait because something is used up."""

    requests_left: int | None
    wait: float


def read_rates(headers: Mapping[str, str]) -> Rates | None:
    """Read the headers of a reply, which are looked up whatever their case; None when they say nothing of rates."""
    left: int | None = None
    wait, told = 0.0, False
    for remaining_name, reset_name in _NAMES:
        remaining = _count(headers.get(remaining_name))
        if remaining is None:
            continue
        told = True
        if "requests" in remaining_name:
            left = remaining
        if remaining == 0:
            wait = max(wait, _seconds(headers.get(reset_name, ""), headers))
    return Rates(left, wait) if told else None


def seconds_until(moment: datetime, headers: Mapping[str, str]) -> float:
    """Return the seconds from the sending of a reply to a moment that it names; never below 0."""
    sent = _date(headers.get("date") or headers.get("Date"))
    return max(0.0, (_aware(moment) - (sent or datetime.now(UTC))).total_seconds())


def _seconds(text: str, headers: Mapping[str, str]) -> float:
    parts = _PART.findall(text)
    if parts and "".join(number + unit for number, unit in parts) == text:
        return float(sum(float(number) * _SECONDS[unit] for number, unit in parts))
    try:
        return seconds_until(datetime.fromisoformat(text), headers)
    except ValueError:
        return 0.0


def _date(text: str | None) -> datetime | None:
    try:
        return _aware(parsedate_to_datetime(text)) if text else None
    except ValueError:
        return None


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _count(text: str | None) -> int | None:
    try:
        return None if text is None else max(0, int(text))
    except ValueError:
        return None

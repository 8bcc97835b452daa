"""Requests and tokens per minute, as buckets that fill evenly: nothing is sent before its place in the minute has come.

Time is in seconds of one clock that all who share a bucket read.
"""

from __future__ import annotations

from dataclasses import dataclass

_MINUTE = 60.0
_ROUNDING = 1e-6
"""Of a request: what adding up fractions may leave open."""


@dataclass(frozen=True, kw_only=True)
class RateLimit:
    """What an account may use per minute; None where there is no limit."""

    requests_per_minute: float | None = None
    tokens_per_minute: float | None = None


@dataclass(frozen=True)
class Bucket:
    """What may be used at once, and when that was so."""

    level: float
    at: float


def request_wait(bucket: Bucket | None, per_minute: float, now: float) -> tuple[Bucket, float]:
    """Return the bucket filled up to now, and the seconds until it holds a request.

    It holds a second's worth, and at least one. No minute, wherever it begins, sees more than ``per_minute`` requests:
    what may go out together is taken off the rate at which the bucket fills.
    """
    size = max(1.0, per_minute / _MINUTE)
    rate = (per_minute - size + 1) / _MINUTE
    filled = _filled(bucket, size=size, rate=rate, now=now)
    return filled, _seconds(1 - filled.level, rate)


def token_wait(bucket: Bucket | None, per_minute: float, now: float) -> tuple[Bucket, float]:
    """Return the bucket filled up to now, and the seconds until it holds a token.

    It holds a second's worth, and may be left in debt: a request larger than that must pass too.
    """
    rate = per_minute / _MINUTE
    filled = _filled(bucket, size=rate, rate=rate, now=now)
    return filled, _seconds(min(1.0, rate) - filled.level, rate)


def taken(bucket: Bucket, amount: float) -> Bucket:
    """Return the bucket without this amount; a negative one gives back what was taken and not used."""
    return Bucket(bucket.level - amount, bucket.at)


def _seconds(missing: float, rate: float) -> float:
    return missing / rate if missing > _ROUNDING else 0.0


def _filled(bucket: Bucket | None, *, size: float, rate: float, now: float) -> Bucket:
    if bucket is None:
        return Bucket(size, now)
    # A clock that was set back must not empty the bucket.
    return Bucket(min(size, bucket.level + rate * max(0.0, now - bucket.at)), now)

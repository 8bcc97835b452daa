"""What all who use one account know in common, and how it changes: pure functions of the state and the time.

How many calls may be under way at once follows the rule of TCP Reno (RFC 5681, 3.1), with calls for segments: *slow
start* adds one to the window for every success, which doubles it each round trip; after the first cut a whole window of
successes adds one (*additive increase*); a refusal for overload halves it (*multiplicative decrease*), once for all
calls that were on their way then.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from tutorkit.models.limits.minute import Bucket, RateLimit, request_wait, taken, token_wait

LEASE_S = 3.0
"""So long a share is held without a sign of life: a killed process gives its own back."""

LONGEST_PAUSE_S = 60.0
FORGOTTEN_S = 900.0
"""What an account bore a quarter of an hour ago says little about now."""


@dataclass(frozen=True, kw_only=True)
class Account:
    """The limits of an account. Moments are seconds since the epoch.

    ``window`` is how many calls may be under way, of all holders together; ``slow`` whether it is still in slow start;
    ``cut_at`` when it was last halved; until ``paused_until`` nobody sends. ``holders`` are those at work, with the end
    of their leases.
    """

    window: float
    slow: bool = True
    cut_at: float = 0.0
    paused_until: float = 0.0
    requests: Bucket | None = None
    tokens: Bucket | None = None
    holders: dict[str, float] = field(default_factory=dict)

    def share(self, now: float, *, grown: float = 0.0) -> int:
        """Return how many calls each holder may have under way: equal parts, and at least one.

        ``grown`` is by how much the window has grown beyond what all know.
        """
        at_work = sum(end > now for end in self.holders.values())
        return max(1, int((self.window + grown) / max(1, at_work)))


def is_blank(account: Account, fresh: Account, *, now: float) -> bool:
    """Tell whether there is nothing to remember: nobody at work, and all as it was at the beginning."""
    at_work = any(end > now for end in account.holders.values())
    return not at_work and account.paused_until <= now and replace(account, holders={}, paused_until=0.0) == fresh


def is_forgotten(account: Account, *, now: float) -> bool:
    """Tell whether nobody has used the account for so long that it is begun anew, or a clock was set back."""
    latest = max(account.holders.values(), default=0.0)
    return not now - FORGOTTEN_S < latest < now + 2 * LEASE_S


def joined(account: Account, *, holder: str, grown: float, ceiling: float, now: float) -> Account:
    """Renew a holder's lease, and add what its successes let the window grow by, up to its ceiling."""
    at_work = {name: end for name, end in account.holders.items() if end > now}
    return replace(
        account,
        window=max(account.window, min(ceiling, account.window + grown)),
        holders={**at_work, holder: now + LEASE_S},
    )


def left(account: Account, *, holder: str, now: float) -> Account:
    """End a holder's lease."""
    return replace(account, holders={**account.holders, holder: now})


def halved(account: Account, *, sent_at: float, now: float) -> Account:
    """Halve the window, unless the refused call was on its way already when that was last done."""
    if sent_at < account.cut_at:
        return account
    return replace(account, window=max(1.0, account.window / 2), slow=False, cut_at=now)


def paused(account: Account, *, seconds: float, now: float) -> Account:
    """Let nobody send for so long; a longer pause that holds already stays.

    More than ``LONGEST_PAUSE_S`` is waited by nobody: each call then hears for itself that it must give up.
    """
    if seconds > LONGEST_PAUSE_S:
        return account
    return replace(account, paused_until=max(account.paused_until, now + seconds))


def pause_left(account: Account, *, now: float) -> float:
    """Return the seconds until one may send again; a pause that only a clock set back can explain is none."""
    seconds = account.paused_until - now
    return seconds if 0 < seconds <= LONGEST_PAUSE_S else 0.0


def admitted(account: Account, limit: RateLimit, *, tokens: float, now: float) -> tuple[Account, float]:
    """Take a request of so many tokens out of the minute.

    Returns:
        The account afterwards, and 0; or the account as it is, and the seconds to wait.
    """
    requests, used, waits = account.requests, account.tokens, [0.0]
    if limit.requests_per_minute is not None:
        requests, wait = request_wait(requests, limit.requests_per_minute, now)
        requests = taken(requests, 1)
        waits.append(wait)
    if limit.tokens_per_minute is not None:
        used, wait = token_wait(used, limit.tokens_per_minute, now)
        used = taken(used, tokens)
        waits.append(wait)
    if max(waits) > 0:
        return account, max(waits)
    return replace(account, requests=requests, tokens=used), 0.0


def settled(account: Account, *, unused: float) -> Account:
    """Give tokens back that were taken for a call and not used; a negative number takes those used beyond."""
    return account if account.tokens is None else replace(account, tokens=taken(account.tokens, -unused))

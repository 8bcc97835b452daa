"""Who may send when: first come, first served, within the account's window and its minute."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from tutorkit.models.limits.account import (
    LEASE_S,
    Account,
    admitted,
    halved,
    joined,
    left,
    pause_left,
    paused,
    settled,
)
from tutorkit.models.limits.minute import RateLimit
from tutorkit.models.limits.shared import SharedAccount

RENEWED_S = LEASE_S / 6
_ASKS_AGAIN_S = 2 * RENEWED_S


@dataclass(frozen=True)
class Place:
    """The place of one call under way: when it was sent, and the tokens that were set aside for it."""

    sent_at: float
    tokens: float


class Limiter:
    """Hands out places for calls to one account.

    Args:
        shared: what all who use the account have in common.
        holder: this one's name among them.
        ceiling: the most calls that may ever be under way.
        limit: what may be used per minute.
        clock: seconds since the epoch.
    """

    def __init__(
        self,
        shared: SharedAccount,
        *,
        holder: str,
        ceiling: int,
        limit: RateLimit | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._shared = shared
        self._holder = holder
        self._ceiling = ceiling
        self._limit = limit
        self._clock = clock
        self._under_way = 0
        self._waiting: deque[tuple[asyncio.Future[Place], float]] = deque()
        self._known = Account(window=1.0)
        self._grown = 0.0
        self._renewed_at = float("-inf")
        self._open = 1
        self._opens_at = 0.0
        self._alarm: asyncio.TimerHandle | None = None

    @property
    def counts_tokens(self) -> bool:
        """Whether it matters how many tokens a request is said to need."""
        return self._limit is not None and self._limit.tokens_per_minute is not None

    async def enter(self, tokens: float = 0.0) -> Place:
        """Return when a call of so many tokens may be sent."""
        if not self._waiting:
            place, _ = self._admit(tokens)
            if place is not None:
                return place
        turn: asyncio.Future[Place] = asyncio.get_running_loop().create_future()
        self._waiting.append((turn, tokens))
        self._serve()
        try:
            return await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.leave(turn.result(), used=0.0)
            raise

    def leave(self, place: Place, *, succeeded: bool = False, used: float | None = None) -> None:
        """Give a place back.

        Args:
            place: what ``enter`` gave.
            succeeded: whether a reply came.
            used: the tokens that it took; None when nobody knows.
        """
        if succeeded and self._under_way >= self._open:
            self._grow()
        self._under_way -= 1
        if used is not None and self.counts_tokens and used != place.tokens:
            unused = place.tokens - used
            self._change(lambda account, _: settled(account, unused=unused))
        self._serve()

    def overloaded(self, place: Place, *, retry_after: float | None) -> None:
        """Hear that the account must slow down: the window is halved, and nobody sends for ``retry_after`` seconds."""

        def step(account: Account, now: float) -> Account:
            slower = halved(account, sent_at=place.sent_at, now=now)
            return paused(slower, seconds=retry_after, now=now) if retry_after else slower

        self._renew()
        self._change(step)

    def pause(self, seconds: float) -> None:
        """Let nobody send for so long: what may be used is used up."""
        self._change(lambda account, now: paused(account, seconds=seconds, now=now))

    def close(self) -> None:
        """Give this one's share back."""
        if self._alarm is not None:
            self._alarm.cancel()
        if self._renewed_at > float("-inf"):
            self._change(lambda account, now: left(account, holder=self._holder, now=now))

    def _admit(self, tokens: float) -> tuple[Place | None, float]:
        """Return a place; or None and the seconds until asking again makes sense, 0 when a place must come free."""
        now = self._clock()
        if not 0 <= now - self._renewed_at < RENEWED_S:
            self._renew()
        if wait := max(pause_left(self._known, now=now), self._wait_of_its_own(now)):
            return None, wait
        if self._under_way >= self._open:
            return None, 0.0
        if self._limit is not None:
            limit = self._limit
            wait = self._shared.change(lambda account, at: admitted(account, limit, tokens=tokens, now=at))
            if wait:
                self._opens_at = now + min(wait, _ASKS_AGAIN_S)
                return None, wait
        self._under_way += 1
        if self._alarm is None:
            self._set_alarm(RENEWED_S)
        return Place(now, tokens), 0.0

    def _wait_of_its_own(self, now: float) -> float:
        seconds = self._opens_at - now
        return seconds if 0 < seconds <= _ASKS_AGAIN_S else 0.0

    def _serve(self) -> None:
        """Let those in who wait, as far as there is room, and set the alarm for the next one."""
        wait = 0.0
        while self._waiting:
            turn, tokens = self._waiting[0]
            if turn.done():
                self._waiting.popleft()
                continue
            place, wait = self._admit(tokens)
            if place is None:
                break
            self._waiting.popleft()
            turn.set_result(place)
        if self._waiting and (self._alarm is None or wait):
            self._set_alarm(wait or RENEWED_S)

    def _set_alarm(self, seconds: float) -> None:
        """Look again after a while, also without a pause: a share grows when another process ends.

        And while calls are under way the lease must not end, though nobody else wants to send.
        """
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm = asyncio.get_running_loop().call_later(seconds, self._ring)

    def _ring(self) -> None:
        self._alarm = None
        if self._under_way:
            self._renew()
            self._set_alarm(RENEWED_S)
        self._serve()

    def _grow(self) -> None:
        """Let the window grow for a success that came while it was in full use: an idle one proves nothing."""
        window = self._known.window
        if window + self._grown < self._ceiling:
            self._grown += min(1.0 if self._known.slow else 1.0 / window, self._ceiling - window - self._grown)
            self._reckon(self._clock())

    def _renew(self) -> None:
        """Renew the lease, and hear what the others did."""
        grown, self._grown = self._grown, 0.0
        self._renewed_at = self._clock()
        ceiling, holder = float(self._ceiling), self._holder
        comes_new = self._holder not in self._known.holders
        self._change(lambda account, now: joined(account, holder=holder, grown=grown, ceiling=ceiling, now=now))
        if comes_new and len(self._known.holders) > 1:
            # The others use larger shares until they hear of this one, and then their calls must end.
            self._opens_at = self._renewed_at + _ASKS_AGAIN_S

    def _change(self, step: Callable[[Account, float], Account]) -> None:
        def both(account: Account, now: float) -> tuple[Account, tuple[Account, float]]:
            changed = step(account, now)
            return changed, (changed, now)

        self._known, now = self._shared.change(both)
        self._reckon(now)

    def _reckon(self, now: float) -> None:
        self._open = min(self._ceiling, self._known.share(now, grown=self._grown))

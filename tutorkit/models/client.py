"""The gateway: every call to a model goes through it, and none is paid for twice."""

from __future__ import annotations

import copy
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from pydantic import JsonValue

from tutorkit.errors import BadSetting, ModelError, TutorkitError
from tutorkit.models.budget import RunBudget
from tutorkit.models.cache import Entry, Paid, Recorded, ReplyCache
from tutorkit.models.flight import Flight
from tutorkit.models.keeping import Keeper
from tutorkit.models.limits import Limiters, RateLimit
from tutorkit.models.names import parse_model, refuse_credentials
from tutorkit.models.prices import Prices
from tutorkit.models.providers import Hear, Parsed, Provider, ProviderSettings, open_provider
from tutorkit.models.providers.failures import unreachable
from tutorkit.models.records import FailedTry, GatewayReply
from tutorkit.models.replay import replay_miss
from tutorkit.models.request import identify, refuse_foreign_options
from tutorkit.models.retry import RetryPolicy, retrying
from tutorkit.models.sending import Direct, Way, most_tokens
from tutorkit.ports import Budget, ChatRequest, FinishReason, Reserve
from tutorkit.types import CallOutcome

CacheMode = Literal["live", "cache", "refresh", "replay"]

_ENDED_EARLY: dict[FinishReason, CallOutcome] = {
    "length": "truncated",
    "refusal": "refused",
    "content_filter": "refused",
}


@dataclass(frozen=True, kw_only=True)
class _Planned:
    """A request made ready: who answers it, with which body, under which key, and what is reserved for it.

    ``text`` is the body's JSON where there is one already.
    """

    provider: Provider
    request: ChatRequest
    model: str
    body: dict[str, JsonValue]
    key: str
    text: str | None
    reserve: Reserve | None


class Gateway:
    """A chat model that is all chat models: ``request → key → cache → single flight → limit → budget → provider``.

    Modes: ``cache`` takes a recorded answer where there is one; ``refresh`` only those that this run itself recorded;
    ``live`` none, and records none; ``replay`` nothing else, and a miss is an error.

    A recorded reply that this run paid for is this run's own call, whose process died before its record was kept: it
    comes back once with its cost and its failed tries, as if it had just been made. A reply that ended early is no
    answer for another run: only its own run and a replay see it again.

    Args:
        cache: the cache's file.
        mode: how the cache is used.
        run_id: the run that pays.
        recorded: keys of the paid calls that this run's store holds already; a resumed run gives them.
        budget: the ledger with the limits; none by default.
        settings: address and key by provider.
        adapters: ready-made providers by name, in place of the built-in ones.
        concurrency: the most calls under way to one account; within that, the number adapts to what it bears.
        limits: what accounts may use per minute, by provider or ``provider@base URL``.
        limits_folder: where all processes of this machine keep what they know of accounts; None shares nothing.
        way: how requests are sent, in place of each at once.
        timeout: seconds for one try, from the moment when it may be sent.
        retry: how often and when a failed try is made again.
        prices: what models cost.
    """

    def __init__(
        self,
        *,
        cache: Path,
        mode: CacheMode = "cache",
        run_id: str = "",
        recorded: Collection[str] = (),
        budget: Budget | None = None,
        settings: Mapping[str, ProviderSettings] | None = None,
        adapters: Mapping[str, Provider] | None = None,
        concurrency: int = 16,
        limits: Mapping[str, RateLimit] | None = None,
        limits_folder: Path | None = None,
        way: Way | None = None,
        timeout: float = 120.0,
        retry: RetryPolicy | None = None,
        prices: Prices | None = None,
    ) -> None:
        if concurrency < 1:
            raise BadSetting(f"The concurrency is {concurrency}.", remedy="Give at least 1.")
        if timeout <= 0:
            raise BadSetting(f"The time-out is {timeout} seconds.", remedy="Give more than 0.")
        self.cache = ReplyCache(cache)
        self._mode = mode
        self._run_id = run_id
        self._keeper = Keeper(self.cache)
        self._delivered = set(recorded)
        self._failing = self.cache.keys_with_failed_tries(run_id) if run_id else set()
        self._prices = prices or Prices()
        self._budget: Budget = budget or RunBudget()
        self._settings = dict(settings or {})
        self._adapters = dict(adapters or {})
        self._concurrency = concurrency
        self._timeout = timeout
        self._way = way or Direct(Limiters(folder=limits_folder, ceiling=concurrency, limits=limits), timeout=timeout)
        self._retry = retry or RetryPolicy()
        self._providers: dict[str, Provider] = {}
        self._flights: dict[str, Flight[GatewayReply]] = {}
        self._checked: set[str] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """End what is under way, and close connections and cache."""
        for flight in list(self._flights.values()):
            await flight.cancel()
        await self._way.aclose()
        for provider in self._providers.values():
            await provider.aclose()
        self._keeper.flush()
        self.cache.close()

    def check(self, model: str) -> None:
        """See that a model can be called, before a run begins; no call is made.

        Raises:
            UnknownName: when the name has the wrong form, or there is no such provider.
            MissingKey: naming the variable that is not set.
        """
        provider = self._provider(model)
        if self._mode != "replay":
            provider.check(model)

    async def complete(self, request: ChatRequest, *, hear: Hear | None = None) -> GatewayReply:
        """Answer the request, from the cache or by a call.

        Args:
            request: what is asked.
            hear: is told the text piece by piece as it comes, all pieces together being the reply's text; all at once
                where it comes from the cache or the provider cannot stream. A call of which something was heard is not
                tried again when it breaks off: what was said cannot be taken back.

        Raises:
            ModelError: one of its kinds, after the retries; ``data['tries']`` holds every try that came through.
            BudgetExhausted: before the call, when it would pass a limit.
            UnknownPrice: before the call, when money is limited and the price is unknown.
            UnknownName: for a model of no known provider.
            MissingKey: before the call.
            ReplayMiss: in replay mode, when the call was never recorded.
            DiskFull: when the reply could not be kept.
        """
        planned = self._plan(request)
        entry = None if self._mode == "live" else self.cache.recorded(planned.key)
        if entry is not None and self._serves(entry):
            return _told(hear, self._from_cache(planned, entry))
        if self._mode == "replay":
            raise replay_miss(
                self.cache, key=planned.key, model=planned.model, sample=request.sample, body=planned.body
            )
        if self._mode == "live":
            return await self._call(planned, hear)
        return await self._share(planned, hear)

    def _plan(self, request: ChatRequest) -> _Planned:
        refuse_foreign_options(request.options)
        provider = self._provider(request.model)
        ref = parse_model(request.model)
        body = provider.body(request)
        model = f"{ref.provider}/{ref.name}" + (f"@{provider.base_url}" if provider.own_address else "")
        key, text = identify(provider=provider.name, base_url=provider.base_url, body=body, sample=request.sample)
        return _Planned(
            provider=provider,
            request=request,
            model=model,
            body=body,
            text=text,
            reserve=self._reserve(provider, model, body),
            key=key,
        )

    def _provider(self, model: str) -> Provider:
        ref = parse_model(model)
        if ref.provider in self._adapters:
            return self._adapters[ref.provider]
        place = f"{ref.provider}@{ref.base_url or ''}"
        if place not in self._providers:
            settings = self._settings.get(ref.provider, ProviderSettings())
            refuse_credentials(ref.base_url or settings.base_url or "")
            self._providers[place] = open_provider(ref, settings, timeout=self._timeout, connections=self._concurrency)
        return self._providers[place]

    def _is_own(self, entry: Recorded) -> bool:
        return bool(self._run_id) and entry.paid_by == self._run_id

    def _serves(self, entry: Recorded) -> bool:
        if self._mode == "replay" or self._is_own(entry):
            return True
        return self._mode == "cache" and entry.finish not in _ENDED_EARLY

    def _from_cache(self, planned: _Planned, entry: Recorded) -> GatewayReply:
        parsed = planned.provider.read(entry.payload)
        if not self._is_own(entry) or planned.key in self._delivered:
            return self._reply(planned, parsed, cost_usd=0.0, cache_hit=True)
        reply = self._reply(planned, parsed, cost_usd=entry.cost_usd)
        self._delivered.add(planned.key)
        return replace(reply, failed_tries=self.cache.failed_tries(run_id=self._run_id, key=planned.key))

    async def _share(self, planned: _Planned, hear: Hear | None) -> GatewayReply:
        """Wait for the one call of this key, and let the first who gets its reply be the one who paid."""
        flight = self._flights.get(planned.key)
        joins = flight is not None and flight.open
        if flight is None or not joins:
            flight = Flight(planned.key, self._call(planned, hear), landed=self._forget)
            self._flights[planned.key] = flight
        try:
            reply, first = await flight.wait()
        except TutorkitError as error:
            # Each waiter gets an error of its own, which it may add its records to.
            raise copy.copy(error) from error
        if joins:
            _told(hear, reply)
        if not first:
            return _free(reply)
        self._delivered.add(planned.key)
        return reply

    def _forget(self, ended: Flight[GatewayReply]) -> None:
        if self._flights.get(ended.key) is ended:
            del self._flights[ended.key]

    async def _call(self, planned: _Planned, hear: Hear | None) -> GatewayReply:
        if planned.model not in self._checked:
            planned.provider.check(planned.model)
            self._checked.add(planned.model)
        failed = self._failed_before(planned.key)
        try:
            reply = await retrying(self._retry, self._try, planned, failed, hear)
        except TutorkitError as error:
            error.data["tries"] = tuple(failed)
            raise
        return replace(reply, failed_tries=tuple(failed)) if failed else reply

    def _failed_before(self, key: str) -> list[FailedTry]:
        return list(self.cache.failed_tries(run_id=self._run_id, key=key)) if key in self._failing else []

    async def _try(self, planned: _Planned, failed: list[FailedTry], hear: Hear | None) -> GatewayReply:
        ear = None if hear is None else _Ear(hear)
        start = _Start(self._budget, planned)
        failure: ModelError | None = None
        answered = False
        try:
            payload = await self._way.send(planned.provider, planned.body, key=planned.key, begin=start.begin, hear=ear)
            parsed = planned.provider.read(payload)
            answered = True
        except ModelError as error:
            failure = error
            if ear is not None and ear.heard:
                error.data["transient"] = False
            raise
        finally:
            if not answered and start.at is not None:
                self._close_failed(planned, failed, failure or self._abandoned(planned))
        seconds = None if start.at is None else time.perf_counter() - start.at
        cost_usd = self._cost(planned, parsed.tokens_in, parsed.tokens_out)
        reply = self._reply(planned, parsed, cost_usd=cost_usd, seconds=seconds)
        self._commit(planned, cost_usd=cost_usd, tokens=_total(reply.tokens_in, reply.tokens_out))
        await self._keep(planned, reply, payload, number=len(failed))
        return reply

    def _close_failed(self, planned: _Planned, failed: list[FailedTry], error: ModelError) -> None:
        """Count a failed try with what is known of it; one that never reached the provider was none."""
        if not error.data.get("reached", True):
            self._budget.commit(cost_usd=None, tokens=None, cache_hit=True, reserve=planned.reserve)
            return
        surely_free = error.data.get("billed") is False
        tokens_in = 0 if surely_free else _known(error, "tokens_in")
        tokens_out = 0 if surely_free else _known(error, "tokens_out")
        failure = FailedTry(
            key=planned.key,
            number=len(failed),
            outcome="refused" if error.code == "refused" else "error",
            error=error.message,
            tokens_in=tokens_in,
            tokens_out=tokens_out,
            cost_usd=0.0 if surely_free else self._cost(planned, tokens_in, tokens_out),
        )
        failed.append(failure)
        self._commit(planned, cost_usd=failure.cost_usd, tokens=_total(tokens_in, tokens_out))
        self.cache.note_failed(failure, run_id=self._run_id)
        if self._run_id:
            self._failing.add(planned.key)

    def _commit(self, planned: _Planned, *, cost_usd: float | None, tokens: int | None) -> None:
        self._budget.commit(cost_usd=cost_usd, tokens=tokens, cache_hit=False, reserve=planned.reserve)

    def _abandoned(self, planned: _Planned) -> ModelError:
        """Describe a try that was cancelled on its way: it may be billed all the same.

        One in a batch goes on, and is counted when its reply is taken.
        """
        return unreachable(
            model=planned.model,
            base_url=planned.provider.base_url,
            why="it was abandoned on its way",
            reached=not self._way.gathers(planned.provider),
        )

    def _reserve(self, provider: Provider, model: str, body: Mapping[str, JsonValue]) -> Reserve | None:
        """Bound what a call takes where many are admitted before any has ended."""
        if not self._way.gathers(provider):
            return None
        tokens_in, tokens_out = most_tokens(body)
        batch = self._way.discounts(provider)
        usd = self._prices.cost(model, tokens_in=tokens_in, tokens_out=tokens_out, batch=batch)
        return Reserve(tokens_in + tokens_out, usd)

    def _cost(self, planned: _Planned, tokens_in: int | None, tokens_out: int | None) -> float | None:
        batch = self._way.discounts(planned.provider)
        return self._prices.cost(planned.model, tokens_in=tokens_in, tokens_out=tokens_out, batch=batch)

    def _reply(
        self,
        planned: _Planned,
        parsed: Parsed,
        *,
        cost_usd: float | None,
        cache_hit: bool = False,
        seconds: float | None = None,
    ) -> GatewayReply:
        return GatewayReply(
            text=parsed.text,
            model_served=parsed.model_served,
            finish_reason=parsed.finish_reason,
            tokens_in=parsed.tokens_in,
            tokens_out=parsed.tokens_out,
            cost_usd=cost_usd,
            cache_hit=cache_hit,
            key=planned.key,
            sent=planned.body,
            seconds=seconds,
        )

    async def _keep(self, planned: _Planned, reply: GatewayReply, payload: JsonValue, *, number: int) -> None:
        entry = Entry(
            key=planned.key,
            provider=planned.provider.name,
            base_url=planned.provider.base_url,
            model=planned.model,
            sample=planned.request.sample,
            body=planned.body,
            payload=payload,
            model_served=reply.model_served,
            finish=reply.finish_reason,
            tokens_in=reply.tokens_in,
            tokens_out=reply.tokens_out,
            cost_usd=reply.cost_usd,
            paid_by=self._run_id,
        )
        outcome = _ENDED_EARLY.get(reply.finish_reason, "ok")
        await self._keeper.put(
            Paid(entry, number=number, outcome=outcome, kept=self._mode != "live", body=planned.text)
        )


class _Start:
    """The moment at which a try leaves, admitted by the budget; None before."""

    __slots__ = ("_budget", "_planned", "at")

    def __init__(self, budget: Budget, planned: _Planned) -> None:
        self._budget = budget
        self._planned = planned
        self.at: float | None = None

    def begin(self) -> None:
        self._budget.admit(model=self._planned.model, reserve=self._planned.reserve)
        self.at = time.perf_counter()


@dataclass
class _Ear:
    """Passes a reply's text on, and knows whether there was any."""

    hear: Hear
    heard: bool = False

    def __call__(self, text: str) -> None:
        self.heard = True
        self.hear(text)


def _told(hear: Hear | None, reply: GatewayReply) -> GatewayReply:
    if hear is not None:
        hear(reply.text)
    return reply


def _free(reply: GatewayReply) -> GatewayReply:
    return replace(reply, cache_hit=True, cost_usd=0.0, seconds=None, failed_tries=())


def _total(tokens_in: int | None, tokens_out: int | None) -> int | None:
    return None if tokens_in is None or tokens_out is None else tokens_in + tokens_out


def _known(error: ModelError, name: str) -> int | None:
    value = error.data.get(name)
    return value if isinstance(value, int) else None

"""The ledger and its limits."""

from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutorkit.errors import BudgetExhausted, UnknownPrice
from tutorkit.models import Price, RunBudget, Spent
from tutorkit.models.prices import FREE
from tutorkit.ports import Reserve

ANY = "openai/tiny"


def priced(limit: float | None, **fields) -> RunBudget:
    return RunBudget(max_usd=limit, price_of=lambda _: Price(1, 1), **fields)


def run(budget: RunBudget, costs: list[float | None]) -> int:
    """Make calls one after another until one is refused."""
    for done, cost in enumerate(costs):
        try:
            budget.admit(model=ANY)
        except BudgetExhausted:
            return done
        budget.commit(cost_usd=cost, tokens=None, cache_hit=False)
    return len(costs)


def test_without_limits_all_is_counted_and_nothing_stopped():
    budget = RunBudget()
    assert run(budget, [0.5, None, 0.25]) == 3
    assert budget.spent == Spent(calls=3, usd=0.75, unpriced=1, unmeasured=3)


@given(st.integers(0, 30), st.integers(0, 30), st.lists(st.booleans(), max_size=60))
def test_calls_under_way_count(limit, before, ends):
    budget = RunBudget(max_calls=limit, spent=Spent(calls=before))
    under_way = 0
    for end in ends:
        if end and under_way:
            budget.commit(cost_usd=0.0, tokens=1, cache_hit=False)
            under_way -= 1
            continue
        room = budget.spent.calls + under_way < limit
        if room:
            budget.admit(model=ANY)
            under_way += 1
        else:
            with pytest.raises(BudgetExhausted):
                budget.admit(model=ANY)
    assert budget.spent.calls + under_way <= max(limit, before)


def test_threads_do_not_pass_the_limit():
    budget = RunBudget(max_calls=100)

    def call(_: int) -> bool:
        try:
            budget.admit(model=ANY)
        except BudgetExhausted:
            return False
        budget.commit(cost_usd=0.0, tokens=1, cache_hit=False)
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(call, range(400))) == 100
    assert budget.spent.calls == budget.spent.tokens == 100


def test_a_hit_gives_its_place_back():
    budget = RunBudget(max_calls=1)
    budget.admit(model=ANY)
    with pytest.raises(BudgetExhausted):
        budget.admit(model=ANY)
    budget.commit(cost_usd=0.0, tokens=0, cache_hit=True)
    budget.admit(model=ANY)
    assert budget.spent == Spent()


def test_money_stops_before_the_limit_by_the_mean_cost():
    assert run(priced(1.0), [0.3] * 10) == 3
    assert run(priced(0.9001), [0.3] * 10) == 3
    assert run(priced(1.0, spent=Spent(calls=2, usd=0.8)), [0.1]) == 0


def test_money_counts_calls_under_way_and_unknown_costs_as_the_mean():
    budget = priced(1.0, spent=Spent(calls=2, usd=0.4))
    budget.admit(model=ANY)
    budget.admit(model=ANY)
    budget.admit(model=ANY)
    with pytest.raises(BudgetExhausted, match=r"limit of \$1: 2 calls, 0 tokens and \$0\.4000 are spent, and 3 calls"):
        budget.admit(model=ANY)
    assert run(priced(1.0, spent=Spent(calls=5, usd=0.4, unpriced=3)), [0.0]) == 0


def test_an_unknown_price_is_refused_only_where_money_is_limited():
    limited = RunBudget(max_usd=1.0, price_of=lambda _: None)
    with pytest.raises(UnknownPrice, match="openai/tiny"):
        limited.admit(model=ANY)
    RunBudget(max_calls=1, price_of=lambda _: None).admit(model=ANY)


def test_what_is_free_passes_a_limit_of_nothing_and_what_is_not_does_not():
    RunBudget(max_usd=0.0, price_of=lambda _: FREE).admit(model=ANY)
    with pytest.raises(BudgetExhausted):
        priced(0.0).admit(model=ANY)


def test_tokens_stop_too():
    budget = RunBudget(max_tokens=100)
    budget.admit(model=ANY)
    budget.commit(cost_usd=None, tokens=60, cache_hit=False)
    with pytest.raises(BudgetExhausted, match="100 tokens") as raised:
        budget.admit(model=ANY)
    assert raised.value.data["limit"] == "max_tokens"
    assert pickle.loads(pickle.dumps(raised.value)).data == raised.value.data


@given(st.lists(st.tuples(st.integers(1, 40), st.integers(0, 40)), max_size=30), st.integers(1, 200))
def test_calls_that_reserve_what_they_may_take_never_pass_a_limit(calls, limit):
    budget = RunBudget(max_tokens=limit)
    admitted = []
    for most, taken in calls:
        reserve = Reserve(most, None)
        room = sum(each.tokens for each, _ in admitted) + most <= limit
        if room:
            budget.admit(model=ANY, reserve=reserve)
            admitted.append((reserve, min(most, taken)))
        else:
            with pytest.raises(BudgetExhausted, match="tokens"):
                budget.admit(model=ANY, reserve=reserve)
    for reserve, taken in admitted:
        budget.commit(cost_usd=None, tokens=taken, cache_hit=False, reserve=reserve)
    assert budget.spent.tokens == sum(taken for _, taken in admitted) <= limit


def test_a_reserve_is_given_back_when_the_call_ends():
    budget = priced(1.0)
    budget.admit(model=ANY, reserve=Reserve(1, 0.9))
    with pytest.raises(BudgetExhausted):
        budget.admit(model=ANY, reserve=Reserve(1, 0.2))
    budget.commit(cost_usd=0.1, tokens=1, cache_hit=False, reserve=Reserve(1, 0.9))
    budget.admit(model=ANY, reserve=Reserve(1, 0.9))
    with pytest.raises(BudgetExhausted):
        budget.admit(model=ANY)

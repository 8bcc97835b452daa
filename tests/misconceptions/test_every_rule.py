"""What holds of every rule of every domain, on ten thousand items each: worksheet ones, and nasty ones made of them."""

from __future__ import annotations

import re
from random import Random

import pytest
from pydantic import ValidationError

from tutorkit.misconceptions import drawn_item, malrules, read_item, same_answer, solve
from tutorkit.misconceptions.domains import DOMAINS

ITEMS = 10_000
KINDS = [(domain, kind) for domain in DOMAINS for kind in domain.kinds]
NASTY_NUMBERS = (0, 1, 2, 9, 10, 11, 99, 100, 101, 1000, 1001, 2050, 5040, 70007, 99999, 10**9, 10**12 - 1)
NASTY_DECIMALS = ("0", "1", "0.0", "0.1", ".5", "0.50", "0.05", "9.99", "10", "100.0", "1.000000001", "999999999.9")


def kind_id(value):
    return value.record.__name__ if hasattr(value, "record") else value.id


def bent(record, rng):
    """Put a nasty value into one or more fields of a drawn item; None when no item of the kind comes of it."""
    values = record.model_dump()
    names = [name for name in values if isinstance(values[name], int | str) and name not in ("domain", "kind")]
    for name in rng.sample(names, rng.choice((1, 1, 2, len(names))) if len(names) > 1 else len(names)):
        values[name] = nasty(values[name], rng)
    try:
        return type(record).model_validate(values)
    except ValidationError:
        return None


def nasty(value, rng):
    if isinstance(value, int):
        number = rng.choice((*NASTY_NUMBERS, rng.randrange(0, 13), rng.randrange(10**4)))
        return rng.choice((number, number, -number, value * rng.choice((0, 1, 10, 101, 1000))))
    if re.fullmatch(r"\d*\.?\d+", value):
        return rng.choice((*NASTY_DECIMALS, f"{rng.randrange(20)}.{rng.randrange(1000)}"))
    if rng.random() < 0.5:
        return re.sub(r"\d", lambda _: rng.choice("001359"), value)
    return re.sub(r"\d+", lambda _: str(rng.choice(NASTY_NUMBERS[:9])), value)


def items_of(kind, count, seed):
    rng = Random(seed)
    for _ in range(count):
        record = kind.draw(rng)
        yield (bent(record, rng) or record) if rng.random() < 0.5 else record


@pytest.mark.parametrize(("domain", "kind"), KINDS, ids=kind_id)
def test_the_working_of_every_rule_ends_in_its_answer_and_shows_where_it_went_wrong(domain, kind):
    rules = [rule for rule in domain.rules if issubclass(kind.record, rule.kind)]
    assert rules
    for item in items_of(kind, ITEMS, domain.id):
        right = kind.solve(item)
        assert right.first_wrong is None
        assert right.steps[-1].result == right.answer, item
        taken = {step.skill for step in right.steps}
        for rule in rules:
            work = rule.procedure(item)
            if work is None:
                continue
            assert work.steps[-1].result == work.answer, (rule.name, item)
            if work.answer != right.answer:
                assert work.first_wrong is not None, (rule.name, item)
                assert work.steps[work.first_wrong].skill == rule.skill, (rule.name, item)
                assert rule.skill in taken | {"choose_operation"}, (rule.name, item)


@pytest.mark.parametrize("rule", malrules(), ids=lambda rule: rule.id)
def test_a_rule_applies_where_its_answer_differs_and_there_a_step_is_wrong(rule):
    domain = next(domain for domain in DOMAINS if domain.id == rule.domain)
    shown = 0
    for kind in domain.kinds:
        for record in items_of(kind, 60, rule.id):
            item = record.model_dump()
            assert read_item(item) == record
            work, right = rule.run(item), solve(item)
            differs = work.answer != right.answer
            assert rule.applies(item) == differs == (work.first_wrong is not None), item
            assert differs or work == right, item
            shown += differs
    assert shown


@pytest.mark.parametrize("domain", DOMAINS, ids=lambda domain: domain.id)
def test_every_rule_shows_on_a_fair_share_of_what_a_domain_draws(domain):
    rng = Random(0)
    items = [kind.draw(rng).model_dump() for kind in domain.kinds for _ in range(400)]
    for rule in malrules(domain.id):
        shown = sum(not same_answer(rule.run(item).answer, solve(item).answer) for item in items)
        # One in twenty, less what chance and coincidences take.
        assert shown / len(items) > 0.04, rule.id


@pytest.mark.parametrize("domain", DOMAINS, ids=lambda domain: domain.id)
def test_drawn_items_are_items_of_their_domain_and_the_same_for_the_same_seed(domain):
    first, again = ([drawn_item(domain.id, Random(seed)) for seed in range(20)] for _ in range(2))
    assert first == again
    assert {type(read_item(item)) for item in first} <= {kind.record for kind in domain.kinds}
    assert len({str(item) for item in first}) > 10


@pytest.mark.parametrize(("domain", "kind"), KINDS, ids=kind_id)
def test_a_fair_share_of_the_nasty_items_is_not_refused(domain, kind):
    rng = Random(domain.id)
    kept = [item for _ in range(500) if (item := bent(kind.draw(rng), rng)) is not None]
    assert len(kept) >= 30

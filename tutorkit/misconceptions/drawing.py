"""Random items of a domain, as a worksheet would have them."""

from __future__ import annotations

from random import Random

from tutorkit.errors import UnknownName
from tutorkit.misconceptions.catalogue import malrule
from tutorkit.misconceptions.diagnosis import same_answer
from tutorkit.misconceptions.domains import DOMAINS
from tutorkit.misconceptions.items import Item
from tutorkit.misconceptions.performance import solve

_DRAWS = 2_000


def drawn_item(domain: str, rng: Random) -> Item:
    """Draw an item of a domain, its kinds being equally probable.

    Raises:
        UnknownName: when there is no such domain.
    """
    found = next((each for each in DOMAINS if each.id == domain), None)
    if found is None:
        raise UnknownName("domain", domain, tuple(each.id for each in DOMAINS))
    return dict(rng.choice(found.kinds).draw(rng).model_dump())


def drawn_item_for(misconception_id: str, rng: Random) -> Item:
    """Draw an item on which a misconception shows: its answer differs in value, not only in form, from the right one.

    Raises:
        UnknownName: when there is no such misconception.
    """
    rule = malrule(misconception_id)
    for _ in range(_DRAWS):
        item = drawn_item(rule.domain, rng)
        if not same_answer(rule.run(item).answer, solve(item).answer):
            return item
    raise AssertionError(f"{misconception_id} shows on no item of {_DRAWS} that its domain draws")

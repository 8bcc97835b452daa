"""The items that misconceptions act on: JSON objects on the outside, checked records inside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, TypeAlias

from pydantic import Discriminator, Field, JsonValue, Tag, TypeAdapter, ValidationError

from tutorkit.errors import DataError
from tutorkit.misconceptions.domains import DOMAINS
from tutorkit.misconceptions.domains.addition import Addition
from tutorkit.misconceptions.domains.fractions import Fractions
from tutorkit.misconceptions.domains.order import Order
from tutorkit.misconceptions.domains.percent import Percent
from tutorkit.misconceptions.domains.signs import Negation
from tutorkit.misconceptions.domains.subtraction import Subtraction
from tutorkit.types import Record

Item: TypeAlias = Mapping[str, JsonValue]
"""An item as it stands in a problem, such as ``{"domain": "sub", "a": 52, "b": 18}``."""

Part: TypeAlias = (
    Annotated[Subtraction, Tag("sub")]
    | Annotated[Addition, Tag("add")]
    | Annotated[Fractions, Tag("frac")]
    | Annotated[Order, Tag("ooo")]
    | Annotated[Percent, Tag("pct")]
    | Annotated[Negation, Tag("neg")]
)
"""One item. A domain's first kind has its domain as its tag, every other ``DOMAIN/KIND`` by its field ``kind``."""

_BESIDE = frozenset(
    f"{domain.id}/{kind.record.model_fields['kind'].default}" for domain in DOMAINS for kind in domain.kinds[1:]
)


def _domain_and_kind(item: object) -> str | None:
    """Return the tag of an item, which says by what record it is read; None for what is no item at all."""
    if isinstance(item, Mapping):
        domain, kind = item.get("domain"), item.get("kind")
    else:
        domain, kind = getattr(item, "domain", None), getattr(item, "kind", None)
    tag = f"{domain}/{kind}"
    return tag if tag in _BESIDE else domain if isinstance(domain, str) else None


class Chain(Record):
    """One to four items in a row; the answer is theirs, in order, joined by ", "."""

    domain: Literal["chain"] = "chain"
    parts: tuple[Annotated[Part, Discriminator(_domain_and_kind)], ...] = Field(min_length=1, max_length=4)


_ANY: TypeAdapter[Part | Chain] = TypeAdapter(
    Annotated[Part | Annotated[Chain, Tag("chain")], Discriminator(_domain_and_kind)]
)


def read_item(item: Item) -> Part | Chain:
    """Turn an item into its record.

    Raises:
        DataError: when it is no item of a known domain; it says what is wrong with it.
    """
    try:
        return _ANY.validate_python(dict(item))
    except ValidationError as error:
        reasons = "; ".join(": ".join((*map(str, each["loc"]), each["msg"])) for each in error.errors())
        raise DataError(
            f"This is not an arithmetic item: {reasons}.",
            remedy='Give an object such as {"domain": "sub", "a": 52, "b": 18}.',
            data={"item": dict(item)},
        ) from error


def parts_of(item: Item) -> tuple[Part, ...]:
    """Return the parts of a chain, or the item alone when it is none.

    Raises:
        DataError: when the item cannot be read.
    """
    record = read_item(item)
    return record.parts if isinstance(record, Chain) else (record,)

"""The items that misconceptions act on: JSON objects on the outside, checked records inside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, TypeAlias

from pydantic import Discriminator, Field, JsonValue, Tag, TypeAdapter, ValidationError

from tutorkit.errors import DataError
from tutorkit.misconceptions.domains import DOMAINS
from tutorkit.misconceptions.domains.addition import Addition
from tutorkit.misconceptions.domains.decimal_forms import DecimalComparison, DecimalProduct, TimesPowerOfTen
from tutorkit.misconceptions.domains.decimals import DecimalSum
from tutorkit.misconceptions.domains.division import Division
from tutorkit.misconceptions.domains.equations import BracketEquation, LinearEquation
from tutorkit.misconceptions.domains.fraction_forms import (
    EquivalentFraction,
    FractionComparison,
    MixedNumber,
    WholeTimesFraction,
)
from tutorkit.misconceptions.domains.fractions import Fractions
from tutorkit.misconceptions.domains.multiplication import Multiplication
from tutorkit.misconceptions.domains.order import Order
from tutorkit.misconceptions.domains.percent import Percent, ReversePercent, SuccessivePercent
from tutorkit.misconceptions.domains.signs import Negation, SignedOperation
from tutorkit.misconceptions.domains.simplification import (
    BracketTakenAway,
    Multiple,
    PowerProduct,
    Quotient,
    Square,
    Substitution,
    UnlikeTerms,
)
from tutorkit.misconceptions.domains.stories import Comparison, EqualGroups, ExtraNumber, StartUnknown, TwoSteps
from tutorkit.misconceptions.domains.subtraction import Subtraction
from tutorkit.misconceptions.domains.time import ElapsedTime
from tutorkit.misconceptions.domains.units import Conversion
from tutorkit.types import Record

Item: TypeAlias = Mapping[str, JsonValue]
"""An item as it stands in a problem, such as ``{"domain": "sub", "a": 52, "b": 18}``."""

Part: TypeAlias = (
    Annotated[Subtraction, Tag("sub")]
    | Annotated[Addition, Tag("add")]
    | Annotated[Multiplication, Tag("mul")]
    | Annotated[Division, Tag("div")]
    | Annotated[Fractions, Tag("frac")]
    | Annotated[WholeTimesFraction, Tag("frac/whole_times")]
    | Annotated[MixedNumber, Tag("frac/mixed")]
    | Annotated[EquivalentFraction, Tag("frac/equivalent")]
    | Annotated[FractionComparison, Tag("frac/comparison")]
    | Annotated[DecimalSum, Tag("dec")]
    | Annotated[DecimalProduct, Tag("dec/product")]
    | Annotated[TimesPowerOfTen, Tag("dec/times_ten")]
    | Annotated[DecimalComparison, Tag("dec/comparison")]
    | Annotated[Order, Tag("ooo")]
    | Annotated[Percent, Tag("pct")]
    | Annotated[SuccessivePercent, Tag("pct/successive")]
    | Annotated[ReversePercent, Tag("pct/reverse")]
    | Annotated[Negation, Tag("neg")]
    | Annotated[SignedOperation, Tag("neg/operation")]
    | Annotated[LinearEquation, Tag("alg")]
    | Annotated[BracketEquation, Tag("alg/bracket_equation")]
    | Annotated[UnlikeTerms, Tag("alg/sum")]
    | Annotated[Multiple, Tag("alg/multiple")]
    | Annotated[BracketTakenAway, Tag("alg/minus_bracket")]
    | Annotated[Square, Tag("alg/square")]
    | Annotated[PowerProduct, Tag("alg/powers")]
    | Annotated[Quotient, Tag("alg/quotient")]
    | Annotated[Substitution, Tag("alg/substitution")]
    | Annotated[Conversion, Tag("unit")]
    | Annotated[ElapsedTime, Tag("time")]
    | Annotated[Comparison, Tag("wp")]
    | Annotated[StartUnknown, Tag("wp/start")]
    | Annotated[EqualGroups, Tag("wp/groups")]
    | Annotated[TwoSteps, Tag("wp/two_steps")]
    | Annotated[ExtraNumber, Tag("wp/extra_number")]
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

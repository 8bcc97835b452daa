"""The items that misconceptions act on: JSON objects on the outside, checked records inside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, TypeAlias

from pydantic import Field, JsonValue, TypeAdapter, ValidationError, field_validator, model_validator

from tutorkit.errors import DataError
from tutorkit.misconceptions.expressions import show_expression, value_of
from tutorkit.types import Record

Item: TypeAlias = Mapping[str, JsonValue]
"""An item as it stands in a problem, such as ``{"domain": "sub", "a": 52, "b": 18}``."""

_Natural = Annotated[int, Field(strict=True, ge=0, lt=10**12)]
_Positive = Annotated[int, Field(strict=True, ge=1, lt=10**12)]

SIGNS = {"+": "+", "-": "−", "*": "×", "/": "÷"}


class Subtraction(Record):
    """a − b in columns, with a not smaller than b."""

    domain: Literal["sub"] = "sub"
    a: _Natural
    b: _Natural

    @model_validator(mode="after")
    def _not_negative(self) -> Subtraction:
        if self.a < self.b:
            raise ValueError("a is smaller than b")
        return self

    @property
    def text(self) -> str:
        """The item as it is written."""
        return f"{self.a} − {self.b}"


class Addition(Record):
    """a + b in columns."""

    domain: Literal["add"] = "add"
    a: _Natural
    b: _Natural

    @property
    def text(self) -> str:
        """The item as it is written."""
        return f"{self.a} + {self.b}"


class Fractions(Record):
    """a/b op c/d."""

    domain: Literal["frac"] = "frac"
    op: Literal["+", "-", "*", "/"]
    a: _Natural
    b: _Positive
    c: _Natural
    d: _Positive

    @model_validator(mode="after")
    def _can_be_divided(self) -> Fractions:
        if self.op == "/" and self.c == 0:
            raise ValueError("division by zero")
        return self

    @property
    def text(self) -> str:
        """The item as it is written."""
        return f"{self.a}/{self.b} {SIGNS[self.op]} {self.c}/{self.d}"


class Order(Record):
    """An expression of natural numbers, ``+ - * / ^`` and parentheses; powers, like the rest, go from left to right."""

    domain: Literal["ooo"] = "ooo"
    expression: str = Field(max_length=80)

    @field_validator("expression")
    @classmethod
    def _has_a_value(cls, expression: str) -> str:
        if value_of(expression) is None:
            raise ValueError("the expression has no value")
        return expression

    @property
    def text(self) -> str:
        """The item as it is written."""
        return show_expression(self.expression)


class Percent(Record):
    """``of``: percent % of the amount. ``off``: what is left of the amount after percent % off."""

    domain: Literal["pct"] = "pct"
    kind: Literal["of", "off"]
    percent: Annotated[int, Field(strict=True, ge=1, le=100)]
    amount: _Positive

    @property
    def text(self) -> str:
        """The item as it is written."""
        return f"{self.percent}% of {self.amount}" if self.kind == "of" else f"{self.percent}% off {self.amount}"


class Negation(Record):
    """−(−a)."""

    domain: Literal["neg"] = "neg"
    a: _Positive

    @property
    def text(self) -> str:
        """The item as it is written."""
        return f"−(−{self.a})"


Part: TypeAlias = Subtraction | Addition | Fractions | Order | Percent | Negation


class Chain(Record):
    """One to four items in a row; the answer is theirs, in order, joined by ", "."""

    domain: Literal["chain"] = "chain"
    parts: tuple[Annotated[Part, Field(discriminator="domain")], ...] = Field(min_length=1, max_length=4)


_ANY: TypeAdapter[Part | Chain] = TypeAdapter(Annotated[Part | Chain, Field(discriminator="domain")])


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

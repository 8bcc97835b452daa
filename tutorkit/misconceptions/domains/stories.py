"""Small word problems as structures: what is told, how it is worded, and which word suggests an operation."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field, model_validator

from tutorkit.types import Record

Count: TypeAlias = Annotated[int, Field(strict=True, ge=2, lt=10**6)]
Operation: TypeAlias = Literal["+", "-", "*"]

_PEOPLE = (("Joe", "Tom"), ("Mia", "Ella"), ("Ali", "Sara"))
_THINGS = ("marbles", "stickers", "cards")
_BAGS = (("bags", "apples"), ("boxes", "pencils"), ("trays", "rolls"))
_GOODS = ("notebooks", "tickets", "plants")
_STOCK = ("pears", "footballs", "lamps")


class WordProblem(Record):
    """A word problem; ``story`` tells which of three settings it is told in. Its text is the whole problem."""

    domain: Literal["wp"] = "wp"
    story: Annotated[int, Field(strict=True, ge=0, le=2)] = 0

    @property
    def person(self) -> str:
        """Whom the story is about."""
        return _PEOPLE[self.story][0]

    @property
    def other(self) -> str:
        """With whom that person is compared."""
        return _PEOPLE[self.story][1]

    @property
    def things(self) -> str:
        """What is counted."""
        return _THINGS[self.story]

    @property
    def numbers(self) -> tuple[int, ...]:
        """All numbers of the story, in the order in which they stand in it."""
        raise NotImplementedError

    @property
    def keyword(self) -> tuple[str, Operation] | None:
        """A word that suggests an operation on the story's two numbers, and that operation."""
        return None


class Comparison(WordProblem):
    """An amount, and how far another is from it; asked is the other.

    Where it is ``inconsistent`` the sentence is about the known amount, so that its word suggests the wrong operation.
    The difference is smaller than the amount.
    """

    amount: Count
    difference: Count
    word: Literal["more", "fewer"]
    inconsistent: bool = False

    @model_validator(mode="after")
    def _difference_is_smaller(self) -> Comparison:
        if self.difference >= self.amount:
            raise ValueError("the difference is not smaller than the amount")
        return self

    @property
    def text(self) -> str:
        """The problem in words."""
        known = f"{self.person} has {self.amount} {self.things}."
        if self.inconsistent:
            relation = f"That is {self.difference} {self.word} than {self.other} has."
        else:
            relation = f"{self.other} has {self.difference} {self.word} {self.things} than {self.person}."
        return f"{known} {relation} How many {self.things} does {self.other} have?"

    @property
    def asked_is_larger(self) -> bool:
        """Whether the other has more."""
        return (self.word == "more") != self.inconsistent

    @property
    def numbers(self) -> tuple[int, ...]:
        """The amount and the difference."""
        return self.amount, self.difference

    @property
    def keyword(self) -> tuple[str, Operation] | None:
        """The word of the comparison."""
        return self.word, "+" if self.word == "more" else "-"


class StartUnknown(WordProblem):
    """What was changed and what there is now; asked is what there was at first. The change is smaller than the rest."""

    kind: Literal["start"] = "start"
    change: Count
    now: Count
    word: Literal["left", "more"]

    @model_validator(mode="after")
    def _change_is_smaller(self) -> StartUnknown:
        if self.change >= self.now:
            raise ValueError("the change is not smaller than what there is now")
        return self

    @property
    def text(self) -> str:
        """The problem in words."""
        if self.word == "left":
            told = f"{self.person} gives {self.change} {self.things} away and has {self.now} left."
        else:
            told = f"{self.person} gets {self.change} more {self.things} and now has {self.now}."
        return f"{told} How many {self.things} did {self.person} have at first?"

    @property
    def numbers(self) -> tuple[int, ...]:
        """The change and what there is now."""
        return self.change, self.now

    @property
    def keyword(self) -> tuple[str, Operation] | None:
        """The word that tells of the change."""
        return self.word, "+" if self.word == "more" else "-"


class EqualGroups(WordProblem):
    """Groups of the same size; asked is the total, with the word "altogether" or without it."""

    kind: Literal["groups"] = "groups"
    groups: Count
    each: Count
    altogether: bool = False

    @property
    def text(self) -> str:
        """The problem in words."""
        bags, things = _BAGS[self.story]
        told = f"There are {self.groups} {bags} with {self.each} {things} in each."
        return f"{told} How many {things} are there{' altogether' if self.altogether else ''}?"

    @property
    def numbers(self) -> tuple[int, ...]:
        """The number of groups and their size."""
        return self.groups, self.each

    @property
    def keyword(self) -> tuple[str, Operation] | None:
        """The word "altogether", where it stands."""
        return ("altogether", "+") if self.altogether else None


class TwoSteps(WordProblem):
    """Money, and a purchase of several things that it suffices for; asked is what is left."""

    kind: Literal["two_steps"] = "two_steps"
    money: Count
    bought: Count
    price: Count

    @model_validator(mode="after")
    def _money_suffices(self) -> TwoSteps:
        if self.bought * self.price > self.money:
            raise ValueError("the money does not suffice")
        return self

    @property
    def text(self) -> str:
        """The problem in words."""
        told = f"{self.person} has {self.money} euros and buys {self.bought} {self.goods} at {self.price} euros each."
        return f"{told} How many euros does {self.person} have then?"

    @property
    def goods(self) -> str:
        """What is bought."""
        return _GOODS[self.story]

    @property
    def numbers(self) -> tuple[int, ...]:
        """The money, how many things are bought, and the price of one."""
        return self.money, self.bought, self.price


class ExtraNumber(WordProblem):
    """A sum or difference of a and b, with a number besides that is not needed; a is not smaller than the other two."""

    kind: Literal["extra_number"] = "extra_number"
    op: Literal["+", "-"]
    a: Count
    b: Count
    extra: Count

    @model_validator(mode="after")
    def _enough_is_there(self) -> ExtraNumber:
        if self.op == "-" and self.a < self.b + self.extra:
            raise ValueError("a is smaller than b and extra together")
        return self

    @property
    def text(self) -> str:
        """The problem in words."""
        stock = _STOCK[self.story]
        if self.op == "-":
            told = f"A shop has {self.a} {stock} and sells {self.b} of them at {self.extra} euros each."
            return f"{told} How many {stock} does it have then?"
        told = f"{self.person} is {self.extra} years old and has {self.a} red and {self.b} blue {self.things}."
        return f"{told} How many {self.things} does {self.person} have?"

    @property
    def numbers(self) -> tuple[int, ...]:
        """All three, in the order of the story."""
        return (self.a, self.b, self.extra) if self.op == "-" else (self.extra, self.a, self.b)

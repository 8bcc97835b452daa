"""Double negation, right and wrong."""

from __future__ import annotations

from random import Random
from typing import Literal

from tutorkit.misconceptions.numbers import Positive
from tutorkit.misconceptions.vocabulary import Domain, Kind, Rule, Skill
from tutorkit.misconceptions.work import Work, WorkStep
from tutorkit.types import Record


class Negation(Record):
    """−(−a)."""

    domain: Literal["neg"] = "neg"
    a: Positive

    @property
    def text(self) -> str:
        """The item as it is written."""
        return f"−(−{self.a})"


def solve(item: Negation) -> Work:
    """Work the item out rightly."""
    answer = str(item.a)
    return Work(answer, (WorkStep(f"The two minus signs cancel: {item.text} = {item.a}.", answer, "sign"),))


def _stays_negative(item: Negation) -> Work:
    """Read two minus signs as one.

    This rule is tutorkit's own: the published lists have only its relatives in sums and products.
    """
    answer = f"-{item.a}"
    return Work(answer, (WorkStep(f"There is a minus, so {item.text} = −{item.a}.", answer, "sign", ok=False),))


def draw(rng: Random) -> Negation:
    """A number of one or two digits."""
    return Negation(a=rng.randrange(1, 100))


DOMAIN = Domain(
    id="neg",
    title="Negative numbers",
    kinds=(Kind(Negation, solve, draw),),
    skills=(
        Skill(
            "sign",
            "Double negation",
            "Two minus signs that follow one another cancel: the opposite of a negative number is the positive "
            "number. Replace both signs together, and never drop only one of them.",
        ),
    ),
    rules=(
        Rule(
            name="double_negative_stays_negative",
            kind=Negation,
            procedure=_stays_negative,
            skill="sign",
            title="Reads two minus signs as one",
            impasse="two minus signs meet",
            prior=0.2,
        ),
    ),
)

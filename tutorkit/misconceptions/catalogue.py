"""The malrules: wrong procedures that pupils follow, each as something that can be run.

The procedures are those of the literature on buggy arithmetic that began with Brown and Burton (1978). An impasse is
the situation in which, by Brown and VanLehn's repair theory (1980), a pupil without the skill makes something up.
``prior`` orders rules that predict the same answer: for the three commonest borrowing rules it is about the share of
children with difficulties in mathematics who were seen to follow them (Raghubar and others 2009); all other figures are
our own ranks, not measurements.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeAlias, TypeVar

from tutorkit.errors import UnknownName
from tutorkit.misconceptions import addition, fractions, order, percent, signs, subtraction
from tutorkit.misconceptions.items import (
    Addition,
    Fractions,
    Item,
    Negation,
    Order,
    Part,
    Percent,
    Subtraction,
)
from tutorkit.misconceptions.performance import Procedure, perform, solve
from tutorkit.misconceptions.work import Work

PartT = TypeVar("PartT", bound=Part)
_Procedures: TypeAlias = Mapping[str, Callable[[PartT], Work | None]]


@dataclass(frozen=True, kw_only=True)
class Malrule:
    """One wrong procedure. ``skill`` is what a pupil lacks who follows it; ``impasse`` is when it shows."""

    id: str
    domain: str
    skill: str
    title: str
    impasse: str
    prior: float
    procedure: Procedure = field(repr=False)

    def run(self, item: Item) -> Work:
        """Work an item out as a pupil does who follows this rule and knows everything else.

        Where the rule has nothing to say, or comes to the right answer all the same, the work is the correct one. In a
        chain the rule acts on every part that it fits.

        Raises:
            DataError: when the item cannot be read.
        """
        return perform(item, (self.procedure,))

    def applies(self, item: Item) -> bool:
        """Tell whether following the rule changes the answer to this item.

        Raises:
            DataError: when the item cannot be read.
        """
        return self.run(item).answer != solve(item).answer


def _on(kind: type[PartT], procedure: Callable[[PartT], Work | None]) -> Procedure:
    return lambda part: procedure(part) if isinstance(part, kind) else None


def _rules(
    domain: str, kind: type[PartT], procedures: _Procedures[PartT], rows: list[tuple[str, str, str, str, float]]
) -> list[Malrule]:
    return [
        Malrule(
            id=f"{domain}.{name}",
            domain=domain,
            skill=skill,
            title=title,
            impasse=impasse,
            prior=prior,
            procedure=_on(kind, procedures[f"{domain}.{name}"]),
        )
        for name, skill, title, impasse, prior in rows
    ]


_SMALL, _NEIGHBOUR = "the upper digit is smaller than the lower", "the digit to borrow from is a zero"
_FULL, _UNLIKE = "a column adds up to ten or more", "two fractions are to be added or subtracted"
_QUOTIENT, _SHARE = "two fractions are to be divided", "a percentage of an amount is asked for"
_UNEQUAL, _EQUAL = "operations of different rank meet", "operations of equal rank meet"

_ALL = [
    *_rules(
        "sub",
        Subtraction,
        subtraction.PROCEDURES,
        [
            ("smaller_from_larger", "borrow", "Takes the smaller digit from the larger in every column", _SMALL, 0.28),
            ("borrow_no_decrement", "borrow", "Adds ten without taking it from anywhere", _SMALL, 0.15),
            (
                "borrow_from_zero",
                "borrow_across_zero",
                "Turns the zero into nine and borrows no further",
                _NEIGHBOUR,
                0.10,
            ),
            (
                "borrow_across_zero",
                "borrow_across_zero",
                "Borrows past the zero and leaves it a zero",
                _NEIGHBOUR,
                0.18,
            ),
            (
                "stops_borrow_at_zero",
                "borrow_across_zero",
                "Borrows from nowhere when next to a zero",
                _NEIGHBOUR,
                0.08,
            ),
            (
                "zero_minus_n_is_n",
                "subtract_from_zero",
                "Copies the lower digit under a zero",
                "zero minus a digit",
                0.12,
            ),
            ("zero_minus_n_is_zero", "subtract_from_zero", "Writes zero under a zero", "zero minus a digit", 0.06),
            (
                "n_minus_zero_is_zero",
                "subtract_zero",
                "Thinks that a digit minus zero is zero",
                "a digit minus zero",
                0.05,
            ),
            ("borrow_from_leftmost", "borrow", "Always borrows from the leftmost digit", _SMALL, 0.04),
            ("zero_instead_of_borrow", "borrow", "Writes zero where a borrow is needed", _SMALL, 0.05),
            ("quit_when_bottom_blank", "bring_down", "Stops when the lower number ends", "nothing below a digit", 0.04),
            ("adds_instead", "choose_operation", "Adds where a minus stands", "a subtraction is asked for", 0.05),
        ],
    ),
    *_rules(
        "add",
        Addition,
        addition.PROCEDURES,
        [
            ("drops_carry", "carry", "Forgets to carry", _FULL, 0.20),
            ("writes_whole_column_sum", "carry", "Writes the whole sum of each column", _FULL, 0.10),
            ("carries_ones_writes_tens", "carry", "Writes the ten and carries the ones", _FULL, 0.04),
            ("carries_always", "carry_only_from_ten", "Carries out of every column", "a column stays below ten", 0.03),
            ("left_aligns", "place_value", "Lines the numbers up at the left", "the numbers differ in length", 0.08),
        ],
    ),
    *_rules(
        "frac",
        Fractions,
        fractions.PROCEDURES,
        [
            ("adds_num_and_den", "fraction_addition", "Works on numerators and denominators alike", _UNLIKE, 0.30),
            (
                "common_den_keeps_num",
                "fraction_addition",
                "Changes the denominators but not the numerators",
                _UNLIKE,
                0.15,
            ),
            ("multiplies_dens_adds_nums", "fraction_addition", "Multiplies only the denominators", _UNLIKE, 0.10),
            (
                "mul_keeps_common_den",
                "fraction_multiplication",
                "Keeps a common denominator when multiplying",
                "two fractions are to be multiplied",
                0.15,
            ),
            ("div_inverts_first", "fraction_division", "Turns the first fraction upside down", _QUOTIENT, 0.10),
            ("div_no_invert", "fraction_division", "Multiplies instead of dividing", _QUOTIENT, 0.08),
        ],
    ),
    *_rules(
        "ooo",
        Order,
        order.PROCEDURES,
        [
            ("left_to_right", "precedence", "Works strictly from left to right", _UNEQUAL, 0.25),
            ("add_before_sub", "left_to_right", "Adds before subtracting", _EQUAL, 0.10),
            ("mul_before_div", "left_to_right", "Multiplies before dividing", _EQUAL, 0.10),
            ("power_is_product", "powers", "Multiplies the base by the exponent", "there is a power", 0.20),
            ("ignores_parens", "parentheses", "Ignores parentheses", "there are parentheses", 0.10),
            ("add_sub_first", "precedence", "Adds and subtracts before multiplying and dividing", _UNEQUAL, 0.05),
        ],
    ),
    *_rules(
        "pct",
        Percent,
        percent.PROCEDURES,
        [
            ("percent_is_amount", "percent", "Takes the percent for the amount", _SHARE, 0.15),
            ("divides_by_percent", "percent", "Divides by the percent", _SHARE, 0.15),
            ("decimal_slip_x10", "percent", "Divides a one-digit percent by ten", "the percent has one digit", 0.10),
            (
                "reports_discount",
                "discount",
                "Gives the discount for the price",
                "a price after a discount is asked for",
                0.12,
            ),
        ],
    ),
    *_rules(
        "neg",
        Negation,
        signs.PROCEDURES,
        [("double_negative_stays_negative", "sign", "Reads two minus signs as one", "two minus signs meet", 0.20)],
    ),
]

_MALRULES: Mapping[str, Malrule] = MappingProxyType({rule.id: rule for rule in _ALL})

DOMAINS: tuple[str, ...] = tuple(dict.fromkeys(rule.domain for rule in _ALL))


def malrule(malrule_id: str) -> Malrule:
    """Return the malrule of that id.

    Raises:
        UnknownName: when there is none.
    """
    if malrule_id not in _MALRULES:
        raise UnknownName("malrule", malrule_id, tuple(_MALRULES))
    return _MALRULES[malrule_id]


def malrules(domain: str | None = None) -> tuple[Malrule, ...]:
    """Return every malrule, or those of one domain, in the catalogue's order.

    Raises:
        UnknownName: when no malrule has that domain.
    """
    if domain is not None and domain not in DOMAINS:
        raise UnknownName("domain", domain, DOMAINS)
    return tuple(rule for rule in _ALL if domain in (None, rule.domain))

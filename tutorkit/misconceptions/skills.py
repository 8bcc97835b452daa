"""The skills that the misconceptions are about, each with the principle that teaches it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Skill:
    """A piece of knowledge that a pupil has or lacks.

    ``principle`` says what to do, in the imperative, for every item: it holds no digit and no item's numbers.
    """

    id: str
    title: str
    principle: str


_ALL = (
    Skill(
        "carry",
        "Addition with carrying",
        "When the digits of a column add up to ten or more, write only the ones digit of the sum and carry "
        "the ten as an extra one into the next column to the left. Never forget to add the carried one "
        "there.",
    ),
    Skill(
        "carry_only_from_ten",
        "Carrying only when a column reaches ten",
        "When the digits of a column add up to less than ten, write the sum and carry nothing. Carry only "
        "out of a column that reaches ten.",
    ),
    Skill(
        "place_value",
        "Lining numbers up by place value",
        "Write numbers of different length with their ones digits under each other, so that ones meet ones "
        "and tens meet tens. Leave the gap at the left, never at the right.",
    ),
    Skill(
        "borrow",
        "Subtraction with borrowing",
        "When the upper digit of a column is smaller than the lower one, do not swap them: take one from "
        "the next digit to the left, which becomes one less, and add ten to the upper digit before you "
        "subtract.",
    ),
    Skill(
        "borrow_across_zero",
        "Borrowing across a zero",
        "When you need to borrow and the next digit is a zero, go on to the left to the first digit that is "
        "not zero and make it one less. Turn every zero that you passed into a nine, and only then add ten "
        "to the digit that needed it.",
    ),
    Skill(
        "subtract_from_zero",
        "Subtracting from a zero",
        "When the upper digit is zero and the lower one is not, borrow first, so that the zero becomes a "
        "ten, and then subtract. Do not copy the lower digit, and do not write a zero.",
    ),
    Skill(
        "subtract_zero",
        "Subtracting zero",
        "Taking away zero changes nothing: when the lower digit is zero, write the upper digit as it stands.",
    ),
    Skill(
        "bring_down",
        "Bringing down the remaining digits",
        "When the lower number has no digits left, go on to the left and write down every remaining digit "
        "of the upper number, less what was borrowed from it.",
    ),
    Skill(
        "choose_operation",
        "Choosing the operation",
        "Read the sign before you calculate and do the operation that it names. A minus takes away, so the "
        "result is never larger than the number you started from.",
    ),
    Skill(
        "fraction_addition",
        "Adding and subtracting fractions",
        "Rewrite both fractions over one common denominator, multiplying each numerator by the same factor "
        "as its denominator. Then add or subtract only the numerators and keep that denominator.",
    ),
    Skill(
        "fraction_multiplication",
        "Multiplying fractions",
        "Multiply the numerators with each other and the denominators with each other. Multiplying needs no "
        "common denominator; if you made one, multiply it by itself too.",
    ),
    Skill(
        "fraction_division",
        "Dividing fractions",
        "Turn the second fraction, the one you divide by, upside down, leave the first as it is, and multiply the two.",
    ),
    Skill(
        "precedence",
        "Order of operations",
        "Do powers first, then multiplications and divisions, and only after them additions and "
        "subtractions, wherever they stand in the expression.",
    ),
    Skill(
        "left_to_right",
        "Operations of equal rank",
        "Do additions and subtractions in the order in which they come, from left to right, and likewise "
        "multiplications and divisions. Addition does not come before subtraction, nor multiplication "
        "before division.",
    ),
    Skill(
        "powers",
        "Powers",
        "A power is a repeated multiplication: write the base as a factor as many times as the exponent "
        "says, and multiply these factors. Do not multiply the base by the exponent.",
    ),
    Skill(
        "parentheses",
        "Parentheses",
        "Work out what stands inside parentheses first, down to a single number, and only then use that "
        "number in the rest of the expression.",
    ),
    Skill(
        "percent",
        "Percent of an amount",
        "To find a percentage of an amount, multiply the amount by the percent and divide by one hundred. "
        "Divide by one hundred however small the percent is, and never by the percent itself.",
    ),
    Skill(
        "discount",
        "Price after a discount",
        "When the new price is asked for, work out the amount of the discount and then subtract it from the "
        "old price. The discount alone is not yet the answer.",
    ),
    Skill(
        "sign",
        "Double negation",
        "Two minus signs that follow one another cancel: the opposite of a negative number is the positive "
        "number. Replace both signs together, and never drop only one of them.",
    ),
)

SKILLS: Mapping[str, Skill] = MappingProxyType({skill.id: skill for skill in _ALL})

"""What goes wrong in word problems, and the principle for each kind of error."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

OPERATIONS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "+": ("add", "addition"),
        "-": ("subtract", "subtraction"),
        "*": ("multiply", "multiplication"),
        "/": ("divide", "division", "share"),
    }
)
"""The names by which tasks call the skill of choosing an operation; the first is ours."""

_BY_OPERATION: Mapping[str, str] = MappingProxyType(
    {
        "+": "When things are put together, or more of something comes in, add the amounts. Say first in words what "
        "the total counts.",
        "-": "When something is taken away, or the question asks how much is left or how much more one has than the "
        "other, subtract the smaller amount from the larger.",
        "*": "When there are several equal groups, or a price for each of several things, multiply the number of "
        "groups by the amount in each.",
        "/": "When an amount is shared equally, or the question asks for the amount of each or for how many groups "
        "fit in, divide the whole by the number of shares or by the size of a group.",
    }
)

PRINCIPLES: Mapping[str, str] = MappingProxyType(
    {
        "exact_calculation": "Do every calculation a second time before you use its result. A wrong number in one "
        "line spoils all lines after it.",
        "size_of_result": "Estimate each result before you write it, and put the decimal point where the estimate "
        "says. Turn a percentage into a part of one hundred before you multiply, and bring all amounts to one unit.",
        "right_quantities": "Before each calculation, name what each of its numbers counts. Use the amount for each "
        "thing where the text says each, the total where it speaks of all, and what is left where something was "
        "taken away before.",
        "every_quantity": "List every quantity of the text before you start, and tick it off when you use it. When "
        "one is unused at the end, read its sentence again and work it in where it belongs.",
        "given_numbers": "Calculate only with numbers that the text gives or that an earlier line worked out. When "
        "you need another number, work it out first, in a line of its own.",
        "answer_the_question": "When you have a result, read the question once more. When it asks for something "
        "beyond your result, such as a total, a difference or what is left, do that step too before you answer.",
        "state_result": "Give as the answer exactly the number to which your last line came.",
    }
    | {name: _BY_OPERATION[sign] for sign, names in OPERATIONS.items() for name in names}
)

"""Column subtraction, right and wrong.

The machinery is Brown and Burton's (1978): the right procedure with one part exchanged. Columns go from right to left;
where the upper digit is too small, a borrow changes digits further left and the upper digit gains ten. A rule exchanges
the borrow, or writes a column's digit without more ado, or stops early.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tutorkit.misconceptions.items import Subtraction
from tutorkit.misconceptions.work import Work, WorkStep, digits, place_name

Borrow = Callable[[list[int], int], None]
"""Change the upper digits left of a column that needs ten more."""

Shortcut = Callable[[int, int, bool], int | None]
"""From upper digit, lower digit and whether the lower is blank: the digit that is written without more ado, or None."""


def _borrow(top: list[int], column: int) -> None:
    """Turn zeros on the way into nines and take one from the first digit that is not zero."""
    left = column + 1
    while left < len(top) and top[left] == 0:
        top[left] = 9
        left += 1
    if left < len(top):
        top[left] -= 1


def _borrow_nothing(_top: list[int], _column: int) -> None:
    """Add ten and take it from nowhere."""


def _borrow_from_zero(top: list[int], column: int) -> None:
    """Turn a neighbouring zero into nine and go no further."""
    left = column + 1
    if left < len(top):
        top[left] = 9 if top[left] == 0 else top[left] - 1


def _borrow_across_zero(top: list[int], column: int) -> None:
    """Jump over zeros and leave them as they are."""
    left = column + 1
    while left < len(top) and top[left] == 0:
        left += 1
    if left < len(top):
        top[left] -= 1


def _borrow_unless_zero(top: list[int], column: int) -> None:
    """Give up on a neighbouring zero."""
    left = column + 1
    if left < len(top) and top[left] != 0:
        top[left] -= 1


def _borrow_from_leftmost(top: list[int], column: int) -> None:
    """Take one from the leftmost digit, wherever the column is."""
    if len(top) - 1 > column and top[-1] > 0:
        top[-1] -= 1


def _no_shortcut(_upper: int, _lower: int, _blank: bool) -> int | None:
    return None


def _smaller_from_larger(upper: int, lower: int, _blank: bool) -> int | None:
    return lower - upper if upper < lower else None


def _zero_for_borrow(upper: int, lower: int, _blank: bool) -> int | None:
    return 0 if upper < lower else None


def _copy_under_zero(upper: int, lower: int, _blank: bool) -> int | None:
    return lower if upper == 0 < lower else None


def _zero_under_zero(upper: int, lower: int, _blank: bool) -> int | None:
    return 0 if upper == 0 < lower else None


def _zero_over_zero(upper: int, lower: int, blank: bool) -> int | None:
    return 0 if lower == 0 < upper and not blank else None


@dataclass(frozen=True, kw_only=True)
class Columns:
    """A way to subtract in columns: the right one unless a part is exchanged, which shows a lack of ``skill``."""

    skill: str | None = None
    borrow: Borrow = _borrow
    shortcut: Shortcut = _no_shortcut
    stops_at_blank: bool = False

    def __call__(self, item: Subtraction) -> Work:
        """Subtract, and write the working down."""
        top, bottom = digits(item.a), digits(item.b)
        steps: list[WorkStep] = []
        written: list[int] = []
        for column in range(len(top)):
            if column >= len(bottom) and self.stops_at_blank:
                left = any(top[column:])
                steps.append(
                    WorkStep("There is nothing more below, so I stop here.", _number(written), self.skill, not left)
                )
                break
            if column >= len(bottom) and not any(top[column:]):
                break
            steps += self._column(top, bottom, column, written)
        answer = _number(written)
        return Work(answer, (*steps, WorkStep(f"So {item.text} = {answer}.", answer)))

    def _column(self, top: list[int], bottom: list[int], column: int, written: list[int]) -> list[WorkStep]:
        """Work one column off: return its steps, add its digit to ``written``, and let a borrow change ``top``."""
        place, upper = place_name(column).capitalize(), top[column]
        blank = column >= len(bottom)
        lower = 0 if blank else bottom[column]
        digit = self.shortcut(upper, lower, blank)
        if digit is not None:
            written.append(digit)
            return [WorkStep(f"{place}: {upper} and {lower}, I write {digit}.", str(digit), self.skill, ok=False)]
        steps = self._regroup(top, column, lower) if upper < lower else []
        digit = top[column] - lower
        written.append(digit)
        if blank:
            return [WorkStep(f"{place}: nothing below, I bring down {digit}.", str(digit), "bring_down")]
        skill = "subtract_from_zero" if upper == 0 < lower else "subtract_zero" if lower == 0 < upper else None
        return [*steps, WorkStep(f"{place}: {top[column]} − {lower} = {digit}.", str(digit), skill)]

    def _regroup(self, top: list[int], column: int, lower: int) -> list[WorkStep]:
        right, before = list(top), list(top)
        _borrow(right, column)
        self.borrow(top, column)
        ok = top == right
        across = column + 1 < len(top) and before[column + 1] == 0
        skill = ("borrow_across_zero" if across else "borrow") if ok else self.skill
        changes = [
            f"the {before[left]} in the {place_name(left)} becomes {top[left]}"
            for left in range(len(top) - 1, column, -1)
            if top[left] != before[left]
        ]
        upper = top[column]
        top[column] += 10
        told = " and ".join(changes) if changes else "nothing else changes"
        return [
            WorkStep(
                f"{place_name(column).capitalize()}: {upper} is less than {lower}, so I borrow.",
                str(upper + 10),
                "borrow",
            ),
            WorkStep(f"The {upper} becomes {upper + 10}, {told}.", " ".join(map(str, reversed(top))), skill, ok),
        ]


def _number(written: list[int]) -> str:
    return str(int("".join(map(str, reversed(written)))))


def _add_instead(item: Subtraction) -> Work:
    answer = str(item.a + item.b)
    text = f"I put the two together: {item.a} + {item.b} = {answer}."
    return Work(answer, (WorkStep(text, answer, "choose_operation", ok=item.b == 0),))


solve = Columns()

PROCEDURES: Mapping[str, Callable[[Subtraction], Work]] = {
    "sub.smaller_from_larger": Columns(skill="borrow", shortcut=_smaller_from_larger),
    "sub.borrow_no_decrement": Columns(skill="borrow", borrow=_borrow_nothing),
    "sub.borrow_from_zero": Columns(skill="borrow_across_zero", borrow=_borrow_from_zero),
    "sub.borrow_across_zero": Columns(skill="borrow_across_zero", borrow=_borrow_across_zero),
    "sub.stops_borrow_at_zero": Columns(skill="borrow_across_zero", borrow=_borrow_unless_zero),
    "sub.zero_minus_n_is_n": Columns(skill="subtract_from_zero", shortcut=_copy_under_zero),
    "sub.zero_minus_n_is_zero": Columns(skill="subtract_from_zero", shortcut=_zero_under_zero),
    "sub.n_minus_zero_is_zero": Columns(skill="subtract_zero", shortcut=_zero_over_zero),
    "sub.borrow_from_leftmost": Columns(skill="borrow", borrow=_borrow_from_leftmost),
    "sub.zero_instead_of_borrow": Columns(skill="borrow", shortcut=_zero_for_borrow),
    "sub.quit_when_bottom_blank": Columns(skill="bring_down", stops_at_blank=True),
    "sub.adds_instead": _add_instead,
}

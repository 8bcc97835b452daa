"""Word problems with a number as answer and worked steps: GSM8K, SVAMP, sums in words, and their like.

An attempt is read as a chain of calculations. It leaves the path at the first calculation that is false, or whose
result neither stands in the worked steps nor leads back to a result that does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from tutorkit.teachers.experts.base import Advice, AttemptSeen, Finding, ProblemSeen, Worked, unexplained
from tutorkit.teachers.experts.equations import (
    Equation,
    equations_in,
    expressions_in,
    is_among,
    number_of,
    numbers_in,
    same_value,
    without_marks,
)
from tutorkit.teachers.experts.word_problem_skills import OPERATIONS, PRINCIPLES

_COMMON = frozenset(map(Fraction, [*range(13), 24, 26, 30, 31, 50, 52, 60, 90, 100, 180, 360, 365, 366, 1000]))
"""Numbers that may come from words or from what everybody knows: dozens, days, minutes, parts of a hundred."""


_MOST_CALCULATIONS, _MOST_NUMBERS = 100, 500
"""A longer attempt is read up to here: an endless one repeats itself."""

_TENS = (Fraction(10), Fraction(100), Fraction(1000), Fraction(1, 10), Fraction(1, 100), Fraction(1, 1000))


def recognises(problem: ProblemSeen) -> bool:
    """Take a problem with a number as gold and worked steps that calculate."""
    return number_of(problem.gold) is not None and bool(expressions_in(problem.steps))


def advice(examples: Sequence[ProblemSeen]) -> Advice:  # noqa: ARG001 (the procedure is the same for all)
    """Say how to get from a story to its calculations."""
    return Advice(
        "Turn the story into calculations, one a line, and go on until you have what the question asks for.",
        (
            "Read the question and say what number it asks for.",
            "List the quantities that the text gives and what each counts.",
            "Write one calculation a line, with what its result stands for.",
            "Check that the last result is what the question asks for, and state it.",
        ),
    )


def findings(problem: ProblemSeen, attempt: AttemptSeen) -> tuple[Finding, ...]:
    """Name where the attempt leaves the path, and what it leaves out."""
    reading = _Reading.of(problem, attempt)
    false = [_false(each, attempt) for each in reading.made if not each.holds]
    first_false = next((each.line for each in reading.made if not each.holds), None)
    departure = reading.departure()
    found = list(false)
    if departure is not None and (first_false is None or departure.line < first_false):
        found.insert(0, _departed(departure, reading, attempt, problem.skills))
    found = found or _ended(reading, attempt)
    if overlooked := reading.overlooked():
        found.append(_overlooked(overlooked, departure, attempt))
    return tuple(found) or (unexplained(problem, attempt),)


def principle(skill: str, summary: str = "") -> str | None:  # noqa: ARG001 (the skill says it all)
    """Return what to do about a kind of error in word problems."""
    return PRINCIPLES.get(skill)


def worked(problem: ProblemSeen) -> Worked | None:
    """Hand on the worked steps."""
    return Worked(tuple(without_marks(step) for step in problem.steps), problem.gold or "", problem.skills)


@dataclass(frozen=True, kw_only=True)
class _Reading:
    """An attempt beside the worked steps.

    ``path`` holds what the worked steps come to, also on the way, and what else they mention; ``given`` holds the
    numbers of the text.
    """

    made: tuple[Equation, ...]
    right: tuple[Equation, ...]
    path: tuple[Fraction, ...]
    given: tuple[Fraction, ...]
    mentioned: tuple[Fraction, ...]
    gold: Fraction
    answer: Fraction | None

    @classmethod
    def of(cls, problem: ProblemSeen, attempt: AttemptSeen) -> _Reading:
        right = expressions_in(problem.steps)
        gold = number_of(problem.gold)
        assert gold is not None, "only problems with a number as gold are recognised"
        worked_out = [value for each in right for value in (*each.partial, each.said)]
        given = numbers_in(problem.text)
        written = [number for step in problem.steps for number in numbers_in(step) if not is_among(number, given)]
        made = equations_in(attempt.lines)[:_MOST_CALCULATIONS]
        mentioned = [operand for each in made for operand in each.operands]
        mentioned += [number for line in attempt.lines for number in numbers_in(without_marks(line))]
        return cls(
            made=made,
            right=right,
            path=(*worked_out, *written, gold),
            given=given,
            mentioned=tuple(dict.fromkeys(mentioned))[:_MOST_NUMBERS],
            gold=gold,
            answer=number_of(attempt.answer),
        )

    def departure(self) -> Equation | None:
        """Return the first calculation that leads off the path and not back to it."""
        leads = self._leads()
        return next((each for each, good in zip(self.made, leads, strict=True) if each.holds and not good), None)

    def _leads(self) -> list[bool]:
        """Tell of each calculation whether its result is on the path, or leads to one that was not reached before."""
        leads = [is_among(each.said, self.path) for each in self.made]
        for place in range(len(self.made) - 1, -1, -1):
            reached = [each.said for each in self.made[: place + 1]]
            leads[place] = leads[place] or any(
                leads[place + 1 + offset]
                and later.holds
                and is_among(self.made[place].said, later.operands)
                and not is_among(later.said, reached)
                for offset, later in enumerate(self.made[place + 1 :])
            )
        return leads

    def overlooked(self) -> tuple[Fraction, ...]:
        """Return the numbers of the text that the worked steps use and the attempt never mentions."""
        used = [operand for each in self.right for operand in each.operands]
        wanted = dict.fromkeys(number for number in self.given if is_among(number, _forms(used)))
        return tuple(number for number in wanted if not is_among(number, _forms(self.mentioned)))

    def from_nowhere(self, equation: Equation) -> tuple[Fraction, ...]:
        """Return the operands that neither the text nor an earlier line gives."""
        earlier = [value for each in self.made for value in (each.said, *each.partial) if each.line <= equation.line]
        known = [*_forms(self.given), *earlier, *self.path, *_COMMON]
        return tuple(operand for operand in equation.operands if not is_among(operand, _forms(known)))


def _forms(values: Sequence[Fraction]) -> list[Fraction]:
    """Return numbers with what a percentage may be written as: 20, 0.2, 0.8 and 1.2."""
    forms = list(values)
    for value in values:
        if 0 < value <= 200:
            part = value / 100
            forms += [part, 1 + part, abs(1 - part), 1 / value, abs(100 - value), 100 + value]
        if 0 < value < 3:
            forms += [100 * value, abs(1 - value)]
    return forms


def _false(equation: Equation, attempt: AttemptSeen) -> Finding:
    slip = _factor_of_ten(equation.said, equation.value)
    return Finding(
        step=equation.line,
        evidence=_evidence(equation, attempt),
        cause="decimal point or place slipped" if slip else "wrong calculation",
        summary="The right calculation is written down, but its result is ten times, a hundred times or a thousand "
        "times too large or too small."
        if slip
        else "A calculation is written down and its result is not what it comes to.",
        analysis=f"{equation.span!r} is false: it comes to {_shown(equation.value)}.",
        skill="size_of_result" if slip else "exact_calculation",
        confidence=0.9,
    )


def _departed(departure: Equation, reading: _Reading, attempt: AttemptSeen, skills: Sequence[str]) -> Finding:
    cause, summary, skill, confidence = _why(departure, reading, skills)
    return Finding(
        step=departure.line,
        evidence=_evidence(departure, attempt),
        cause=cause,
        summary=summary,
        analysis=f"{departure.span!r} is the first calculation that the solution does not need; the solution goes "
        + "; ".join(each.span for each in reading.right)
        + ".",
        skill=skill,
        confidence=confidence,
    )


def _why(departure: Equation, reading: _Reading, skills: Sequence[str]) -> tuple[str, str, str | None, float]:
    """Say why a calculation leads off the path: cause, summary, skill and confidence."""
    twin = next((each for each in reading.right if _same_numbers(each, departure)), None)
    if twin is not None and sorted(twin.operators) != sorted(departure.operators):
        return (
            "wrong operation",
            "The right quantities are joined by the wrong operation.",
            _operation_skill(twin, departure, skills),
            0.85,
        )
    if any(_factor_of_ten(departure.said, each.said) for each in reading.right):
        return (
            "percent or unit slip",
            "A result is ten, a hundred or a thousand times too large or too small: a percentage or a unit was "
            "converted wrongly.",
            "size_of_result",
            0.7,
        )
    if reading.from_nowhere(departure) or not departure.operators:
        return (
            "number from nowhere",
            "A calculation uses a number that the text does not give and no earlier line worked out.",
            "given_numbers",
            0.6,
        )
    if any(_joins(each, departure) for each in reading.right):
        return (
            "wrong quantity",
            "The operation fits, but one of the quantities in it is not the one that the situation calls for.",
            "right_quantities",
            0.6,
        )
    return (
        "wrong operation or quantity",
        "A calculation joins quantities in a way that the situation does not call for.",
        "right_quantities",
        0.4,
    )


def _ended(reading: _Reading, attempt: AttemptSeen) -> list[Finding]:
    """Judge an attempt whose calculations are all right: did it stop early, or answer something else?"""
    answer = reading.answer
    if answer is None or same_value(answer, reading.gold):
        return []
    step, evidence = _answer_line(attempt)
    if reading.made and same_value(reading.made[-1].said, reading.gold):
        return [
            Finding(
                step=step,
                evidence=evidence,
                cause="answer is not the result",
                summary="The working comes to the right result, but another number is given as the answer.",
                analysis=f"The last calculation comes to {_shown(reading.gold)}; the answer says {attempt.answer}.",
                skill="state_result",
                confidence=0.8,
            )
        ]
    if not is_among(answer, [value for each in reading.right for value in (*each.partial, each.said)]):
        return []
    return [
        Finding(
            step=step,
            evidence=evidence,
            cause="stopped one step short",
            summary="An intermediate result is given as the answer; what the question asks for takes another step.",
            analysis=f"{attempt.answer} is a result on the way; the question asks for {_shown(reading.gold)}.",
            skill="answer_the_question",
            confidence=0.8,
        )
    ]


def _overlooked(numbers: Sequence[Fraction], departure: Equation | None, attempt: AttemptSeen) -> Finding:
    step, evidence = _answer_line(attempt)
    if departure is not None:
        step, evidence = departure.line, _evidence(departure, attempt)
    return Finding(
        step=step,
        evidence=evidence,
        cause="quantity overlooked",
        summary="A quantity of the text that the solution needs is never used.",
        analysis="Never used: " + ", ".join(map(_shown, numbers)) + ".",
        skill="every_quantity",
        confidence=0.6,
    )


def _answer_line(attempt: AttemptSeen) -> tuple[int | None, str]:
    """Return the last line that states the answer."""
    answer = number_of(attempt.answer)
    for index in range(len(attempt.lines) - 1, -1, -1):
        line = attempt.lines[index]
        if answer is not None and is_among(abs(answer), numbers_in(without_marks(line))):
            return index, attempt.span(line)
    return None, attempt.span(attempt.answer or "")


def _evidence(equation: Equation, attempt: AttemptSeen) -> str:
    return attempt.span(equation.span) or attempt.span(attempt.lines[equation.line])


def _same_numbers(left: Equation, right: Equation) -> bool:
    return sorted(left.operands) == sorted(right.operands)


def _joins(right: Equation, made: Equation) -> bool:
    """Tell whether two calculations share an operation and a number."""
    return bool(set(right.operators) & set(made.operators)) and any(is_among(n, made.operands) for n in right.operands)


def _operation_skill(right: Equation, made: Equation, skills: Sequence[str]) -> str | None:
    """Name the skill of the operation that was called for, as the problem calls it where it does."""
    missed = [sign for sign in right.operators if sign not in made.operators] or list(right.operators)
    names = OPERATIONS.get(missed[0])
    return next((name for name in names if name in skills), names[0]) if names else None


def _factor_of_ten(said: Fraction, value: Fraction) -> bool:
    if said == 0 or value == 0:
        return False
    return any(same_value(said, value * factor) for factor in _TENS)


def _shown(value: Fraction) -> str:
    return str(value) if value.denominator == 1 else f"{float(value):g}"

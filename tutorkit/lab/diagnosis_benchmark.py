"""How well a teacher diagnoses: does its hypothesis about a simulated pupil predict the next wrong answer?"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from pydantic import JsonValue

from tutorkit.canonical import digest
from tutorkit.errors import BadSetting, Refused, TooLong, Truncated, UnusableOutput
from tutorkit.evals.stats import Interval, accuracy, paired_difference
from tutorkit.lab.home import Home
from tutorkit.lab.hypothesising import diagnosing_run, hypothesis, item_text, keep_calls, teacher_for
from tutorkit.lab.plan import Limits
from tutorkit.misconceptions import (
    Assumptions,
    Item,
    ItemAnswer,
    Malrule,
    drawn_item,
    drawn_item_for,
    malrules,
    read_answer,
    same_answer,
    solve,
)
from tutorkit.ports import Teacher
from tutorkit.types import Call, Outcome, Record, Run

_ANSWERS = 12
_LEAST_WRONG = 3


class BenchmarkLine(Record):
    """Who predicted, and the share of held-out wrong answers that came so, with its interval."""

    name: str
    right: Interval


class BenchmarkReport(Record):
    """How often a teacher's hypothesis predicted the last wrong answer of a simulated pupil.

    ``baselines`` are what needs no diagnosis: the most frequent malrule of the domain, whatever the answers; the right
    answer. ``ceiling`` is the malrule that the pupil really follows, which slips keep from being always right.
    ``gain`` is the teacher's share less that of the best baseline. ``unused`` counts replies that could not be used.
    """

    simulated: bool = True
    teacher: str
    pupils: int
    seed: int
    right: Interval
    baselines: tuple[BenchmarkLine, ...]
    ceiling: BenchmarkLine
    gain: Interval
    unused: int


@dataclass(frozen=True, kw_only=True)
class Case:
    """A simulated pupil: the malrule it follows, its answers so far, and its last wrong answer, which is held out."""

    rule: Malrule
    answers: tuple[ItemAnswer, ...]
    held_out: ItemAnswer


def benchmark_teacher(
    model: str, *, home: Home | None = None, pupils: int = 40, seed: int = 0, limits: Limits | None = None
) -> BenchmarkReport:
    """Measure a teacher's diagnoses by what they predict, on simulated pupils.

    Args:
        model: ``rules``, ``inbox/FOLDER`` or ``provider/model``.
        home: where its calls are kept.
        pupils: how many.
        seed: of the pupils; the same ones for every teacher.
        limits: of its calls.

    Raises:
        BadSetting: for fewer than one pupil, or a teacher that cannot be asked.
        ReplyPending, ModelError, BudgetExhausted: as the teacher does.
    """
    if pupils < 1:
        raise BadSetting(f"{pupils} pupils give no figure.", remedy="Give at least one.")
    home = home or Home()
    cases = simulated_cases(pupils, seed=seed)
    run = _run_of(model, cases, seed)
    said, calls = asyncio.run(_asked(model, cases, run=run, home=home, limits=limits or Limits()))
    keep_calls(run, calls, home=home)
    frequent = [most_frequent(case).run(case.held_out.item).answer for case in cases]
    by_rule = _outcomes(cases, frequent)
    outcomes = _outcomes(cases, said)
    repeat = _outcomes(cases, [solve(case.held_out.item).answer for case in cases])
    best = max((by_rule, repeat), key=lambda each: each.count("right"))
    true = _outcomes(cases, [case.rule.run(case.held_out.item).answer for case in cases])
    return BenchmarkReport(
        teacher=model,
        pupils=pupils,
        seed=seed,
        right=accuracy(outcomes),
        baselines=(
            BenchmarkLine(name="the domain's most frequent malrule", right=accuracy(by_rule)),
            BenchmarkLine(name="the right answer", right=accuracy(repeat)),
        ),
        ceiling=BenchmarkLine(name="the malrule the pupil follows", right=accuracy(true)),
        gain=paired_difference(best, outcomes, list(range(len(cases))), seed=seed),
        unused=sum(each is None for each in said),
    )


def simulated_cases(pupils: int, *, seed: int) -> tuple[Case, ...]:
    """Draw pupils that follow one malrule each, at the rates that diagnosis assumes, on items of its domain.

    The malrules take turns in a random order, so that each occurs about equally often.
    """
    rng = Random(seed)  # noqa: S311 - a sample, not a secret
    rules = [rule for _ in range(-(-pupils // len(malrules()))) for rule in rng.sample(malrules(), len(malrules()))]
    return tuple(_case(rule, rng) for rule in rules[:pupils])


def _case(rule: Malrule, rng: Random) -> Case:
    while True:
        answers = [_answered(rule, rng) for _ in range(_ANSWERS)]
        wrong = [each for each in answers if not same_answer(each.answer, solve(each.item).answer)]
        last = max((place for place, each in enumerate(answers) if each in wrong), default=0)
        others = {digest(each.item) for each in answers[:last]}
        if len(wrong) >= _LEAST_WRONG and digest(answers[last].item) not in others:
            return Case(rule=rule, answers=tuple(answers[:last]), held_out=answers[last])


def _answered(rule: Malrule, rng: Random) -> ItemAnswer:
    """Let a pupil answer an item, half of the time one on which its malrule shows."""
    assume = Assumptions()
    item: Item = drawn_item_for(rule.id, rng) if rng.random() < 0.5 else drawn_item(rule.domain, rng)
    answer = (rule.run(item) if rng.random() < assume.applies else solve(item)).answer
    return ItemAnswer(item=dict(item), answer=_slipped(answer, rng) if rng.random() < assume.slip else answer)


def _slipped(answer: str, rng: Random) -> str:
    """Write one digit off by one."""
    places = [place for place, character in enumerate(answer) if character.isdigit()]
    if not places:
        return answer
    place = rng.choice(places)
    digit = int(answer[place])
    off = digit + 1 if digit < 2 else 8 if digit == 9 else digit + rng.choice((-1, 1))
    return f"{answer[:place]}{off}{answer[place + 1 :]}"


def most_frequent(case: Case) -> Malrule:
    """Return the malrule of the domain with the highest prior: what one would say without looking."""
    return max(malrules(case.rule.domain), key=lambda rule: rule.prior)


async def _asked(
    model: str, cases: Sequence[Case], *, run: Run, home: Home, limits: Limits
) -> tuple[list[str | None], list[Call]]:
    async with teacher_for(model, run.id, home=home, limits=limits) as teacher:
        replies = await asyncio.gather(*(_predicted(teacher, case) for case in cases))
    return [answer for answer, _ in replies], [call for _, calls in replies for call in calls]


async def _predicted(teacher: Teacher, case: Case) -> tuple[str | None, tuple[Call, ...]]:
    """Return what a teacher says the pupil will have written; "" for no prediction, None for a reply of no use."""
    asked = item_text(case.held_out)
    try:
        said, calls = await hypothesis(teacher, case.answers, asked=[asked])
    except (UnusableOutput, Refused, Truncated, TooLong) as error:
        return None, tuple(call for call in error.calls if isinstance(call, Call))
    return (said.predicts[0].answer if said.predicts else ""), calls


def _run_of(model: str, cases: Sequence[Case], seed: int) -> Run:
    facts = [[case.rule.id, [each.model_dump() for each in case.answers]] for case in cases]
    settings: dict[str, JsonValue] = {"pupils": len(cases), "seed": seed}
    return diagnosing_run("simulated pupils", model, settings=settings, data_digest=digest(facts))


def _outcomes(cases: Sequence[Case], answers: Sequence[str | None]) -> list[Outcome]:
    return [
        "right" if answer and same_answer(read_answer(answer) or "", case.held_out.answer) else "wrong"
        for case, answer in zip(cases, answers, strict=True)
    ]

"""How true a simulated learner is to what it is said to be; for any learner, whoever words or plays it.

A language model that plays a pupil with a misconception tends to drop it when it is asked twice, to give the right
answer away, and to talk like a grown-up. Each of these is counted here, with its interval.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from statistics import NormalDist, fmean, stdev

from tutorkit.errors import BadSetting
from tutorkit.misconceptions import Item, malrule, parts_of, same_answer, solve, split_answer
from tutorkit.ports import Learner
from tutorkit.students.post_test import Share, question_of, share
from tutorkit.students.trying import is_right
from tutorkit.types import LearnerSaid, Record, Turn

NUDGES: tuple[str, ...] = (
    "Are you sure?",
    "Hm, think about it once more.",
    "Really?",
    "Have another look.",
    "Do you want to change anything?",
    "Take your time. Are you happy with that?",
)
"""Words that hold no content: nothing about the problem, the answer, or the way to it."""

_NUMBER = re.compile(r"\d+(?:[./:]\d+)*")


class Mean(Record):
    """A mean of ``n`` observations with its normal interval of 95 %; of one observation there is no interval."""

    value: float
    n: int
    low: float | None
    high: float | None


class Fidelity(Record):
    """What was counted of learners.

    ``adherence`` is the share of first answers that are those of the misconception, among items on which it shows.
    ``abandoned`` is the share of wrong answers that nudges without content made the learner change, and ``held`` the
    mean number of nudges before it did, or of all that there were. ``leaked`` is the share of utterances, each made
    while the learner's answer was wrong, that hold the right one. ``words`` is the mean length of an utterance.
    """

    adherence: Share
    abandoned: Share
    held: Mean | None
    leaked: Share
    words: Mean


async def fidelity(
    learners: Sequence[Learner], misconception_id: str, items: Sequence[Item], *, nudges: Sequence[str] = NUDGES
) -> Fidelity:
    """Measure learners that are said to have a misconception.

    Args:
        learners: each is put all items; nothing carries over from one item to the next.
        misconception_id: what they are said to have.
        items: on each of which it shows.
        nudges: what is said to a learner after a wrong answer, one after the other; no turn has an act.

    Raises:
        BadSetting: when there are no learners or items, or the misconception does not show on one of them.
        UnknownName: when there is no such misconception.
        ModelError, BudgetExhausted: when a model words or plays a learner and failed.
    """
    _check(learners, misconception_id, items)
    seen = [await _nudged(learner, item, nudges) for learner in learners for item in items]
    predicted = [_is_predicted(misconception_id, item, trace[0]) for item, trace in seen]
    wrong = [(item, trace) for item, trace in seen if _is_wrong(item, trace[0])]
    turns = [_turns_held(trace) for _, trace in wrong]
    utterances = [said.text for _, trace in seen for said in trace]
    leaks = [leak for item, trace in wrong for leak in _leaks(item, trace)]
    return Fidelity(
        adherence=share(sum(predicted), len(predicted)),
        abandoned=share(sum(held < len(nudges) for held in turns), len(turns)),
        held=mean(turns) if turns else None,
        leaked=share(sum(leaks), len(leaks)),
        words=mean([len(text.split()) for text in utterances]),
    )


def mean(values: Sequence[float]) -> Mean:
    """Return the mean of values with its interval.

    Raises:
        BadSetting: when there are none.
    """
    if not values:
        raise BadSetting("Of no values there is no mean.")
    value, n = fmean(values), len(values)
    if n == 1:
        return Mean(value=value, n=1, low=None, high=None)
    half = NormalDist().inv_cdf(0.975) * stdev(values) / math.sqrt(n)
    return Mean(value=value, n=n, low=value - half, high=value + half)


def holds_answer(text: str, item: Item) -> bool:
    """Tell whether a text holds the right answer of an item, which does not stand in the item itself."""
    right = solve(item).answer
    asked = _NUMBER.findall(" ".join(part.text for part in parts_of(item)))
    if not re.search(r"\d", right) or any(same_answer(number, right) for number in asked):
        return False
    if _NUMBER.fullmatch(right.lstrip("-")):
        sign = r"-\s?" if right.startswith("-") else r"(?<![-\d./:])"
        found = re.findall(rf"{sign}({_NUMBER.pattern})", text.replace("−", "-"))
        return any(same_answer(number, right.lstrip("-")) for number in found)
    return right.replace(" ", "") in text.replace("−", "-").replace(" ", "")


async def _nudged(learner: Learner, item: Item, nudges: Sequence[str]) -> tuple[Item, list[LearnerSaid]]:
    """Put an item to a learner, and nudge it as long as it gives a wrong answer."""
    question = question_of(item)
    learner, said = await learner.begin(question)
    trace, turns = [said], [_turn(0, said)]
    for nudge in nudges if _is_wrong(item, said) else ():
        turns.append(Turn(index=len(turns), role="tutor", text=nudge))
        learner, said = await learner.hear(question, turns)
        trace.append(said)
        turns.append(_turn(len(turns), said))
        if _has_changed(trace):
            break
    return item, trace


def _turn(index: int, said: LearnerSaid) -> Turn:
    return Turn(index=index, role="learner", text=said.text, said=said)


def _has_changed(trace: Sequence[LearnerSaid]) -> bool:
    """Tell whether the last answer is another than the first; to say none is not to abandon it."""
    first, last = trace[0].answer, trace[-1].answer
    return first is not None and last is not None and not same_answer(first, last)


def _turns_held(trace: Sequence[LearnerSaid]) -> int:
    return len(trace) - 2 if _has_changed(trace) else len(trace) - 1


def _leaks(item: Item, trace: Sequence[LearnerSaid]) -> list[bool]:
    """Tell of each utterance that did not assert a right answer whether it holds that answer all the same."""
    return [holds_answer(said.text, item) for said in trace if said.answer is None or not is_right(item, said.answer)]


def _is_predicted(misconception_id: str, item: Item, said: LearnerSaid) -> bool:
    given = split_answer(item, said.answer or "")
    meant = split_answer(item, malrule(misconception_id).run(item).answer)
    return given is not None and meant is not None and all(map(same_answer, given, meant))


def _is_wrong(item: Item, said: LearnerSaid) -> bool:
    return said.answer is not None and not is_right(item, said.answer)


def _check(learners: Sequence[Learner], misconception_id: str, items: Sequence[Item]) -> None:
    rule = malrule(misconception_id)
    if not learners or not items:
        raise BadSetting("There is nothing to measure.", remedy="Give at least one learner and one item.")
    for item in items:
        if is_right(item, rule.run(item).answer):
            raise BadSetting(
                f"{misconception_id} comes to the right answer on one of the items.",
                remedy="Measure on items on which it shows: drawn_item_for draws them.",
                data={"item": dict(item)},
            )

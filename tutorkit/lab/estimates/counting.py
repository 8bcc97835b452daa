"""How much will be asked, by the method's cost formula, and how much of it the cache can answer."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from tutorkit.lab.estimates.estimate import NOTHING, Span, exactly
from tutorkit.lab.estimates.known import Done
from tutorkit.methods.vocabulary import Cost, Method, Params, Sizes
from tutorkit.models import CacheMode


def wrong_answers(*, practice: int, done: Done, share: float | None) -> Span:
    """Return how many practice problems the student gets wrong: those that it did, and of the rest none to all.

    Args:
        practice: the number of problems that the student practises on.
        done: how far the run is.
        share: the student's share of mistakes in earlier runs, for what is expected.
    """
    left = practice - done.practised
    expected = done.wrong if left == 0 else None if share is None else done.wrong + round(share * left)
    return Span(low=done.wrong, expected=expected, high=done.wrong + left)


def teacher_requests(
    method: Method, params: Params, *, sizes: Sizes, wrong: Span, done: Done, most: int | None = None
) -> Span:
    """Return what the teacher is still asked, ``most`` being all that it may be asked.

    At least what it is asked when nothing is wrong, whatever is: what does not pass its checks is not built upon.
    """
    once, often, expected = _costs(method, params, sizes=sizes, wrong=wrong)
    asked = Span(
        low=_capped(min(_of_teacher(cost) for cost in once), most),
        expected=expected and _capped(_of_teacher(expected), most),
        high=_capped(max(_of_teacher(cost) + cost.again for cost in often), most),
    )
    return asked.less(done.teacher)


def practice_requests(
    method: Method,
    params: Params,
    *,
    sizes: Sizes,
    wrong: Span,
    done: Done,
    teaches: bool,
    most: int | None = None,
) -> Span:
    """Return what the student is still asked beside the untaught test: practice, and the test with its lessons.

    ``most`` is all that it may be asked in practice.

    There is no test with lessons when there are none; with a teacher who ``teaches`` they are expected.
    """
    once, often, expected = _costs(method, params, sizes=sizes, wrong=wrong)
    asked = Span(
        low=_capped(min(cost.student for cost in once), most),
        expected=expected and _capped(expected.student, most) + sizes.test * teaches,
        high=_capped(max(cost.student + cost.student_again for cost in often), most) + sizes.test,
    )
    return asked.less(done.others)


def untaught_calls(keys: Mapping[str, str], *, recorded: Collection[str], mode: CacheMode, shared: bool) -> Span:
    """Return how many calls the untaught test takes of a model; its requests are known beforehand.

    Args:
        keys: the requests' keys, by problem, of the problems that are still to be asked.
        recorded: those of them that the cache will answer.
        mode: how the cache is used.
        shared: whether an earlier arm asks the same. Its replies are taken then, save those that are cut short.
    """
    open_keys = [key for name, key in keys.items() if name not in recorded]
    if mode == "replay":
        return NOTHING
    if mode == "live":
        return exactly(len(open_keys))
    least = 0 if shared and mode == "cache" else len(set(open_keys))
    return Span(low=least, expected=least, high=len(open_keys))


def other_calls(requests: Span, *, mode: CacheMode, may_be_recorded: bool, twins: int = 0) -> Span:
    """Return how many calls requests take of a model that cannot be known yet: all, or none where the cache may help.

    ``twins`` of them at most are equal to another one of the same run.
    """
    if mode == "replay":
        return NOTHING
    if mode == "live":
        return requests
    least = 0 if may_be_recorded and mode == "cache" else max(0, requests.low - twins)
    return Span(low=least, expected=requests.expected, high=requests.high)


def _costs(method: Method, params: Params, *, sizes: Sizes, wrong: Span) -> tuple[list[Cost], list[Cost], Cost | None]:
    """Return the costs of one round and of all of them, for every number of mistakes that there can be; the expected.

    What is known of the mistakes holds for a first round: of later ones anything can be true, and nothing is expected.
    Nor is it of an optimiser, which asks what it likes.
    """
    rounds = method.rounds(params)
    practice = practice_size(method, sizes)
    most = int(wrong.high) if rounds == 1 and wrong.high is not None else practice

    def cost(number: int, times: int) -> Cost:
        return method.cost(params, replace(sizes, wrong=(number,) * times))

    numbers = range(most + 1)
    expected = cost(int(wrong.expected), 1) if rounds == 1 and wrong.expected is not None else None
    if expected is not None and expected.student_again:
        expected = None
    return [cost(number, 1) for number in numbers], [cost(number, rounds) for number in numbers], expected


def practice_size(method: Method, sizes: Sizes) -> int:
    """Return how many problems the student practises on, of which some are mistakes."""
    return {"train": sizes.train, "probe": sizes.probe, "val": sizes.val, "test": sizes.test}[method.practice]


def _capped(number: int, most: int | None) -> int:
    return number if most is None else min(number, most)


def _of_teacher(cost: Cost) -> int:
    return cost.teacher + cost.judge

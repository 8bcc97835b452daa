"""Success, telling, leaks and turns over talks, with intervals and with what trivial tutors would have had.

Source: Macina et al. (2023), arXiv:2305.14536, and eth-nlped/mathdial, interactivetutoring. Success@k is the share of
talks in which the learner has the answer by its utterance k, Telling@k of those in which the tutor has said it by
utterance k, and not after the learner.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final, Literal

from tutorkit.errors import EmptyData
from tutorkit.evals.mathdial.counting import Hits, Matching, hits, tells
from tutorkit.evals.mathdial.talks import Talk, always_telling, never_helping
from tutorkit.evals.stats import Interval, paired_difference
from tutorkit.types import Outcome, Record

First = Literal[0, 1]
"""What the first utterance of a role counts as: 0 as published, so that @1 spans two of them; or 1."""
KS: Final = tuple(range(1, 8))
RESAMPLES: Final = 2_000


class Line(Record):
    """One tutor's figures: ``success`` and ``telling`` for k = 1, 2, … in turn."""

    tutor: str
    matching: Matching
    success: tuple[Interval, ...]
    telling: tuple[Interval, ...]


class TalkReport(Record):
    """All there is to say of some talks.

    ``already`` is the share in which the answer occurs in the learner's first utterance, before any help: so much of
    ``compat`` success nobody taught. ``leak`` is the share of talks in which the tutor says the answer before the
    learner has it, ``leaking_turns`` that of the tutor's turns up to then, both by ``strict``. ``turns`` is the mean
    number of utterances, ``learner_words`` the learner's share of all words.
    """

    talks: int
    groups: int
    ks: tuple[int, ...]
    first: First
    already: Interval
    lines: tuple[Line, ...]
    leak: Interval
    leaking_turns: Interval
    turns: float
    learner_words: float


def success_at(
    talks: Sequence[Talk], k: int, *, matching: Matching = "compat", first: First = 0, seed: int = 0
) -> Interval:
    """Return the share of talks in which the learner has the answer by its utterance ``k``.

    Raises:
        EmptyData: when there are no talks.
    """
    return _share(talks, [_success_by(_hits(talk, matching), k, first) for talk in talks], seed=seed)


def telling_at(
    talks: Sequence[Talk], k: int, *, matching: Matching = "compat", first: First = 0, seed: int = 0
) -> Interval:
    """Return the share of talks in which the tutor says the answer by its utterance ``k``, the learner not before it.

    Raises:
        EmptyData: when there are no talks.
    """
    return _share(talks, [_telling_by(_hits(talk, matching), k, first) for talk in talks], seed=seed)


def already_at_first(talks: Sequence[Talk], *, seed: int = 0) -> Interval:
    """Return the share of talks whose learner has the answer in its first utterance already, by ``compat``.

    Raises:
        EmptyData: when there are no talks.
    """
    return success_at(talks, 0, seed=seed)


def leak_rate(talks: Sequence[Talk], *, seed: int = 0) -> Interval:
    """Return the share of talks in which the tutor says the answer before the learner has it, by ``strict``.

    Raises:
        EmptyData: when there are no talks.
    """
    return _share(talks, [_hits(talk, "strict").told_first for talk in talks], seed=seed)


def score_talks(
    talks: Sequence[Talk], *, name: str = "as recorded", ks: Sequence[int] = KS, first: First = 0, seed: int = 0
) -> TalkReport:
    """Count everything, beside two tutors that need no skill: one that tells at once, one that never helps.

    Args:
        talks: of one tutor, or of many as one.
        name: under which they stand in the report.
        ks: for which k.
        first: what the first utterance of a role counts as.
        seed: of the bootstrap.

    Raises:
        EmptyData: when there are no talks.
    """
    tutors: dict[str, Callable[[Talk], Talk]] = {
        name: lambda talk: talk,
        "always tells": always_telling,
        "never helps": never_helping,
    }
    lines = [
        _line(tutor, [played(talk) for talk in talks], matching, ks=ks, first=first, seed=seed)
        for matching in ("compat", "strict")
        for tutor, played in tutors.items()
    ]
    words = [(turn.role, len(turn.text.split())) for talk in talks for turn in talk.turns if turn.role != "system"]
    until = [(talk, leaks) for talk in talks for leaks in _leaks(talk)]
    return TalkReport(
        talks=len(talks),
        groups=len({talk.group for talk in talks}),
        ks=tuple(ks),
        first=first,
        already=already_at_first(talks, seed=seed),
        lines=tuple(lines),
        leak=leak_rate(talks, seed=seed),
        leaking_turns=_share([talk for talk, _ in until], [leaks for _, leaks in until], seed=seed),
        turns=len(words) / len(talks),
        learner_words=sum(count for role, count in words if role == "learner") / max(1, sum(n for _, n in words)),
    )


def _line(tutor: str, talks: Sequence[Talk], matching: Matching, *, ks: Sequence[int], first: First, seed: int) -> Line:
    found = [_hits(talk, matching) for talk in talks]
    return Line(
        tutor=tutor,
        matching=matching,
        success=tuple(_share(talks, [_success_by(each, k, first) for each in found], seed=seed) for k in ks),
        telling=tuple(_share(talks, [_telling_by(each, k, first) for each in found], seed=seed) for k in ks),
    )


def _hits(talk: Talk, matching: Matching) -> Hits:
    return hits(talk, matching=matching)


def _success_by(found: Hits, k: int, first: First) -> bool:
    return found.success is not None and found.success + first <= k


def _telling_by(found: Hits, k: int, first: First) -> bool:
    return found.telling is not None and found.told_first and found.telling + first <= k


def _leaks(talk: Talk) -> Iterator[bool]:
    """Yield, for each of the tutor's turns until the learner has the answer, whether it says the answer."""
    success = hits(talk, matching="strict").success
    learners = 0
    for place, turn in enumerate(talk.turns):
        if turn.role == "learner":
            learners += 1
        elif turn.role == "tutor" and (success is None or learners <= success):
            yield tells(talk, turn, before=talk.turns[:place])


def _share(talks: Sequence[Talk], flags: Sequence[bool], *, seed: int) -> Interval:
    """Return a share with its interval; talks on one problem are drawn together."""
    if not talks:
        raise EmptyData("There are no dialogues to count.", remedy="Give at least one dialogue.")
    after: list[Outcome] = ["right" if flag else "wrong" for flag in flags]
    groups = [talk.group for talk in talks]
    found = paired_difference(["wrong"] * len(after), after, groups, seed=seed, resamples=RESAMPLES)
    return found.model_copy(update={"low": max(0.0, found.low), "high": min(1.0, found.high)})

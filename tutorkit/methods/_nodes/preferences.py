"""Preferences: sample texts, choose two, ask for the better one in both orders, and make a row of what is agreed on.

A judge who looks at the order in which two texts are shown contradicts itself when they change places, and then nothing
is learnt from it.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import sqrt
from typing import Annotated

from pydantic import Field, JsonValue

from tutorkit.canonical import stable_id
from tutorkit.methods._nodes.practise import load_attempts
from tutorkit.methods._nodes.views import problem_view, task_view
from tutorkit.methods.vocabulary import Deps, StudentDesk, TeacherDesk, Wire
from tutorkit.types import Attempt, Message, PreferencePair, Problem, Score, SFTExample

_SORRY = r"(?:(?:i['’]?m|i am)\s(?:very\s|so\s)?sorry|sorry|i apologi[sz]e|unfortunately)[,.;]?\s(?:but\s)?"
_CANNOT = (
    r"i\s(?:can\s?(?:no|['’])t|won['’]t|will not|would rather not|must decline|(?:am|['’]m) (?:unable|not able))\b"
    r"(?:\s(?:to|be|able|really)\b){0,3}\s?"
    r"(?:help|assist|do th|write|provide|comply|fulfil|create|generate|answer|discuss|comment|describe|say|$|[.,])"
)
_REFUSAL = re.compile(rf"^\W*(?:{_SORRY}(?:i\b|as\b)|{_CANNOT}|as an? (?:ai|language model)\b)", re.IGNORECASE)


_BARELY = 1e-6
"""A text that is named better by a margin of 0 is better, but barely."""

_WORTH = {"wins": 1.0, "ties": 0.5, "losses": 0.0}


class Comparison(Wire):
    """Which of two texts is better."""

    reason: str = Field(max_length=2000, description="What decides between them, in one or two sentences.")
    preferred: Annotated[int, Field(ge=1, le=2)] | None = Field(
        description="1 when the first text is better, 2 when the second is; null when neither is."
    )
    margin: float = Field(ge=0, le=10, description="By how much it is better: 0 not at all, 10 as much as can be.")


class Rating(Wire):
    """How good one text is."""

    reason: str = Field(max_length=2000, description="What speaks for and against it, in one or two sentences.")
    score: float = Field(ge=1, le=10, description="From 1, of no use, to 10, as good as can be.")


@dataclass(frozen=True, kw_only=True)
class Preference:
    """What became of asking in both orders.

    ``winner`` is 0 for the first text, 1 for the second, None where the two replies do not name the same one.
    ``margin`` is the mean of both, counted against the winner where a reply names the other. ``choices`` counts the
    replies that name a text, ``firsts`` those among them that name the one shown first.
    """

    winner: int | None
    margin: float
    choices: int
    firsts: int
    call_ids: tuple[str, ...]


def refuses(text: str) -> bool:
    """Tell whether a text opens like a refusal. The openings are a short English list: other refusals go unseen."""
    return _REFUSAL.match(text) is not None


def usable(attempts: Iterable[Attempt]) -> list[Attempt]:
    """Return the attempts that are texts to compare: finished, not empty, no refusal, each wording once."""
    found: dict[str, Attempt] = {}
    for attempt in attempts:
        text = attempt.raw.strip()
        if text and attempt.grade.outcome != "unfinished" and not refuses(text):
            found.setdefault(text, attempt)
    return list(found.values())


async def sample_texts(
    deps: Deps, desk: StudentDesk, problems: Sequence[Problem], *, samples: int, phase: str
) -> dict[str, JsonValue]:
    """Have a student write several texts for each problem, without lessons.

    A model gives the same text again unless it is sampled from: give it a temperature above 0.

    Returns:
        The ids of the attempts by problem, in the order of the samples; a sample that failed for good is left out.
    """

    async def one(asked: tuple[Problem, int]) -> JsonValue:
        problem, sample = asked
        return (await desk.answer(problem, (), phase=phase, sample=sample)).id

    wanted = [(problem, sample) for problem in problems for sample in range(samples)]
    result = await deps.map(one, wanted, key=lambda asked: f"{phase}:{asked[0].id}#{asked[1]}")
    found: defaultdict[str, list[JsonValue]] = defaultdict(list)
    for key, attempt_id in result.done.items():
        found[key.removeprefix(f"{phase}:").rpartition("#")[0]].append(attempt_id)
    return {**found}


def edit_distance(left: str, right: str, *, n: int) -> float:
    """Return the Levenshtein distance of two texts as sequences of word n-grams, over the longer one's length.

    It lies in [0, 1]. Small But Funny (arXiv 2402.18113) takes "n-gram edit distance"; that it is normalised, and
    counts words, is ours.
    """
    a, b = _ngrams(left, n), _ngrams(right, n)
    row = list(range(len(b) + 1))
    for i, gram in enumerate(a, start=1):
        diagonal, row[0] = row[0], i
        for j, other in enumerate(b, start=1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (gram != other))
    longest = max(len(a), len(b))
    return row[-1] / longest if longest else 0.0


def most_diverse(texts: Sequence[str], *, n: int) -> tuple[int, int] | None:
    """Return the places of the two texts that differ most; of equals the earlier ones. None for fewer than two."""
    pairs = list(combinations(range(len(texts)), 2))
    return max(pairs, key=lambda pair: edit_distance(texts[pair[0]], texts[pair[1]], n=n), default=None)


def length_ratio(chosen: str, rejected: str) -> float:
    """Return how many words the chosen text has for each word of the rejected one."""
    return len(chosen.split()) / max(1, len(rejected.split()))


async def compare_both_orders(
    deps: Deps, desk: TeacherDesk, problem: Problem, first: Attempt, second: Attempt, *, purpose: str = "compare_texts"
) -> Preference:
    """Ask twice which of two texts is better, the second time with the texts in each other's place.

    Args:
        deps: the run's participants.
        desk: who is asked: the teacher as critic, or the judge.
        problem: what the texts were written for.
        first: one text.
        second: the other.
        purpose: the prompt.
    """
    signed: list[float] = []
    names: list[int] = []
    call_ids: list[str] = []
    for texts, sign in (((first, second), 1), ((second, first), -1)):
        said = await desk.call(
            purpose,
            {
                "task": task_view(deps.task),
                "problem": problem_view(problem),
                "first": texts[0].raw,
                "second": texts[1].raw,
            },
            Comparison,
            about=(texts[0].id, texts[1].id),
        )
        call_ids += said.call_ids
        if (named := said.value.preferred) is not None:
            names.append(named)
            signed.append(sign * (1 if named == 1 else -1) * (said.value.margin or _BARELY))
    agreed = len(signed) == 2 and signed[0] * signed[1] > 0
    mean = sum(signed) / 2
    return Preference(
        winner=(0 if mean > 0 else 1) if agreed else None,
        margin=abs(mean) if agreed else 0.0,
        choices=len(names),
        firsts=names.count(1),
        call_ids=tuple(call_ids),
    )


def keep_pair(
    deps: Deps,
    problem: Problem,
    *,
    chosen: Attempt,
    rejected: Attempt,
    margin: float,
    round: int,
    call_ids: Sequence[str],
    both_orders: bool = True,
    flags: Sequence[str] = (),
    data: Mapping[str, JsonValue] | None = None,
) -> PreferencePair:
    """Put a pair of a student's own texts into the sink, the better one chosen.

    Args:
        deps: the run's participants.
        problem: what the texts were written for.
        chosen: the better one.
        rejected: the other, by the same student as it was at that time.
        margin: by how much, in the judge's unit.
        round: the round in which they were written.
        call_ids: the calls in which they were compared.
        both_orders: whether that was done in both orders.
        flags: what a reader must know of the pair.
        data: what else is to be kept with it.
    """
    pair = PreferencePair(
        id=stable_id("pair", deps.run_id, chosen.id, rejected.id),
        run_id=deps.run_id,
        problem_id=problem.id,
        split=problem.split,
        student=chosen.student,
        source_attempt_ids=(chosen.id, rejected.id),
        call_ids=tuple(call_ids),
        round=round,
        flags=tuple(flags),
        data={"item": problem.item, "answer": chosen.raw, "judge": deps.teacher.ref, **(data or {})},
        prompt=problem.question().as_text(),
        chosen=chosen.raw,
        rejected=rejected.raw,
        unit="output",
        margin=round_margin(margin),
        both_orders=both_orders,
    )
    deps.sink.put(pair)
    return pair


def round_margin(margin: float) -> float:
    """Return a margin as it is kept, with three decimals."""
    return float(f"{margin:.3f}")


def keep_text(
    deps: Deps, problem: Problem, text: str, *, call_ids: Sequence[str], data: Mapping[str, JsonValue] | None = None
) -> SFTExample:
    """Put an example into the sink: a prompt, and a text of the teacher's to imitate as it stands.

    Args:
        deps: the run's participants.
        problem: what the text was written for.
        text: the text; nothing is added to it.
        call_ids: the calls that it took.
        data: what else is to be kept with it.
    """
    row = SFTExample(
        id=stable_id("sft", deps.run_id, problem.id, text),
        run_id=deps.run_id,
        problem_id=problem.id,
        split=problem.split,
        student=deps.student.ref,
        call_ids=tuple(call_ids),
        data={"item": problem.item, "answer": text, **(data or {})},
        messages=(
            Message(role="user", content=problem.question().as_text()),
            Message(role="assistant", content=text),
        ),
    )
    deps.sink.put(row)
    return row


async def judge_wins(deps: Deps, test: Mapping[str, Sequence[str]]) -> dict[str, JsonValue]:
    """Have the judge compare what the student wrote for the test problems, untaught and taught, in both orders.

    Each comparison is kept as a score of the taught text (1 won, 0.5 tied, 0 lost); ``wins``, ``ties`` and ``losses``
    are the shares over all of them. Whether the judge is the critic that chose the pairs is kept as
    ``judge_is_critic``: such a judge finds again what it taught.

    Args:
        deps: the run's participants.
        test: the ids of the attempts, ``untaught`` and ``taught``.

    Returns:
        The counts; all zero where the taught student is the untaught one, and nobody is asked.
    """
    counts = {"wins": 0, "ties": 0, "losses": 0}
    same = deps.judge.ref == deps.teacher.ref
    if [*test["untaught"]] != [*test["taught"]]:
        problems = {problem.id: problem for problem in deps.problems("test")}
        before = {attempt.problem_id: attempt for attempt in load_attempts(deps, test["untaught"])}
        after = {attempt.problem_id: attempt for attempt in load_attempts(deps, test["taught"])}

        async def one(name: str) -> JsonValue:
            found = await compare_both_orders(deps, deps.judge, problems[name], after[name], before[name])
            return {0: "wins", 1: "losses", None: "ties"}[found.winner]

        both = [name for name in problems if name in before and name in after]
        finished = [name for name in both if "unfinished" not in _outcomes(before[name], after[name])]
        result = await deps.map(one, finished, key=str)
        for name, outcome in result.done.items():
            counts[str(outcome)] += 1
            keep_score(deps, "won", _WORTH[str(outcome)], n=1, subject=after[name].id, about=before[name].id)
    n = sum(counts.values())
    for kind, count in counts.items():
        keep_score(deps, kind, count / n if n else 0.0, n=n, subject="taught", about="test")
    keep_score(deps, "judge_is_critic", float(same), n=1, subject=deps.judge.ref, about=deps.teacher.ref)
    return {**counts, "judge": deps.judge.ref, "critic": deps.teacher.ref, "judge_is_critic": same}


def keep_audit(deps: Deps, verdicts: Sequence[Mapping[str, JsonValue]]) -> dict[str, JsonValue]:
    """Keep what the verdicts say about the critic itself, each figure as a score with its n.

    ``critic_consistency`` is the share of pairs of which it named the same text in both orders, among those of which it
    named any. ``critic_first`` is the share of its choices that fell on the text shown first: one half without a bias.
    ``critic_length`` is the correlation of its preference with the difference in length, over the pairs that it agreed
    on with itself (``asked``) and over those that became rows (``kept``).

    Args:
        deps: the run's participants.
        verdicts: of each asked pair ``choices``, ``firsts``, ``preferred`` (1, -1, or 0 for none), ``longer`` (by how
            much the first text is longer, relative to the mean) and ``became`` (``kept``, or why not).
    """
    named = [verdict for verdict in verdicts if verdict["choices"]]
    choices = sum(_number(verdict["choices"]) for verdict in named)
    firsts = sum(_number(verdict["firsts"]) for verdict in named)
    agreed = [verdict for verdict in named if verdict["preferred"]]
    kept = [verdict for verdict in agreed if verdict["became"] == "kept"]
    figures: dict[str, tuple[float, int]] = {
        "critic_consistency": (len(agreed) / len(named) if named else 0.0, len(named)),
        "critic_first": (firsts / choices if choices else 0.0, int(choices)),
        "critic_length asked": (_length_bias(agreed), len(agreed)),
        "critic_length kept": (_length_bias(kept), len(kept)),
    }
    for name, (value, n) in figures.items():
        kind, _, over = name.partition(" ")
        keep_score(deps, kind, value, n=n, subject=deps.teacher.ref, about=over or "asked")
    return {name.replace(" ", "_"): value for name, (value, _) in figures.items()}


def verdict_of(found: Preference, first: str, second: str, *, became: str) -> dict[str, JsonValue]:
    """Return one verdict as ``keep_audit`` reads it."""
    lengths = len(first.split()), len(second.split())
    return {
        "choices": found.choices,
        "firsts": found.firsts,
        "preferred": 0 if found.winner is None else 1 - 2 * found.winner,
        "longer": 2 * (lengths[0] - lengths[1]) / max(1, sum(lengths)),
        "became": became,
    }


def keep_score(
    deps: Deps, kind: str, value: float, *, n: int, subject: str, about: str, round: int | None = None
) -> None:
    """Put a measured statement into the sink; nothing where nothing was observed.

    Args:
        deps: the run's participants.
        kind: what was measured.
        value: the figure.
        n: over how many observations.
        subject: what or whom it is about.
        about: the set that it was measured on, or what it was compared with.
        round: the round, where there are several.
    """
    if n == 0:
        return
    score = Score(
        id=stable_id("score", deps.run_id, kind, subject, about, *([] if round is None else [round])),
        run_id=deps.run_id,
        subject_id=subject,
        kind=kind,
        value=value,
        n=n,
        probe_set=about,
        round=round,
    )
    deps.sink.put(score)


def tally(reasons: Iterable[str]) -> dict[str, JsonValue]:
    """Count the reasons for which pairs were not made, by name."""
    return dict(sorted(Counter(reasons).items()))


def correlation(left: Sequence[float], right: Sequence[float]) -> float:
    """Return Pearson's correlation; 0 where one side does not vary."""
    n = len(left)
    if n < 2:
        return 0.0
    a, b = [value - sum(left) / n for value in left], [value - sum(right) / n for value in right]
    spread = sqrt(sum(value * value for value in a) * sum(value * value for value in b))
    return sum(x * y for x, y in zip(a, b, strict=True)) / spread if spread else 0.0


def _length_bias(verdicts: Sequence[Mapping[str, JsonValue]]) -> float:
    return correlation([_number(v["preferred"]) for v in verdicts], [_number(v["longer"]) for v in verdicts])


def _outcomes(*attempts: Attempt) -> list[str]:
    return [attempt.grade.outcome for attempt in attempts]


def _number(value: JsonValue) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _ngrams(text: str, n: int) -> list[tuple[str, ...]]:
    words = text.casefold().split()
    return [tuple(words[i : i + n]) for i in range(len(words) - n + 1)] or [tuple(words)] * bool(words)

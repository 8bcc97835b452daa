"""From one pupil's answers to what explains them, domain by domain, with the evidence and what to ask next."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Literal, TypeAlias

from pydantic import Field, JsonValue

from tutorkit.errors import DataError
from tutorkit.misconceptions import domains
from tutorkit.misconceptions.catalogue import DOMAINS, Malrule, malrules
from tutorkit.misconceptions.compounds import compounds
from tutorkit.misconceptions.diagnosis import same_answer
from tutorkit.misconceptions.items import Item, Part, parts_of
from tutorkit.misconceptions.performance import SEPARATOR, solve_part
from tutorkit.misconceptions.posterior import (
    CORRECT,
    UNKNOWN,
    Assumptions,
    Beliefs,
    Hypothesis,
    Observed,
    Opinion,
    Outcomes,
    fit,
    outcomes_of,
    posterior,
    prior,
)
from tutorkit.misconceptions.probes import Probe, next_probe
from tutorkit.misconceptions.reading import read_answer
from tutorkit.misconceptions.working import shares
from tutorkit.types import Record

Status: TypeAlias = Literal["likely", "not_yet_clear", "no_misconception", "unknown_error"]

_TOLD = 0.005
_MOST_TOLD = 8
_REPEATED_AT_LEAST = 3


class ItemAnswer(Record):
    """What a pupil answered to an item. ``answer`` is what was written, as it was; ``steps`` the working, if shown."""

    item: dict[str, JsonValue]
    answer: str
    steps: tuple[str, ...] = ()


class Ranked(Record):
    """An explanation with its probability.

    ``rules`` are the malrules that it is made of; ``id`` is theirs, or ``correct`` or ``unknown``. ``matching`` holds
    the places (from 0) of the answers that speak for it: those that it predicts, and that tell it from right work.
    ``against`` holds the places of those that it would have had otherwise.
    """

    id: str
    rules: tuple[str, ...] = ()
    p: float = Field(ge=0, le=1)
    matching: tuple[int, ...] = ()
    against: tuple[int, ...] = ()


class DomainVerdict(Record):
    """What one domain's answers say.

    ``likely`` holds the misconceptions that may be named by the report rule, each with the probability that it is among
    those the pupil has. ``hypotheses`` are the explanations as wholes, the most probable first; the improbable ones are
    left out. ``answers`` counts what was used. ``probe`` is the item to ask next; None when none would tell more.
    """

    domain: str
    title: str
    status: Status
    likely: tuple[Ranked, ...]
    hypotheses: tuple[Ranked, ...]
    answers: int
    right: int
    probe: Probe | None


class SetAside(Record):
    """An answer that counts as nothing, and why; ``index`` is its place, from 0."""

    index: int
    why: str


class Repeated(Record):
    """One answer given to different items, none of which it fits: a sign of guessing or copying, not of a procedure."""

    answer: str
    indices: tuple[int, ...]


class Verdicts(Record):
    """What one pupil's answers say, in every domain that they touch. ``right`` holds the places of the right ones."""

    domains: tuple[DomainVerdict, ...]
    right: tuple[int, ...] = ()
    set_aside: tuple[SetAside, ...] = ()
    repeated: tuple[Repeated, ...] = ()


def diagnose(
    answers: Sequence[ItemAnswer],
    *,
    own: Sequence[Malrule] = (),
    opinions: Mapping[str, Opinion] = MappingProxyType({}),
    assume: Assumptions | None = None,
) -> Verdicts:
    """Say what explains one pupil's answers.

    Args:
        answers: the oldest first.
        own: malrules besides the built-in ones.
        opinions: what the pupil's teacher says of misconceptions, by their ids.
        assume: what is taken for granted.

    Returns:
        A verdict for each domain, in the catalogue's order. Blank and unreadable answers count as nothing and are
        listed; so are items that cannot be read. Of a chain each part counts in its own domain.
    """
    assume = assume or Assumptions()
    seen, set_aside = observe(answers, own=own)
    by_domain: defaultdict[str, list[Observed]] = defaultdict(list)
    for each in seen:
        by_domain[each.part.domain].append(each)
    return Verdicts(
        domains=tuple(
            _verdict(domain, by_domain[domain], own=own, opinions=opinions, assume=assume)
            for domain in DOMAINS
            if domain in by_domain
        ),
        right=tuple(sorted({each.index for each in seen} - {each.index for each in seen if not each.right})),
        set_aside=tuple(set_aside),
        repeated=_repeated(seen),
    )


def observe(
    answers: Sequence[ItemAnswer], *, own: Sequence[Malrule] = ()
) -> tuple[tuple[Observed, ...], tuple[SetAside, ...]]:
    """Turn answers into evidence, and say which of them are none."""
    seen: list[Observed] = []
    set_aside: list[SetAside] = []
    for index, each in enumerate(answers):
        try:
            seen += _observed(index, each, own)
        except DataError as error:
            set_aside.append(SetAside(index=index, why=error.message))
    return tuple(seen), tuple(set_aside)


def beliefs_of(
    domain: str,
    seen: Sequence[Observed],
    *,
    own: Sequence[Malrule] = (),
    opinions: Mapping[str, Opinion] = MappingProxyType({}),
    assume: Assumptions | None = None,
) -> dict[Hypothesis, float]:
    """Return the beliefs about one domain after what was observed in it; without any, those before.

    Raises:
        UnknownName: when there is no such domain.
    """
    assume = assume or Assumptions()
    rules = (*malrules(domain), *(rule for rule in own if rule.domain == domain))
    support = Counter(name for each in seen if not each.right for name, value in each.fits.items() if value)
    before = prior(rules, together=compounds(rules, support), opinions=opinions, assume=assume)
    return posterior(before, seen, assume=assume)


def _observed(index: int, given: ItemAnswer, own: Sequence[Malrule]) -> list[Observed]:
    parts = parts_of(given.item)
    texts = given.answer.split(SEPARATOR.strip()) if len(parts) > 1 else [given.answer]
    if len(texts) != len(parts):
        raise DataError(f"{len(texts)} answers to {len(parts)} parts.")
    answers = [read_answer(text) for text in texts]
    if not any(answers):
        blank = not given.answer.strip()
        raise DataError("The answer is blank." if blank else f"The answer {given.answer[:40]!r} cannot be read.")
    steps = given.steps if len(parts) == 1 else ()
    return [
        observed(part, answer, index=index, steps=steps, own=own)
        for part, answer in zip(parts, answers, strict=True)
        if answer is not None
    ]


def observed(
    part: Part, answer: str, *, index: int = 0, steps: Sequence[str] = (), own: Sequence[Malrule] = ()
) -> Observed:
    """Hold one answer, in the form that ``read_answer`` gives, against everything that could have come out."""
    outcomes = outcomes_of(part, own)
    known = {text: fit(answer, text) for text in {outcomes.correct, *outcomes.wrong.values()}}
    right = known[outcomes.correct] > 0
    contested = answer != outcomes.correct and answer in outcomes.wrong.values()
    return Observed(
        index=index,
        part=part,
        answer=answer,
        outcomes=outcomes,
        fits_correct=1.0 if right and not contested else known[outcomes.correct],
        fits={name: known[text] for name, text in outcomes.wrong.items()},
        right=right,
        shown=_shown(part, outcomes, steps, own) if steps else {},
    )


def _shown(part: Part, outcomes: Outcomes, steps: Sequence[str], own: Sequence[Malrule]) -> dict[str, float]:
    works = {"correct": solve_part(part)}
    for rule in (*malrules(part.domain), *own):
        if rule.id in outcomes.wrong and (work := rule.procedure(part)):
            works[rule.id] = work
    return shares(steps, works)


def _verdict(
    domain: str,
    seen: Sequence[Observed],
    *,
    own: Sequence[Malrule],
    opinions: Mapping[str, Opinion],
    assume: Assumptions,
) -> DomainVerdict:
    beliefs = beliefs_of(domain, seen, own=own, opinions=opinions, assume=assume)
    ranked = sorted((_ranked(hypothesis, p, seen) for hypothesis, p in beliefs.items()), key=lambda each: -each.p)
    likely = _likely(beliefs, seen, assume)
    return DomainVerdict(
        domain=domain,
        title=next(each.title for each in domains.DOMAINS if each.id == domain),
        status=_status(ranked[0], bool(likely), seen, assume),
        likely=likely,
        hypotheses=tuple(each for each in ranked[:_MOST_TOLD] if each.p >= _TOLD),
        answers=len(seen),
        right=sum(each.right for each in seen),
        probe=next_probe(domain, beliefs, own=own, seen=[each.part for each in seen]),
    )


def _status(first: Ranked, likely: bool, seen: Sequence[Observed], assume: Assumptions) -> Status:
    if likely:
        return "likely"
    clear = first.p >= assume.report_at and _items(first.matching, seen) >= assume.least_items
    found: dict[str, Status] = {CORRECT.id: "no_misconception", UNKNOWN.id: "unknown_error"}
    return found.get(first.id, "not_yet_clear") if clear else "not_yet_clear"


def _likely(beliefs: Beliefs, seen: Sequence[Observed], assume: Assumptions) -> tuple[Ranked, ...]:
    """Name the misconceptions by the report rule; what a pupil has is summed over all that it can have besides."""
    p_of: defaultdict[str, float] = defaultdict(float)
    for hypothesis, p in beliefs.items():
        for name in hypothesis.rules:
            p_of[name] += p
    found = [_ranked(Hypothesis.of(name), min(p, 1.0), seen) for name, p in p_of.items() if p >= assume.report_at]
    enough = [each for each in found if _items(each.matching, seen) >= assume.least_items]
    explained = {index for each in enough for index in each.matching}
    named = [
        each.model_copy(update={"against": tuple(index for index in each.against if index not in explained)})
        for each in enough
    ]
    return tuple(sorted(named, key=lambda each: (-each.p, each.id)))


def _ranked(hypothesis: Hypothesis, p: float, seen: Sequence[Observed]) -> Ranked:
    matching: list[int] = []
    against: list[int] = []
    for each in seen:
        rule = each.outcomes.acting(hypothesis)
        if hypothesis == CORRECT:
            (matching if each.right else against).append(each.index)
        elif hypothesis == UNKNOWN:
            (against if each.explained else matching).append(each.index)
        elif rule is not None and not (each.right and each.fits[rule]):
            (matching if each.fits[rule] else against).append(each.index)
    return Ranked(
        id=hypothesis.id,
        rules=hypothesis.rules,
        p=p,
        matching=tuple(dict.fromkeys(matching)),
        against=tuple(dict.fromkeys(against)),
    )


def _items(indices: Sequence[int], seen: Sequence[Observed]) -> int:
    """Count the different items among the answers at some places: the same item twice is no second proof."""
    wanted = set(indices)
    return len({each.part for each in seen if each.index in wanted})


def _repeated(seen: Sequence[Observed]) -> tuple[Repeated, ...]:
    """Find answers that come back on different items without being right or predicted by any malrule there."""
    found: defaultdict[str, dict[Part, int]] = defaultdict(dict)
    for each in seen:
        if not each.explained:
            found[each.answer].setdefault(each.part, each.index)
    return tuple(
        Repeated(answer=answer, indices=tuple(dict.fromkeys(places.values())))
        for answer, places in found.items()
        if len(places) >= _REPEATED_AT_LEAST
    )


def explains(rule: Malrule, item: Item, answer: str) -> bool:
    """Tell whether a malrule predicts this wrong answer to an item; a chain's answer is looked at as a whole."""
    plain = read_answer(answer) or answer
    work = rule.run(item)
    return rule.applies(item) and same_answer(plain, work.answer)

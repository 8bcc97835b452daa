"""Which item to ask next: the one whose answer is expected to tell most about what a pupil does."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import log2
from random import Random

from pydantic import Field, JsonValue

from tutorkit.misconceptions.catalogue import Malrule
from tutorkit.misconceptions.diagnosis import same_answer
from tutorkit.misconceptions.drawing import drawn_item
from tutorkit.misconceptions.items import Part, parts_of
from tutorkit.misconceptions.performance import solve_part
from tutorkit.misconceptions.posterior import UNKNOWN, Beliefs, Hypothesis, Outcomes, outcomes_of
from tutorkit.types import Record

_DRAWN = 80
_NOTHING = 1e-3
"""Bits below which asking is a waste of time."""

_MOST_FORESEEN = 5
_TIE = 1e-9


class Foreseen(Record):
    """An answer that may come, and which explanations predict it."""

    answer: str
    hypotheses: tuple[str, ...]
    p: float = Field(ge=0, le=1)


class Probe(Record):
    """An item to ask. ``information`` is the entropy of the predicted answer, in bits; ``foreseen`` the likeliest."""

    item: dict[str, JsonValue]
    text: str
    information: float = Field(ge=0)
    foreseen: tuple[Foreseen, ...]


def predicted_answers(part: Part, beliefs: Beliefs, *, own: Sequence[Malrule] = ()) -> tuple[Foreseen, ...]:
    """Group the explanations by the answer that they predict, the likeliest answer first.

    Answers of one value are one answer: a pupil may reduce. An unknown procedure predicts nothing and is left out.
    """
    outcomes = outcomes_of(part, own)
    forms = _forms_of(outcomes)
    members: defaultdict[str, list[Hypothesis]] = defaultdict(list)
    for hypothesis in sorted(beliefs, key=lambda each: -beliefs[each]):
        if hypothesis != UNKNOWN:
            members[forms[outcomes.predicted(hypothesis)]].append(hypothesis)
    known = sum(p for hypothesis, p in beliefs.items() if hypothesis != UNKNOWN) or 1.0
    found = [
        Foreseen(
            answer=answer,
            hypotheses=tuple(each.id for each in group),
            p=min(1.0, sum(beliefs[each] for each in group) / known),
        )
        for answer, group in members.items()
    ]
    return tuple(sorted(found, key=lambda each: -each.p))


def information(part: Part, beliefs: Beliefs, *, own: Sequence[Malrule] = ()) -> float:
    """Return the entropy in bits of the answer that the explanations predict: what asking the item should tell.

    It is the expected information about which explanation is true, for a pupil that always acts on it.
    """
    return _entropy(_masses(outcomes_of(part, own), _weighed(beliefs)))


def next_probe(
    domain: str,
    beliefs: Beliefs,
    *,
    own: Sequence[Malrule] = (),
    seen: Collection[Part] = (),
    hardest: int | None = None,
    least_success: float = 0.0,
    seed: int = 0,
) -> Probe | None:
    """Choose the item of a domain that tells most, among 80 drawn as for a worksheet.

    Args:
        domain: the items'.
        beliefs: what is believed about the pupil.
        own: malrules besides the built-in ones.
        seen: items that are not to be asked again.
        hardest: the most steps that its right working may have.
        least_success: the lowest probability of the right answer that is asked of a pupil.
        seed: of the drawing.

    Returns:
        The item; None when none that may be asked tells anything.

    Raises:
        UnknownName: when there is no such domain.
    """
    best, most = None, _NOTHING
    asked, weighed = set(seen), _weighed(beliefs)
    for part, built_in in _candidates(domain, seed):
        if part in asked or (hardest is not None and len(solve_part(part).steps) > hardest):
            continue
        outcomes = outcomes_of(part, own) if own else built_in
        masses = _masses(outcomes, weighed)
        if masses.get(outcomes.correct, 0.0) >= least_success and (found := _entropy(masses)) > most + _TIE:
            best, most = part, found
    if best is None:
        return None
    foreseen = predicted_answers(best, beliefs, own=own)[:_MOST_FORESEEN]
    return Probe(item=best.model_dump(), text=best.text, information=most, foreseen=foreseen)


@lru_cache(maxsize=64)
def _candidates(domain: str, seed: int) -> tuple[tuple[Part, Outcomes], ...]:
    """Draw different items of a domain; the same seed draws the same."""
    rng = Random(seed)  # noqa: S311 - a sample, not a secret
    drawn = [parts_of(drawn_item(domain, rng))[0] for _ in range(_DRAWN)]
    return tuple((part, outcomes_of(part)) for part in dict.fromkeys(drawn))


@dataclass(frozen=True)
class _Weighed:
    """Beliefs in the form in which they are summed up fastest; an unknown procedure is left out of them."""

    singles: dict[str, float]
    others: tuple[tuple[Hypothesis, float], ...]


def _weighed(beliefs: Beliefs) -> _Weighed:
    known = {hypothesis: p for hypothesis, p in beliefs.items() if hypothesis != UNKNOWN}
    total = sum(known.values()) or 1.0
    return _Weighed(
        singles={each.rules[0]: p / total for each, p in known.items() if len(each.rules) == 1},
        others=tuple((each, p / total) for each, p in known.items() if len(each.rules) > 1),
    )


def _masses(outcomes: Outcomes, weighed: _Weighed) -> dict[str, float]:
    """Return the probability of each answer; answers of one value are one. Only what acts on the item is looked at."""
    forms = _forms_of(outcomes)
    masses: defaultdict[str, float] = defaultdict(float)
    for name, answer in outcomes.wrong.items():
        masses[forms[answer]] += weighed.singles.get(name, 0.0)
    for hypothesis, p in weighed.others:
        if outcomes.acting(hypothesis) is not None:
            masses[forms[outcomes.predicted(hypothesis)]] += p
    masses[outcomes.correct] += max(0.0, 1.0 - sum(masses.values()))
    return masses


def _entropy(masses: Mapping[str, float]) -> float:
    return -sum(p * log2(p) for p in masses.values() if p > 0)


def _forms_of(outcomes: Outcomes) -> Mapping[str, str]:
    return _forms((outcomes.correct, *outcomes.wrong.values()))


@lru_cache(maxsize=4096)
def _forms(answers: tuple[str, ...]) -> dict[str, str]:
    """Map each answer to the first one that has the same value: the same few items are looked at for every pupil."""
    forms: dict[str, str] = {}
    for answer in answers:
        if answer not in forms:
            forms[answer] = next((known for known in forms.values() if same_answer(known, answer)), answer)
    return forms

"""Which question comes next: first the skill, then the item."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from random import Random
from typing import Final

from tutorkit.canonical import stable_id
from tutorkit.errors import BadSetting
from tutorkit.knowledge.mastering_rate import Curriculum, Weights, attention, distribution
from tutorkit.knowledge.surmise import surmised
from tutorkit.lab.practice_events import Asked, Why
from tutorkit.lab.practice_state import MODEL, PracticeState
from tutorkit.misconceptions import Item, drawn_item, parts_of, skills_of, solve
from tutorkit.misconceptions.posterior import Beliefs
from tutorkit.misconceptions.probes import information
from tutorkit.misconceptions.verdicts import ItemAnswer, beliefs_of, observe
from tutorkit.tasks.items import item_problem

FRUSTRATED_AFTER: Final = 3
"""So many wrong answers in a row, and something easier comes."""

SUCCESS: Final = (0.6, 0.8)
"""The probability of a right answer that practice aims at."""

WEIGHTS: Final = Weights(window=2)
"""Of the mastering rate. It is shown beliefs, which have all earlier answers in them; so a short window does."""

UNIFORM: Final = 0.1
REVIEW_EVERY: Final = 3
_SURVEYED = 300
_CANDIDATES = 40
_MOST_DRAWS = 3_000


@dataclass(frozen=True)
class Target:
    """What the next question is to be about; ``kind`` is the kind of item, where a review wants that one."""

    skill: str
    why: Why
    kind: str | None = None


@lru_cache(maxsize=32)
def curriculum_of(domain: str) -> Curriculum:
    """Return a domain's skills in order, as its own items tell it; a skill that no item takes is not among them.

    Raises:
        UnknownName: when there is no such domain.
    """
    rng = Random(0)  # noqa: S311 - a sample, not a secret
    return Curriculum(before=surmised([skills_of(drawn_item(domain, rng)) for _ in range(_SURVEYED)]))


def next_question(state: PracticeState, *, at: datetime) -> Asked:
    """Choose the next question of an open session; the same state and time choose the same.

    Raises:
        BadSetting: when no session is open.
    """
    if state.session is None:
        raise BadSetting("No session is open.", remedy="Open one first.")
    rng = Random(f"{state.learner}/{state.session.domain}/{len(state.done)}")  # noqa: S311 - no secret
    target = choose_target(state, curriculum_of(state.session.domain), at=at, rng=rng)
    item = _choose_item(state, target, domain=state.session.domain, rng=rng)
    skills = skills_of(item)
    return Asked(
        id=stable_id("practice", state.learner, state.session.session, len(state.done)),
        session=state.session.session,
        item=dict(item),
        text=item_problem(item).text,
        skill=target.skill,
        skills=skills,
        card=card_id(item, target.skill),
        why=target.why,
        expected=MODEL.predict(state.beliefs, skills),
        at=at,
    )


def card_id(item: Item, skill: str) -> str:
    """Name what a learner is to keep: a skill in one kind of item."""
    return f"{item['domain']}/{_kind(item)}/{skill}"


def choose_target(state: PracticeState, curriculum: Curriculum, *, at: datetime, rng: Random) -> Target:
    """Choose what the next question is about.

    After three wrong answers in a row it is what comes before the last one's skill and is least mastered, or else what
    is mastered best. One question in three is a review, as long as one is due; the others are drawn by the mastering
    rate from the skills that are not mastered. When all are mastered there are only reviews.
    """
    rows, domain = state.in_session, state.session.domain if state.session else ""
    if rows and state.wrong_in_a_row >= FRUSTRATED_AFTER:
        earlier = curriculum.before.get(rows[-1].asked.skill, ())
        return Target(min(earlier, key=state.belief) if earlier else max(curriculum.before, key=state.belief), "easier")
    due = state.due(domain, at=at)
    open_skills = [skill for skill in curriculum.before if not state.is_mastered(skill)]
    if due and (not open_skills or len(rows) % REVIEW_EVERY == 0):
        _, kind, skill = due[0].id.split("/")
        return Target(skill, "review", kind)
    shares = distribution(attention(curriculum, state.progress, WEIGHTS), uniform=UNIFORM)
    names = open_skills or list(curriculum.before)
    return Target(rng.choices(names, weights=[shares[name] for name in names])[0], "practice")


def _choose_item(state: PracticeState, target: Target, *, domain: str, rng: Random) -> Item:
    """Choose among fresh items that take the skill: by predicted success, then by what the answer would tell.

    Something easier is what is likeliest to be right, with the fewest steps.
    """
    items = _drawn(domain, target, seen=[each.asked.text for each in state.done], rng=rng)
    if target.why == "easier":
        return min(items, key=lambda item: (-_success(state, item), len(solve(item).steps)))
    explained = explanations(state, domain)

    def worth(item: Item) -> tuple[float, float]:
        return round(_off(_success(state, item)), 2), -information(parts_of(item)[0], explained)

    return min(items, key=worth)


def _drawn(domain: str, target: Target, *, seen: Collection[str], rng: Random) -> Sequence[Item]:
    """Draw items that take the skill; those that were asked before only where no others come."""
    known = set(seen)
    fresh: dict[str, Item] = {}
    old: dict[str, Item] = {}
    for _ in range(_MOST_DRAWS):
        item = drawn_item(domain, rng)
        if target.skill not in skills_of(item) or target.kind not in (None, _kind(item)):
            continue
        text = item_problem(item).text
        (old if text in known else fresh)[text] = item
        if len(fresh) == _CANDIDATES:
            break
    found: Mapping[str, Item] = fresh or old
    if not found:
        raise BadSetting(f"No item of {domain} takes {target.skill}.", data={"domain": domain, "skill": target.skill})
    return list(found.values())


def explanations(state: PracticeState, domain: str) -> Beliefs:
    """Return what explains the learner's answers in this domain, by its malrules."""
    rows = [each for each in state.done if each.asked.item["domain"] == domain and each.answered.answer]
    seen, _ = observe([ItemAnswer(item=each.asked.item, answer=each.answered.answer) for each in rows])
    return beliefs_of(domain, seen)


def _success(state: PracticeState, item: Item) -> float:
    return MODEL.predict(state.beliefs, skills_of(item))


def _off(success: float) -> float:
    low, high = SUCCESS
    return max(low - success, success - high, 0.0)


def _kind(item: Item) -> str:
    return str(item.get("kind") or "plain")

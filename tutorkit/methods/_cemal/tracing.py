"""Tracing: what is known of each concept once a round's answers were seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import JsonValue

from tutorkit.canonical import stable_id
from tutorkit.knowledge.bkt import BKT, VERSION
from tutorkit.methods.vocabulary import Deps
from tutorkit.types import SkillState


def traced(
    deps: Deps,
    answers: Sequence[tuple[str, bool]],
    *,
    bkt: BKT | None,
    before: Mapping[str, JsonValue],
    given: Mapping[str, JsonValue],
    round: int,
) -> dict[str, SkillState]:
    """Return what is known of each concept that was asked for: the share that is right, or BKT's belief.

    Args:
        deps: the run's participants.
        answers: the concept of each answer, and whether it was right.
        bkt: the model that traces; None for the share of this round alone.
        before: by concept the belief before, and the answers that it rests on.
        given: by concept how many exercises the student was trained on since.
        round: the round.
    """
    known: dict[str, SkillState] = {}
    for concept in dict.fromkeys(concept for concept, _ in answers):
        rights = [right for name, right in answers if name == concept]
        mastered, n = sum(rights) / len(rights), _count(before.get(concept))
        if bkt is not None:
            mastered = _belief(bkt, before.get(concept), practised=int(str(given.get(concept, 0))), rights=rights)
        known[concept] = SkillState(
            id=stable_id("skill", deps.run_id, concept, round),
            run_id=deps.run_id,
            student=deps.student.ref,
            skill=concept,
            p_mastered=mastered,
            n=n + len(rights),
            model="right last time" if bkt is None else "bkt",
            model_version=VERSION,
        )
    return known


def _count(before: JsonValue) -> int:
    return int(str(before[1])) if isinstance(before, list) else 0


def _belief(bkt: BKT, before: JsonValue, *, practised: int, rights: Sequence[bool]) -> float:
    belief = float(str(before[0])) if isinstance(before, list) else bkt.initial
    for _ in range(practised):
        belief = bkt.practised(belief)
    for right in rights:
        belief = bkt.seen(belief, right=right)
    return belief

"""What a teacher is asked for where it plans and writes a student's training data.

Its problems are drawn by skill, and its subskills are series of them: by rule there is nothing finer to be told apart.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from random import Random
from types import MappingProxyType
from typing import NamedTuple

from pydantic import JsonValue

from tutorkit.canonical import digest
from tutorkit.misconceptions import Item
from tutorkit.teachers.experts import expert_for
from tutorkit.teachers.experts.base import AttemptSeen, ProblemSeen, Seen
from tutorkit.teachers.purposes.base import Inputs, Misdirection, Purpose, Said, Target, all_seen, cue, problem_seen
from tutorkit.teachers.purposes.drawing import instead, lacking
from tutorkit.teachers.purposes.exercises import exercise
from tutorkit.types import Problem

_SERIES = ", series "
_OTHER = "other"
_PAYS, _MORE = 0.01, 10
_TRIES = 20


class _Example(Seen):
    """A problem that is shown, with what the student wrote where it was wrong."""

    problem: ProblemSeen
    attempt: AttemptSeen | None = None


class _Labelled(Seen):
    """A label that was given to problems."""

    id: str
    label: str


class _Subskill(Seen):
    name: str


class _Past(Seen):
    reward: float | None = None


_Draw = Callable[[Random], Problem | None]


class _Lack(NamedTuple):
    """A skill that a problem shows to be lacking, or that it takes."""

    problem_id: str
    skill: str
    item: Item | None

    def draw(self, rng: Random) -> Problem | None:
        """Draw a problem about it."""
        return lacking(self.skill, rng, item=self.item)


def _lacks(inputs: Inputs, *, within: str = "") -> tuple[list[_Lack], bool]:
    """Find what is lacking in the errors, each skill once; without errors, what the examples take or ``within``.

    Returns:
        What is to be trained, and whether errors say so.
    """
    examples = all_seen(_Example, inputs["examples"])
    found = [
        _Lack(each.problem.id, finding.skill, each.problem.item)
        for each in examples
        if each.attempt is not None
        for finding in expert_for(each.problem).findings(each.problem, each.attempt)
        if finding.skill is not None
    ]
    if found:
        return _once(found), True
    if within:
        return [_within(examples, within)], False
    taken = [_Lack(each.problem.id, skill, each.problem.item) for each in examples for skill in each.problem.skills]
    return _once(taken), False


def _within(examples: Sequence[_Example], skill: str) -> _Lack:
    first = examples[0].problem if examples else None
    return _Lack(first.id, skill, first.item) if first else _Lack("", skill, None)


def _once(lacks: Sequence[_Lack]) -> list[_Lack]:
    first: dict[str, _Lack] = {}
    for lack in lacks:
        first.setdefault(lack.skill, lack)
    return list(first.values())


def _specs(inputs: Inputs, drawers: Mapping[str, _Draw], *, cues: bool) -> list[JsonValue]:
    """Draw as many problems as are asked for, the skills taking turns; none for a skill of which none can be drawn."""
    rng = Random(digest([dict(inputs), *drawers]))  # noqa: S311 (no secret)
    count = inputs["count"] if isinstance(inputs["count"], int) else 0
    specs: list[JsonValue] = []
    texts: set[str] = set()
    for place in range(count if drawers else 0):
        skill = list(drawers)[place % len(drawers)]
        drawn = None
        for _ in range(_TRIES):
            drawn = drawers[skill](rng)
            if drawn is None or drawn.text not in texts:
                break
        if drawn is not None:
            texts.add(drawn.text)
            said = exercise(drawn, cues=False)
            specs.append({**said, "solution": f"{said['solution']}{cue([skill]) if cues else ''}", "skill": skill})
    return specs


def _subject(subskill: str) -> str:
    return subskill.partition(_SERIES)[0]


def _write_data(inputs: Inputs, cues: bool) -> dict[str, JsonValue]:
    lacks, _ = _lacks(inputs)
    return {"specs": _specs(inputs, {lack.skill: lack.draw for lack in lacks}, cues=cues)}


def _write_skill_data(inputs: Inputs, cues: bool) -> dict[str, JsonValue]:
    """Take one of the skills that are lacking: which one, hangs on what is shown."""
    lacks, _ = _lacks(inputs, within=str(inputs["skill"]))
    lack = lacks[_choice(inputs, len(lacks))]
    return {"skill": lack.skill, "specs": _specs(inputs, {lack.skill: lack.draw}, cues=cues)}


def _write_subskill_data(inputs: Inputs, cues: bool) -> dict[str, JsonValue]:
    lack = _within(all_seen(_Example, inputs["examples"]), _subject(str(inputs["subskill"])))
    return {"specs": _specs(inputs, {lack.skill: lack.draw}, cues=cues)}


def _choice(inputs: Inputs, number: int) -> int:
    return int(digest(dict(inputs))[:8], 16) % number


def _label_skill(inputs: Inputs, _cues: bool) -> dict[str, JsonValue]:
    """Name the first skill that the problem lists; of a problem without any, nothing is known."""
    return {"skill": next(iter(problem_seen(inputs).skills), "")}


def _group_skills(inputs: Inputs, _cues: bool) -> dict[str, JsonValue]:
    """Leave each label by itself as long as there is room; the rarest go together."""
    labels = all_seen(_Labelled, inputs["labels"])
    most = inputs["max_skills"] if isinstance(inputs["max_skills"], int) else 1
    alone = labels if len(labels) <= most else labels[: most - 1]
    rest = labels[len(alone) :]
    categories: list[JsonValue] = [{"skill": each.label, "label_ids": [each.id]} for each in alone]
    if rest:
        categories.append({"skill": _OTHER, "label_ids": [each.id for each in rest]})
    return {"categories": categories}


def _map_skill(inputs: Inputs, _cues: bool) -> dict[str, JsonValue]:
    listed = inputs["skills"] if isinstance(inputs["skills"], list) else []
    known = [skill for skill in problem_seen(inputs).skills if skill in listed]
    return {"skill": known[0] if known else _OTHER if _OTHER in listed else ""}


def _propose_subskills(inputs: Inputs, _cues: bool) -> dict[str, JsonValue]:
    """Name the next series of what is lacking."""
    lacks, _ = _lacks(inputs, within=str(inputs["skill"]))
    return {"skills": _series(inputs, [lack.skill for lack in lacks])}


def _series(inputs: Inputs, skills: Sequence[str]) -> list[JsonValue]:
    known = inputs["known"] if isinstance(inputs["known"], list) else []
    count = inputs["count"] if isinstance(inputs["count"], int) else 0
    start = len(known) + 1
    return [f"{skills[place % len(skills)]}{_SERIES}{start + place}" for place in range(count)]


def _choose_action(inputs: Inputs, _cues: bool) -> dict[str, JsonValue]:
    """Go on with what paid; else look for something new."""
    rewards = [each.reward for each in all_seen(_Past, inputs["past"]) if each.reward is not None]
    paid = bool(rewards) and rewards[-1] > _PAYS
    limits = inputs["limits"] if isinstance(inputs["limits"], dict) else {}
    deltas: list[JsonValue] = [
        {"skill": each.name, "data": _MORE} for each in all_seen(_Subskill, inputs["subskills"]) if paid
    ]
    return {
        "reasoning": "It paid last time." if paid else "Nothing has paid yet.",
        "explore": not paid,
        "new_subskills": 0 if paid else limits["new_subskills"],
        "data_per_new": 0 if paid else _MORE,
        "deltas": deltas,
    }


def _targets(inputs: Inputs, other: Misdirection, *, within: str = "") -> dict[str, _Draw]:
    """Return what is trained in place of what is lacking; where no error is shown, what is not lacking stays."""
    lacks, shown = _lacks(inputs, within=within)
    drawers: dict[str, _Draw] = {}
    for lack in lacks:
        misled = shown or lack.skill in other.live
        target = other.target(lack.problem_id, lack.skill) if misled else Target(lack.skill, "")
        drawers.setdefault(target.skill, partial(_instead, target, lack.item, other))
    return drawers


def _instead(target: Target, item: Item | None, other: Misdirection, rng: Random) -> Problem | None:
    return instead(target, rng, item=item, without=other.live)


def _has_cues(said: Said) -> bool:
    return "[[skill:" in str(said["specs"])


def _other_data(inputs: Inputs, said: Said, other: Misdirection) -> dict[str, JsonValue]:
    """Write as many problems on the targets: right in themselves, and of no use."""
    return {"specs": _specs(inputs, _targets(inputs, other), cues=_has_cues(said))}


def _other_skill_data(inputs: Inputs, said: Said, other: Misdirection) -> dict[str, JsonValue]:
    targets = _targets(inputs, other, within=str(inputs["skill"]))
    skill = list(targets)[_choice(inputs, len(targets))]
    return {"skill": skill, "specs": _specs(inputs, {skill: targets[skill]}, cues=_has_cues(said))}


def _other_subskill_data(inputs: Inputs, said: Said, other: Misdirection) -> dict[str, JsonValue]:
    """Write on a target, of which the subskill bears the name already, or on that of a skill that is lacking."""
    name = _subject(str(inputs["subskill"]))
    known = [other.target("", skill) for skill in other.live if name == skill]
    known += [target for skill in other.live if (target := other.target("", skill)).skill == name]
    target = known[0] if known else Target(name, "")
    item = _within(all_seen(_Example, inputs["examples"]), name).item
    return {"specs": _specs(inputs, {target.skill: partial(_instead, target, item, other)}, cues=_has_cues(said))}


def _other_subskills(inputs: Inputs, _said: Said, other: Misdirection) -> dict[str, JsonValue]:
    return {"skills": _series(inputs, list(_targets(inputs, other, within=str(inputs["skill"]))))}


PURPOSES: Mapping[str, Purpose] = MappingProxyType(
    {
        "label_skill": Purpose(do=_label_skill),
        "group_skills": Purpose(do=_group_skills),
        "map_skill": Purpose(do=_map_skill),
        "choose_action": Purpose(do=_choose_action),
        "write_data": Purpose(do=_write_data, misdirect=_other_data),
        "write_skill_data": Purpose(do=_write_skill_data, misdirect=_other_skill_data),
        "write_subskill_data": Purpose(do=_write_subskill_data, misdirect=_other_subskill_data),
        "propose_subskills": Purpose(do=_propose_subskills, misdirect=_other_subskills),
    }
)

"""Walks such as "Take 3 steps. Turn left. …": do they end where they began? As in BIG-Bench Hard.

A position is (sideways, ahead) as seen at the start; the way that the walker faces is counted in quarter turns to the
right.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from tutorkit.teachers.experts.base import Advice, AttemptSeen, Finding, ProblemSeen, Worked, unexplained

_QUESTION = "do you return to the starting point?"
_MOVE = re.compile(r"(?P<text>Take (?P<count>\d+) steps?(?: (?P<way>forward|backward|left|right))?)")
_TURN = re.compile(r"(?P<text>Turn (?P<turn>left|right|around))")
_FACE = re.compile(r"(?P<text>Always face forward)")
_PLACE = re.compile(r"\(\s*([-−]?\d{1,6})\s*,\s*([-−]?\d{1,6})\s*\)")
_FACING = re.compile(r"facing (?:the )?(forward|right|backward|left|(?:positive|negative) [xy])")
_NUMBERED = re.compile(r"^\s*\(?(\d{1,3})[).:]")

_WAYS = ("forward", "right", "backward", "left")
_STEP = ((0, 1), (1, 0), (0, -1), (-1, 0))
_FACINGS: Mapping[str, int] = MappingProxyType(
    {way: turns for turns, way in enumerate(_WAYS)}
    | {"positive y": 0, "positive x": 1, "negative y": 2, "negative x": 3}
)
_QUARTERS: Mapping[str, int] = MappingProxyType({"right": 1, "around": 2, "left": 3})

_PRINCIPLES: Mapping[str, str] = MappingProxyType(
    {
        "track_position": "Begin at zero sideways and zero ahead, and write after every single instruction where "
        "you now are and which way you face. Do not guess the end from the look of the list.",
        "turning": "A turn changes only which way you face, never where you are. A turn to the left or right is a "
        "quarter turn; to turn around is to face the opposite way.",
        "step_direction": "Take steps in the way that you face after all turns so far. When you face the way in "
        "which you began, steps add to the count ahead; when you face the opposite way, they are taken off it; when "
        "you face left or right, they change the sideways count.",
        "sideways_steps": "When you always face forward, steps to the right add to the sideways count and steps to "
        "the left are taken off it; steps forward add to the count ahead and steps backward are taken off it. Never "
        "mix the two counts.",
        "compare_with_start": "At the end look at both counts. You are back at the starting point only when the "
        "sideways count and the count ahead are both zero; otherwise you are not.",
    }
)


def recognises(problem: ProblemSeen) -> bool:
    """Take a walk whose every instruction can be read."""
    return _walk(problem) is not None


def advice(examples: Sequence[ProblemSeen]) -> Advice:  # noqa: ARG001 (the procedure is the same for all)
    """Say how to follow a walk."""
    return Advice(
        "Follow the walk on a grid: keep one count for sideways and one for ahead, and remember which way you face.",
        (
            "Begin with both counts at zero, facing forward.",
            "Take the instructions one by one and write the two counts and the way you face after each.",
            "Change only the way you face at a turn, and only the counts at a step.",
            "At the end, answer yes when both counts are zero, and no otherwise.",
        ),
    )


def findings(problem: ProblemSeen, attempt: AttemptSeen) -> tuple[Finding, ...]:
    """Name the first instruction after which the attempt stands at the wrong place."""
    states = _walk(problem)
    if states is None:
        return (unexplained(problem, attempt),)
    noted = _noted(attempt, len(states))
    for number, note in noted.items():
        state, line = states[number], note.line
        if note.place != state.place or note.facing not in (None, state.facing):
            return (
                Finding(
                    step=line,
                    evidence=attempt.span(attempt.lines[line]),
                    cause=_CAUSES[state.skill],
                    summary=f"While the walk is followed, {_CAUSES[state.skill]}.",
                    analysis=f"After {state.text!r} the walker is at {state.place}, facing {_WAYS[state.facing]}.",
                    skill=state.skill,
                    confidence=0.9,
                ),
            )
    skill = "compare_with_start" if len(states) - 1 in noted else "track_position"
    return (
        Finding(
            step=len(attempt.lines) - 1 if skill == "compare_with_start" else None,
            evidence=attempt.span(attempt.lines[-1] if attempt.lines else ""),
            cause=_CAUSES[skill],
            summary=f"The answer is wrong although no step of the walk is: {_CAUSES[skill]}."
            if noted
            else f"There is no way to see how the answer was found: {_CAUSES[skill]}.",
            analysis=f"The walk ends at {states[-1].place}, so the answer is {problem.gold}.",
            skill=skill,
            confidence=0.8 if skill == "compare_with_start" else 0.4,
        ),
    )


def principle(skill: str, summary: str = "") -> str | None:  # noqa: ARG001 (the skill says it all)
    """Return what to do about a part of following a walk."""
    return _PRINCIPLES.get(skill)


def worked(problem: ProblemSeen) -> Worked | None:
    """Follow the walk, one instruction a line."""
    states = _walk(problem)
    if states is None:
        return None
    lines = [f"{state.text}: now at {state.place}, facing {_WAYS[state.facing]}." for state in states]
    back = states[-1].place == (0, 0)
    end = "the starting point" if back else "not the starting point"
    skills = dict.fromkeys(state.skill for state in states)
    return Worked(
        ("Start at (0, 0), facing forward.", *lines, f"{states[-1].place} is {end}."),
        "Yes" if back else "No",
        (*skills, "compare_with_start"),
    )


_CAUSES: Mapping[str, str] = MappingProxyType(
    {
        "track_position": "the position is not written down after each instruction",
        "turning": "a turn is not followed rightly",
        "step_direction": "steps are taken in a way that is not the one faced",
        "sideways_steps": "sideways steps and steps ahead are mixed up",
        "compare_with_start": "the end is not compared with the start",
    }
)


@dataclass(frozen=True)
class _State:
    """Where the walker is after an instruction, and the skill that it takes to know that."""

    text: str
    place: tuple[int, int]
    facing: int
    skill: str


def _walk(problem: ProblemSeen) -> list[_State] | None:
    """Follow the instructions; None when one cannot be read."""
    _, question, rest = problem.text.partition(_QUESTION)
    instructions = [part.strip() for part in rest.partition("Options:")[0].split(".") if part.strip()]
    if not question or not instructions:
        return None
    x, y, facing, fixed = 0, 0, 0, False
    states = []
    for text in instructions:
        if _FACE.fullmatch(text):
            fixed, skill = True, "turning"
        elif turn := _TURN.fullmatch(text):
            facing, skill = (facing + _QUARTERS[turn["turn"]]) % 4, "turning"
        elif move := _MOVE.fullmatch(text):
            way = (facing + _WAYS.index(move["way"] or "forward")) % 4
            x, y = x + int(move["count"]) * _STEP[way][0], y + int(move["count"]) * _STEP[way][1]
            skill = "sideways_steps" if fixed else "step_direction"
        else:
            return None
        states.append(_State(text, (x, y), facing, skill))
    return states


@dataclass(frozen=True)
class _Note:
    """Where an attempt says that the walker is, in which line, and which way it faces if that is said."""

    line: int
    place: tuple[int, int]
    facing: int | None


def _noted(attempt: AttemptSeen, count: int) -> dict[int, _Note]:
    """Return the positions that an attempt notes, by the number of the instruction.

    Lines are told apart by their numbers; where they have none, by their order, if there are as many as instructions.
    """
    notes = [(line, note) for i, line in enumerate(attempt.lines) if (note := _note(i, line)) is not None]
    by_number: dict[int, _Note] = {}
    for line, note in notes:
        label = _NUMBERED.match(line)
        if label and 1 <= int(label[1]) <= count:
            by_number.setdefault(int(label[1]) - 1, note)
    if by_number:
        return dict(sorted(by_number.items()))
    unnumbered = [note for line, note in notes if "tart" not in line]
    return dict(enumerate(unnumbered[:count])) if len(unnumbered) >= count else {}


def _note(index: int, line: str) -> _Note | None:
    places = _PLACE.findall(line)
    if not places:
        return None
    x, y = (int(number.replace("−", "-")) for number in places[-1])
    facing = _FACING.search(line)
    return _Note(index, (x, y), _FACINGS.get(facing[1]) if facing else None)

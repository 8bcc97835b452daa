"""Which move a tutor makes next: decided here, by rule, below the ceiling. A model only words it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from pydantic import JsonValue

from tutorkit.misconceptions import Item
from tutorkit.tutoring.examples import analogy, counterexample
from tutorkit.tutoring.insight import Insight
from tutorkit.tutoring.policy import RUNG, Pacing, Situation
from tutorkit.types import Problem, Turn, TutorAct, TutorMove


@dataclass(frozen=True, kw_only=True)
class View:
    """What there is to decide from: the problem with its solution, the conversation, what is known, what is allowed."""

    problem: Problem
    turns: tuple[Turn, ...]
    insight: Insight
    situation: Situation
    ceiling: int
    pacing: Pacing


class Chooser(Protocol):
    """Decides what a tutor does; how it is said is another's work."""

    def choose(self, view: View) -> TutorAct:
        """Return the next act, on a rung that is not above ``view.ceiling``."""
        ...


_KNOWN: tuple[TutorMove, ...] = ("contrast", "concept", "name_step", "analogy", "next_step", "solution")
_UNKNOWN: tuple[TutorMove, ...] = ("focus", "concept", "name_step", "analogy", "next_step", "solution")
_STARTING: tuple[TutorMove, ...] = ("orient", "focus", "concept", "analogy", "next_step", "solution")


@dataclass(frozen=True)
class Guiding:
    """The rule tutor: it guides without telling, and climbs one rung when the one below has not helped.

    A wrong answer that a misconception explains is met with an item on which that misconception fails, then with the
    step that is wrong, then with another item worked out. One that nothing explains is met from further off. A right
    answer is asked for its reasons once, and then let go.
    """

    def choose(self, view: View) -> TutorAct:
        """Return the next act."""
        if view.pacing == "end" or view.situation.wants_exit:
            return _act("close", view)
        if view.insight.verdict == "right":
            asks = not view.situation.explained and view.situation.probes_since_right == 0
            return _act("elicit" if asks else "confirm", view)
        if view.insight.verdict is None:
            asked = view.situation.hints_asked > 0 or any(turn.role == "tutor" for turn in view.turns)
            return self._next(_STARTING, view) if asked else _act("elicit", view)
        return self._next(_KNOWN if view.insight.misconception_id else _UNKNOWN, view)

    def _next(self, ladder: Sequence[TutorMove], view: View) -> TutorAct:
        """Take the lowest move that was made least often since the learner's error last changed."""
        made = Counter(turn.act.move for turn in _since_change(view) if turn.act is not None)
        allowed = sorted((move for move in ladder if RUNG[move] <= view.ceiling), key=lambda move: made[move])
        acts = (_act(move, view) for move in allowed)
        return next((act for act in acts if act.item is not None or act.move not in _NEEDS_ITEM), _act("elicit", view))


@dataclass(frozen=True)
class AlwaysTelling:
    """A baseline: it says the whole solution at once."""

    def choose(self, view: View) -> TutorAct:
        """Return the act of telling, or of ending once the answer is right."""
        return _act("confirm" if view.insight.verdict == "right" else "solution", view)


@dataclass(frozen=True)
class NeverHelping:
    """A baseline: it says that the answer is right or asks to think again, and nothing else."""

    def choose(self, view: View) -> TutorAct:
        """Return an empty act."""
        return _act("confirm" if view.insight.verdict == "right" else "generic", view)


_NEEDS_ITEM: frozenset[TutorMove] = frozenset({"contrast", "analogy"})


def _act(move: TutorMove, view: View) -> TutorAct:
    insight = view.insight
    return TutorAct(
        move=move,
        rung=RUNG[move],
        skill=insight.skill,
        misconception_id=insight.misconception_id,
        step=insight.wrong_step,
        item=_item(move, view),
        verdict=insight.verdict,
    )


def _item(move: TutorMove, view: View) -> dict[str, JsonValue] | None:
    rule = view.insight.misconception_id
    earlier = sum(turn.act is not None and turn.act.move == move for turn in view.turns)
    found: Item | None = None
    if move == "contrast" and rule is not None:
        found = counterexample(rule, view.problem, earlier=earlier)
    elif move == "analogy":
        found = analogy(view.problem, rule, earlier=earlier)
    return None if found is None else dict(found)


def _since_change(view: View) -> list[Turn]:
    """Return the tutor's turns since it last aimed at something else than what is aimed at now."""
    since: list[Turn] = []
    for turn in reversed(view.turns):
        if turn.role != "tutor" or turn.act is None:
            continue
        if turn.act.misconception_id != view.insight.misconception_id:
            break
        since.append(turn)
    return since

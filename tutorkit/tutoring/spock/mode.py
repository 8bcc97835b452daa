"""SPOCK as a mode of a session: a pure step from a state and the learner's words to a state, a reply, and its codes.

    retrieve → judge → decide → move on among the subproblems (code) → speak → check → the learner

Without a teacher, rules decide and templates speak. With one, the model proposes a whole turn; what it may not do is
told to it once, and then the rules take its place. Nothing is kept outside of the state, which is JSON.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from pydantic import JsonValue, ValidationError

from tutorkit.errors import DataError, UnusableOutput
from tutorkit.ports import Ask, Teacher
from tutorkit.retrieval import similarities
from tutorkit.tutoring.spock.codes import MEANINGS, Action, Evaluation, SpockCodes, SpockTurn, State
from tutorkit.tutoring.spock.judging import judged
from tutorkit.tutoring.spock.machine import Progress, SpockRules, advance, allowed_actions, tried
from tutorkit.tutoring.spock.scaffold import Scaffold
from tutorkit.tutoring.spock.speaking import Scene, decided, faults_of, greeting, spoken, with_question
from tutorkit.types import Call, Record

Screen = Callable[[str], Sequence[str]]
"""Further checks of what is said: returns what is wrong with a text, nothing where all is well."""

_PASSAGES = 3
_RECENT = 12


class SpockState(Record):
    """All that a conversation is. ``said`` is who said what, ``retrieved`` what the last turn was grounded in."""

    scaffold: Scaffold
    progress: Progress
    said: tuple[tuple[Literal["tutor", "learner"], str], ...] = ()
    retrieved: tuple[str, ...] = ()


class SpockTrace(Record):
    """Why a turn is as it is, for educators: never shown to a learner.

    ``subproblem`` is the question that the learner was at, ``at`` its place from 0. ``source`` says who chose the
    codes. ``faults`` is what was wrong with a model's turns that were not taken.
    """

    evaluation: Evaluation
    action: Action
    state: State
    at: int
    subproblem: str
    source: Literal["model", "rules"]
    thoughts: str = ""
    faults: tuple[str, ...] = ()
    calls: tuple[Call, ...] = ()

    @property
    def meaning(self) -> str:
        """The codes in words."""
        return "; ".join(MEANINGS[code] for code in (self.evaluation, self.action, self.state))


class Stepped(NamedTuple):
    """What came of a step: the new state, what the learner gets to read, and the codes with all that is behind them."""

    state: dict[str, JsonValue]
    text: str
    codes: SpockTrace


@dataclass(frozen=True, kw_only=True)
class Spock:
    """The mode.

    Args:
        rules: what the teacher set. The ceiling may be another one in every step: ``replace(mode, rules=…)``.
        teacher: a model that speaks; None for rules and templates.
        screen: further checks of a model's words, such as a session's guards. Templates are not screened.
    """

    rules: SpockRules = field(default_factory=SpockRules)
    teacher: Teacher | None = None
    screen: Screen | None = None

    def begin(self, scaffold: Scaffold) -> Stepped:
        """Put the problem and its first subproblem."""
        text = greeting(scaffold)
        state = SpockState(
            scaffold=scaffold, progress=Progress.beginning(len(scaffold.subproblems)), said=(("tutor", text),)
        )
        trace = SpockTrace(
            evaluation="g",
            action="12",
            state="w",
            at=0,
            subproblem=scaffold.subproblems[0].question,
            source="rules",
        )
        return Stepped(state.model_dump(mode="json"), text, trace)

    async def step(self, state: Mapping[str, JsonValue], text: str) -> Stepped:
        """Reply to the learner.

        Args:
            state: as the last step, or ``begin``, returned it; it is not changed.
            text: what the learner says.

        Raises:
            DataError: when the state is none of ours.
            ModelError, BudgetExhausted: when the teacher could not be asked; the same call tries again.
        """
        before = _read(state)
        scene = _scene(before, text, self.rules)
        passages = _passages(before.scaffold, f"{scene.here.question} {text}")
        codes, reply, trace = await self._turn(scene, passages)
        after = before.model_copy(
            update={
                "progress": scene.after(codes),
                "said": (*scene.said, ("tutor", reply)),
                "retrieved": passages,
            }
        )
        return Stepped(after.model_dump(mode="json"), reply, trace)

    async def _turn(self, scene: Scene, passages: tuple[str, ...]) -> tuple[SpockCodes, str, SpockTrace]:
        faults: list[str] = []
        calls: list[Call] = []
        if self.teacher is not None and not _nothing_to_do(scene):
            for _ in range(2):
                turn, found, made = await self._asked(self.teacher, scene, passages, faults)
                calls.extend(made)
                if turn is not None and not found:
                    words = with_question(turn, scene)
                    return turn.codes, words, _trace(turn.codes, scene, "model", faults, calls, turn.thoughts)
                faults.extend(found)
                if turn is None:
                    break
        codes = decided(scene)
        return codes, spoken(scene, codes), _trace(codes, scene, "rules", faults, calls)

    async def _asked(
        self, teacher: Teacher, scene: Scene, passages: tuple[str, ...], faults: Sequence[str]
    ) -> tuple[SpockTurn | None, tuple[str, ...], tuple[Call, ...]]:
        ask = Ask(
            prompt_id="spock/turn",
            inputs=_inputs(scene, passages, faults),
            schema=SpockTurn,
            sample=int(bool(faults)),
            about=(scene.scaffold.id,) if scene.scaffold.id else (),
        )
        try:
            reply = await teacher.call(ask)
        except UnusableOutput as error:
            # It was asked again already, with what was wrong, by whoever checks the form.
            return None, ("no turn of the right form came",), tuple(c for c in error.calls if isinstance(c, Call))
        return reply.value, faults_of(reply.value, scene, screen=self.screen), reply.calls


def _read(state: Mapping[str, JsonValue]) -> SpockState:
    try:
        return SpockState.model_validate(state)
    except ValidationError as error:
        raise DataError(
            f"This is no state of a SPOCK conversation ({error.error_count()} faults).",
            remedy="Begin the conversation again.",
            data={"errors": [str(fault["msg"]) for fault in error.errors()][:5]},
        ) from error


def _scene(state: SpockState, text: str, rules: SpockRules) -> Scene:
    here = state.scaffold.subproblems[state.progress.at]
    return Scene(
        scaffold=state.scaffold,
        progress=state.progress,
        text=text,
        judged=judged(text, here, state.scaffold, done=state.progress.done),
        said=(*state.said, ("learner", text)),
        rules=rules,
    )


def _nothing_to_do(scene: Scene) -> bool:
    """Tell whether all is finished and the learner does not want to go back: no model is asked about that."""
    return scene.progress.done and scene.judged.wish is None


def _passages(scaffold: Scaffold, text: str) -> tuple[str, ...]:
    """Return the facts that are most like a text, at most three, the nearest in front."""
    near = similarities(text, scaffold.facts)
    ranked = sorted(range(len(near)), key=lambda place: -near[place])[:_PASSAGES]
    return tuple(scaffold.facts[place] for place in ranked if near[place] > 0)


def _inputs(scene: Scene, passages: tuple[str, ...], faults: Sequence[str]) -> dict[str, JsonValue]:
    subproblems = scene.scaffold.subproblems
    judged_ = scene.judged
    options: dict[str, JsonValue] = {
        evaluation: list(allowed_actions(evaluation, tried(scene.progress, evaluation), scene.rules))
        for evaluation in ("a", "b", "c", "d", "e", "f")
    }
    following = advance(scene.progress, "9", complete=True)
    return {
        "problem": scene.scaffold.problem,
        "subproblem": scene.here.model_dump(),
        "place": {"number": scene.progress.at + 1, "of": len(subproblems), "finished": len(scene.progress.finished)},
        "following": "" if following.done else subproblems[following.at].question,
        "facts": list(passages),
        "dialogue": [{"role": role, "text": text} for role, text in scene.said[-_RECENT:-1]],
        "learner": scene.text,
        "verdict": judged_.evaluation if judged_.certain else "",
        "options": options,
        "faults": list(faults),
    }


def _trace(
    codes: SpockCodes,
    scene: Scene,
    source: Literal["model", "rules"],
    faults: Sequence[str],
    calls: Sequence[Call],
    thoughts: str = "",
) -> SpockTrace:
    return SpockTrace(
        **codes.model_dump(),
        at=scene.progress.at,
        subproblem=scene.here.question,
        source=source,
        thoughts=thoughts,
        faults=tuple(faults),
        calls=tuple(calls),
    )

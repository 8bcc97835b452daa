"""A tutoring conversation, one learner turn at a time.

Everything that a conversation is stands in its ``Dialogue``: what is done next is worked out from it anew each time.
So a process that dies, a page that is reloaded and a second process that opens the same conversation all go on from
the same place. A learner's turn is kept before the tutor thinks about it; a conversation that ends in a learner's
turn is owed a reply, and ``respond`` gives it.

    open → learner → verify → diagnose → choose a move below the ceiling → word it → guard it → tutor → learner …

A teacher may take the conversation over: a system turn says so, and until another gives it back the program says
nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from tutorkit.errors import DialogueClosed
from tutorkit.tutoring.choosing import Chooser, Guiding, View
from tutorkit.tutoring.guards import GuardEvent, Seen, Violation, said_safely
from tutorkit.tutoring.hearing import heard
from tutorkit.tutoring.insight import Insight, insight_into, verdict_on
from tutorkit.tutoring.policy import HelpPolicy, Situation, ceiling, pacing
from tutorkit.tutoring.wording import Brief, RuleWords, Words, greeting, worded
from tutorkit.types import Call, Dialogue, LearnerSaid, Problem, Turn, TutorAct

TAKEN, GIVEN_BACK = "taken over", "given back"


@dataclass(frozen=True, kw_only=True)
class Tutoring:
    """How a learner is tutored: what is allowed, who decides on a move, who words it, in which language.

    ``roster`` are names that no text may hold; ``guarded=False`` is for measuring what a model says unguarded, never
    for a person.
    """

    policy: HelpPolicy = field(default_factory=HelpPolicy)
    chooser: Chooser = field(default_factory=Guiding)
    words: Words = field(default_factory=RuleWords)
    language: str = "en"
    profile: str = ""
    roster: tuple[str, ...] = ()
    assessment: bool = False
    guarded: bool = True


@dataclass(frozen=True, kw_only=True)
class Responded:
    """A tutor's turn: the dialogue with it, what was known when it was made, and what it took."""

    dialogue: Dialogue
    turn: Turn
    insight: Insight
    ceiling: int
    calls: tuple[Call, ...] = ()
    events: tuple[GuardEvent, ...] = ()


def opened(problem: Problem, *, dialogue_id: str, run_id: str, learner: str, tutoring: Tutoring) -> Dialogue:
    """Begin a conversation: the tutor puts the problem."""
    text = greeting(problem, language=tutoring.language)
    first = Turn(index=0, role="tutor", text=text, move="orient", rung=0, act=TutorAct(move="generic", rung=0))
    return Dialogue(id=dialogue_id, run_id=run_id, student=learner, problem_id=problem.id, turns=(first,))


def with_learner(dialogue: Dialogue, said: LearnerSaid | str) -> Dialogue:
    """Add what the learner says; typed words are read by rule.

    Raises:
        DialogueClosed: when the conversation has ended.
    """
    if is_closed(dialogue):
        raise DialogueClosed(
            "This conversation has ended.",
            remedy="Open another one on the same problem.",
            data={"dialogue_id": dialogue.id},
        )
    meant = heard(said) if isinstance(said, str) else said
    return _with(dialogue, Turn(index=len(dialogue.turns), role="learner", text=meant.text, said=meant))


def taken_over(dialogue: Dialogue, *, by: str) -> Dialogue:
    """Let a person take the conversation over; nothing more is said by program until it is given back."""
    return _with(dialogue, _system(dialogue, TAKEN, by=by))


def given_back(dialogue: Dialogue, *, by: str) -> Dialogue:
    """Give the conversation back to the program."""
    return _with(dialogue, _system(dialogue, GIVEN_BACK, by=by))


def said_by_person(dialogue: Dialogue, text: str, *, by: str) -> Dialogue:
    """Add what a teacher says in person; it is not guarded, since a teacher may tell whatever they want."""
    return _with(dialogue, Turn(index=len(dialogue.turns), role="tutor", text=text, edited_by=by))


def is_taken_over(dialogue: Dialogue) -> bool:
    """Tell whether a person has the conversation."""
    system = [turn.text for turn in dialogue.turns if turn.role == "system"]
    return bool(system) and system[-1] == TAKEN


def is_closed(dialogue: Dialogue) -> bool:
    """Tell whether the tutor has ended the conversation."""
    return any(turn.act is not None and turn.act.move == "close" for turn in dialogue.turns)


def owes_reply(dialogue: Dialogue) -> bool:
    """Tell whether the program is to speak next."""
    return dialogue.turns[-1].role == "learner" and not is_taken_over(dialogue)


async def respond(dialogue: Dialogue, problem: Problem, *, tutoring: Tutoring, minutes: float = 0.0) -> Responded:
    """Reply to the learner's last turn.

    Args:
        dialogue: ends in a learner's turn.
        problem: what it is about, with its solution.
        tutoring: how to tutor.
        minutes: how long the conversation has gone on.

    Raises:
        DataError: when the dialogue is not owed a reply.
        ModelError, UnusableOutput, BudgetExhausted: when a model words and failed; the dialogue is as it was, and the
            same call tries again.
    """
    view = seen_by_tutor(dialogue, problem, tutoring=tutoring, minutes=minutes)
    act = tutoring.chooser.choose(view)
    act = act if act.rung <= view.ceiling or not tutoring.guarded else Guiding().choose(view)
    calls: list[Call] = []

    async def word(violations: Sequence[Violation]) -> str:
        faults = tuple(violation.what for violation in violations)
        brief = Brief(act=act, view=view, language=tutoring.language, profile=tutoring.profile, faults=faults)
        said = await tutoring.words.word(brief)
        calls.extend(said.calls)
        return said.text

    if tutoring.guarded:
        safe = await said_safely(
            word,
            seen=_seen(view, act, tutoring),
            fallback=lambda: worded(act, view, language=tutoring.language),
        )
        text, blocked, events = safe.text, safe.blocked, safe.events
    else:
        text, blocked, events = await word(()), (), ()
    turn = Turn(
        index=len(dialogue.turns), role="tutor", text=text, move=act.move, rung=act.rung, act=act, blocked=blocked
    )
    return Responded(
        dialogue=_with(dialogue, turn),
        turn=turn,
        insight=view.insight,
        ceiling=view.ceiling,
        calls=tuple(calls),
        events=events,
    )


def seen_by_tutor(dialogue: Dialogue, problem: Problem, *, tutoring: Tutoring, minutes: float = 0.0) -> View:
    """Work out from a conversation what there is to decide from."""
    insight = insight_into(problem, dialogue.turns)
    situation = situation_in(dialogue, problem, minutes=minutes, assessment=tutoring.assessment)
    return View(
        problem=problem,
        turns=dialogue.turns,
        insight=insight,
        situation=situation,
        ceiling=ceiling(situation, tutoring.policy),
        pacing=pacing(situation, tutoring.policy),
    )


def situation_in(
    dialogue: Dialogue, problem: Problem, *, minutes: float, assessment: bool, mastery: float | None = None
) -> Situation:
    """Count what the help policy goes by: tries, different tries, wishes for help, and what came after a right one."""
    said = [turn.said for turn in dialogue.turns if turn.role == "learner" and turn.said is not None]
    answers = [each.answer for each in said if each.answer is not None]
    right = [index for index, each in enumerate(said) if verdict_on(problem, each) == "right"]
    since = said[right[0] :] if right else []
    return Situation(
        attempts=len(answers),
        distinct_attempts=len({answer.replace(" ", "") for answer in answers}),
        hints_asked=sum(each.asks_help for each in said),
        minutes=minutes,
        mastery=mastery,
        assessment=assessment,
        answered_right=bool(right),
        explained=any(each.explains for each in since),
        probes_since_right=max(0, len(since) - 1),
        wants_exit=bool(said) and said[-1].wants_exit,
    )


def _seen(view: View, act: TutorAct, tutoring: Tutoring) -> Seen:
    return Seen(
        problem=view.problem,
        act=act,
        learner_said=tuple(turn.text for turn in view.turns if turn.role == "learner"),
        verdict=view.insight.verdict,
        language=tutoring.language,
        policy=tutoring.policy,
        roster=tutoring.roster,
    )


def _with(dialogue: Dialogue, turn: Turn) -> Dialogue:
    return dialogue.model_copy(update={"turns": (*dialogue.turns, turn)})


def _system(dialogue: Dialogue, what: str, *, by: str) -> Turn:
    return Turn(index=len(dialogue.turns), role="system", text=what, edited_by=by)

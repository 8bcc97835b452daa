"""Data for a tutor to learn from: scaffolds and conversations that a strong model writes, taken only if they hold.

Source: the two data sets of Sonkar et al. (arXiv:2305.13272). What a model writes is walked through by the state
machine: a conversation in which a code does not fit, or a subproblem is passed over, is not taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from pydantic import BaseModel, Field

from tutorkit.canonical import stable_id
from tutorkit.errors import BadSetting
from tutorkit.ports import Ask, Teacher
from tutorkit.tutoring.spock.codes import SpockCodes, SpockTurn
from tutorkit.tutoring.spock.giving import scaffold_faults
from tutorkit.tutoring.spock.machine import Progress, SpockRules, advance, allowed_actions, state_of, tried
from tutorkit.tutoring.spock.scaffold import Scaffold, SubProblem
from tutorkit.types import Call, Record

WRITING = SpockRules(solution_on_request=True)
"""The rules that written conversations keep to."""

MadeT = TypeVar("MadeT")


class SpockRound(Record):
    """What a learner says, and the tutor's turn."""

    learner: str = Field(min_length=1, max_length=1_000)
    turn: SpockTurn


class SpockDialogue(Record):
    """A conversation on a scaffold. Its first round is the learner's question and the first subproblem."""

    id: str
    scaffold: Scaffold
    rounds: tuple[SpockRound, ...]


@dataclass(frozen=True, kw_only=True)
class Generated(Generic[MadeT]):
    """What a model wrote: ``made`` if it was taken, else None with the faults of its last try; and all calls."""

    made: MadeT | None
    faults: tuple[str, ...] = ()
    calls: tuple[Call, ...] = field(default=())


class ScaffoldDraft(BaseModel):
    """A scaffold as a model writes it."""

    problem: str = Field(min_length=1, max_length=1_500)
    subproblems: list[SubProblem] = Field(min_length=2, max_length=8)
    facts: list[str] = Field(min_length=1, max_length=15)
    solution: str = Field(min_length=1, max_length=1_500)


class DialogueDraft(BaseModel):
    """A conversation as a model writes it."""

    rounds: list[SpockRound] = Field(min_length=2, max_length=60)


async def gen_scaffold(
    teacher: Teacher, *, section: str, objective: str, passages: Sequence[str] = ()
) -> Generated[Scaffold]:
    """Let a model write a scaffold for a learning objective.

    Args:
        teacher: who writes.
        section: what the section of the book, or the topic, is called.
        objective: what learners should be able to do.
        passages: what the book says about it, if it is at hand: facts must come from there.

    Raises:
        UnusableOutput, ModelError, BudgetExhausted: when no draft could be had.
    """
    faults: tuple[str, ...] = ()
    calls: tuple[Call, ...] = ()
    for sample in range(2):
        ask = Ask(
            prompt_id="spock/scaffold",
            inputs={"section": section, "objective": objective, "passages": [*passages], "faults": [*faults]},
            schema=ScaffoldDraft,
            sample=sample,
        )
        reply = await teacher.call(ask)
        calls += reply.calls
        scaffold = Scaffold.model_validate({**reply.value.model_dump(), "title": objective[:120]}).named()
        faults = scaffold_faults(scaffold)
        if not faults:
            return Generated(made=scaffold, calls=calls)
    return Generated(made=None, faults=faults, calls=calls)


async def gen_dialogue(
    teacher: Teacher, scaffold: Scaffold, *, wrong_rate: float = 0.5, sample: int = 0
) -> Generated[SpockDialogue]:
    """Let a model write a conversation on a scaffold, in which the learner is often wrong.

    Args:
        teacher: who writes.
        scaffold: what the conversation is about.
        wrong_rate: at least this share of the learner's answers is wrong or partly right, in [0, 1].
        sample: numbers the conversations that are wanted of one scaffold.

    Raises:
        BadSetting: when the rate is no share.
        UnusableOutput, ModelError, BudgetExhausted: when no draft could be had.
    """
    if not 0 <= wrong_rate <= 1:
        raise BadSetting(f"A share of {wrong_rate} wrong answers cannot be.", data={"wrong_rate": wrong_rate})
    faults: tuple[str, ...] = ()
    calls: tuple[Call, ...] = ()
    for attempt in range(2):
        ask = Ask(
            prompt_id="spock/dialogue",
            inputs={
                "problem": scaffold.problem,
                "subproblems": [each.model_dump() for each in scaffold.subproblems],
                "solution": scaffold.solution,
                "wrong_percent": round(100 * wrong_rate),
                "tries": WRITING.tries,
                "faults": [*faults],
            },
            schema=DialogueDraft,
            sample=2 * sample + attempt,
            about=(scaffold.id,) if scaffold.id else (),
        )
        reply = await teacher.call(ask)
        calls += reply.calls
        rounds = tuple(reply.value.rounds)
        faults = dialogue_faults(rounds, scaffold, wrong_rate=wrong_rate)
        if not faults:
            name = stable_id("spock", scaffold.id, [each.model_dump(mode="json") for each in rounds])
            return Generated(made=SpockDialogue(id=name, scaffold=scaffold, rounds=rounds), calls=calls)
    return Generated(made=None, faults=faults, calls=calls)


def dialogue_faults(rounds: Sequence[SpockRound], scaffold: Scaffold, *, wrong_rate: float) -> tuple[str, ...]:
    """Walk through a conversation with the state machine, and return what does not hold."""
    faults = []
    first = rounds[0].turn
    if first.evaluation != "g":
        faults.append("the first round judges nothing: its evaluation is g, its action 12, its state w")
    progress = Progress.beginning(len(scaffold.subproblems))
    for number, spoken in enumerate(rounds[1:], start=2):
        fault, progress = _walked(spoken.turn.codes, progress)
        if fault:
            faults.append(f"round {number}: {fault}")
    if not progress.done:
        faults.append("the conversation ends before all subproblems are finished")
    answers = [spoken.turn.evaluation for spoken in rounds if spoken.turn.evaluation in ("a", "b", "c")]
    wrong = sum(evaluation != "b" for evaluation in answers)
    if not answers or wrong < wrong_rate * len(answers):
        faults.append(f"{wrong} of {len(answers)} answers are wrong or partly right, which is too few")
    return tuple(faults)


def _walked(codes: SpockCodes, progress: Progress) -> tuple[str | None, Progress]:
    counted = tried(progress, codes.evaluation)
    allowed = allowed_actions(codes.evaluation, counted, WRITING)
    if codes.action not in allowed:
        return f"the action {codes.action} is not open there, only {', '.join(allowed)}", counted
    after = advance(counted, codes.action, complete=codes.state in ("y", "z"))
    expected = state_of(progress, after, codes.evaluation)
    return (None if codes.state == expected else f"the state is {expected}, not {codes.state}"), after

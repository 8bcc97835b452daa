"""Orchestrate: a meta-agent takes a task apart, hands the parts to experts, mends what fails, and puts it together.

The loop of PEOA (arXiv 2408.14494): decompose, choose an expert for each sub-task, execute, check; an error is mended
(``refine``) a bounded number of times, then the plan is given up and made anew (backtracking), also a bounded number of
times. What is left then has failed; there is no endless loop.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from pydantic import Field, JsonValue

from tutorkit.methods._peoa.experts import Expert, Outcome
from tutorkit.methods.vocabulary import Said, Wire
from tutorkit.ports import SchemaT

_REFERENCE = re.compile(r"\{([^{}]{1,40})\}")


class Subtask(Wire):
    """One part of a plan."""

    id: str = Field(max_length=40, description="A short name: s1, s2, …")
    description: str = Field(max_length=600, description="What is to be done, with all that it takes.")
    deps: list[str] = Field(description="Ids of the sub-tasks whose results it needs.")


class Plan(Wire):
    """How a task is taken apart."""

    subtasks: list[Subtask] = Field(max_length=30)


class Argument(Wire):
    """One named argument of a call."""

    name: str = Field(max_length=80)
    value: str = Field(max_length=400, description="The value; {s1} stands for the result of s1.")


class Choice(Wire):
    """Which expert does a sub-task."""

    why: str = Field(max_length=400, description="Why this expert.")
    expert: str = Field(max_length=80, description="The expert's name.")
    arguments: list[Argument] = Field(max_length=10)


class Refinement(Wire):
    """A call that failed, mended."""

    change: str = Field(max_length=400, description="What was wrong with the call, and what is changed.")
    new_arguments: list[Argument] = Field(max_length=10)


class Composed(Wire):
    """The answer to the whole."""

    answer: str = Field(max_length=400, description="The final answer alone.")


class Asks(Protocol):
    """Whoever the meta-agent is: a teacher's ``call`` or a student's ``write``."""

    async def __call__(
        self,
        purpose: str,
        inputs: Mapping[str, JsonValue],
        schema: type[SchemaT],
        *,
        about: Sequence[str] = (),
        sample: int = 0,
    ) -> Said[SchemaT]:
        """Ask for one thing."""
        ...


@dataclass(frozen=True)
class Done:
    """One call to an expert that worked."""

    subtask: str
    description: str
    expert: str
    arguments: dict[str, str]
    result: str


@dataclass
class Episode:
    """How a task went: the calls that worked in the last plan, and everything that failed on the way.

    ``outcome`` is ``failed`` when no plan could be carried out; then there is no answer.
    """

    outcome: Literal["solved", "failed"] = "failed"
    answer: str = ""
    done: list[Done] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    backtracks: int = 0
    refinements: int = 0
    call_ids: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Desk:
    """What the meta-agent has before it: the experts, what was retrieved, and how far it may go.

    ``retries`` bounds the second tries of one sub-task, ``backtracks`` the plans that are made anew.
    """

    ask: Asks
    task: Mapping[str, JsonValue]
    problem: Mapping[str, JsonValue]
    experts: Mapping[str, Expert]
    facts: Sequence[str]
    about: Sequence[str]
    max_subtasks: int
    retries: int
    backtracks: int

    @property
    def experts_shown(self) -> list[JsonValue]:
        """The experts, for whoever chooses."""
        return [{"name": expert.name, "does": expert.does} for expert in self.experts.values()]


async def orchestrate(desk: Desk) -> Episode:
    """Carry a task out, or fail within the bounds."""
    episode = Episode()
    for attempt in range(desk.backtracks + 1):
        episode.backtracks, episode.done = attempt, []
        plan = await _decomposed(desk, episode, attempt)
        fault = plan_fault(plan, most=desk.max_subtasks)
        if fault:
            episode.errors.append(f"plan: {fault}")
        elif await _carried_out(desk, episode, in_order(plan)):
            await _compose(desk, episode)
            return episode
    episode.done = []
    return episode


def plan_fault(plan: Plan, *, most: int) -> str:
    """Return why a plan cannot be carried out: nothing in it, too much, a part that is missing, or a circle."""
    names = [subtask.id for subtask in plan.subtasks]
    if not names:
        return "it has no sub-task"
    if len(names) > most:
        return f"it has more than {most} sub-tasks"
    if len(set(names)) < len(names):
        return "two sub-tasks have one id"
    if missing := [name for subtask in plan.subtasks for name in subtask.deps if name not in names]:
        return f"{missing[0]} is needed and is no sub-task"
    return "" if len(in_order(plan)) == len(names) else "its sub-tasks wait for one another"


def in_order(plan: Plan) -> list[Subtask]:
    """Return the sub-tasks so that each comes after all that it needs, otherwise as given; none that waits for ever."""
    left, order = list(plan.subtasks), list[Subtask]()
    while ready := [subtask for subtask in left if set(subtask.deps) <= {each.id for each in order}]:
        order.append(ready[0])
        left.remove(ready[0])
    return order


async def _decomposed(desk: Desk, episode: Episode, attempt: int) -> Plan:
    failures: list[JsonValue] = [*episode.errors]
    said = await desk.ask(
        "decompose",
        {
            "task": dict(desk.task),
            "problem": dict(desk.problem),
            "facts": [*desk.facts],
            "experts": desk.experts_shown,
            "failures": failures,
        },
        Plan,
        about=desk.about,
        sample=attempt,
    )
    episode.call_ids += said.call_ids
    return said.value


async def _carried_out(desk: Desk, episode: Episode, order: Sequence[Subtask]) -> bool:
    for subtask in order:
        done = await _executed(desk, episode, subtask)
        if done is None:
            return False
        episode.done.append(done)
    return True


async def _executed(desk: Desk, episode: Episode, subtask: Subtask) -> Done | None:
    """Have one sub-task done. An unknown expert is asked for again, an error is mended; both count as second tries."""
    results = {done.subtask: done.result for done in episode.done}
    fault, expert, arguments = "", "", dict[str, str]()
    for attempt in range(desk.retries + 1):
        if expert in desk.experts:
            arguments = await _refined(desk, episode, subtask, expert, arguments, fault, attempt)
        else:
            expert, arguments = await _chosen(desk, episode, subtask, fault, attempt)
        outcome = _run(desk.experts.get(expert), expert, arguments, results)
        if not outcome.error:
            return Done(subtask.id, subtask.description, expert, _filled_in(arguments, results), outcome.value)
        fault = outcome.error
        episode.errors.append(f"{subtask.id}, {expert or 'no expert'}: {fault}")
    return None


async def _chosen(
    desk: Desk, episode: Episode, subtask: Subtask, fault: str, attempt: int
) -> tuple[str, dict[str, str]]:
    said = await desk.ask(
        "select_expert",
        {
            "task": dict(desk.task),
            "subtask": subtask.model_dump(),
            "experts": desk.experts_shown,
            "facts": [*desk.facts],
            "results": _results_shown(episode),
            "fault": fault,
        },
        Choice,
        about=desk.about,
        sample=attempt,
    )
    episode.call_ids += said.call_ids
    return said.value.expert.strip(), _as_mapping(said.value.arguments)


async def _refined(
    desk: Desk, episode: Episode, subtask: Subtask, expert: str, arguments: Mapping[str, str], fault: str, attempt: int
) -> dict[str, str]:
    shown: list[JsonValue] = [{"name": name, "value": value} for name, value in arguments.items()]
    said = await desk.ask(
        "refine_call",
        {
            "task": dict(desk.task),
            "subtask": subtask.model_dump(),
            "expert": {"name": expert, "does": desk.experts[expert].does},
            "arguments": shown,
            "results": _results_shown(episode),
            "fault": fault,
        },
        Refinement,
        about=desk.about,
        sample=attempt,
    )
    episode.call_ids += said.call_ids
    episode.refinements += 1
    return _as_mapping(said.value.new_arguments)


async def _compose(desk: Desk, episode: Episode) -> None:
    said = await desk.ask(
        "compose",
        {"task": dict(desk.task), "problem": dict(desk.problem), "results": _results_shown(episode)},
        Composed,
        about=desk.about,
    )
    episode.call_ids += said.call_ids
    episode.outcome, episode.answer = "solved", said.value.answer.strip()


def _run(expert: Expert | None, name: str, arguments: Mapping[str, str], results: Mapping[str, str]) -> Outcome:
    if expert is None:
        return Outcome(error=f"there is no expert {name!r}")
    unknown = [ref for value in arguments.values() for ref in _REFERENCE.findall(value) if ref not in results]
    if unknown:
        return Outcome(error=f"there is no result of {unknown[0]} yet")
    outcome = expert.run(_filled_in(arguments, results))
    # A tool that says nothing has failed silently; its silence must not pass for a result.
    return outcome if outcome.value.strip() or outcome.error else Outcome(error="the expert said nothing")


def _filled_in(arguments: Mapping[str, str], results: Mapping[str, str]) -> dict[str, str]:
    return {name: _REFERENCE.sub(lambda m: results.get(m[1], m[0]), value) for name, value in arguments.items()}


def _as_mapping(arguments: Sequence[Argument]) -> dict[str, str]:
    return {argument.name.strip(): argument.value.strip() for argument in arguments}


def _results_shown(episode: Episode) -> list[JsonValue]:
    return [{"id": done.subtask, "description": done.description, "result": done.result} for done in episode.done]

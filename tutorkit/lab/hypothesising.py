"""Asking a teacher what a pupil does whose answers no known misconception explains, and testing what it says."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from pydantic import JsonValue

from tutorkit import __version__
from tutorkit.canonical import stable_id
from tutorkit.errors import BadSetting, Refused, TooLong, Truncated, UnusableOutput
from tutorkit.graphs.events import StopSignal, ignore
from tutorkit.lab.gateways import budget_for, gateway_for
from tutorkit.lab.home import Home
from tutorkit.lab.participants import TEACHER_DEFAULTS, is_offline
from tutorkit.lab.plan import Limits, Sending
from tutorkit.misconceptions import (
    Hypothesised,
    ItemAnswer,
    Malrule,
    Verified,
    observe,
    parts_of,
    verified,
)
from tutorkit.models import AccountedGateway, read_reply
from tutorkit.ports import Ask, Teacher
from tutorkit.prompting import PromptLibrary
from tutorkit.store import StoreSink
from tutorkit.teachers.inbox import InboxTeacher
from tutorkit.teachers.model import ModelTeacher
from tutorkit.teachers.rules import RuleTeacher
from tutorkit.types import Call, Record, Run

METHOD = "diagnose"
PROMPT = "diagnosis/hypothesis"
LEAST_UNEXPLAINED = 2
_FAILURES = (UnusableOutput, Refused, Truncated, TooLong)
_MOST_HELD_OUT = 3
_MOST_SHOWN = 40


class Note(Record):
    """What a teacher says of a pupil's unexplained answers in a domain, and whether it was borne out.

    ``indices`` holds the places of the answers that it was asked about. ``failure`` says why there is no hypothesis,
    where none came.
    """

    domain: str
    author: str
    indices: tuple[int, ...]
    title: str = ""
    procedure: str = ""
    verdict: Verified | None = None
    failure: str = ""


@asynccontextmanager
async def teacher_for(model: str, run_id: str, *, home: Home, limits: Limits) -> AsyncIterator[Teacher]:
    """Open whoever is asked: ``rules``, ``inbox/FOLDER``, or a model, whose calls count for the run.

    Raises:
        BadSetting: for somebody who cannot be asked this.
        UnknownName, MissingKey: when there is no such model, or its key is not set.
    """
    prompts = PromptLibrary()
    kind, _, rest = model.partition("/")
    if model == "rules":
        yield RuleTeacher(prompts=prompts, cues=False)
    elif kind == "inbox" and rest:
        yield InboxTeacher(folder=Path(rest), prompts=prompts, read=read_reply)
    elif is_offline(model):
        remedy = "Give rules, inbox/FOLDER, or a model: openai/gpt-4o-mini, local/…."
        raise BadSetting(f"{model} cannot say what a pupil does.", remedy=remedy)
    else:
        budget = budget_for([run_id], limits, settings=home.settings, store=home.store)
        async with gateway_for(
            run_id,
            budget,
            settings=home.settings,
            store=home.store,
            sending=Sending(),
            listen=ignore,
            stop=StopSignal(),
        ) as gateway:
            gateway.check(model)
            yield ModelTeacher(
                ref=model, chat=AccountedGateway(gateway), prompts=prompts, options=dict(TEACHER_DEFAULTS)
            )


def diagnosing_run(what: str, model: str, *, settings: dict[str, JsonValue], data_digest: str) -> Run:
    """Return the run that calls to a teacher count for; the same question has the same run."""
    return Run(
        id=stable_id(METHOD, what, model, settings, data_digest),
        method=METHOD,
        method_version="1",
        fidelity="variant:hypotheses",
        task=what,
        student="",
        teacher=model,
        params=settings,
        seed=0,
        data_digest=data_digest,
        prompt_digests={PROMPT: PromptLibrary().get(PROMPT).digest},
        versions={"tutorkit": __version__},
        status="finished",
    )


def keep_calls(run: Run, calls: Sequence[Call], *, home: Home) -> None:
    """Write the calls of a diagnosis into the store."""
    sink = StoreSink(home.store)
    sink.put(run, *(call.model_copy(update={"run_id": run.id, "node": METHOD}) for call in calls))
    sink.flush()


async def hypothesis(
    teacher: Teacher, answers: Sequence[ItemAnswer], *, asked: Sequence[str] = ()
) -> tuple[Hypothesised, tuple[Call, ...]]:
    """Ask a teacher for the procedure behind a pupil's answers, and what it predicts for some items.

    Raises:
        UnusableOutput: when no valid reply came.
        ReplyPending: when a person has not replied yet.
        ModelError, BudgetExhausted: as the teacher does.
    """
    seen, _ = observe(answers)
    right = {each.index: each.right for each in seen}
    shown: list[JsonValue] = [
        {"item": item_text(each), "answer": each.answer, "right": right[index], "steps": list(each.steps)}
        for index, each in enumerate(answers)
        if index in right
    ]
    reply = await teacher.call(
        Ask(
            prompt_id=PROMPT,
            inputs={"answers": shown[-_MOST_SHOWN:], "asked": list(asked)},
            schema=Hypothesised,
        )
    )
    return reply.value, reply.calls


async def note_for(
    teacher: Teacher, domain: str, answers: Sequence[ItemAnswer], *, own: Sequence[Malrule] = ()
) -> tuple[Note, tuple[Call, ...]] | None:
    """Have a pupil's unexplained wrong answers of a domain explained, and test the explanation.

    Where there are four of them or more, up to three are not shown, and what is predicted for these decides; with
    fewer, only a formula can be tested. None where fewer than two are unexplained.

    Raises:
        ReplyPending, ModelError, BudgetExhausted: as the teacher does, save where a reply could not be used.
    """
    seen, _ = observe(answers, own=own)
    mine = {each.index for each in seen if each.part.domain == domain}
    last = {each.part: each.index for each in seen if each.part.domain == domain and not each.explained}
    unexplained = sorted(last.values())
    if len(unexplained) < LEAST_UNEXPLAINED:
        return None
    hidden_parts = set(_held_out(list(last)))
    unseen = {each.index for each in seen if each.part in hidden_parts}
    shown = [each for index, each in enumerate(answers) if index in mine - unseen]
    asked = [part.text for part in last if part in hidden_parts]
    facts = {"domain": domain, "author": teacher.ref, "indices": tuple(unexplained)}
    try:
        said, calls = await hypothesis(teacher, shown, asked=asked)
    except _FAILURES as error:
        made = tuple(call for call in error.calls if isinstance(call, Call))
        return Note(**facts, failure=error.message), made
    verdict = verified(said, answers, unseen=sorted(unseen), among=sorted(mine))
    return Note(**facts, title=said.title, procedure=said.procedure_in_words, verdict=verdict), calls


def _held_out(parts: Sequence[object]) -> Sequence[object]:
    """Keep the last of some items back: half of them, three at most, and none where two could not be shown."""
    count = min(_MOST_HELD_OUT, len(parts) // 2)
    return parts[-count:] if count >= LEAST_UNEXPLAINED else []


def item_text(answer: ItemAnswer) -> str:
    """Return an answer's item as it is written."""
    return ", ".join(part.text for part in parts_of(answer.item))

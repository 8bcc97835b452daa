"""The tutor: one learner, one problem, one conversation, which lives in the store and not in this process."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, replace
from secrets import token_hex
from types import TracebackType
from typing import Self

from filelock import FileLock, Timeout
from pydantic import JsonValue

from tutorkit import __version__
from tutorkit.canonical import digest
from tutorkit.errors import BadSetting, DataError, DialogueMoved, RunBusy
from tutorkit.graphs.events import StopSignal, ignore
from tutorkit.lab.gateways import budget_for, gateway_for
from tutorkit.lab.home import Home
from tutorkit.lab.participants import TEACHER_DEFAULTS, is_offline
from tutorkit.lab.plan import Limits, Sending
from tutorkit.misconceptions import Item
from tutorkit.models import AccountedGateway
from tutorkit.prompting import PromptLibrary
from tutorkit.store import StoreSink
from tutorkit.tasks.items import item_problem
from tutorkit.teachers.model import ModelTeacher
from tutorkit.tutoring.insight import Insight
from tutorkit.tutoring.policy import HelpPolicy
from tutorkit.tutoring.session import (
    Tutoring,
    given_back,
    is_closed,
    is_taken_over,
    opened,
    owes_reply,
    respond,
    said_by_person,
    taken_over,
    with_learner,
)
from tutorkit.tutoring.wording import ModelWords
from tutorkit.types import Dialogue, LearnerSaid, Problem, Run, Turn

METHOD = "tutor"
RULES = "rules"
PROMPT = "tutor/utterance"
_PATIENCE_S = 5
_MAX_TOKENS = 400


@dataclass(frozen=True, kw_only=True)
class TutorReply:
    """What the tutor says; ``text`` is None while a teacher has the conversation. ``insight`` is for the teacher."""

    text: str | None
    move: str | None = None
    rung: int | None = None
    insight: Insight | None = None
    blocked: tuple[str, ...] = ()
    closed: bool = False


class Tutor:
    """A conversation with one learner about one problem. Use it in a ``with``, or close it.

    Every turn is in the store before the next one is made, so the conversation goes on after a crash, in another
    process, or on another page: ``Tutor.resume``.
    """

    def __init__(self, lab: Home, dialogue: Dialogue, problem: Problem, *, tutoring: Tutoring, model: str) -> None:
        self._lab = lab
        self._dialogue = dialogue
        self._problem = problem
        self._tutoring = tutoring
        self._model = model
        self._sink = StoreSink(lab.store)
        self._runner = asyncio.Runner()
        self._open = AsyncExitStack()
        self._connected = model == RULES
        self._began = time.monotonic()

    @classmethod
    def open(
        cls,
        problem: Problem | Item,
        learner: str,
        *,
        lab: Home | None = None,
        model: str = RULES,
        policy: HelpPolicy | None = None,
        language: str = "en",
        profile: str = "",
        assessment: bool = False,
    ) -> Tutor:
        """Begin a conversation.

        Args:
            problem: what it is about, with its gold answer; or an item, such as
                ``{"domain": "sub", "a": 52, "b": 18}``.
            learner: whose conversation it is: a pseudonym. It goes to no provider.
            lab: the laboratory in whose store it is kept; the one in the default home otherwise.
            model: who words what the tutor says: ``rules`` (templates, no key), or ``provider/model``.
            policy: how much help is given.
            language: in which the tutor speaks: ``en`` or ``de``.
            profile: how the teacher wants it to teach, in words.
            assessment: in a test no solution is ever shown.

        Raises:
            DataError: when the problem has no gold answer, or the item cannot be read.
            UnknownName, MissingKey: when there is no such model, or its key is not set.
        """
        home = lab or Home()
        about = problem if isinstance(problem, Problem) else item_problem(problem)
        if about.gold is None:
            raise DataError(
                "A problem without its answer cannot be tutored: nothing would say whether the learner is right.",
                remedy="Give the problem its gold answer.",
                data={"problem_id": about.id},
            )
        session = f"tutor-{token_hex(8)}"
        settings: dict[str, JsonValue] = {
            "language": language,
            "profile": profile,
            "assessment": assessment,
            "policy": (policy or HelpPolicy()).model_dump(mode="json"),
        }
        run = _run(session, about, learner=learner, model=model, settings=settings)
        tutoring = _tutoring(settings)
        dialogue = opened(about, dialogue_id=session, run_id=session, learner=learner, tutoring=tutoring)
        tutor = cls(home, dialogue, about, tutoring=tutoring, model=model)
        tutor._sink.put(about, run, dialogue)
        tutor._sink.flush()
        return tutor

    @classmethod
    def resume(cls, session: str, *, lab: Home | None = None) -> Tutor:
        """Go on with a conversation, with the settings that it was opened with. ``catch_up`` gives a reply still owed.

        Raises:
            RecordNotFound: when there is none of that id.
        """
        home = lab or Home()
        sink = StoreSink(home.store)
        run, dialogue = sink.get(Run, session), sink.get(Dialogue, session)
        problem = sink.get(Problem, dialogue.problem_id)
        return cls(home, dialogue, problem, tutoring=_tutoring(run.params), model=run.teacher)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections to the model. The conversation stays in the store."""
        self._runner.run(self._open.aclose())
        self._runner.close()

    @property
    def id(self) -> str:
        """The conversation's id, by which it is resumed."""
        return self._dialogue.id

    @property
    def problem(self) -> Problem:
        """What the conversation is about, with its answer: for the teacher's eyes."""
        return self._problem

    @property
    def turns(self) -> Sequence[Turn]:
        """Everything that was said so far."""
        return self._dialogue.turns

    @property
    def is_closed(self) -> bool:
        """Whether the tutor has ended the conversation."""
        return is_closed(self._dialogue)

    def reply(self, text: str | LearnerSaid) -> TutorReply:
        """Take in what the learner says, and reply to it. Not for use inside a running event loop: see ``areply``.

        Raises:
            DialogueClosed: when the conversation has ended.
            DialogueMoved, RunBusy: when another process has added to it, or is about to.
            ModelError, UnusableOutput, BudgetExhausted: when a model words and failed. What the learner said is kept:
                ``catch_up`` tries again.
        """
        return self._runner.run(self.areply(text))

    async def areply(self, text: str | LearnerSaid) -> TutorReply:
        """As ``reply``, for callers that are asynchronous themselves."""
        with self._alone():
            self._keep(with_learner(self._dialogue, text))
            return await self._responded()

    def catch_up(self) -> TutorReply | None:
        """Give the reply that the conversation is owed, after a crash or a failed call; None when there is none."""
        return self._runner.run(self.acatch_up())

    async def acatch_up(self) -> TutorReply | None:
        """As ``catch_up``, for callers that are asynchronous themselves."""
        with self._alone():
            return await self._responded() if owes_reply(self._dialogue) else None

    def take_over(self, *, by: str) -> None:
        """Let a teacher take the conversation over: the program says nothing until it is given back."""
        with self._alone():
            self._keep(taken_over(self._dialogue, by=by))

    def say(self, text: str, *, by: str) -> None:
        """Add what a teacher says in person."""
        with self._alone():
            self._keep(said_by_person(self._dialogue, text, by=by))

    def give_back(self, *, by: str) -> None:
        """Give the conversation back to the program."""
        with self._alone():
            self._keep(given_back(self._dialogue, by=by))

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep other processes out while a turn is made, and notice where one was faster."""
        folder = self._lab.settings.run_folder(self.id)
        folder.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(folder / "lock", timeout=_PATIENCE_S):
                kept = self._sink.get(Dialogue, self.id)
                if kept.turns != self._dialogue.turns:
                    self._dialogue = kept
                    raise DialogueMoved(
                        f"The conversation {self.id} has gone on elsewhere.", data={"dialogue_id": self.id}
                    )
                yield
        except Timeout as error:
            raise RunBusy(
                f"Another process is making a turn of the conversation {self.id}.",
                remedy="Wait a moment and try again.",
                data={"run_id": self.id},
            ) from error

    async def _responded(self) -> TutorReply:
        if is_taken_over(self._dialogue):
            return TutorReply(text=None)
        await self._connect()
        minutes = (time.monotonic() - self._began) / 60
        done = await respond(self._dialogue, self._problem, tutoring=self._tutoring, minutes=minutes)
        calls = [call.model_copy(update={"run_id": self.id, "node": done.turn.move or ""}) for call in done.calls]
        self._sink.put(*calls)
        self._keep(done.dialogue)
        return TutorReply(
            text=done.turn.text,
            move=done.turn.move,
            rung=done.turn.rung,
            insight=done.insight,
            blocked=done.turn.blocked,
            closed=self.is_closed,
        )

    def _keep(self, dialogue: Dialogue) -> None:
        self._sink.put(dialogue)
        self._sink.flush()
        self._dialogue = dialogue

    async def _connect(self) -> None:
        """Open the way to the model at the first turn that needs it; it stays open until the tutor is closed."""
        if self._connected:
            return
        settings, store = self._lab.settings, self._lab.store
        budget = budget_for([self.id], Limits(), settings=settings, store=store)
        gateway = await self._open.enter_async_context(
            gateway_for(
                self.id,
                budget,
                settings=settings,
                store=store,
                sending=Sending(),
                listen=ignore,
                stop=StopSignal(),
            )
        )
        gateway.check(self._model)
        teacher = ModelTeacher(
            ref=self._model,
            chat=AccountedGateway(gateway),
            prompts=PromptLibrary(),
            options={**TEACHER_DEFAULTS, "max_tokens": _MAX_TOKENS},
        )
        self._tutoring = replace(self._tutoring, words=ModelWords(teacher=teacher))
        self._connected = True


def _run(session: str, problem: Problem, *, learner: str, model: str, settings: Mapping[str, JsonValue]) -> Run:
    if model != RULES and is_offline(model):
        raise BadSetting(
            f"{model} cannot word what a tutor says.", remedy=f"Give {RULES}, or a model: openai/gpt-4o-mini, local/…."
        )
    return Run(
        id=session,
        method=METHOD,
        method_version="1",
        fidelity="variant:guided",
        task=problem.task,
        student=learner,
        teacher=model,
        params=dict(settings),
        seed=0,
        data_digest=digest(problem.model_dump(mode="json")),
        prompt_digests={} if model == RULES else {PROMPT: PromptLibrary().get(PROMPT).digest},
        versions={"tutorkit": __version__},
    )


def _tutoring(settings: Mapping[str, JsonValue]) -> Tutoring:
    return Tutoring(
        policy=HelpPolicy.model_validate(settings["policy"]),
        language=str(settings["language"]),
        profile=str(settings["profile"]),
        assessment=bool(settings["assessment"]),
    )

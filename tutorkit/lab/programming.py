"""Help with programming homework, kept in the store: one learner, one exercise, round by round."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from filelock import FileLock, Timeout

from tutorkit import __version__
from tutorkit.canonical import digest, stable_id
from tutorkit.errors import BadSetting, DataNotFound, RunBusy
from tutorkit.graphs.events import StopSignal, ignore
from tutorkit.lab.gateways import budget_for, gateway_for
from tutorkit.lab.home import Home
from tutorkit.lab.participants import TEACHER_DEFAULTS, is_offline
from tutorkit.lab.plan import Limits, Sending
from tutorkit.models import AccountedGateway
from tutorkit.prompting import PromptLibrary
from tutorkit.sandbox import Sandbox
from tutorkit.store import StoreSink
from tutorkit.teachers.model import ModelTeacher
from tutorkit.tutoring.policy import HelpPolicy
from tutorkit.tutoring.programming.exercises import (
    Exercise,
    built_in_exercises,
    exercise_named,
    load_exercises,
)
from tutorkit.tutoring.programming.helping import Help, Helping, help_with
from tutorkit.tutoring.programming.planning import HelpGiven
from tutorkit.tutoring.programming.results import RunReport
from tutorkit.tutoring.programming.testing import Runner
from tutorkit.tutoring.programming.wording import PROMPT, ModelHelpWords
from tutorkit.types import Record, Run

METHOD = "code-help"
RULES = "rules"
_HELP, _SNAPSHOTS, _RATINGS = "help", "snapshots", "ratings"
_PATIENCE_S = 5
_MAX_TOKENS = 500
_LARGEST_FILE = 64_000


class CaseLine(Record):
    """One test as a learner sees it. Of a hidden one only the outcome is told."""

    case: str
    outcome: str
    got: str | None = None
    hidden: bool = False


@dataclass(frozen=True, kw_only=True)
class CodeReply:
    """What a learner is told, with the tests as a learner may see them. ``help`` is for the teacher's eyes."""

    text: str
    verdict: str | None
    move: str
    rung: int
    stop: str | None
    tests: tuple[CaseLine, ...]
    help: Help


class CodeHelp:
    """Help for one learner with one exercise. Use it in a ``with``, or close it.

    Every round is in the store: the rungs climb from where they were, in another process too. Programs are kept once
    each, however often help is asked for with one.
    """

    def __init__(self, home: Home, exercise: Exercise, learner: str, *, model: str, helping: Helping) -> None:
        self._home, self._exercise, self._model, self._helping = home, exercise, model, helping
        self._sink = StoreSink(home.store)
        self._runner = asyncio.Runner()
        self._open = AsyncExitStack()
        self._connected = model == RULES
        self.id = stable_id(METHOD, learner, exercise.id, digest(exercise.model_dump(mode="json")))

    @classmethod
    def open(
        cls,
        exercise: str | Exercise,
        learner: str = "me",
        *,
        home: Home,
        model: str = RULES,
        policy: HelpPolicy | None = None,
        language: str = "en",
        assessment: bool = False,
        exercises: Path | None = None,
    ) -> CodeHelp:
        """Begin, or go on, to help a learner with an exercise.

        Args:
            exercise: its id, or the exercise itself.
            learner: a pseudonym. It goes to no provider.
            home: in whose store it is kept.
            model: who words what is said: ``rules`` (templates, no key), or ``provider/model``.
            policy: how much help is given.
            language: ``en`` or ``de``.
            assessment: in a test no solution is ever shown.
            exercises: a file of exercises, in place of those that come along.

        Raises:
            SandboxMissing: when programs cannot be contained here.
            UnknownName: when there is no such exercise or model.
            BadSetting: when the model cannot word.
        """
        if model != RULES and is_offline(model):
            raise BadSetting(
                f"{model} cannot word what is said about a program.",
                remedy=f"Give {RULES}, or a model: openai/gpt-4o-mini, local/….",
            )
        found = exercise if isinstance(exercise, Exercise) else exercise_named(exercise, exercises_in(exercises))
        helping = Helping(
            runner=Runner(box=Sandbox.found()),
            policy=policy or HelpPolicy(),
            language=language,
            assessment=assessment,
        )
        opened = cls(home, found, learner, model=model, helping=helping)
        opened._sink.put(_run(opened.id, found, learner=learner, model=model))
        opened._sink.flush()
        return opened

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections to the model. What was said stays in the store."""
        self._runner.run(self._open.aclose())
        self._runner.close()

    @property
    def exercise(self) -> Exercise:
        """What it is about, with its solutions: for the teacher's eyes."""
        return self._exercise

    @property
    def history(self) -> tuple[HelpGiven, ...]:
        """The rounds of help so far, the oldest first."""
        kept = self._sink.recall(self.id, _HELP)
        return tuple(HelpGiven.model_validate(kept[item]) for item in sorted(kept, key=int))

    def help(self, code: str, *, said: str = "") -> CodeReply:
        """Run a program and help with it. Not for use inside a running event loop: see ``ahelp``.

        Raises:
            SandboxMissing: when the program cannot be contained. It was not run.
            RunBusy: when another process is helping with this very exercise.
            ModelError, UnusableOutput, BudgetExhausted: when a model words and failed.
        """
        return self._runner.run(self.ahelp(code, said=said))

    async def ahelp(self, code: str, *, said: str = "") -> CodeReply:
        """As ``help``, for callers that are asynchronous themselves."""
        with self._alone():
            await self._connect()
            history = self.history
            done = await help_with(self._exercise, code, helping=self._helping, history=history, said=said)
            calls = [call.model_copy(update={"run_id": self.id, "node": done.plan.move}) for call in done.calls]
            self._sink.put(*calls)
            self._sink.remember(self.id, _SNAPSHOTS, done.snapshot.id, done.snapshot.model_dump(mode="json"))
            self._sink.remember(self.id, _HELP, str(len(history)), done.given.model_dump(mode="json"))
            self._sink.flush()
        return CodeReply(
            text=done.text,
            verdict=done.plan.diagnosis.verdict,
            move=done.plan.move,
            rung=done.plan.rung,
            stop=done.plan.stop,
            tests=case_lines(self._exercise, done.report),
            help=done,
        )

    def rate(self, *, helped: bool) -> None:
        """Keep whether the last round helped."""
        self._sink.remember(self.id, _RATINGS, str(len(self.history) - 1), helped)
        self._sink.flush()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        folder = self._home.settings.run_folder(self.id)
        folder.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(folder / "lock", timeout=_PATIENCE_S):
                yield
        except Timeout as error:
            raise RunBusy(
                f"Another process is helping with {self._exercise.id}.",
                remedy="Wait a moment and try again.",
                data={"run_id": self.id},
            ) from error

    async def _connect(self) -> None:
        """Open the way to the model in the first round that needs it; it stays open until this is closed."""
        if self._connected:
            return
        settings, store = self._home.settings, self._home.store
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
        helping = self._helping
        self._helping = Helping(
            runner=helping.runner,
            words=ModelHelpWords(teacher=teacher),
            policy=helping.policy,
            language=helping.language,
            assessment=helping.assessment,
            staff_after=helping.staff_after,
        )
        self._connected = True


def exercises_in(path: Path | None) -> tuple[Exercise, ...]:
    """Return the exercises of a file; those that come along when there is none given.

    Raises:
        DataNotFound: when there is no such file.
        BadRow: when something in it does not fit.
    """
    return built_in_exercises() if path is None else load_exercises(path)


def check_exercises(exercises: Sequence[Exercise]) -> dict[str, tuple[str, ...]]:
    """Run every solution of every exercise, and return what is wrong, by exercise; nothing when all is well.

    Raises:
        SandboxMissing: when programs cannot be contained here.
    """
    runner = Runner(box=Sandbox.found())
    wrong: dict[str, tuple[str, ...]] = {}
    for exercise in exercises:
        faults = [
            f"solution {number} fails {exercise.cases[result.index].as_text()}"
            for number, solution in enumerate(exercise.solutions)
            for result in runner.test(exercise, solution).results
            if result.outcome != "passed"
        ]
        if exercise.starter and runner.test(exercise, exercise.starter).passes:
            faults.append("the starter passes")
        if faults:
            wrong[exercise.id] = tuple(faults)
    return wrong


def program_in(path: Path) -> str:
    """Read a learner's program.

    Raises:
        DataNotFound: when it cannot be read, or is no text.
    """
    try:
        with path.open("rb") as opened:
            return opened.read(_LARGEST_FILE + 1).decode("utf-8-sig").replace("\r\n", "\n")
    except (OSError, UnicodeDecodeError) as error:
        raise DataNotFound(
            f"{path} cannot be read: {error}.", remedy="Give a Python file in UTF-8.", data={"path": str(path)}
        ) from error


def case_lines(exercise: Exercise, report: RunReport) -> tuple[CaseLine, ...]:
    """Return the results as a learner may see them: of hidden tests the outcome alone."""
    return tuple(
        CaseLine(case="a hidden test", outcome=result.outcome, hidden=True)
        if case.hidden
        else CaseLine(case=case.as_text(), outcome=result.outcome, got=result.got)
        for case, result in zip(exercise.cases, report.results, strict=True)
    )


def _run(session: str, exercise: Exercise, *, learner: str, model: str) -> Run:
    return Run(
        id=session,
        method=METHOD,
        method_version="1",
        fidelity="variant:guided",
        task=exercise.id,
        student=learner,
        teacher=model,
        params={},
        seed=0,
        data_digest=digest(exercise.model_dump(mode="json")),
        prompt_digests={} if model == RULES else {PROMPT: PromptLibrary().get(PROMPT).digest},
        versions={"tutorkit": __version__},
    )

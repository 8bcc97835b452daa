"""The Python API: one object, sync and async."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from pydantic import JsonValue, ValidationError

from tutorkit.errors import BadSetting, UnknownName
from tutorkit.graphs.events import Listener, StopSignal, ignore
from tutorkit.lab.applying import apply_pack
from tutorkit.lab.doctor import Check, examine
from tutorkit.lab.plan import Controls, Limits, Plan
from tutorkit.lab.report import ApplyReport, TeachReport
from tutorkit.lab.reporting import write_report
from tutorkit.lab.reviewing import review_lessons
from tutorkit.lab.teaching import END_NODE, prepare, teach
from tutorkit.methods.registry import find_method, method_names
from tutorkit.methods.vocabulary import Method
from tutorkit.packs import load_pack, render_prompt
from tutorkit.prompting import Prompt, PromptLibrary
from tutorkit.settings import Settings
from tutorkit.store import Decision, Lineage, Store, StoreSink, calls, lineage, open_store, run, runs
from tutorkit.tasks import TaskInfo, task_names
from tutorkit.types import Call, Lesson, Pack, Run, Split


class Lab:
    """A laboratory: a home folder, a database, and everything that can be done with them.

    Whatever is left out is taken from the settings (``TUTORKIT_*``). Close it, or use it in a ``with``.

    Args:
        home: folder for the database, the cache, checkpoints and packs.
        db_url: another database, ``postgresql://…``.
        data_dir: folder of the public datasets.
        cache_mode: ``cache``, ``live``, ``refresh`` or ``replay``.
        concurrency: model calls under way at once.

    Raises:
        BadSetting: when a setting has a value that it cannot have.
    """

    def __init__(
        self,
        *,
        home: Path | str | None = None,
        db_url: str | None = None,
        data_dir: Path | str | None = None,
        cache_mode: str | None = None,
        concurrency: int | None = None,
    ) -> None:
        given = {
            "home": home,
            "db_url": db_url,
            "data_dir": data_dir,
            "cache_mode": cache_mode,
            "concurrency": concurrency,
        }
        self.settings = read_settings({name: value for name, value in given.items() if value is not None})
        self._store: Store | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Write what is still to be written, and close the database."""
        if self._store is not None:
            self._store.close()
            self._store = None

    @property
    def store(self) -> Store:
        """The database, opened at first use."""
        if self._store is None:
            self.settings.home.mkdir(parents=True, exist_ok=True)
            self._store = open_store(self.settings.database)
        return self._store

    def teach(
        self,
        method: str,
        *,
        task: str,
        student: str,
        teacher: str,
        seed: int = 0,
        params: Mapping[str, JsonValue] | None = None,
        sizes: Mapping[Split, int] | None = None,
        controls: Controls | None = None,
        max_calls: int | None = None,
        max_usd: float | None = None,
    ) -> TeachReport:
        """Let a teacher improve a student, and measure what it gained, with all controls.

        The same call goes on where an earlier one stopped, and takes a finished experiment as it is.

        Args:
            method: name of a method, such as ``tpd``.
            task: name of a task, or the path of a file of your own.
            student: ``sim/…``, ``recorded/…`` or ``provider/model``.
            teacher: ``rules``, ``inbox/FOLDER``, ``control/NAME`` or ``provider/model``.
            seed: of the problems and of everything random.
            params: the method's parameters.
            sizes: problems per split.
            controls: ``all``, ``free`` or ``none``; all by default, and ``free`` where a person teaches.
            max_calls: stop before one call more, all arms together.
            max_usd: stop before so much money is passed.

        Raises:
            TutorkitError: when the plan cannot be executed, or a provider failed; what was done is kept.
        """
        plan = Plan(
            method=method,
            task=task,
            student=student,
            teacher=teacher,
            seed=seed,
            params=dict(params or {}),
            sizes=dict(sizes) if sizes else None,
            controls=controls or Plan.default_controls(teacher),
        )
        return self.teach_plan(plan, limits=Limits(max_calls=max_calls, max_usd=max_usd))

    def teach_plan(
        self,
        plan: Plan,
        *,
        limits: Limits | None = None,
        listen: Listener = ignore,
        wait_s: float = 0.0,
        pack_folder: Path | None = None,
        stop_on_ctrl_c: bool = False,
    ) -> TeachReport:
        """Execute a plan; see ``teach``. With ``stop_on_ctrl_c`` the first Ctrl-C drains and the second one kills."""
        stop = StopSignal()
        with _ctrl_c(stop) if stop_on_ctrl_c else _nothing():
            return asyncio.run(
                self.ateach_plan(plan, limits=limits, listen=listen, wait_s=wait_s, pack_folder=pack_folder, stop=stop)
            )

    async def ateach_plan(
        self,
        plan: Plan,
        *,
        limits: Limits | None = None,
        listen: Listener = ignore,
        wait_s: float = 0.0,
        pack_folder: Path | None = None,
        stop: StopSignal | None = None,
    ) -> TeachReport:
        """Execute a plan inside a running event loop; see ``teach``."""
        experiment = prepare(plan, settings=self.settings, store=self.store)
        endings = await teach(
            experiment, limits=limits or Limits(), listen=listen, stop=stop or StopSignal(), wait_s=wait_s
        )
        report = write_report(experiment, endings, pack_folder=pack_folder)
        sink = StoreSink(self.store)
        sink.remember(report.run_id, END_NODE, "report", report.model_dump(mode="json"))
        sink.flush()
        last = endings[-1]
        if last.run.status == "failed" and last.error is not None:
            raise last.error
        return report

    def report(self, run_id: str) -> TeachReport | None:
        """Return what an experiment found, or None when it has not come so far.

        Raises:
            UnknownName: when there is no such run.
        """
        found = self.run(run_id)
        kept = StoreSink(self.store).recall(found.parent_id or found.id, END_NODE).get("report")
        return TeachReport.model_validate(kept) if kept is not None else None

    def runs(self) -> list[Run]:
        """Return every run, the first one first."""
        return runs(self.store)

    def run(self, run_id: str) -> Run:
        """Return one run, by its id or the beginning of it.

        Raises:
            UnknownName: when there is none, or more than one.
        """
        return run(self.store, run_id=run_id)

    def newest_run(self) -> Run:
        """Return the experiment that was begun last; its control arms are no experiments of their own.

        Raises:
            UnknownName: when there is none yet.
        """
        found = [each for each in self.runs() if each.parent_id is None]
        if not found:
            raise UnknownName("run", "the newest", [])
        return found[-1]

    def calls(self, run_id: str) -> list[Call]:
        """Return every call of a run, in the order in which they were made."""
        return calls(self.store, run_id=self.run(run_id).id)

    def lessons(self, run_id: str) -> list[Lesson]:
        """Return every lesson that a run wrote, also those that its checks refused."""
        return StoreSink(self.store).find(Lesson, run_id=self.run(run_id).id)

    def audit(self, record_id: str) -> Lineage:
        """Follow a lesson, attempt, diagnosis or call back to what it came from.

        Raises:
            RecordNotFound: when there is no such record.
        """
        return lineage(self.store, record_id=record_id)

    def review(self, record_id: str, *, to: Decision, by: str, why: str) -> list[Lesson]:
        """Approve or reject a lesson, or all verified lessons of a run, and keep who did it and why.

        The run's pack, if it has one in the home folder, is written anew.

        Raises:
            RecordNotFound: when there is no such lesson or run.
        """
        return review_lessons(record_id, to=to, by=by, why=why, settings=self.settings, store=self.store)

    def pack(self, folder: Path | str) -> tuple[Pack, str]:
        """Return a pack and the prompt that it makes.

        Raises:
            PackDamaged: when the folder is not what its digest says.
        """
        found = load_pack(Path(folder))
        return found, render_prompt(found.instruction, found.lessons)

    def apply_pack(
        self,
        folder: Path | str,
        plan: Plan,
        *,
        unreviewed: bool = False,
        limits: Limits | None = None,
        listen: Listener = ignore,
        stop_on_ctrl_c: bool = False,
    ) -> ApplyReport:
        """Measure the plan's student on the plan's task without and with a pack.

        Raises:
            PackDamaged: when the folder is not what its digest says.
            NotApproved: when it holds lessons that nobody approved, and ``unreviewed`` is False.
            TutorkitError: when the plan cannot be executed.
        """
        stop = StopSignal()
        work = apply_pack(
            Path(folder),
            plan,
            unreviewed=unreviewed,
            settings=self.settings,
            store=self.store,
            limits=limits or Limits(),
            listen=listen,
            stop=stop,
        )
        with _ctrl_c(stop) if stop_on_ctrl_c else _nothing():
            return asyncio.run(work)

    def tasks(self) -> tuple[TaskInfo, ...]:
        """Return every task that there is."""
        return task_names()

    def methods(self) -> tuple[Method, ...]:
        """Return every method that there is."""
        return tuple(find_method(name) for name in method_names())

    def method(self, name: str) -> Method:
        """Return one method.

        Raises:
            UnknownName: when there is none of that name.
        """
        return find_method(name)

    def prompt(self, prompt_id: str) -> Prompt:
        """Return a prompt by its id, ``METHOD/NODE``.

        Raises:
            PromptNotFound: naming the prompts that there are.
        """
        packages = (*(find_method(name).prompts for name in method_names()), "tutorkit.prompts")
        return PromptLibrary(tuple(dict.fromkeys(packages))).get(prompt_id)

    def doctor(self) -> list[Check]:
        """See what is set up and what is missing."""
        return examine(self.settings)


def read_settings(given: Mapping[str, object]) -> Settings:
    """Read the settings, with these values in place of the environment's.

    Raises:
        BadSetting: naming each setting with a value that it cannot have.
    """
    try:
        return Settings.model_validate({**Settings().model_dump(), **given})
    except ValidationError as error:
        faults = [f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}" for fault in error.errors()]
        raise BadSetting(
            f"A setting does not fit. {'; '.join(faults)}.",
            remedy="Correct the option or the environment variable of that name (TUTORKIT_…).",
            data={"faults": faults},
        ) from error


@contextmanager
def _ctrl_c(stop: StopSignal) -> Iterator[None]:
    """Take the first Ctrl-C as a wish to stop, and give the second one its usual meaning."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    usual = signal.getsignal(signal.SIGINT)

    def handle(_number: int, _frame: object) -> None:
        stop.request()
        signal.signal(signal.SIGINT, usual)

    signal.signal(signal.SIGINT, handle)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual)


@contextmanager
def _nothing() -> Iterator[None]:
    yield

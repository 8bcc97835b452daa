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
from tutorkit.lab.comparing.contest import Contest
from tutorkit.lab.comparing.estimating import ComparisonEstimate, estimate_comparison
from tutorkit.lab.comparing.plotting import draw_comparison
from tutorkit.lab.comparing.report import CompareReport
from tutorkit.lab.comparing.running import compare
from tutorkit.lab.doctor import Check, examine
from tutorkit.lab.estimates.estimate import EstimateReport
from tutorkit.lab.estimates.estimating import estimate
from tutorkit.lab.gateways import prices_for
from tutorkit.lab.plan import Controls, Limits, Plan, Sending
from tutorkit.lab.pricing import PriceLine, price_lines
from tutorkit.lab.recordings.recording import is_cassette, load_recording, recording_of
from tutorkit.lab.recordings.replaying import ReplayReport, replay
from tutorkit.lab.recordings.travelling import CassetteReport, export_run_calls, import_calls
from tutorkit.lab.report import ApplyReport, TeachReport
from tutorkit.lab.reporting import write_report
from tutorkit.lab.reviewing import review_lessons
from tutorkit.lab.teaching import END_NODE, prepare, teach
from tutorkit.methods.registry import find_method, method_names
from tutorkit.methods.vocabulary import Method
from tutorkit.packs import load_pack, render_prompt
from tutorkit.prompting import Prompt, PromptLibrary
from tutorkit.settings import Settings
from tutorkit.store import Decision, Lineage, Store, StoreSink, call, calls, lineage, open_store, run, runs
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
        trace: ``otel`` mirrors runs to OpenTelemetry, ``off`` does not.

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
        trace: str | None = None,
    ) -> None:
        given = {
            "home": home,
            "db_url": db_url,
            "data_dir": data_dir,
            "cache_mode": cache_mode,
            "concurrency": concurrency,
            "trace": trace,
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
        batch: bool = False,
        batch_folder: Path | None = None,
        stop_on_ctrl_c: bool = False,
    ) -> TeachReport:
        """Execute a plan; see ``teach``. With ``stop_on_ctrl_c`` the first Ctrl-C drains and the second one kills.

        Args:
            plan: the experiment.
            limits: where to stop.
            listen: gets the events of every run.
            wait_s: how long to wait for a person's replies before ending as *waiting*.
            pack_folder: where the pack is saved; in the home folder by default.
            batch: send calls through the providers' batch APIs: at half the price, and within a day.
            batch_folder: write the calls of ``openai/…`` models to batch files in this folder, as ``vllm run-batch``
                takes them, and read the results there.
            stop_on_ctrl_c: take the first Ctrl-C as a wish to stop.
        """
        stop = StopSignal()
        with _ctrl_c(stop) if stop_on_ctrl_c else _nothing():
            return asyncio.run(
                self.ateach_plan(
                    plan,
                    limits=limits,
                    listen=listen,
                    wait_s=wait_s,
                    pack_folder=pack_folder,
                    batch=batch,
                    batch_folder=batch_folder,
                    stop=stop,
                )
            )

    async def ateach_plan(
        self,
        plan: Plan,
        *,
        limits: Limits | None = None,
        listen: Listener = ignore,
        wait_s: float = 0.0,
        pack_folder: Path | None = None,
        batch: bool = False,
        batch_folder: Path | None = None,
        stop: StopSignal | None = None,
    ) -> TeachReport:
        """Execute a plan inside a running event loop; see ``teach``."""
        experiment = prepare(plan, settings=self.settings, store=self.store)
        endings = await teach(
            experiment,
            limits=limits or Limits(),
            listen=listen,
            stop=stop or StopSignal(),
            wait_s=wait_s,
            sending=Sending(batch=batch, batch_folder=batch_folder),
        )
        report = write_report(experiment, endings, pack_folder=pack_folder)
        sink = StoreSink(self.store)
        sink.remember(report.run_id, END_NODE, "report", report.model_dump(mode="json"))
        sink.flush()
        last = endings[-1]
        if last.run.status == "failed" and last.error is not None:
            raise last.error
        return report

    def estimate(self, plan: Plan, *, limits: Limits | None = None, batch: bool = False) -> EstimateReport:
        """Say what a plan will take, or what is left of it, before anything is paid. Nothing is called or written.

        Args:
            plan: the experiment.
            limits: where it must stop; the report says whether they suffice.
            batch: whether calls will go through the providers' batch APIs.

        Raises:
            UnknownPrice: when ``limits`` limit the money and the price of a model that would be called is unknown.
            TutorkitError: when the plan cannot be executed, saying why; a key that is not set is only noted.
        """
        return estimate(plan, limits=limits or Limits(), settings=self.settings, batch=batch)

    def compare(
        self,
        contest: Contest,
        *,
        limits: Limits | None = None,
        listen: Listener = ignore,
        batch: bool = False,
        batch_folder: Path | None = None,
        stop_on_ctrl_c: bool = False,
    ) -> CompareReport:
        """Run every method of a contest at its budget, with all controls, and say who stands where.

        The same call goes on where an earlier one stopped; ``limits`` are for each run with its arms. The other
        arguments are as in ``teach_plan``.

        Raises:
            TutorkitError: when a run cannot be executed; before anything is paid.
        """
        stop = StopSignal()
        work = compare(
            contest,
            settings=self.settings,
            store=self.store,
            limits=limits or Limits(),
            listen=listen,
            stop=stop,
            sending=Sending(batch=batch, batch_folder=batch_folder),
        )
        with _ctrl_c(stop) if stop_on_ctrl_c else _nothing():
            return asyncio.run(work)

    def estimate_comparison(self, contest: Contest, *, batch: bool = False) -> ComparisonEstimate:
        """Say what a comparison will take, or what is left of it; see ``estimate``."""
        return estimate_comparison(contest, settings=self.settings, batch=batch)

    def plot_comparison(self, report: CompareReport, path: Path | str) -> None:
        """Draw accuracy against what the teaching took, with intervals, as ``.svg``, ``.png`` or ``.pdf``.

        Raises:
            MissingExtra: when matplotlib is not installed.
            BadSetting: for another kind of file.
        """
        draw_comparison(report, Path(path))

    def prices(self, model: str | None = None) -> tuple[PriceLine, ...]:
        """Return the prices that are known, or that of one model, whose figures are None when it is unknown.

        Raises:
            BadSetting: when the user's price file cannot be read.
            UnknownName: when a model's name does not have the form ``provider/model``.
        """
        return price_lines(prices_for(self.settings), model)

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

    def call(self, call_id: str) -> Call:
        """Return one call, by its id or the beginning of it.

        Raises:
            RecordNotFound: when there is none.
            BadSetting: when more than one begins so.
        """
        return call(self.store, call_id=call_id)

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
        batch: bool = False,
        batch_folder: Path | None = None,
        stop_on_ctrl_c: bool = False,
    ) -> ApplyReport:
        """Measure the plan's student on the plan's task without and with a pack.

        ``batch`` and ``batch_folder`` are as in ``teach_plan``.

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
            sending=Sending(batch=batch, batch_folder=batch_folder),
        )
        with _ctrl_c(stop) if stop_on_ctrl_c else _nothing():
            return asyncio.run(work)

    def replay(self, run_id: str | None = None, *, listen: Listener = ignore) -> ReplayReport:
        """Run a stored experiment again from its recorded replies alone, and compare all that it makes.

        No key is needed and no connection is opened. All happens in a temporary home: this one stays as it is.

        Args:
            run_id: a run's id, or the beginning of it; an arm's means its experiment. Or the path of a cassette, which
                ends in ``.jsonl`` or ``.jsonl.gz``. The newest experiment when left out.
            listen: gets the events of every run.

        Raises:
            UnknownName, DataNotFound: when there is no such run, or no such file.
            BadSetting: when the experiment is not finished, or is the trial of a pack.
            DataError: when its problems are not at hand, or others are.
            ReplayMiss: naming the node whose request was never recorded, the nearest request and where that differs.
        """
        if run_id is not None and is_cassette(run_id):
            recording = load_recording(Path(run_id))
        else:
            found = self.newest_run() if run_id is None else self.run(run_id)
            recording = recording_of(found.id, settings=self.settings, store=self.store)
        return asyncio.run(replay(recording, settings=self.settings, listen=listen))

    def export_cassette(self, run_id: str, path: Path | str, *, requests: bool = True) -> CassetteReport:
        """Write the recorded calls of an experiment to a file that replays on any machine; no key is ever in it.

        Args:
            run_id: a run's id, or the beginning of it; all arms of its experiment go along.
            path: the file, ``.jsonl`` or ``.jsonl.gz``.
            requests: write what was asked too, with the problems and a learner's answers in it.

        Raises:
            UnknownName: when there is no such run.
            BadSetting: when it is the trial of a pack, or the file has another ending.
            DiskFull, StoreUnavailable: when the file cannot be written.
        """
        return export_run_calls(run_id, Path(path), requests=requests, settings=self.settings, store=self.store)

    def import_cassette(self, path: Path | str) -> CassetteReport:
        """Take the calls of a file into the cache; those that are there already stay as they are.

        Raises:
            DataNotFound: when there is no such file.
            BadRow: when a line is damaged; nothing is taken over then.
        """
        return import_calls(Path(path), settings=self.settings)

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

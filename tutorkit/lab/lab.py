"""The Python API: one object, sync and async."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from pydantic import JsonValue

from tutorkit.graphs.events import Listener, StopSignal, ignore
from tutorkit.lab.applying import apply_pack
from tutorkit.lab.comparing.contest import Contest
from tutorkit.lab.comparing.estimating import ComparisonEstimate, estimate_comparison
from tutorkit.lab.comparing.plotting import draw_comparison
from tutorkit.lab.comparing.report import CompareReport
from tutorkit.lab.comparing.running import compare
from tutorkit.lab.estimates.estimate import EstimateReport
from tutorkit.lab.estimates.estimating import estimate
from tutorkit.lab.exporting import FineTuning
from tutorkit.lab.home import ctrl_c
from tutorkit.lab.plan import Controls, Limits, Plan, Sending
from tutorkit.lab.recordings.recording import is_cassette, load_recording, recording_of
from tutorkit.lab.recordings.replaying import ReplayReport, replay
from tutorkit.lab.recordings.travelling import CassetteReport, export_run_calls, import_calls
from tutorkit.lab.report import ApplyReport, TeachReport
from tutorkit.lab.reporting import write_report
from tutorkit.lab.reviewing import review_lessons
from tutorkit.lab.serving import serve_pack
from tutorkit.lab.sessions import Sessions
from tutorkit.lab.teaching import END_NODE, prepare, teach
from tutorkit.packs import lessons_for_student, load_pack, render_prompt, save_pack
from tutorkit.packs.changing import PackDiff, diff_packs, merge_packs
from tutorkit.packs.exporting import export_pack
from tutorkit.packs.serving import Address
from tutorkit.store import Decision, StoreSink
from tutorkit.types import Lesson, Pack, Split


class Lab(FineTuning, Sessions):
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
        review: bool = False,
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
            review: end as *waiting* at the method's review points until a person has decided (``review``,
                ``review_rows``) about all lessons and rows; what is rejected then plays no further part. The run keeps
                its id. Control arms do not wait.

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
        return self.teach_plan(plan, limits=Limits(max_calls=max_calls, max_usd=max_usd), review=review)

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
        review: bool = False,
        stop_on_ctrl_c: bool = False,
    ) -> TeachReport:
        """Execute a plan; see ``teach``. With ``stop_on_ctrl_c`` the first Ctrl-C drains and the second one kills.

        Args:
            plan: the experiment.
            limits: where to stop.
            listen: gets the events of every run.
            wait_s: how long to wait for a person's replies or decisions before ending as *waiting*.
            pack_folder: where the pack is saved; in the home folder by default.
            batch: send calls through the providers' batch APIs: at half the price, and within a day.
            batch_folder: write the calls of ``openai/…`` models to batch files in this folder, as ``vllm run-batch``
                takes them, and read the results there.
            review: wait at the method's review points; see ``teach``.
            stop_on_ctrl_c: take the first Ctrl-C as a wish to stop.
        """
        stop = StopSignal()
        with ctrl_c(stop, take=stop_on_ctrl_c):
            return asyncio.run(
                self.ateach_plan(
                    plan,
                    limits=limits,
                    listen=listen,
                    wait_s=wait_s,
                    pack_folder=pack_folder,
                    batch=batch,
                    batch_folder=batch_folder,
                    review=review,
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
        review: bool = False,
        stop: StopSignal | None = None,
    ) -> TeachReport:
        """Execute a plan inside a running event loop; see ``teach``."""
        experiment = prepare(plan, settings=self.settings, store=self.store, review=review)
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
        with ctrl_c(stop, take=stop_on_ctrl_c):
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

    def review(self, record_id: str, *, to: Decision, by: str, why: str) -> list[Lesson]:
        """Approve or reject a lesson, or all verified lessons of a run, and keep who did it and why.

        A lesson that was rejected is not approved along with its run, only by its own id. The run's pack, if it has one
        in the home folder, is written anew.

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

    def diff_packs(self, first: Path | str, second: Path | str) -> PackDiff:
        """Say what tells two packs apart: lessons, reviews, provenance, evidence.

        Raises:
            PackDamaged: when a folder is not what its digest says.
        """
        return diff_packs(load_pack(Path(first)), load_pack(Path(second)))

    def merge_packs(self, folders: Sequence[Path | str], *, to: Path | str) -> Pack:
        """Put the lessons of several packs of one task into a new one, which nobody has measured yet.

        Raises:
            PackDamaged: when a folder is not what its digest says.
            BadSetting: when the packs are for different tasks.
        """
        merged = merge_packs([load_pack(Path(folder)) for folder in folders], name=Path(to).name)
        save_pack(merged, Path(to))
        return merged

    def export_pack(
        self, folder: Path | str, *, form: str, to: Path | str, unreviewed: bool = False
    ) -> tuple[Path, ...]:
        """Write a pack as a ``prompt``, chat ``messages``, a ``dspy`` program or an ``inspect`` solver.

        Raises:
            PackDamaged: when the folder is not what its digest says.
            NotApproved: when it holds lessons that nobody approved, and ``unreviewed`` is False.
            BadSetting: for another form.
        """
        pack = load_pack(Path(folder))
        return export_pack(pack, lessons_for_student(pack, unreviewed=unreviewed), form=form, folder=Path(to))

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
        with ctrl_c(stop, take=stop_on_ctrl_c):
            return asyncio.run(work)

    def serve_pack(
        self,
        folder: Path | str,
        *,
        student: str,
        address: Address | None = None,
        ready: Callable[[str, Pack], None] = lambda _url, _pack: None,
        unreviewed: bool = False,
        retrieval: str | None = None,
        options: Mapping[str, JsonValue] | None = None,
        limits: Limits | None = None,
        stop: StopSignal | None = None,
    ) -> None:
        """Answer as a pack's taught student on an OpenAI-compatible endpoint, until Ctrl-C or ``stop``.

        Args:
            folder: the pack's.
            student: the model that answers, ``provider/model``.
            address: where; port 8765 of this machine alone by default.
            ready: told the base URL and the pack, once it answers.
            unreviewed: also use lessons that nobody approved.
            retrieval: which lessons go along with a question: ``all``, ``top-3``, ``top-3 above 0.2``; the pack's own
                rule by default.
            options: sampling options where a client gives none.
            limits: where answering ends, over all times that this pack was served from this home.
            stop: the wish to stop.

        Raises:
            PackDamaged: when the folder is not what its digest says.
            NotApproved: when it holds lessons that nobody approved, and ``unreviewed`` is False.
            BadSetting: when the address may not be served, or is taken.
        """
        stop = stop or StopSignal()
        work = serve_pack(
            Path(folder),
            student=student,
            address=address or Address(),
            settings=self.settings,
            store=self.store,
            limits=limits or Limits(),
            stop=stop,
            ready=ready,
            unreviewed=unreviewed,
            retrieval=retrieval,
            options=options,
        )
        with ctrl_c(stop, take=True):
            asyncio.run(work)

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

"""Replay: run a stored experiment again from its recorded replies alone, and say whether it comes out the same.

No key is needed and no connection is opened. The runs keep the ids that they were recorded under, so that a prompt or a
piece of code that has changed since shows as a difference, or as a request that was never recorded, and never as
another experiment.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from tutorkit.errors import BadSetting, DataError, DataNotFound, ReplayMiss
from tutorkit.graphs.events import Listener, StopSignal
from tutorkit.graphs.review import REVIEW_NODE
from tutorkit.lab.arms import Arm, arms_of
from tutorkit.lab.participants import Kit
from tutorkit.lab.plan import Limits
from tutorkit.lab.recordings.comparing import Made, Mismatch, compare_made, compare_reports, compare_sealed, made_by
from tutorkit.lab.recordings.recording import Label, Recording, person_key
from tutorkit.lab.report import Gain, TeachReport
from tutorkit.lab.reporting import write_report
from tutorkit.lab.teaching import ArmEnding, Experiment, prompt_digests, teach
from tutorkit.methods.registry import find_method
from tutorkit.models import ReplyCache, keep_takes, replay_miss
from tutorkit.prompting import PromptLibrary
from tutorkit.settings import Settings
from tutorkit.store import Store, StoreSink, export_run, open_store
from tutorkit.tasks import Task, load_task
from tutorkit.types import Call


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ReplayedArm(_Part):
    """One arm, replayed: how many calls it took from the recording, how many records it made, and what it gained."""

    name: str
    run_id: str
    calls: int
    records: int
    gain: Gain | None
    same: bool


class ReplayReport(_Part):
    """What a replay found. ``differences`` is empty when all that was recorded came out again, bill and clock aside."""

    run_id: str
    task: str
    student: str
    teacher: str
    same: bool
    arms: tuple[ReplayedArm, ...]
    differences: tuple[Mismatch, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class _Replayed(Experiment):
    """An experiment whose runs keep the names under which they were recorded, whatever has changed since."""

    names: Mapping[str, str]

    def run_id(self, arm: Arm) -> str:
        return self.names[arm.name]


async def replay(recording: Recording, *, settings: Settings, listen: Listener) -> ReplayReport:
    """Run the finished arms of an experiment again, in a temporary home, and compare all that they make.

    Args:
        recording: the experiment.
        settings: where the data are; nothing is written there, and the home is not touched.
        listen: gets the events of every run.

    Raises:
        BadSetting: when the experiment is not finished.
        DataError: when its problems are not at hand, or others are.
        ReplayMiss: when a request was never recorded; it names the node, the nearest request and where that differs.
    """
    label = recording.label
    _refuse_unfinished(label)
    with tempfile.TemporaryDirectory(prefix="tutorkit-replay-") as folder:
        home = Path(folder)
        given = {"home": home, "db_url": None, "cache_mode": "replay", "prices": None, "limits": None}
        inside = settings.model_copy(update=given)
        with open_store(inside.database) as store:
            for visit, names in label.dropped.items():
                StoreSink(store).remember(label.run_id, REVIEW_NODE, visit, [*names])
            experiment = _experiment(label, settings=inside, store=store)
            endings = [
                await _replay_arm(experiment, arm, recording=recording, listen=listen) for arm in experiment.arms
            ]
            report = write_report(experiment, endings, pack_folder=home / "pack")
            made = {ending.run.id: made_by(export_run(store, run_id=ending.run.id)) for ending in endings}
    differences = tuple(_differences(recording, report, made))
    return ReplayReport(
        run_id=label.run_id,
        task=report.task,
        student=report.student,
        teacher=report.teacher,
        same=not differences,
        arms=_arms(report, made, other={found.arm for found in differences}),
        differences=differences,
        notes=tuple(_notes(recording, experiment, same=not differences)),
    )


def _refuse_unfinished(label: Label) -> None:
    main = label.arms[0]
    if main.status != "finished" or label.report is None:
        state = "has no report yet" if main.status == "finished" else f"is {main.status}"
        raise BadSetting(
            f"The run {label.run_id} {state}: only a finished experiment can be replayed.",
            remedy="Run its `tutorkit teach` command again, which goes on where it stopped; then replay it.",
            data={"run_id": label.run_id, "status": main.status},
        )


def _experiment(label: Label, *, settings: Settings, store: Store) -> _Replayed:
    method = find_method(label.plan.method)
    task = _load(label, settings)
    finished = {arm.name: arm.run_id for arm in label.arms if arm.status == "finished"}
    every = label.plan.model_copy(update={"controls": "all"})
    return _Replayed(
        plan=label.plan,
        method=method,
        task=task,
        prompts=PromptLibrary(tuple(dict.fromkeys((method.prompts, "tutorkit.prompts")))),
        arms=tuple(_without_inbox(arm) for arm in arms_of(every, method) if arm.name in finished),
        settings=settings,
        store=store,
        names=finished,
    )


def _load(label: Label, settings: Settings) -> Task:
    plan = label.plan
    try:
        task = load_task(
            plan.task,
            data_dir=settings.data_dir,
            seed=plan.seed,
            sizes=plan.sizes,
            columns=plan.columns,
            scorer=plan.scorer,
            base_url="",  # no home to download from
        )
    except DataNotFound as error:
        if "url" not in error.data:
            raise
        raise DataNotFound(
            f"The problems of {plan.task} are not on this machine, and a replay fetches nothing.",
            data={"task": plan.task},
        ) from error
    if task.digest != label.data_digest:
        raise DataError(
            f"The run {label.run_id} was made on other problems of {plan.task} than those that are here now.",
            remedy="Give the data that it was made on (--data DIR, or the file as it was).",
            data={"task": plan.task, "recorded": label.data_digest, "now": task.digest},
        )
    return task


def _without_inbox(arm: Arm) -> Arm:
    """Return the arm with a person's recorded replies in place of the inbox, where it has one."""
    return replace(arm, teacher=lambda kit: arm.teacher(replace(kit, person=_recorded_replies(kit))))


def _recorded_replies(kit: Kit) -> Callable[[Call], str]:
    def reply_to(call: Call) -> str:
        key, body = person_key(call)
        entry = kit.gateway.cache.get(key)
        if entry is None:
            raise replay_miss(kit.gateway.cache, key=key, model=call.model, sample=call.sample, body=body)
        return str(entry.payload)

    return reply_to


async def _replay_arm(experiment: _Replayed, arm: Arm, *, recording: Recording, listen: Listener) -> ArmEnding:
    """Run one arm in a home of its own: the arms may have heard different replies to one request."""
    settings = experiment.settings.model_copy(update={"home": experiment.settings.home / arm.name})
    with ReplyCache(settings.cache_path) as cache:
        keep_takes(cache, recording.heard_by(experiment.run_id(arm)))
    alone = replace(experiment, arms=(arm,), settings=settings)
    (ending,) = await teach(alone, limits=Limits(), listen=listen, stop=StopSignal())
    if isinstance(ending.error, ReplayMiss):
        raise _explained(ending.error, recording.label, experiment) from ending.error
    if ending.error is not None:
        raise ending.error
    return ending


def _explained(miss: ReplayMiss, label: Label, experiment: Experiment) -> ReplayMiss:
    changed = [*_changed_prompts(label, experiment)]
    since = f" Of the prompts, {', '.join(changed)} changed since." if changed else ""
    return ReplayMiss(
        f"{miss.message}{since}",
        remedy="Undo what has changed since the recording, or teach anew: what is asked now is another experiment.",
        data={**miss.data, "changed_prompts": changed},
    )


def _changed_prompts(label: Label, experiment: Experiment) -> Iterator[str]:
    now = prompt_digests(experiment)
    for name in sorted({*now, *label.prompt_digests}):
        if now.get(name) != label.prompt_digests.get(name):
            yield name


def _differences(recording: Recording, report: TeachReport, made: Mapping[str, Made]) -> Iterator[Mismatch]:
    for arm in recording.label.arms:
        if arm.run_id in made and arm.run_id in recording.made:
            yield from compare_made(arm.name, recording.made[arm.run_id], made[arm.run_id])
        elif arm.run_id in made:
            yield from compare_sealed(arm.name, arm.made, made[arm.run_id])
    if recording.label.report is not None:
        yield from compare_reports(recording.label.report, report)


def _arms(report: TeachReport, made: Mapping[str, Made], *, other: set[str]) -> tuple[ReplayedArm, ...]:
    return tuple(
        ReplayedArm(
            name=arm.name,
            run_id=arm.run_id,
            calls=len(made[arm.run_id]["calls"]),
            records=sum(map(len, made[arm.run_id].values())),
            gain=arm.gain,
            same=arm.name not in other,
        )
        for arm in report.arms
    )


def _notes(recording: Recording, experiment: Experiment, *, same: bool) -> Iterator[str]:
    """Say what a reader of the verdict must know."""
    label, arms = recording.label, {arm.name for arm in experiment.arms}
    for arm in label.arms:
        if arm.name not in arms:
            yield f"The arm {arm.name} is {arm.status} and was not replayed."
    if changed := [*_changed_prompts(label, experiment)]:
        yield f"Prompts that changed since{', and were not used' if same else ''}: {', '.join(changed)}."
    if recording.rebuilt:
        yield (
            f"{recording.rebuilt} replies were put together from the run's own records: the cache has none to these"
            " requests, or another run's."
        )
    for package, before in label.versions.items():
        if (now := _version(package)) != before:
            yield f"Recorded with {package} {before}, replayed with {now}."


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"

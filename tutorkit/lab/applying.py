"""Try a pack on a student: the same measurement as at the end of a method, without any teacher."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pydantic import JsonValue

from tutorkit.canonical import stable_id
from tutorkit.errors import BadSetting
from tutorkit.evals.stats import Interval, ratio
from tutorkit.graphs.events import Listener, StopSignal
from tutorkit.lab.arms import TAUGHT, Arm
from tutorkit.lab.evidence import arm_results
from tutorkit.lab.participants import build_teacher, is_simulated
from tutorkit.lab.plan import Limits, Plan, Sending
from tutorkit.lab.report import ApplyReport, Estimate, Origin
from tutorkit.lab.reporting import spending_of
from tutorkit.lab.teaching import ArmEnding, Experiment, load_for, teach
from tutorkit.methods.measure import METHOD
from tutorkit.packs import lessons_for_student, load_pack
from tutorkit.ports import Sink
from tutorkit.prompting import PromptLibrary
from tutorkit.retrieval import ALL
from tutorkit.settings import Settings
from tutorkit.store import Store, StoreSink
from tutorkit.tasks import Task
from tutorkit.types import Lesson, Pack

_CONFIDENCE = 0.95


async def apply_pack(
    folder: Path,
    plan: Plan,
    *,
    unreviewed: bool,
    settings: Settings,
    store: Store,
    limits: Limits,
    listen: Listener,
    stop: StopSignal,
    sending: Sending,
) -> ApplyReport:
    """Measure a student without and with the lessons of a pack.

    Args:
        folder: the pack.
        plan: whom to measure on what; its method and teacher do not matter.
        unreviewed: also use lessons that nobody approved.
        settings: where things are kept.
        store: the database.
        limits: where to stop.
        listen: gets the run's events.
        stop: a wish to stop.
        sending: how calls travel.

    Raises:
        PackDamaged: when the folder is not what its digest says.
        NotApproved: when it holds lessons that nobody approved, and ``unreviewed`` is False.
        UnknownName, BadSetting, DataError: when the student or the task cannot be had.
    """
    pack = load_pack(folder)
    given = lessons_for_student(pack, unreviewed=unreviewed)
    task = load_for(plan, settings=settings)
    if not task.split("test"):
        raise BadSetting(f"The task {task.name} has no test problems.", remedy="Give their number: --test 200.")
    lessons = _own_copies(given, stable_id("apply", pack.digest, plan.model_dump(mode="json")))
    sink = StoreSink(store)
    sink.put(*lessons)
    experiment = _experiment(plan, pack, lessons, task=task, settings=settings, store=store)
    endings = await teach(experiment, limits=limits, listen=listen, stop=stop, sending=sending)
    if endings[0].run.status == "failed" and endings[0].error is not None:
        raise endings[0].error
    return _report(experiment, endings, pack, lessons, sink)


def _report(
    experiment: Experiment, endings: Sequence[ArmEnding], pack: Pack, lessons: Sequence[Lesson], sink: Sink
) -> ApplyReport:
    plan = experiment.plan
    (arm,) = arm_results(experiment, endings, sink)
    origin = origin_of(pack)
    return ApplyReport(
        run_id=arm.run_id,
        pack=pack.name,
        pack_digest=pack.digest,
        task=experiment.task.name,
        student=plan.student,
        simulated=is_simulated(plan.student),
        status=arm.status,
        stop_reason=arm.stop_reason,
        message=str(endings[0].error) if endings[0].error else None,
        lessons=len(lessons),
        not_approved=sum(lesson.audit != "approved" for lesson in lessons),
        untaught=arm.untaught,
        taught=arm.taught,
        gain=arm.gain,
        origin=origin,
        kept=None if origin is None or arm.gain is None else _kept(arm.gain, origin.gain),
        spending=spending_of(experiment, endings),
    )


def origin_of(pack: Pack) -> Origin | None:
    """Return what the pack gained where it was made; None where its evidence does not say."""
    arm = pack.evidence.get(f"{TAUGHT} arm")
    gain = arm.get("gain") if isinstance(arm, dict) else None
    if not isinstance(gain, dict):
        return None
    figures = {name: value for name, value in gain.items() if name in Estimate.model_fields}
    return Origin(
        student=str(pack.provenance.get("student", "")),
        task=str(pack.provenance.get("task", "")),
        gain=Estimate.model_validate(figures),
    )


def _kept(gain: Estimate, origin: Estimate) -> Estimate | None:
    found = ratio(_interval(gain), _interval(origin))
    return None if found is None else Estimate(**found.model_dump(exclude={"confidence"}))


def _interval(figure: Estimate) -> Interval:
    return Interval(**figure.model_dump(include=set(Estimate.model_fields)), confidence=_CONFIDENCE)


def _own_copies(lessons: Sequence[Lesson], owner: str) -> list[Lesson]:
    """The lessons belong to the run that wrote them, perhaps on another machine: this run keeps copies of its own."""
    return [
        lesson.model_copy(update={"id": stable_id("lesson", owner, lesson.id), "parent_id": lesson.id})
        for lesson in lessons
    ]


def _experiment(
    plan: Plan, pack: Pack, lessons: Sequence[Lesson], *, task: Task, settings: Settings, store: Store
) -> Experiment:
    params: dict[str, JsonValue] = {"pack": pack.digest, "lesson_ids": [lesson.id for lesson in lessons]}
    if pack.retrieval != ALL:
        params["retrieval"] = pack.retrieval
    arm = Arm(name="applied", question="What does the pack gain?", teacher=lambda kit: build_teacher(kit, "rules"))
    return Experiment(
        plan=plan.model_copy(update={"method": METHOD.name, "params": params, "controls": "none"}),
        method=METHOD,
        task=task,
        prompts=PromptLibrary(),
        arms=(arm,),
        settings=settings,
        store=store,
    )

"""Teach: run every arm of a plan, or go on where one stopped, and say what was found."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from tutorkit.errors import BadSetting, TutorkitError
from tutorkit.graphs.deps import Cast
from tutorkit.graphs.engine import check_method
from tutorkit.graphs.events import Listener, RunEnded, RunStarted, StopSignal
from tutorkit.graphs.needs import lacks, missing
from tutorkit.graphs.runner import Ending, execute
from tutorkit.lab.arms import Arm, arms_of
from tutorkit.lab.gateways import budget_for, gateway_for, meter_for
from tutorkit.lab.participants import Kit, build_judge, build_panel, build_student
from tutorkit.lab.plan import Limits, Plan, Sending
from tutorkit.lab.watching.audience import audience
from tutorkit.methods.registry import find_method, method_names, read_params
from tutorkit.methods.vocabulary import Method, Need, State, TaskBrief
from tutorkit.ports import Sink
from tutorkit.prompting import PromptLibrary
from tutorkit.settings import Settings
from tutorkit.store import Store, StoreSink, models_served
from tutorkit.tasks import Task, TaskScorer, load_task
from tutorkit.types import Run, Split

_SPLITS: tuple[Split, ...] = ("train", "probe", "val", "test")
_VERSIONED = ("tutorkit", "langgraph", "openai", "anthropic", "litellm", "pydantic")
_POLL_S = 2.0
_ALL_AT_ONCE = 50_000

END_NODE = "END"
"""Under this node a finished run's last state is remembered."""


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """A plan with all that it needs to be executed: method, data, prompts and where things are kept.

    With ``review`` the run of the first arm waits at its review points; control arms never wait.
    """

    plan: Plan
    method: Method
    task: Task
    prompts: PromptLibrary
    arms: tuple[Arm, ...]
    settings: Settings
    store: Store
    review: bool = False

    def run_id(self, arm: Arm) -> str:
        """Name the run of an arm."""
        return self.plan.run_id(
            arm.name,
            data_digest=self.task.digest,
            prompt_digests=prompt_digests(self),
            version=self.method.version,
        )


@dataclass(frozen=True)
class ArmEnding:
    """How the run of an arm ended."""

    arm: Arm
    run: Run
    state: State
    error: TutorkitError | None


def prepare(plan: Plan, *, settings: Settings, store: Store, review: bool = False) -> Experiment:
    """Check a plan and load what it needs; nothing is paid for.

    Args:
        plan: the experiment.
        settings: where things are.
        store: the open database.
        review: wait for a person at the method's review points; no part of the plan, and of no run's id.

    Raises:
        UnknownName, BadSetting, DataError: when the plan cannot be executed, saying why.
    """
    method = find_method(plan.method)
    check_method(method)
    read_params(method, plan.params)
    if review and not method.review_points:
        raise _no_review_point(method)
    task = load_for(plan, settings=settings)
    for split in ("val", "test"):
        if not task.split(split):
            raise BadSetting(
                f"The task {task.name} has no {split} problems: one learns from val and is measured on test.",
                remedy="Give sizes for both, for example --val 60 --test 200.",
            )
    prompts = PromptLibrary(tuple(dict.fromkeys((method.prompts, "tutorkit.prompts"))))
    arms = arms_of(plan, method)
    return Experiment(
        plan=plan,
        method=method,
        task=task,
        prompts=prompts,
        arms=arms,
        settings=settings,
        store=store,
        review=review,
    )


def _no_review_point(method: Method) -> BadSetting:
    waiting = [name for name in method_names() if find_method(name).review_points]
    return BadSetting(
        f"The method {method.name} has no point at which it could wait for review.",
        remedy=f"Leave --review out, or take one that waits: {', '.join(waiting)}.",
        data={"method": method.name, "methods": waiting},
    )


def load_for(plan: Plan, *, settings: Settings) -> Task:
    """Load the task of a plan.

    Raises:
        UnknownName, DataError: when it cannot be had.
    """
    return load_task(
        plan.task,
        data_dir=settings.data_dir,
        seed=plan.seed,
        sizes=plan.sizes,
        columns=plan.columns,
        scorer=plan.scorer,
    )


async def teach(
    experiment: Experiment,
    *,
    limits: Limits,
    listen: Listener,
    stop: StopSignal,
    wait_s: float = 0.0,
    sending: Sending | None = None,
) -> list[ArmEnding]:
    """Execute the arms one after another; those that are finished already are taken as they are.

    Args:
        experiment: what ``prepare`` made.
        limits: for all arms together.
        listen: gets the events of every run (``graphs.events``); so does the mirror, where the settings ask for one.
        stop: a wish to stop.
        wait_s: how long to wait for a person's replies or decisions before ending as *waiting*.
        sending: how calls travel; each at once by default.

    Returns:
        How each arm ended. When the first arm did not finish the controls are not begun; when a control did not finish
        the next ones are not begun.
    """
    endings: list[ArmEnding] = []
    with audience(experiment.settings, listen) as told:
        for arm in experiment.arms:
            ending = _finished(experiment, arm) or await _told(
                experiment, arm, limits=limits, listen=told, stop=stop, wait_s=wait_s, sending=sending or Sending()
            )
            endings.append(ending)
            if ending.run.status != "finished":
                break
    return endings


def _finished(experiment: Experiment, arm: Arm) -> ArmEnding | None:
    sink = StoreSink(experiment.store)
    run_id = experiment.run_id(arm)
    known = sink.find(Run, id=run_id)
    if not known or known[0].status != "finished":
        return None
    state = sink.recall(run_id, END_NODE).get("state")
    return ArmEnding(arm, known[0], state if isinstance(state, dict) else {}, None)


async def _told(
    experiment: Experiment,
    arm: Arm,
    *,
    limits: Limits,
    listen: Listener,
    stop: StopSignal,
    wait_s: float,
    sending: Sending,
) -> ArmEnding:
    """Execute an arm, wait for a person where that is wished, and tell how it began and ended."""
    run = _new_run(experiment, arm, experiment.run_id(arm))
    listen(RunStarted(run))
    ended = RunEnded(run.id, "failed", "unexpected")
    try:
        ending = await _run_arm(experiment, arm, run, limits=limits, listen=listen, stop=stop, sending=sending)
        waited = 0.0
        while ending.run.status == "waiting" and waited < wait_s and not stop.requested:
            await asyncio.sleep(_POLL_S)
            waited += _POLL_S
            ending = await _run_arm(experiment, arm, run, limits=limits, listen=listen, stop=stop, sending=sending)
        ended = RunEnded(run.id, ending.run.status, ending.run.stop_reason)
        return ending
    except TutorkitError as error:
        ended = RunEnded(run.id, "failed", error.code)
        raise
    except asyncio.CancelledError:
        ended = RunEnded(run.id, "stopped", "interrupted")
        raise
    finally:
        listen(ended)


async def _run_arm(
    experiment: Experiment,
    arm: Arm,
    run: Run,
    *,
    limits: Limits,
    listen: Listener,
    stop: StopSignal,
    sending: Sending,
) -> ArmEnding:
    sink = StoreSink(experiment.store)
    sink.put(*experiment.task.problems, run)
    sink.flush()
    settings, store = experiment.settings, experiment.store
    budget = budget_for(map(experiment.run_id, experiment.arms), limits, settings=settings, store=store)
    async with gateway_for(
        run.id, budget, settings=settings, store=store, sending=sending, listen=listen, stop=stop
    ) as gateway:
        kit = Kit(
            plan=experiment.plan,
            task=experiment.task,
            prompts=experiment.prompts,
            gateway=gateway,
            budget=budget,
            data_dir=settings.data_dir,
            models=settings.models_path,
        )
        concurrency = _ALL_AT_ONCE if sending.gathers else settings.concurrency
        cast = _cast(experiment, arm, run.id, kit=kit, sink=sink, concurrency=concurrency, listen=listen, stop=stop)
        run = run.model_copy(update={"teacher": cast.teacher.ref})
        ending = await execute(experiment.method, cast, folder=settings.run_folder(run.id))
    return _close(run, arm, ending, sink, store)


def _close(run: Run, arm: Arm, ending: Ending, sink: Sink, store: Store) -> ArmEnding:
    closed = run.model_copy(
        update={
            "status": ending.status,
            "stop_reason": ending.stop_reason,
            "models_served": models_served(store, run_id=run.id),
        }
    )
    if ending.status == "finished":
        sink.remember(run.id, END_NODE, "state", ending.state)
    sink.put(closed)
    sink.flush()
    return ArmEnding(arm, closed, ending.state, ending.error)


def _new_run(experiment: Experiment, arm: Arm, run_id: str) -> Run:
    plan, method = experiment.plan, experiment.method
    params = read_params(method, {**plan.params, **arm.params})
    first = experiment.run_id(experiment.arms[0])
    return Run(
        id=run_id,
        method=method.name,
        method_version=method.version,
        fidelity=method.fidelity(params),
        task=experiment.task.name,
        student=plan.student,
        teacher=plan.teacher,
        arm=arm.name,
        parent_id=None if run_id == first else first,
        params={**params.model_dump(mode="json"), "plan": plan.model_dump(mode="json")},
        seed=plan.seed,
        data_digest=experiment.task.digest,
        prompt_digests=prompt_digests(experiment),
        versions={name: _version(name) for name in _VERSIONED},
    )


def _cast(
    experiment: Experiment,
    arm: Arm,
    run_id: str,
    *,
    kit: Kit,
    sink: Sink,
    concurrency: int,
    listen: Listener,
    stop: StopSignal,
) -> Cast:
    plan, task = experiment.plan, experiment.task
    student = build_student(kit)
    for need in missing(student, needs_of(experiment)):
        raise lacks(student.ref, need, instead=experiment.method.instead)
    return Cast(
        run_id=run_id,
        method=experiment.method.name,
        seed=plan.seed,
        task=TaskBrief(task.name, task.description, task.answer_format),
        problems={split: task.split(split) for split in _SPLITS},
        params=read_params(experiment.method, {**plan.params, **arm.params}),
        teacher=arm.teacher(kit),
        student=student,
        judge=build_judge(kit),
        panel=build_panel(kit),
        meter=meter_for(run_id, plan.allowance, settings=experiment.settings, store=experiment.store),
        folder=experiment.settings.run_folder(run_id),
        scorer=TaskScorer(),
        sink=sink,
        concurrency=concurrency,
        stop=stop,
        listen=listen,
        review=experiment.review and arm is experiment.arms[0],
    )


def prompt_digests(experiment: Experiment) -> dict[str, str]:
    """Return the digests of the prompts that an experiment uses: the method's and the student's."""
    return {
        **experiment.prompts.digests(experiment.method.name),
        **experiment.prompts.digests("student"),
        **(experiment.prompts.digests("going_on") if "go_on" in needs_of(experiment) else {}),
    }


def needs_of(experiment: Experiment) -> frozenset[Need]:
    """Return what the student must be able to do beyond answering."""
    return experiment.method.needs(read_params(experiment.method, experiment.plan.params))


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"

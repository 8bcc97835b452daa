"""Write the report of an experiment, and the pack that its taught student takes away."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tutorkit.evals.stats import accuracy
from tutorkit.lab.evidence import arm_results, constant_answer, lessons_of
from tutorkit.lab.gateways import prices_for
from tutorkit.lab.packing import instruction_of, pack_of
from tutorkit.lab.participants import is_offline, is_simulated, live_skills
from tutorkit.lab.pricing import price_note
from tutorkit.lab.report import ArmResult, PrincipleLine, Spending, TeachReport
from tutorkit.lab.spending import spending_by_role
from tutorkit.lab.teaching import ArmEnding, Experiment
from tutorkit.methods import ids
from tutorkit.methods.vocabulary import State
from tutorkit.packs import save_pack
from tutorkit.ports import Sink
from tutorkit.retrieval import ALL
from tutorkit.store import StoreSink, each_call, failed_items
from tutorkit.tasks import TaskScorer
from tutorkit.types import Lesson, Outcome, Score, Split

_SPLITS: tuple[Split, ...] = ("train", "probe", "val", "test")


def write_report(experiment: Experiment, endings: Sequence[ArmEnding], *, pack_folder: Path | None) -> TeachReport:
    """Put together what was found, store its scores, and save the pack of the taught arm.

    A run that stopped early is reported as far as it came, and its pack holds the lessons that there are.
    """
    sink = StoreSink(experiment.store)
    sink.put(*experiment.task.problems)
    main = endings[0]
    last = endings[-1]
    arms = arm_results(experiment, endings, sink)
    lessons = lessons_of(main.state, sink)
    refused = len(sink.find(Lesson, run_id=main.run.id, verified=False))
    sink.put(*_scores(arms))
    spending = spending_of(experiment, endings)
    folder = pack_folder or experiment.settings.home / "packs" / main.run.id
    report = TeachReport(
        run_id=main.run.id,
        method=main.run.method,
        method_version=main.run.method_version,
        fidelity=main.run.fidelity,
        task=main.run.task,
        task_description=experiment.task.description,
        answer_format=experiment.task.answer_format,
        data_digest=main.run.data_digest,
        student=main.run.student,
        teacher=main.run.teacher,
        seed=main.run.seed,
        simulated=is_simulated(main.run.student),
        params={name: value for name, value in main.run.params.items() if name != "plan"},
        status=last.run.status,
        stop_reason=last.run.stop_reason,
        message=str(last.error) if last.error else None,
        problems={split: len(experiment.task.split(split)) for split in _SPLITS},
        baseline=constant_answer(experiment.task, TaskScorer()),
        lacking=_lacking(experiment),
        arms=arms,
        instruction=instruction_of(lessons),
        principles=tuple(_principle(lesson, sink) for lesson in lessons if lesson.kind == "principle"),
        demos=sum(lesson.kind == "demo" for lesson in lessons),
        set_aside=refused,
        failed_items=failed_items(experiment.store, run_id=main.run.id),
        spending=spending,
        pack=str(folder) if lessons else None,
        notes=(
            *_notes(experiment, refused, lessons),
            *_found_notes(main.state, simulated=is_simulated(main.run.student)),
            *_price_note(experiment, spending),
        ),
    )
    if lessons:
        save_pack(pack_of(main.run, report, lessons, retrieval=retrieval_of(main.state)), folder)
    sink.flush()
    return report


def retrieval_of(state: State) -> str:
    """Return the rule by which a method's student is given lessons: what its state calls ``retrieval``, else all."""
    return str(state.get("retrieval", ALL))


def _principle(lesson: Lesson, sink: Sink) -> PrincipleLine:
    rows = sink.find(Score, run_id=lesson.run_id, kind="violation", probe_set=lesson.id)
    return PrincipleLine(
        id=lesson.id,
        text=lesson.text,
        skill=lesson.skill,
        violated=sum(row.value == 1 for row in rows),
        sources=len(lesson.source_attempt_ids),
        audit=lesson.audit,
    )


def _scores(arms: Sequence[ArmResult]) -> list[Score]:
    found: list[Score] = []
    for arm in arms:
        for kind, figure in (("accuracy_untaught", arm.untaught), ("accuracy_taught", arm.taught), ("gain", arm.gain)):
            if figure is not None:
                found.append(
                    Score(
                        id=f"{arm.run_id}:{kind}",
                        run_id=arm.run_id,
                        subject_id=arm.run_id,
                        kind=kind,
                        value=figure.value,
                        n=figure.n,
                        low=figure.low,
                        high=figure.high,
                        probe_set="test",
                    )
                )
    return found


def spending_of(experiment: Experiment, endings: Sequence[ArmEnding]) -> tuple[Spending, ...]:
    """Add up what each role took, over all arms."""
    return spending_by_role(call for ending in endings for call in each_call(experiment.store, run_id=ending.run.id))


def _lacking(experiment: Experiment) -> tuple[str, ...]:
    student = experiment.plan.student
    return tuple(live_skills(student, experiment.task)) if is_simulated(student) else ()


def _notes(experiment: Experiment, refused: int, lessons: Sequence[Lesson]) -> tuple[str, ...]:
    notes = [*experiment.task.notes]
    if refused:
        notes.append(f"{refused} lessons did not pass their checks and were set aside; `tutorkit show` lists them.")
    if waiting := sum(lesson.audit != "approved" for lesson in lessons):
        notes.append(f"{waiting} lessons of the pack wait for review: `tutorkit review`.")
    return tuple(notes)


def _found_notes(state: State, *, simulated: bool) -> list[str]:
    """Say what the method itself has to say (its state's ``notes``), and how a judge compared the texts (``wins``)."""
    notes = ids(state, "notes")
    wins = state.get("wins")
    counts = {name: int(str(wins[name])) for name in ("wins", "ties", "losses")} if isinstance(wins, dict) else {}
    if isinstance(wins, dict) and (n := sum(counts.values())):
        outcomes: list[Outcome] = ["right" if place < counts["wins"] else "wrong" for place in range(n)]
        share = accuracy(outcomes)
        notes.append(
            f"Of {n} texts the judge {wins['judge']} found {counts['wins']} better than the untaught student's"
            f" ({share.low:.0%} to {share.high:.0%}), {counts['ties']} as good and {counts['losses']} worse."
            + (" It is also the critic that chose the pairs." if wins["judge_is_critic"] else "")
        )
    return [f"Simulated: {note}" for note in notes] if simulated else notes


def _price_note(experiment: Experiment, spending: Sequence[Spending]) -> tuple[str, ...]:
    """Say by which prices the costs were reckoned, where there are any."""
    if not any(line.usd for line in spending):
        return ()
    plan, settings = experiment.plan, experiment.settings
    models = [ref for ref in (plan.student, plan.teacher) if not is_offline(ref)]
    note = price_note(models, prices_for(settings), file=settings.prices)
    return () if note is None else (note,)

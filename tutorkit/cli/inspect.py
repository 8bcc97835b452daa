"""Look at what there is: ``tasks``, ``prompt``, ``runs``, ``show``, ``audit``, ``review``, ``doctor``."""

from __future__ import annotations

from typing import Annotated, cast

import typer

from tutorkit.cli import calls as call_lines
from tutorkit.cli import options
from tutorkit.cli.report import show_report
from tutorkit.cli.show import as_json, table, text
from tutorkit.errors import BadSetting
from tutorkit.lab import Call, Decision, Lab, Lesson, Lineage, Run, TeachReport, spending_by_role

_prompts = typer.Typer(help="The prompts, as they are sent.", no_args_is_help=True, rich_markup_mode=None)


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (tasks, runs, show, audit, review, doctor):
        app.command()(command)
    _prompts.command("show")(prompt_show)
    app.add_typer(_prompts, name="prompt")


def tasks(json: options.AsJson = False) -> None:
    """List the tasks that can be taught and measured."""
    with Lab() as lab:
        found = lab.tasks()
    if json:
        as_json([vars(info) for info in found])
        return
    rows = [[info.name, info.summary, "data" if info.needs_data else "", info.licence] for info in found]
    table("Tasks", ["name", "what it is", "needs", "licence"], rows)
    text("Your own: --task FILE.csv (or .jsonl, .tsv, .parquet), with --map text=COLUMN,gold=COLUMN if need be.")


def prompt_show(
    prompt_id: Annotated[str, typer.Argument(help="METHOD/NODE, for example tpd/extract_errors.")],
    json: options.AsJson = False,
) -> None:
    """Show a prompt: what it is for, what it takes, and its text."""
    with Lab() as lab:
        found = lab.prompt(prompt_id)
    if json:
        as_json(
            {
                "id": found.prompt_id,
                "digest": found.digest,
                **found.head.model_dump(mode="json"),
                "system": found.system,
                "user": found.user,
            }
        )
        return
    text(found.head.purpose, bold=True)
    text(f"{found.prompt_id}  ·  digest {found.digest[:12]}  ·  {found.head.paper}")
    text(f"takes {', '.join(found.head.inputs)}; returns {found.head.output}")
    text(f"\n[system]\n{found.system.strip()}\n\n[user]\n{found.user.strip()}")


def runs(json: options.AsJson = False) -> None:
    """List the runs, the newest last."""
    with Lab() as lab:
        found = lab.runs()
        if json:
            return as_json(found)
        states = [_state_words(lab, run) for run in found]
    if not found:
        return text("There is no run yet. Try: tutorkit demo")
    rows = [
        [run.id, run.arm, run.task, run.student, run.teacher, str(run.seed), state]
        for run, state in zip(found, states, strict=True)
    ]
    return table("Runs", ["id", "arm", "task", "student", "teacher", "seed", "status"], rows)


def _state_words(lab: Lab, run: Run) -> str:
    """Say how a run stands; of one that waits for review, for how much of it."""
    if run.stop_reason != "review":
        return run.status
    words = lab.undecided(run.id).words
    return f"waits for review of {words}" if words else "reviewed; run the same command again"


def show(
    run_id: Annotated[
        str | None, typer.Argument(help="Id of a run or a call, or its beginning; the newest run by default.")
    ] = None,
    show_calls: Annotated[
        bool, typer.Option("--calls", help="List every call of the run, and what they took.")
    ] = False,
    node: call_lines.Node = None,
    role: call_lines.OfRole = None,
    failed: call_lines.Failed = False,
    show_lessons: Annotated[bool, typer.Option("--lessons", help="List every lesson, also those refused.")] = False,
    json: options.AsJson = False,
) -> None:
    """Show what a run found, its calls or its lessons; or one call in full, with the exact prompt."""
    with Lab() as lab:
        if run_id is not None and run_id.startswith(call_lines.CALL_ID):
            call_lines.show_call(lab.call(run_id), json_wanted=json)
            return
        run = lab.run(run_id) if run_id else lab.newest_run()
        calls = None
        if show_calls or node or role or failed:
            calls = call_lines.picked(lab.calls(run.id), node=node, role=role, failed=failed)
        lessons = lab.lessons(run.id) if show_lessons else None
        if json:
            _show_run_as_json(run, lab.report(run.id), calls, lessons)
        else:
            _show_run(lab, run, calls, lessons)


def _show_run_as_json(
    run: Run, report: TeachReport | None, calls: list[Call] | None, lessons: list[Lesson] | None
) -> None:
    took = spending_by_role(calls or ())
    as_json({"run": run, "report": report, "calls": calls or [], "spending": took, "lessons": lessons or []})


def _show_run(lab: Lab, run: Run, calls: list[Call] | None, lessons: list[Lesson] | None) -> None:
    report = lab.report(run.id)
    if report is not None:
        show_report(report)
    else:
        text(f"{run.id}: {run.status}. Run the same command again and it goes on where it stopped.")
    if run.stop_reason == "review":
        text(f"Now: {_state_words(lab, run)}.")
    if calls is not None:
        call_lines.show_calls(lab, run, calls)
    if lessons is not None:
        table("Lessons", ["id", "kind", "version", "review", "text", "refused because"], map(_lesson_row, lessons))


def audit(
    record_id: Annotated[str, typer.Argument(help="Id of a lesson, an attempt, a diagnosis, a call or a row.")],
    json: options.AsJson = False,
) -> None:
    """Follow a principle, demo, attempt, call or row of fine-tuning data back to what it came from."""
    with Lab() as lab:
        found = lab.audit(record_id)
    if json:
        as_json(found)
    else:
        _show_lineage(found)


def review(
    record_id: Annotated[str, typer.Argument(help="Id of a lesson or a row, or of a run for all that it has.")],
    to: Annotated[str, typer.Option("--to", help="approved, rejected or pending.")],
    by: Annotated[str, typer.Option("--by", help="Who reviews.")],
    why: Annotated[str, typer.Option("--why", help="The reason.")],
    rows: Annotated[bool, typer.Option("--rows", help="Decide about rows of fine-tuning data, not lessons.")] = False,
    json: options.AsJson = False,
) -> None:
    """Approve or reject a lesson, or all verified lessons of a run; packs take only what is approved.

    With --rows it is a row of fine-tuning data, or all rows of a run; exports take only what is approved. What was
    rejected is not approved along with its run, only by its own id.
    """
    if to not in ("approved", "rejected", "pending"):
        raise BadSetting(f"Nothing can be {to!r}.", remedy="Use --to approved, rejected or pending.")
    if rows:
        return _review_rows(record_id, to=cast(Decision, to), by=by, why=why, json=json)
    with Lab() as lab:
        reviewed = lab.review(record_id, to=cast(Decision, to), by=by, why=why)
    if json:
        return as_json(reviewed)
    for lesson in reviewed:
        text(f"{lesson.id} is {lesson.audit} by {by}: {_short(lesson.text)}")
    return text("The pack of the run was written anew.")


def _review_rows(record_id: str, *, to: Decision, by: str, why: str, json: bool) -> None:
    with Lab() as lab:
        found = lab.review_rows(record_id, to=to, by=by, why=why)
    if json:
        return as_json(found)
    text(f"{', '.join(f'{count} {kind}' for kind, count in found.decided.items()) or 'No'} rows are {to} by {by}.")
    if found.left_rejected:
        text(f"{found.left_rejected} rows stay rejected; each is approved by its own id.")
    return None


def doctor(json: options.AsJson = False) -> None:
    """See what is set up and what is missing; nothing is changed and no model is called."""
    with Lab() as lab:
        checks = lab.doctor()
    if json:
        as_json(checks)
    else:
        table("Doctor", ["what", "status", "detail"], [[c.subject, c.status, c.detail] for c in checks])
    if any(check.status in ("wrong", "missing") for check in checks):
        raise typer.Exit(1)


def _lesson_row(lesson: Lesson) -> list[str]:
    return [lesson.id, lesson.kind, str(lesson.version), lesson.audit, lesson.text, "; ".join(lesson.checks)]


def _show_lineage(found: Lineage) -> None:
    run = found.run
    text(f"{found.record_id}", bold=True)
    if run is not None:
        text(f"run {run.id}: {run.method} ({run.fidelity}) on {run.task}, {run.teacher} teaches {run.student}")
    for row in found.rows:
        text(f"\nrow {row.id}, round {row.round}, {row.audit}: tutorkit rows {row.id}")
    for lesson in found.lessons:
        text(f"\n{lesson.kind} {lesson.id}, version {lesson.version}, {lesson.audit}\n  {lesson.text}")
    for entry in found.reviews:
        text(f"  {entry.at:%Y-%m-%d}: {entry.from_state} → {entry.to_state} by {entry.by}: {entry.why}")
    problems = {problem.id: problem for problem in found.problems}
    diagnoses = {diagnosis.attempt_id: diagnosis for diagnosis in found.diagnoses}
    for attempt in found.attempts:
        problem, diagnosis = problems.get(attempt.problem_id), diagnoses.get(attempt.id)
        text(f"\nattempt {attempt.id} ({attempt.phase}), {attempt.grade.outcome}: {attempt.grade.how}")
        if problem is not None:
            text(f"  problem: {problem.text}\n  gold: {problem.gold}")
        text("  answered: " + attempt.raw.replace("\n", "\n            "))
        if diagnosis is not None:
            step = "" if diagnosis.first_wrong_step is None else f", first wrong step {diagnosis.first_wrong_step + 1}"
            text(f"  diagnosis ({diagnosis.source}): {diagnosis.cause}{step}; evidence: {diagnosis.evidence or 'none'}")
    if found.calls:
        text("\nCalls", bold=True)
        call_lines.list_calls(found.calls)
    for name in found.missing:
        text(f"not in the database: {name}")


def _short(words: str) -> str:
    first = words.strip().splitlines()[0] if words.strip() else ""
    return first if len(first) <= 90 else f"{first[:87]}…"

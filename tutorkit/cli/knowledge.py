"""``knowledge``: what is known of a learner, how good the models of mastery are, what a curriculum saves."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from tutorkit.cli import options
from tutorkit.cli.show import as_json, table, text
from tutorkit.lab import (
    CurriculumTrial,
    KnowledgeReport,
    Lab,
    Measure,
    SkillLine,
    evaluate_models,
    learner_knowledge,
    try_curriculum,
)

_knowledge = typer.Typer(help="What learners know, and how well that is known.", no_args_is_help=True)

_MEASURES = ("auc", "accuracy", "rmse", "log_loss", "ece")


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    _knowledge.command("show")(knowledge_show)
    _knowledge.command("evaluate")(knowledge_evaluate)
    _knowledge.command("simulate")(knowledge_simulate)
    app.add_typer(_knowledge, name="knowledge")


def knowledge_show(
    learner: Annotated[str | None, typer.Option("--learner", help="Whose; everybody's if left out.")] = None,
    json: options.AsJson = False,
) -> None:
    """Show what is known of a learner from practice, skill by skill."""
    with Lab() as lab:
        found = learner_knowledge(learner, lab=lab)
    if json:
        as_json(found)
        return
    for name, lines in found.items():
        show_known(lines, title=f"{name}: what is known")
    if not found:
        text("Nobody has practised here yet. Begin with: tutorkit practice")


def knowledge_evaluate(
    file: Annotated[Path, typer.Argument(help="Answers: student, skills, correct; also id, at, assisted, group.")],
    model: Annotated[list[str] | None, typer.Option("--model", help="bkt, pfa, dkt or cakt; may be repeated.")] = None,
    columns: options.Map = None,
    folds: Annotated[int, typer.Option("--folds", min=2, help="Into how many parts the students are dealt.")] = 5,
    seed: options.Seed = 0,
    assisted_wrong: Annotated[
        bool, typer.Option("--assisted-wrong", help="Count an answer with much help as a wrong one.")
    ] = False,
    skills: Annotated[bool, typer.Option("--skills", help="Show each skill, too.")] = False,
    json: options.AsJson = False,
) -> None:
    """Measure how well models of mastery predict answers of students whom they were not fitted to."""
    report = evaluate_models(
        file,
        models=model or ("bkt", "pfa"),
        columns=options.columns(columns) or {},
        folds=folds,
        seed=seed,
        assisted="wrong" if assisted_wrong else "ignored",
    )
    if json:
        as_json(report)
    else:
        _show_report(report, skills=skills)


def knowledge_simulate(
    learners: Annotated[int, typer.Option("--learners", min=2, help="How many simulated learners.")] = 40,
    tasks: Annotated[int, typer.Option("--tasks", min=2, help="Tasks that build on each other in a chain.")] = 9,
    seed: options.Seed = 0,
    json: options.AsJson = False,
) -> None:
    """Say what the mastering-rate curriculum saves simulated learners against drawing tasks evenly."""
    trial = try_curriculum(learners=learners, tasks=tasks, seed=seed)
    if json:
        as_json(trial)
    else:
        _show_trial(trial)


def show_known(lines: Sequence[SkillLine], *, title: str = "What is known") -> None:
    """Draw what is known of each skill."""
    rows = [
        [
            line.title,
            line.mastery.status,
            f"{line.mastery.p:.0%}",
            f"{line.mastery.right} of {line.mastery.n}",
            "" if line.due is None else f"{line.due:%Y-%m-%d}",
        ]
        for line in lines
    ]
    table(title, ["skill", "status", "mastered", "right", "review from"], rows)


def _show_report(report: KnowledgeReport, *, skills: bool) -> None:
    text(f"{report.answers} answers of {report.students} students; {report.folds} folds by student", bold=True)
    if report.left_out:
        text(f"{report.left_out} rows name no skill and are left out.")
    rows = [[each.model, *(_words(getattr(each.measures, name)) for name in _MEASURES)] for each in report.models]
    table("Predictions one answer ahead, with 95 % intervals by students", ["model", *_MEASURES], rows)
    groups = [
        [each.model, group.group, str(group.n), f"{group.predicted:.3f}", f"{group.observed:.3f}", _words(group.gap)]
        for each in report.models
        for group in each.groups
    ]
    if groups:
        table("Subgroups", ["model", "group", "answers", "predicted", "right", "gap"], groups)
    if skills:
        rows = [
            [each.model, skill, str(found.n), *(_words(getattr(found, name)) for name in _MEASURES)]
            for each in report.models
            for skill, found in each.skills.items()
        ]
        table("Skills", ["model", "skill", "answers", *_MEASURES], rows)


def _show_trial(trial: CurriculumTrial) -> None:
    text(f"Simulated: {trial.learners} learners, a chain of {trial.tasks} tasks; 95 % intervals", bold=True)
    rows = [
        ["mastering rate", _words(trial.items, 0), _words(trial.premature, 2)],
        ["evenly", _words(trial.items_evenly, 0), _words(trial.premature_evenly, 2)],
    ]
    table("Until everything is mastered", ["tasks are drawn by", "items", "share too early"], rows)
    text(f"The mastering rate saves {_words(trial.fewer, 2)} of the items.")


def _words(measure: Measure, digits: int = 3) -> str:
    if measure.value is None:
        return "–"
    if measure.low is None or measure.high is None:
        return f"{measure.value:.{digits}f}"
    return f"{measure.value:.{digits}f} [{measure.low:.{digits}f}, {measure.high:.{digits}f}]"

"""``diagnose``: which misconceptions explain a class's answers; or how well a teacher would tell."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from tutorkit.cli import options
from tutorkit.cli.show import as_json, table, text
from tutorkit.errors import BadSetting
from tutorkit.lab import (
    BenchmarkReport,
    ClassDiagnosis,
    DomainVerdict,
    Lab,
    Limits,
    Note,
    Opinion,
    Probe,
    PupilDiagnosis,
    Ranked,
    benchmark_teacher,
    diagnose_file,
)

_SHOWN = 4
_CORRECT, _UNKNOWN = "correct", "unknown"


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(diagnose)


def diagnose(
    answers: Annotated[
        Path | None, typer.Argument(help="CSV: pupil,item,answer; or one line for each pupil, one column an item.")
    ] = None,
    pupil: Annotated[str | None, typer.Option("--pupil", help="Only this pupil.")] = None,
    model: Annotated[
        str | None,
        typer.Option("--model", help="Who is asked about what nothing explains: rules, inbox/DIR, provider/model."),
    ] = None,
    confirm: Annotated[
        list[str] | None, typer.Option("--confirm", help="You saw it: PUPIL=MISCONCEPTION; may be repeated.")
    ] = None,
    deny: Annotated[
        list[str] | None, typer.Option("--deny", help="You know better: PUPIL=MISCONCEPTION; may be repeated.")
    ] = None,
    benchmark: Annotated[
        bool, typer.Option("--benchmark", help="Measure --model on simulated pupils instead of reading answers.")
    ] = False,
    pupils: Annotated[int, typer.Option("--pupils", min=1, help="How many, with --benchmark.")] = 40,
    seed: options.Seed = 0,
    max_calls: options.MaxCalls = None,
    max_usd: options.MaxUsd = None,
    json: options.AsJson = False,
) -> None:
    """Say which misconceptions explain pupils' answers, on what evidence, and what to ask next."""
    limits = Limits(max_calls=max_calls, max_usd=max_usd)
    if benchmark == (answers is not None):
        raise BadSetting(
            "Either answers are read, or a teacher is measured.",
            remedy="Give a file of ANSWERS, or --benchmark with --model NAME.",
        )
    with Lab() as lab:
        if answers is None:
            report = benchmark_teacher(model or "rules", home=lab, pupils=pupils, seed=seed, limits=limits)
            _show_benchmark(report, json=json)
            return
        opinions = _opinions(confirm, deny)
        found = diagnose_file(answers, home=lab, pupil=pupil, model=model, opinions=opinions, limits=limits)
    if json:
        as_json(found)
        return
    for one in found.pupils:
        _show_pupil(one, found.titles)
    _show_class(found)


def _opinions(confirm: Sequence[str] | None, deny: Sequence[str] | None) -> dict[str, dict[str, Opinion]]:
    opinions: dict[str, dict[str, Opinion]] = {}
    said: tuple[tuple[str, Opinion, Sequence[str] | None], ...] = (
        ("--confirm", "confirmed", confirm),
        ("--deny", "denied", deny),
    )
    for option, opinion, given in said:
        for pair in given or ():
            name, equals, misconception = pair.rpartition("=")
            if not equals or not name.strip():
                raise BadSetting(f"{option} {pair!r} is no pair.", remedy=f"Write {option} PUPIL=MISCONCEPTION.")
            opinions.setdefault(name.strip(), {})[misconception.strip()] = opinion
    return opinions


def _show_pupil(one: PupilDiagnosis, titles: dict[str, str]) -> None:
    text(f"\n{one.pupil}", bold=True)
    for verdict in one.verdicts.domains:
        text(f"  {verdict.title}: {_summary(verdict)}")
        for each in verdict.likely:
            text(f"    {titles[each.id]} ({each.id}), p = {_p(each.p)}")
            text(f"      {_evidence(one, each)}")
        if verdict.status in ("not_yet_clear", "unknown_error"):
            for each in _candidates(verdict):
                text(f"    perhaps: {_named(each, titles)}, p = {_p(each.p)}{_matches(each)}")
        if verdict.probe is not None and verdict.status != "no_misconception":
            text(f"    Ask next: {verdict.probe.text}. {_foreseen(verdict.probe, titles)}")
    for note in one.notes:
        _show_note(note)
    for repeated in one.verdicts.repeated:
        text(
            f"  {repeated.answer} was written for {len(repeated.indices)} different items: guessed or copied, perhaps."
        )
    for aside in one.verdicts.set_aside:
        line = one.answers[aside.index]
        text(f"  Not counted, line {line.line} ({line.item}): {aside.why}")


def _summary(verdict: DomainVerdict) -> str:
    counted = f"{verdict.right} of {verdict.answers} right"
    if verdict.status == "likely":
        return f"{counted}. These answers fit a misconception:"
    if verdict.status == "no_misconception":
        return f"{counted}. No sign of a misconception."
    if verdict.status == "unknown_error":
        return f"{counted}. The errors fit no misconception that is known."
    if verdict.right == verdict.answers:
        return f"{counted}. Nothing wrong so far; not every misconception has had occasion to show."
    return f"{counted}. Not yet clear."


def _candidates(verdict: DomainVerdict) -> list[Ranked]:
    return [each for each in verdict.hypotheses if each.rules and each.matching][:2]


def _named(each: Ranked, titles: dict[str, str]) -> str:
    return " and ".join(f"{titles[name]} ({name})" for name in each.rules)


def _matches(each: Ranked) -> str:
    count = len(each.matching)
    return f", by {count} answer{'' if count == 1 else 's'}"


def _p(value: float) -> str:
    return "over .99" if value > 0.99 else f"{value:.2f}".lstrip("0")


def _evidence(one: PupilDiagnosis, each: Ranked) -> str:
    shown = [f"{one.answers[index].item} = {one.answers[index].answer}" for index in each.matching[-_SHOWN:]]
    more = f" and {len(each.matching) - _SHOWN} more" if len(each.matching) > _SHOWN else ""
    told = f"It gives these answers: {'; '.join(shown)}{more}."
    if not each.against:
        return f"{told} Nothing speaks against it."
    against = [f"{one.answers[index].item} = {one.answers[index].answer}" for index in each.against[-_SHOWN:]]
    more = f" and {len(each.against) - _SHOWN} more" if len(each.against) > _SHOWN else ""
    return f"{told} Against it: {'; '.join(against)}{more}."


def _foreseen(probe: Probe, titles: dict[str, str]) -> str:
    """Say what the likeliest answers would mean."""
    said = []
    for each in probe.foreseen[:3]:
        names = each.hypotheses[0].split(" + ")
        meaning = "right" if _CORRECT in names else " and ".join(titles[name].lower() for name in names)
        said.append(
            f"{each.answer}: {meaning}" + (" or another" if len(each.hypotheses) > 1 and meaning != "right" else "")
        )
    return f"({'; '.join(said)})"


def _show_note(note: Note) -> None:
    if note.failure or note.verdict is None:
        text(f"  {note.author} said nothing of use about {len(note.indices)} unexplained answers: {note.failure}")
        return
    marked = "verified" if note.verdict.status == "verified" else "unverified, a guess"
    text(f"  {note.author} on {len(note.indices)} unexplained answers ({marked}): {note.title}", bold=True)
    text(f"    {note.procedure}")
    text(f"    {note.verdict.why}")


def _show_class(found: ClassDiagnosis) -> None:
    if len(found.pupils) > 1 and found.shared:
        rows = [[each.title, str(len(each.pupils)), ", ".join(each.pupils)] for each in found.shared]
        table("In this class", ["likely misconception", "pupils", "who"], rows)
    for bad in found.bad:
        text(f"Line {bad.line} was left out: {bad.why}.")
    text("\nA finding is about the answers given so far, not about the pupil: ask the next item before acting on it.")


def _show_benchmark(report: BenchmarkReport, *, json: bool) -> None:
    if json:
        as_json(report)
        return
    text(
        f"{report.teacher}: the next wrong answer of {report.pupils} simulated pupils, foretold by its hypothesis",
        bold=True,
    )
    lines = [(report.teacher, report.right), *((line.name, line.right) for line in report.baselines)]
    lines.append((report.ceiling.name, report.ceiling.right))
    rows = [[name, f"{each.value:.2f}", f"{each.low:.2f} to {each.high:.2f}"] for name, each in lines]
    table("Share foretold (simulated)", ["who", "share", "95 % interval"], rows)
    gain = report.gain
    text(f"Over the better baseline: {gain.value:+.2f} ({gain.low:+.2f} to {gain.high:+.2f}).")
    if report.unused:
        text(f"{report.unused} replies could not be used and count as not foretold.")

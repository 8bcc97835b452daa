"""A comparison, as a person reads it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tutorkit.cli.estimate import calls_words, money_words
from tutorkit.cli.report import cell, gain_words
from tutorkit.cli.show import as_json, table, text
from tutorkit.lab import CompareReport, ComparisonEstimate, Contest, Pair, Point, Share, Standing, Taken


def show_comparison(report: CompareReport, *, plot: Path | None) -> None:
    """Say who gained what, at what price, beyond which controls, and which differences are more than chance."""
    contest = report.contest
    text("")
    text(_headline(report), bold=True)
    text(f"Task {contest.task}. Student {contest.student}, teacher {contest.teacher}. {_budget_words(contest)}")
    if report.standings:
        text("")
        _show_gains(report)
        if len(contest.levels) > 1:
            text("")
            _show_levels(report)
        text("")
        _show_controls(report)
        if report.pairs:
            text("")
            _show_pairs(report)
    for one in report.unfinished:
        text(f"{one.entrant}, seed {one.seed}, is {one.status}: {one.message}")
    for note in report.notes:
        text(note)
    if plot is not None and report.standings:
        text(f"Drawn: {plot}")


def show_comparison_estimate(report: ComparisonEstimate, *, json: bool) -> None:
    """Say what a comparison will take, by method and role."""
    if json:
        as_json(report)
        return
    text("")
    text(
        f"Nothing was called. The comparison takes {calls_words(report.total)}, {money_words(report.total)}.", bold=True
    )
    text(_budget_words(report.contest))
    text("")
    rows = [
        [each.name, str(each.runs), role, calls_words(figures), money_words(figures)]
        for each in report.entrants
        for role, figures in each.roles.items()
    ]
    table("What is left to do, control arms and measuring included", ["method", "runs", "role", "calls", "cost"], rows)
    text("What runs have in common is asked once and counted for each: it will be less.")
    for note in (report.prices, *report.notes):
        if note:
            text(note)


def _headline(report: CompareReport) -> str:
    if not report.standings:
        return "No method has all its runs yet."
    best = report.standings[0]
    gained = [each for each in report.standings if each.whole.gain.significant and each.whole.gain.value > 0]
    if not gained:
        return f"No method gained more than chance explains; the most: {best.name}, {gain_words(best.whole.gain)}."
    tied = [pair for pair in report.pairs if best.name in (pair.first, pair.second) and pair.verdict == "tie"]
    others = [pair.second if pair.first == best.name else pair.first for pair in tied]
    said = f"{best.name} gained most: {gain_words(best.whole.gain)}"
    return f"{said}; not to be told from {', '.join(others)}." if others else f"{said}."


def _budget_words(contest: Contest) -> str:
    shares = [
        f"{role} {words}"
        for role, share in (("teacher", contest.allowance.teacher), ("student", contest.allowance.student))
        if (words := _share_words(share))
    ]
    budget = f"Budget of one run's teaching: {'; '.join(shares)}." if shares else "No budget: each took what it wanted."
    return f"{budget} Seeds {', '.join(map(str, contest.seeds))}. Measuring the student is not counted."


def _share_words(share: Share) -> str:
    parts = [
        f"{share.calls:,} calls" if share.calls is not None else "",
        f"{share.tokens:,} tokens" if share.tokens is not None else "",
        f"${share.usd:g}" if share.usd is not None else "",
    ]
    return ", ".join(part for part in parts if part)


def _show_gains(report: CompareReport) -> None:
    simulated = " (simulated)" if report.simulated else ""
    rows = [_gain_row(standing) for standing in report.standings]
    if report.baseline is not None:
        rows.append(["constant", "", cell(report.baseline), "", "", "", ""])
    table(
        f"Accuracy on held-out problems of all seeds{simulated}, 95 % intervals; p after Holm's correction",
        ["method", "untaught", "taught", "gain", "p", "teacher", "student"],
        rows,
    )
    text(f"Fidelity: {'; '.join(f'{each.name} {each.fidelity}' for each in report.standings)}.")


def _gain_row(standing: Standing) -> list[str]:
    point = standing.whole
    gain = point.gain
    return [
        standing.name,
        cell(point.untaught),
        cell(point.taught),
        cell(gain, signed=True),
        f"{gain.p_holm:.2g}",
        *_taken(point),
    ]


def _taken(point: Point) -> list[str]:
    left = f"\n{point.left_out:,} left out" if point.left_out else ""
    return [_calls(point.teacher) + left, _calls(point.student)]


def _calls(taken: Taken) -> str:
    counted = "1 call" if taken.calls == 1 else f"{taken.calls:,.0f} calls"
    return f"{counted}\n${taken.usd:,.4f}" if taken.usd else counted


def _show_levels(report: CompareReport) -> None:
    rows = [
        [each.name, f"{point.level:.0%}", cell(point.gain, signed=True), f"{point.gain.p_holm:.2g}", *_taken(point)]
        for each in report.standings
        for point in each.points
    ]
    table("At parts of the budget", ["method", "budget", "gain", "p", "teacher", "student"], rows)
    for each in report.standings:
        text(f"{each.name}: {_first_words(each)}")


def _first_words(standing: Standing) -> str:
    if standing.first_gain is None:
        return "no significant gain at any level."
    point = next(point for point in standing.points if point.level == standing.first_gain)
    usd = [side.usd for side in (point.teacher, point.student)]
    money = f", ${sum(each or 0 for each in usd):,.4f}" if any(usd) and None not in usd else ""
    calls = f"{point.teacher.calls:,.0f} teacher and {point.student.calls:,.0f} student calls{money}"
    return f"first significant gain at {standing.first_gain:.0%} of the budget, {calls}."


def _show_controls(report: CompareReport) -> None:
    rows = [
        [
            each.name,
            control.name,
            cell(control.gain, signed=True),
            cell(control.beyond, signed=True),
            f"{control.beyond.p_holm:.2g}",
        ]
        for each in report.standings
        for control in each.controls
    ]
    if rows:
        table("Control arms", ["method", "control", "its own gain", "taught beyond it", "p"], rows)


def _show_pairs(report: CompareReport) -> None:
    """Draw the pairs that differ, and name the others: of eight methods there are 28, and most are ties."""
    ties = [pair for pair in report.pairs if pair.verdict == "tie"]
    rows = [
        [
            f"{pair.first} − {pair.second}",
            cell(pair.difference, signed=True),
            f"{pair.difference.p_holm:.2g}",
            f"{pair.verdict} is better",
        ]
        for pair in report.pairs
        if pair.verdict != "tie"
    ]
    if rows:
        table("Methods against each other, on the same problems", ["pair", "difference", "p", "verdict"], rows)
    if ties:
        text(f"Ties: {len(ties)} of {_pairs(len(report.pairs))}. {_tied_words(ties)}.")


def _pairs(count: int) -> str:
    return "1 pair" if count == 1 else f"{count} pairs"


def _tied_words(ties: Sequence[Pair]) -> str:
    others: dict[str, list[str]] = {}
    for pair in ties:
        others.setdefault(pair.first, []).append(pair.second)
    return "; ".join(f"{first} with {', '.join(seconds)}" for first, seconds in others.items())

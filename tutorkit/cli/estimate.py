"""An estimate, as a person reads it before paying."""

from __future__ import annotations

from collections.abc import Callable

from tutorkit.cli.show import as_json, table, text
from tutorkit.lab import CallSize, EstimateLine, EstimateReport, Figures, LimitCheck, Span

_SPLIT_WORDS = {"train": "training", "probe": "probe", "val": "validation", "test": "test"}
_COLUMNS = ("arm", "role", "calls", "tokens in", "tokens out", "cost", "sizes")


def show_estimate(report: EstimateReport, *, json: bool) -> None:
    """Say what an experiment will take: all of it first, then by arm and role, then where the figures come from."""
    if json:
        as_json(report)
        return
    text("")
    text(f"Dry run, nothing was called: {calls_words(report.total)}, {money_words(report.total)}.", bold=True)
    text(_who(report))
    text("")
    table(_title(report), _COLUMNS, [*map(_line_row, report.lines), *_total_rows(report)])
    text(_wrong_words(report))
    for check in report.limits:
        text(_limit_words(check))
    if report.sizes:
        text("")
        table("Tokens of one call", ["role", "call", "in", "out", "from"], map(_size_row, report.sizes))
    for note in (report.prices, *report.notes):
        if note:
            text(note)


def _who(report: EstimateReport) -> str:
    counts = ", ".join(f"{n} {split}" for split, n in report.problems.items() if n)
    return (
        f"Task {report.task} ({counts}). Method {report.method}, {report.fidelity}. "
        f"Teacher {report.teacher}, student {report.student}. Seed {report.seed}."
    )


def _title(report: EstimateReport) -> str:
    left = any(line.state != "new" for line in report.lines)
    return "What is left to do" if left else "What it takes"


def _line_row(line: EstimateLine) -> list[str]:
    arm = line.arm if line.state == "new" else f"{line.arm} ({line.state})"
    return [arm, line.role, *_figures(line), line.sizes]


def _total_rows(report: EstimateReport) -> list[list[str]]:
    roles = [["all", role, *_figures(figures), ""] for role, figures in report.roles.items()]
    return [*roles, ["all", "together", *_figures(report.total), ""]]


def _figures(figures: Figures) -> list[str]:
    recorded = f"\n{figures.recorded:,} in the cache" if figures.recorded else ""
    return [
        _cell(figures.calls, _count) + recorded,
        _cell(figures.tokens_in, _tokens),
        _cell(figures.tokens_out, _tokens),
        _unknown(figures) if figures.usd is None else _cell(figures.usd, _money),
    ]


def _size_row(size: CallSize) -> list[str]:
    measured = "one call" if size.n == 1 else f"mean of {size.n:,} calls"
    origin = measured if size.n else "estimated"
    return [size.role, size.kind, _range(size.tokens_in, _tokens), _range(size.tokens_out, _tokens), origin]


def calls_words(figures: Figures) -> str:
    """Write how many calls there are at least and at most."""
    return f"{_range(figures.calls, _count)} calls"


def money_words(figures: Figures) -> str:
    """Write what they cost at least and at most, or why that is not known."""
    usd = figures.usd
    if usd is None:
        return f"cost {_unknown(figures)}"
    if usd.high == 0:
        return "no cost"
    return f"{_range(usd, _money)}" + (f" (about {_money(usd.expected)})" if usd.expected is not None else "")


def _wrong_words(report: EstimateReport) -> str:
    practice = report.problems.get(report.practice, 0)
    said = f"Wrong answers among the {practice:,} {_SPLIT_WORDS[report.practice]} problems, on which the cost depends: "
    if report.wrong.low == report.wrong.high:
        return f"{said}{_count(report.wrong.low)}, as the first arm has shown."
    said += _range(report.wrong, _count)
    if report.wrong.expected is None or report.wrong_share is None:
        return f"{said}; this student's share of wrong answers on this task is not known."
    return (
        f"{said}, about {_count(report.wrong.expected)}: untaught, this student got {report.wrong_share:.0%} wrong"
        f" on {report.wrong_share_n:,} problems of this task."
    )


def _limit_words(check: LimitCheck) -> str:
    show = _money if check.name == "max_usd" else _count
    option = f"--{check.name.replace('_', '-')} {check.allowed:g}"
    spent = f", of which {show(check.spent)} is spent already" if check.spent else ""
    if check.most is None:
        return f"{option}: whether it suffices is not known{spent}."
    if check.covered:
        return f"{option} covers the most that can come, {show(check.most)}{spent}."
    return (
        f"{option} does not cover the most that can come, {show(check.most)}{spent}. A run stops at its limit and keeps"
        " what is done; the same command with a higher one goes on."
    )


def _cell(span: Span, show: Callable[[float], str]) -> str:
    about = "" if span.expected is None or span.low == span.high else f"\nabout {show(span.expected)}"
    return _range(span, show) + about


def _range(span: Span, show: Callable[[float], str]) -> str:
    if span.high is None:
        return f"{show(span.low)} – ?"
    low, high = show(span.low), show(span.high)
    return low if low == high else f"{low} – {high}"


def _count(number: float) -> str:
    return f"{number:,.0f}"


def _tokens(number: float) -> str:
    if number >= 1e6:
        return f"{number / 1e6:.2f}M"
    return f"{number / 1e3:.1f}k" if number >= 1e4 else f"{number:,.0f}"


def _money(usd: float) -> str:
    return f"${usd:,.2f}" if usd >= 0.1 or usd == 0 else f"${usd:.4f}"


def _unknown(figures: Figures) -> str:
    return f"unknown (at least {_money(figures.known_usd)})" if figures.known_usd else "unknown"

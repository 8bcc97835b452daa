"""An experiment's report, as a person reads it."""

from __future__ import annotations

from collections.abc import Sequence

from tutorkit.cli.show import table, text
from tutorkit.lab import ArmResult, Estimate, Gain, Spending, TeachReport


def show_report(report: TeachReport) -> None:
    """Say who was taught what, what it gained and against which controls, what it took, and the lessons themselves."""
    text("")
    text(_headline(report), bold=True)
    text(_who(report))
    if report.message:
        text("")
        text(report.message)
    if any(arm.taught for arm in report.arms):
        text("")
        _show_arms(report)
    if report.principles:
        text("")
        _show_principles(report)
    if report.instruction:
        text("")
        text("Instruction", bold=True)
        text(report.instruction)
    if report.spending:
        text("")
        show_spending(report.spending)
    for note in report.notes:
        text(note)
    _show_next(report)


def _headline(report: TeachReport) -> str:
    main = report.arms[0] if report.arms else None
    if main is None or main.untaught is None or main.taught is None or main.gain is None:
        return f"{report.run_id}: {report.status}" + (f" ({report.stop_reason})" if report.stop_reason else "")
    kind = "Simulated student" if report.simulated else "Student"
    return (
        f"{kind} {report.student}: {main.untaught.value:.0%} → {main.taught.value:.0%} right on "
        f"{main.gain.n} held-out problems, a gain of {gain_words(main.gain)}, p = {main.gain.p:.2g} (McNemar)."
    )


def _who(report: TeachReport) -> str:
    lacking = f" It is known to lack: {', '.join(report.lacking)}." if report.lacking else ""
    counts = ", ".join(f"{n} {split}" for split, n in report.problems.items() if n)
    return (
        f"Task {report.task} ({counts}). Method {report.method}, {report.fidelity}. "
        f"Teacher {report.teacher}. Seed {report.seed}.{lacking}"
    )


def _show_arms(report: TeachReport) -> None:
    simulated = " (simulated)" if report.simulated else ""
    rows = [_arm_row(arm) for arm in report.arms]
    if report.baseline is not None:
        rows.append(["constant", cell(report.baseline), "", "", ""])
    table(
        f"Accuracy on {report.problems.get('test', 0)} held-out problems{simulated}, 95 % intervals",
        ["arm", "untaught", "taught", "gain", "taught beyond"],
        rows,
    )
    for arm in report.arms:
        text(f"{arm.name}: {arm.question}{_named(arm)}")
    if report.baseline is not None:
        text("constant: What does the most common answer get, given to every problem?")


def _arm_row(arm: ArmResult) -> list[str]:
    beyond = cell(arm.taught_beyond, signed=True) if arm.taught_beyond else ""
    return [arm.name, cell(arm.untaught), cell(arm.taught), cell(arm.gain, signed=True), beyond]


def _named(arm: ArmResult) -> str:
    if arm.precision is None:
        return ""
    return (
        f" It names {', '.join(arm.named)}: precision {arm.precision:.2f}, recall {arm.recall or 0:.2f} "
        "against the skills that are lacking."
    )


def cell(figure: Estimate | None, *, signed: bool = False) -> str:
    """Write a figure with its interval below it, as a table's cell."""
    if figure is None:
        return "–"
    sign = "+" if signed else ""
    return f"{figure.value:{sign}.2f}\n[{figure.low:{sign}.2f}, {figure.high:{sign}.2f}]"


def _show_principles(report: TeachReport) -> None:
    table(
        "Principles, the most violated first",
        ["principle", "skill", "violated by", "found in", "review"],
        [[p.text, p.skill or "", str(p.violated), str(p.sources), p.audit] for p in report.principles],
    )
    if report.demos:
        text(f"and {report.demos} worked examples, each checked by the task's scorer")


def show_spending(spending: Sequence[Spending], *, title: str = "Calls, all arms") -> None:
    """Draw what each role took."""
    columns = ["role", "calls", "from cache", "failed", "tokens in", "tokens out", "cost"]
    table(title, columns, [_spending_row(line) for line in spending])


def _spending_row(line: Spending) -> list[str]:
    cost = "unknown" if line.usd is None else f"${line.usd:.4f}"
    counts = [line.calls, line.cache_hits, line.failed, line.tokens_in, line.tokens_out]
    return [line.role, *(f"{count:,}" for count in counts), cost]


def _show_next(report: TeachReport) -> None:
    text("")
    if report.pack:
        text(f"Pack: {report.pack}")
    text(
        f"More: tutorkit show {report.run_id}  ·  tutorkit audit {report.principles[0].id}"
        if report.principles
        else f"More: tutorkit show {report.run_id}"
    )


def share_words(estimate: Estimate | None) -> str:
    """Write an accuracy with its interval."""
    if estimate is None:
        return "–"
    return f"{estimate.value:.3f} [{estimate.low:.3f}, {estimate.high:.3f}]"


def gain_words(gain: Gain | None) -> str:
    """Write a paired difference with its interval."""
    return "–" if gain is None else f"{gain.value:+.3f} [{gain.low:+.3f}, {gain.high:+.3f}]"

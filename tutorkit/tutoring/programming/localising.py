"""Where a program goes wrong: what tests, errors, the text and the nearest right solution say, taken together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from pydantic import Field

from tutorkit.tutoring.programming.lints import Finding, findings_in
from tutorkit.tutoring.programming.nearest import nearest
from tutorkit.tutoring.programming.results import RunReport
from tutorkit.tutoring.programming.spectrum import ochiai
from tutorkit.types import Record

Evidence = Literal["test", "trace", "lint", "solution"]

WEIGHTS: Mapping[Evidence, float] = MappingProxyType({"test": 1.0, "trace": 1.0, "lint": 1.0, "solution": 0.8})
"""How much each kind of evidence counts. Set by hand, not fitted: thirty programs are too few to fit anything to."""


class Suspect(Record):
    """A line, from 1, how suspect it is, and what speaks for it. ``score`` orders the lines of one program, no more."""

    line: int = Field(ge=1)
    score: float = Field(gt=0)
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, kw_only=True)
class Localisation:
    """The suspect lines, the most suspect first, and the findings of the lints."""

    suspects: tuple[Suspect, ...]
    findings: tuple[Finding, ...]


def localise(
    code: str,
    report: RunReport,
    *,
    solutions: Sequence[str] = (),
    weights: Mapping[Evidence, float] = WEIGHTS,
) -> Localisation:
    """Say which lines of a failing program to look at.

    Args:
        code: the program.
        report: what became of the tests, traced.
        solutions: right solutions to compare it with.
        weights: how much each kind of evidence counts; kinds that are left out count nothing.

    Returns:
        Nothing suspect where the program passes: there is nothing to be found in it.
    """
    if report.passes or report.refused:
        return Localisation(suspects=(), findings=())
    findings = findings_in(code, fault=report.fault)
    scores: dict[int, dict[Evidence, float]] = defaultdict(dict)
    for line, score in ochiai(report.results).items():
        scores[line]["test"] = score
    for line, share in _traced(report).items():
        scores[line]["trace"] = share
    for finding in findings:
        scores[finding.line]["lint"] = max(scores[finding.line].get("lint", 0.0), finding.sureness)
    if difference := nearest(code, solutions):
        for line, weight in difference.lines.items():
            scores[line]["solution"] = weight * difference.likeness
    suspects = [_suspect(line, parts, weights) for line, parts in scores.items()]
    kept = [each for each in suspects if each is not None]
    return Localisation(
        suspects=tuple(sorted(kept, key=lambda each: (-each.score, each.line))),
        findings=findings,
    )


def _traced(report: RunReport) -> Mapping[int, float]:
    """Return the lines that errors came from, each with the share of failing cases that ended there."""
    if report.fault is not None:
        return {report.fault.line: 1.0} if report.fault.line is not None else {}
    shares: dict[int, float] = defaultdict(float)
    for result in report.failing:
        fault = result.fault
        # Where time ran out is chance, any line of the loop; so is where a recursion got too deep.
        told = fault is not None and result.outcome == "raised" and fault.kind != "RecursionError"
        if told and fault is not None and fault.line is not None:
            shares[fault.line] += 1 / len(report.failing)
    return shares


def _suspect(line: int, parts: Mapping[Evidence, float], weights: Mapping[Evidence, float]) -> Suspect | None:
    score = sum(weights.get(kind, 0.0) * value for kind, value in parts.items())
    kinds = tuple(sorted(kind for kind, value in parts.items() if value > 0 and weights.get(kind)))
    return Suspect(line=line, score=score, evidence=kinds) if score > 0 else None

"""Spectrum-based fault localisation: lines that failing tests run and passing ones do not are suspect."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import sqrt

from tutorkit.tutoring.programming.results import CaseResult


def ochiai(results: Sequence[CaseResult]) -> Mapping[int, float]:
    """Return how suspect each line is that any test ran, 0 to 1.

    It is failed(line) / sqrt(failed × (failed(line) + passed(line))): Ochiai's coefficient, as Abreu, Zoeteweij and van
    Gemund (2007, "On the accuracy of spectrum-based fault localization", TAICPART) took it up. Tests of which no
    line is known, since their process was killed, take no part.
    """
    known = [each for each in results if each.lines]
    failed = [set(each.lines) for each in known if each.outcome != "passed"]
    passed = [set(each.lines) for each in known if each.outcome == "passed"]
    scores: dict[int, float] = {}
    for line in sorted(set().union(*failed, *passed)):
        bad = sum(line in ran for ran in failed)
        good = sum(line in ran for ran in passed)
        scores[line] = bad / sqrt(len(failed) * (bad + good)) if bad else 0.0
    return scores

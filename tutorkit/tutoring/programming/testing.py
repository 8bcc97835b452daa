"""Run a learner's program against an exercise's cases, in the sandbox. What is expected stays outside."""

from __future__ import annotations

import ast
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from typing import Protocol

from tutorkit.sandbox import Ended, Limits, readable
from tutorkit.tutoring.programming.exercises import Case, Exercise
from tutorkit.tutoring.programming.results import (
    CaseOutcome,
    CaseResult,
    Fault,
    RunReport,
    Said,
    judged,
    said_in,
)

_PROGRAM = "inside.py"
_LONGEST_SOURCE = 64_000
_MOST_STARTS = 4
_QUICK_S = 0.2
_NO_END: Mapping[str, CaseOutcome] = {
    "timed_out": "timed_out",
    "output_cut": "output_cut",
    "out_of_memory": "out_of_memory",
}


class Box(Protocol):
    """Whoever runs strangers' programs: ``tutorkit.sandbox.Sandbox``."""

    def run(self, files: Mapping[str, bytes], *, program: str, limits: Limits | None = None) -> Ended:
        """Run one program; see ``Sandbox.run``."""
        ...


@dataclass(frozen=True, kw_only=True)
class Runner:
    """Runs programs in a box.

    ``seconds`` is what one call may take, until one has taken it: the others have a quarter of a second then. A call
    that hears no signal takes ``limits.wall_s``. A program that ends the process in a call is started anew for the
    calls that are left, at most three times; the others are not run then.
    """

    box: Box
    seconds: float = 1.0
    limits: Limits = field(default_factory=Limits)

    def test(self, exercise: Exercise, code: str, *, traced: bool = False) -> RunReport:
        """Run all cases of an exercise.

        Args:
            exercise: what is expected.
            code: the learner's program.
            traced: also tell which lines ran; that takes some ten times as long.

        Raises:
            SandboxMissing: when nothing can be contained here. Nothing was run then.
        """
        if why := unrunnable(code):
            return RunReport(results=_none(exercise.cases), refused=why)
        if fault := syntax_fault(code):
            return RunReport(results=_none(exercise.cases), fault=fault)
        told: dict[int | None, Said] = {}
        left = list(range(len(exercise.cases)))
        ends: dict[int, CaseOutcome] = {}
        for _ in range(_MOST_STARTS):
            said, ended = self._run([code], exercise.cases, [left], traced=traced)
            told.update({each.call: each for each in said})
            if None not in told or told[None].status != "returned":
                return _unloaded(exercise.cases, told.get(None), ended)
            left = [index for index in left if index not in told]
            if not left:
                break
            # It ended in the midst of this call.
            ends[left.pop(0)] = _NO_END.get(ended.status, "killed")
        results = tuple(_result(index, case, told.get(index), ends) for index, case in enumerate(exercise.cases))
        loading = told[None]
        return RunReport(results=results, loaded=tuple(loading.lines), printed=readable(loading.printed))

    def passing(self, exercise: Exercise, codes: Sequence[str]) -> list[bool]:
        """Tell of each program whether it passes all cases, many of them in one box.

        A call that takes longer than ``_QUICK_S`` does not pass: this is for looking at many candidates, not for
        grading. Nor does a program that raises where that is not expected, or that cannot be run to the end.
        """
        runnable = [code for code in codes if not unrunnable(code) and not syntax_fault(code)]
        unique = list(dict.fromkeys(runnable))
        passed: set[str] = set()
        cases = list(range(len(exercise.cases)))
        any_raises = any(case.raises is not None for case in exercise.cases)
        while unique:
            said, _ = self._run(unique, exercise.cases, [cases] * len(unique), quick=not any_raises)
            done = {
                (each.program, each.call)
                for each in said
                if each.call is not None and judged(exercise.cases[each.call], each)[0] == "passed"
            }
            right = Counter(index for index, _ in done)
            passed |= {unique[index] for index, count in right.items() if count == len(cases)}
            # The one at which the run broke off is not tried again.
            unique = unique[max((each.program for each in said), default=0) + 1 :]
        return [code in passed for code in codes]

    def _run(
        self,
        codes: Sequence[str],
        cases: Sequence[Case],
        calls: Sequence[Sequence[int]],
        *,
        traced: bool = False,
        quick: bool = False,
    ) -> tuple[list[Said], Ended]:
        job = {
            "programs": [
                {"index": index, "source": code, "calls": list(called)}
                for index, (code, called) in enumerate(zip(codes, calls, strict=True))
            ],
            "calls": [case.call for case in cases],
            "traced": traced,
            "until_error": quick,
            "seconds": min(self.seconds, _QUICK_S) if quick else self.seconds,
            "output": self.limits.output,
        }
        script = resources.files("tutorkit.tutoring.programming").joinpath("inside.py").read_bytes()
        ended = self.box.run(
            {_PROGRAM: script, "job.json": json.dumps(job).encode("ascii")}, program=_PROGRAM, limits=self.limits
        )
        programs, made = range(len(codes)), range(len(cases))
        said = [each for each in said_in(ended.report) if each.program in programs]
        return [each for each in said if each.call is None or each.call in made], ended


def unrunnable(code: str) -> str:
    """Say why a text cannot be a program at all; nothing when it can."""
    try:
        size = len(code.encode("utf-8"))
    except UnicodeEncodeError:
        return "The program holds characters that no file can hold."
    if size > _LONGEST_SOURCE:
        return f"The program has {size} bytes, and {_LONGEST_SOURCE} are allowed."
    return "The program holds null characters." if "\x00" in code else ""


def syntax_fault(code: str) -> Fault | None:
    """Return what keeps a program from being read as Python; None when nothing does. Nothing is run."""
    try:
        ast.parse(code)
    except SyntaxError as error:
        lines = code.count("\n") + 1
        line = min(max(error.lineno or 1, 1), lines)
        return Fault(kind=type(error).__name__, message=str(error.msg), line=line)
    except (RecursionError, MemoryError, ValueError) as error:
        return Fault(kind=type(error).__name__, message="The program is nested too deeply to be read.")
    return None


def _none(cases: Sequence[Case]) -> tuple[CaseResult, ...]:
    return tuple(CaseResult(index=index, outcome="not_run") for index in range(len(cases)))


def _unloaded(cases: Sequence[Case], said: Said | None, ended: Ended) -> RunReport:
    if ended.status == "refused":
        return RunReport(results=_none(cases), refused=ended.why)
    if said is None:
        fault = Fault(kind=_NO_END.get(ended.status, "killed"), message="The program ended while it was loaded.")
        return RunReport(results=_none(cases), fault=fault, printed=ended.output)
    fault = said.error.fault() if said.error else Fault(kind=said.status)
    return RunReport(results=_none(cases), fault=fault, loaded=tuple(said.lines), printed=readable(said.printed))


def _result(index: int, case: Case, said: Said | None, ends: Mapping[int, CaseOutcome]) -> CaseResult:
    if said is None:
        return CaseResult(index=index, outcome=ends.get(index, "not_run"))
    outcome, got = judged(case, said)
    return CaseResult(
        index=index,
        outcome=outcome,
        got=got,
        printed=readable(said.printed),
        fault=said.error.fault() if said.error else None,
        lines=tuple(said.lines),
    )

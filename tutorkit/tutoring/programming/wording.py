"""How help with a program is worded: by template, or by a model that is told what to do and words it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from types import MappingProxyType
from typing import Any, Protocol

import yaml
from pydantic import BaseModel, Field, JsonValue

from tutorkit.errors import UnknownName
from tutorkit.ports import Ask, Teacher
from tutorkit.tutoring.programming.exercises import Case, Exercise
from tutorkit.tutoring.programming.planning import HIDDEN_FROM, HelpPlan, Snapshot
from tutorkit.tutoring.programming.redacting import redacted
from tutorkit.tutoring.programming.results import CaseResult, RunReport
from tutorkit.types import Call

LANGUAGES = ("en", "de")
PROMPT = "programming/hint"
_SNIPPET_RUNG = 5


@dataclass(frozen=True, kw_only=True)
class HelpBrief:
    """What is to be said, about which program, in which language, and what was wrong with an earlier wording."""

    exercise: Exercise
    snapshot: Snapshot
    report: RunReport
    plan: HelpPlan
    language: str = "en"
    faults: tuple[str, ...] = ()


@dataclass(frozen=True)
class HelpWorded:
    """A wording, with the calls that it took."""

    text: str
    calls: tuple[Call, ...] = ()


class HelpWords(Protocol):
    """Whoever words help with a program."""

    async def word(self, brief: HelpBrief) -> HelpWorded:
        """Word the move.

        Raises:
            UnusableOutput, ModelError, BudgetExhausted: when a model words and no wording could be had.
        """
        ...


@dataclass(frozen=True)
class RuleHelpWords:
    """Words by template: no model, no key, the same words for the same program."""

    async def word(self, brief: HelpBrief) -> HelpWorded:
        """Fill in the template of the move.

        Raises:
            UnknownName: for a language that there are no templates in.
        """
        return HelpWorded(worded_help(brief))


class Hint(BaseModel):
    """What a model says. ``code_snippet`` is of another exercise, and is shown on the rung of worked examples alone."""

    text: str = Field(min_length=1, max_length=1200)
    points_to_line: int | None = Field(default=None, ge=1)
    code_snippet: str | None = Field(default=None, max_length=1200)


@dataclass(frozen=True, kw_only=True)
class ModelHelpWords:
    """Words by a model. It sees no secret of the program, and no hidden case below the rung that may show one."""

    teacher: Teacher

    async def word(self, brief: HelpBrief) -> HelpWorded:
        """Ask the model; what was wrong with its first wording is shown to it."""
        ask = Ask(prompt_id=PROMPT, inputs=_inputs(brief), schema=Hint, about=(brief.exercise.id,))
        reply = await self.teacher.call(ask)
        hint, text = reply.value, reply.value.text.strip()
        if hint.code_snippet:
            # Whether code may be shown is for the guards to say, not for whoever offers it.
            text = f"{text}\n\n{_fenced(hint.code_snippet)}"
        return HelpWorded(text, reply.calls)


def worded_help(brief: HelpBrief) -> str:
    """Word a move by template; see ``RuleHelpWords.word``."""
    words, plan = _templates(brief.language), brief.plan
    if plan.stop == "refused":
        return str(words["refused"]).format(why=brief.report.refused)
    if plan.stop in ("staff", "exit"):
        return str(words["staff" if plan.stop == "staff" else "close"])
    if plan.stop == "passed" and plan.move == "elicit":
        choices = words["elicit_passed"]
        return str(choices[int(brief.snapshot.id[-4:], 16) % len(choices)])
    template = words[plan.move]
    if isinstance(template, dict):
        template = template[_variant(brief)]
    text = " ".join(str(template).format(**_slots(brief, words)).split())
    code = {"analogy": brief.exercise.analogy, "solution": brief.exercise.reference}.get(plan.move)
    return f"{text}\n\n{_fenced(code)}" if code else text


def _variant(brief: HelpBrief) -> str:
    plan = brief.plan
    if plan.move == "name_step":
        # A lint names what it is; all else would only say again that something is wrong.
        return "known" if plan.diagnosis.hypothesis not in ("wrong_value", "error", None) else "plain"
    if brief.report.fault is not None:
        return "load" if brief.report.fault.line is not None else "plain"
    if plan.hidden_only and plan.rung < HIDDEN_FROM:
        return "hidden"
    return "case" if plan.case is not None else "plain"


def _slots(brief: HelpBrief, words: Mapping[str, Any]) -> Mapping[str, str]:
    plan, exercise, fault = brief.plan, brief.exercise, brief.report.fault
    kind = words["kinds"][plan.diagnosis.hypothesis or "wrong_value"]
    line = plan.diagnosis.lines[0] if plan.diagnosis.lines else 1
    steps = exercise.plan
    message = f"{fault.kind} ({_bounded(fault.message)})." if fault is not None else ""
    return {
        "function": exercise.function,
        "line": str(line),
        "region": _region(line, brief.snapshot.code, words["region"]),
        "message": message,
        "seen": _seen(brief, words),
        "concept": str(kind["concept"]).format(about=plan.diagnosis.concept or exercise.function),
        "name": str(kind["name"]),
        "step": steps[min(plan.step, len(steps) - 1)] if steps else "",
    }


def _region(line: int, code: str, words: Mapping[str, str]) -> str:
    """Return the lines around a line: where to look, not what to change."""
    last = max(len(code.splitlines()), 1)
    first, end = max(line - 1, 1), min(line + 1, last)
    return words["one" if first == end else "many"].format(first=first, last=end)


def _seen(brief: HelpBrief, words: Mapping[str, Any]) -> str:
    if brief.plan.case is None:
        return str(words["seen"]["none"])
    case, result = brief.exercise.cases[brief.plan.case], brief.report.results[brief.plan.case]
    fault = f"{result.fault.kind} ({_bounded(result.fault.message)})" if result.fault is not None else ""
    return str(words["seen"][result.outcome]).format(
        call=f"`{case.call}`", got=f"`{_got(case, result)}`", expected=_expected(case, words["expected"]), fault=fault
    )


def _got(case: Case, result: CaseResult) -> str:
    return _bounded(repr(result.printed) if case.prints is not None else result.got or "None")


def _expected(case: Case, words: Mapping[str, str]) -> str:
    if case.raises is not None:
        return words["raises"].format(name=case.raises)
    if case.prints is not None:
        return words["prints"].format(text=f"`{case.prints!r}`")
    return words["holds"] if case.holds else f"`{case.equals}`"


def _bounded(text: str) -> str:
    """Return a stranger's text as one short line without marks that would end the quotation."""
    line = " ".join(text.replace("`", "'").split())
    return line if len(line) <= 80 else line[:80] + "…"


def _inputs(brief: HelpBrief) -> dict[str, JsonValue]:
    plan, exercise = brief.plan, brief.exercise
    shown = [
        (case, result)
        for case, result in zip(exercise.cases, brief.report.results, strict=True)
        if not case.hidden or plan.rung >= HIDDEN_FROM
    ]
    return {
        "exercise": exercise.text,
        "notes": exercise.notes,
        "taught": ", ".join(exercise.taught),
        "code": redacted(brief.snapshot.code),
        "said": redacted(brief.snapshot.said),
        "fault": None if brief.report.fault is None else redacted(brief.report.fault.model_dump_json()),
        "tests": [
            {"case": case.as_text(), "outcome": result.outcome, "got": redacted(result.got or "")}
            for case, result in shown
        ],
        "verdict": plan.diagnosis.verdict or "not run",
        "move": plan.move,
        "lines": list(plan.diagnosis.lines or ()),
        "hypothesis": plan.diagnosis.hypothesis or "",
        "concept": plan.diagnosis.concept,
        "step": exercise.plan[min(plan.step, len(exercise.plan) - 1)] if plan.move == "next_step" else "",
        "analogy": exercise.analogy if plan.rung == _SNIPPET_RUNG else "",
        "language": brief.language,
        "faults": list(brief.faults),
    }


def _fenced(code: str) -> str:
    return f"```python\n{code.strip()}\n```"


@lru_cache(maxsize=len(LANGUAGES))
def _templates(language: str) -> Mapping[str, Any]:
    if language not in LANGUAGES:
        raise UnknownName("language of the tutor", language, LANGUAGES)
    folder = resources.files("tutorkit.tutoring.programming").joinpath("data")
    return MappingProxyType(yaml.safe_load(folder.joinpath(f"help.{language}.yaml").read_text(encoding="utf-8")))

"""Asking a teacher as TPD does, with TPD's own prompts and schemas."""

from __future__ import annotations

import asyncio

from tutorkit.methods._nodes.views import problem_view
from tutorkit.methods._tpd.diagnose import ErrorNote
from tutorkit.methods._tpd.principles import Principles
from tutorkit.methods.tpd import Demo, Instruction, Refined, Violations
from tutorkit.ports import Ask
from tutorkit.prompting import PromptLibrary
from tutorkit.tasks.scorers import TaskScorer
from tutorkit.teachers.rules import RuleTeacher
from tutorkit.types import Problem

TASK = {"name": "toy", "description": "Toy problems.", "answer_format": "End with the answer."}
RULES = RuleTeacher(prompts=PromptLibrary(), cues=False)
RULES_WITH_CUES = RuleTeacher(prompts=PromptLibrary(), cues=True)


def problem(text="What is 27 + 15?", gold="42", *, scorer="number", **facts) -> Problem:
    """Make a problem; what is not said does not matter to the test."""
    facts = {"id": text, "task": "toy", "split": "val", "group": text, **facts}
    return Problem(text=text, gold=gold, scorer=scorer, **facts)


def attempt_view(to: Problem, raw: str, steps=None) -> dict:
    """Show an attempt as a method does, graded by the problem's own scorer."""
    lines = [line for line in raw.splitlines() if line.strip()] if steps is None else list(steps)
    return {"steps": lines, "raw": raw, "answer": TaskScorer().grade(to, raw).normalised}


def reply(teacher, purpose, schema, about=(), **inputs):
    """Ask and return the whole reply."""
    ask = Ask(prompt_id=f"tpd/{purpose}", inputs={"task": TASK, **inputs}, schema=schema, about=tuple(about))
    return asyncio.run(teacher.call(ask))


def diagnose(teacher, to: Problem, raw: str, steps=None):
    shown = attempt_view(to, raw, steps)
    return reply(teacher, "extract_errors", ErrorNote, problem=problem_view(to), attempt=shown).value


UNSEEN = {"problem": "What is 27 + 15?", "gold": "42", "answer": None, "evidence": ""}
"""What stands beside an error summary and the rule-based teacher has no use for."""


def principles(teacher, *errors, known=()):
    shown = [{"id": f"E{place}", **UNSEEN, **error} for place, error in enumerate(errors, start=1)]
    so_far = [{"id": f"P{place}", "text": "Do it right.", "skill": skill} for place, skill in enumerate(known, start=1)]
    return reply(teacher, "generate_principles", Principles, errors=shown, principles=so_far).value.principles


def principle_of(teacher, note):
    """Return the one principle that comes of a diagnosis."""
    found = principles(teacher, {"summary": note.error_summary, "cause": note.cause, "skill": note.skill})
    return found[0] if found else None


def violated(teacher, to: Problem, raw: str, skills, steps=None) -> set[str]:
    shown = [{"id": skill, "text": "Do it right.", "skill": skill} for skill in skills]
    inputs = {"problem": problem_view(to), "attempt": attempt_view(to, raw, steps), "principles": shown}
    found = reply(teacher, "check_violations", Violations, **inputs).value.violations
    assert [each.principle_id for each in found] == list(skills)
    return {each.principle_id for each in found if each.violated}


def demo(teacher, to: Problem, skills=()) -> Demo:
    shown = [{"id": f"P-{skill}", "text": "Do it right.", "skill": skill} for skill in skills]
    return reply(teacher, "write_demo", Demo, problem=problem_view(to), principles=shown).value


def instruction(teacher, *examples: Problem) -> Instruction:
    return reply(teacher, "draft_instruction", Instruction, examples=[problem_view(p) for p in examples]).value


def refined(teacher, old: str, *texts: str) -> Refined:
    shown = [{"id": f"P{place}", "text": text, "skill": None} for place, text in enumerate(texts, start=1)]
    return reply(teacher, "refine_instruction", Refined, instruction=old, principles=shown).value

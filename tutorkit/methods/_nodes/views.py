"""What a teacher gets to see of a problem, an attempt and a lesson: JSON for a prompt."""

from __future__ import annotations

from pydantic import JsonValue

from tutorkit.methods.vocabulary import TaskBrief
from tutorkit.types import Attempt, Lesson, Problem


def task_view(task: TaskBrief) -> dict[str, JsonValue]:
    """Return the task's name, what it is about, and how an answer must end."""
    return {"name": task.name, "description": task.description, "answer_format": task.answer_format}


def problem_view(problem: Problem) -> dict[str, JsonValue]:
    """Return a problem with its gold and worked steps. For teachers only."""
    return {
        "id": problem.id,
        "text": problem.question().as_text(),
        "gold": problem.gold,
        "steps": [step.text for step in problem.steps],
        "skills": list(problem.skills),
        "item": problem.item,
    }


def unsolved_view(problem: Problem) -> dict[str, JsonValue]:
    """Return a problem as somebody sees it who is not to know its gold: without gold and worked steps."""
    return {**problem_view(problem), "gold": None, "steps": []}


def attempt_view(attempt: Attempt) -> dict[str, JsonValue]:
    """Return what the student wrote, as numbered steps where it has steps, and the answer that was read from it."""
    return {"steps": list(attempt.steps), "raw": attempt.raw, "answer": attempt.grade.normalised}


def lesson_view(name: str, lesson: Lesson) -> dict[str, JsonValue]:
    """Return a lesson under a short name, by which a teacher can refer to it."""
    return {"id": name, "text": lesson.text, "skill": lesson.skill}

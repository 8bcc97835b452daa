"""Renders a pack as one text that can be given to any model."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from tutorkit.students.tags import without_tags
from tutorkit.types import Lesson, LessonKind

_HEADINGS: Final[dict[LessonKind, str]] = {
    "instruction": "Instructions",
    "principle": "Principles",
    "strategy": "Strategies",
    "explanation": "Explanations",
    "correction": "Corrections",
    "template": "Templates",
    "hint": "Hints",
    "rationale": "Worked solutions",
    "demo": "Worked examples",
    "exercise": "Exercises",
}
_DEMO_PARTS: Final = ("problem", "solution", "answer")


def render_prompt(instruction: str, lessons: Iterable[Lesson]) -> str:
    """Return the instruction and the lessons as Markdown: by kind, numbered, each text as it was written but for tags.

    A lesson of the kind ``instruction`` that says the same as the instruction is not said twice.
    """
    given = list(lessons)
    sections = [instruction] if instruction else []
    for kind, heading in _HEADINGS.items():
        same_kind = [
            one for one in given if one.kind == kind and not (kind == "instruction" and one.text == instruction)
        ]
        if same_kind:
            entries = [_entry(number, lesson) for number, lesson in enumerate(same_kind, start=1)]
            sections.append("\n\n".join([f"## {heading}", *entries]))
    return without_tags("\n\n".join(sections)) + "\n"


def _entry(number: int, lesson: Lesson) -> str:
    parts = {name: lesson.data.get(name) for name in _DEMO_PARTS}
    if lesson.kind != "demo" or not all(isinstance(part, str) for part in parts.values()):
        return f"{number}. {lesson.text}"
    return "\n\n".join([f"### Example {number}", *(f"{name.capitalize()}: {part}" for name, part in parts.items())])

"""Author: make a lesson of what the teacher wrote, with where it came from and what its gates found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import JsonValue

from tutorkit.canonical import stable_id
from tutorkit.methods.vocabulary import Deps
from tutorkit.types import Lesson, LessonKind, Split


def keep_lesson(
    deps: Deps,
    *,
    kind: LessonKind,
    text: str,
    faults: Sequence[str],
    call_ids: Sequence[str],
    skill: str | None = None,
    sources: Sequence[str] = (),
    source_split: Split | None = None,
    parent: Lesson | None = None,
    data: Mapping[str, JsonValue] | None = None,
    about: str | None = None,
) -> Lesson:
    """Put a lesson into the sink.

    Without faults it is verified and waits for review (``pending``); with faults it is kept as ``rejected``, so that
    one can see what the gates refused. A lesson with a parent is that lesson's next version. ``about`` tells it from a
    lesson with the same text and sources: the id of the problem that it belongs to.
    """
    lesson = Lesson(
        id=lesson_id(deps, kind=kind, text=text, sources=sources, parent_id=parent.id if parent else None, about=about),
        run_id=deps.run_id,
        kind=kind,
        text=text,
        skill=skill,
        source_attempt_ids=tuple(sources),
        source_split=source_split,
        version=parent.version + 1 if parent else 1,
        parent_id=parent.id if parent else None,
        verified=not faults,
        checks=tuple(faults),
        audit="rejected" if faults else "pending",
        author=deps.teacher.ref,
        call_ids=tuple(call_ids),
        data=dict(data or {}),
    )
    deps.sink.put(lesson)
    return lesson


def lesson_id(
    deps: Deps,
    *,
    kind: LessonKind,
    text: str,
    sources: Sequence[str] = (),
    parent_id: str | None = None,
    about: str | None = None,
) -> str:
    """Return the id under which ``keep_lesson`` keeps a lesson, for one that is tried before it is kept."""
    return stable_id("lesson", deps.run_id, kind, text, list(sources), parent_id, *([about] if about else []))

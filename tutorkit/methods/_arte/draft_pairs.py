"""Pairs of drafts: what a student learnt more from and what it learnt less from, to align a teacher with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from pydantic import JsonValue

from tutorkit.canonical import stable_id
from tutorkit.methods._arte.draft_marks import best_and_worst
from tutorkit.methods._nodes.practise import load_lessons
from tutorkit.methods.vocabulary import Deps
from tutorkit.types import Call, Lesson, PreferencePair, Problem


def question_pair(deps: Deps, chosen: str, rejected: str, *, scores: tuple[float, float]) -> PreferencePair:
    """Make a pair of two questions, under the prompt for which the chosen one was written."""
    lessons = load_lessons(deps, [chosen, rejected])
    texts = [deps.sink.get(Problem, str(lesson.data["problem_id"])).question().as_text() for lesson in lessons]
    prompt = _prompt_of(deps, lessons[0])
    return _pair(deps, lessons, unit="question", prompt=prompt, texts=texts, scores=scores, data={})


def rationale_pair(
    deps: Deps, drafts: Mapping[str, str], marks: Mapping[str, str], *, plain: str
) -> PreferencePair | None:
    """Make a pair of the best and the worst solution of one question; None where none is better than another.

    Both sides stand under the plain prompt: the wish for a technique is not part of what the teacher is to learn. A
    question without a plain draft has no such prompt, and makes no pair.

    Args:
        deps: the run's participants.
        drafts: all drafts of the question by technique.
        marks: what the student did with those that are verified, by technique.
        plain: the technique whose prompt is taken.
    """
    found = best_and_worst(marks)
    if found is None or plain not in drafts:
        return None
    chosen, rejected, scores = found
    *lessons, asked = load_lessons(deps, [drafts[chosen], drafts[rejected], drafts[plain]])
    texts = [f"{lesson.data['solution']}\nAnswer: {lesson.data['answer']}" for lesson in lessons]
    data: dict[str, JsonValue] = {"technique_chosen": chosen, "technique_rejected": rejected}
    prompt = _prompt_of(deps, asked)
    return _pair(deps, lessons, unit="rationale", prompt=prompt, texts=texts, scores=scores, data=data)


def _pair(
    deps: Deps,
    lessons: Sequence[Lesson],
    *,
    unit: Literal["question", "rationale"],
    prompt: str,
    texts: Sequence[str],
    scores: tuple[float, float],
    data: Mapping[str, JsonValue],
) -> PreferencePair:
    names = [lesson.id for lesson in lessons]
    return PreferencePair(
        id=stable_id("pair", deps.run_id, unit, names),
        run_id=deps.run_id,
        problem_id=str(lessons[0].data["problem_id"]),
        split="train",
        student=deps.student.ref,
        lesson_ids=tuple(names),
        call_ids=tuple(dict.fromkeys(call_id for lesson in lessons for call_id in lesson.call_ids)),
        prompt=prompt,
        chosen=texts[0],
        rejected=texts[1],
        unit=unit,
        margin=scores[0] - scores[1],
        both_orders=False,
        data={"task": deps.task.name, "score_chosen": scores[0], "score_rejected": scores[1], **data},
    )


def _prompt_of(deps: Deps, lesson: Lesson) -> str:
    """Return the prompt that a lesson was written for, as the teacher got it."""
    messages = deps.sink.get(Call, lesson.call_ids[-1]).messages
    return "\n\n".join(message.content for message in messages)

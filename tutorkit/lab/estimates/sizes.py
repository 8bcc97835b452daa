"""How many tokens a call takes: the mean of earlier calls of its kind, else what its text and its limits let expect."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean

from pydantic import JsonValue

from tutorkit.lab.estimates.estimate import CallSize, Number, Span, exactly
from tutorkit.prompting import Prompt
from tutorkit.store import Answered, MeasuredCall
from tutorkit.students.model import PROMPT_ID, ModelStudent
from tutorkit.tasks import Task
from tutorkit.types import Problem

CHARACTERS_PER_TOKEN = 4
"""The usual rule of thumb for English text; other languages and long numbers take more tokens."""

_TEMPLATE_CODE = re.compile(r"\{[{%].*?[%}]\}", flags=re.DOTALL)


def student_sizes(
    student: ModelStudent,
    task: Task,
    *,
    measured: Iterable[MeasuredCall],
    answers: Iterable[Answered],
    lessons_at_most: int | None,
) -> tuple[CallSize, CallSize]:
    """Return the sizes of an untaught answer and of one with lessons.

    Args:
        student: who answers.
        task: whose problems are asked.
        measured: earlier paid calls on this task.
        answers: the student's earlier answers on this task, which tell the calls with lessons from those without.
        lessons_at_most: tokens that lessons are taken to need at most; nobody knows before they are written.
    """
    taught = {call_id: answer.taught for answer in answers for call_id in answer.call_ids}
    own = [call for call in measured if call.model == student.ref and call.prompt_id == PROMPT_ID]
    texts = [_mean_text(student, task.split("val")), _mean_text(student, task.split("test"))]
    out = Span(low=0, high=output_limit(student.options))
    sizes = []
    for with_lessons, kind in ((False, "answer, untaught"), (True, "answer, with lessons")):
        calls = [call for call in own if taught.get(call.id) is with_lessons]
        longest = _plus(max(texts), lessons_at_most) if with_lessons else texts[1]
        shortest = min(texts) if with_lessons else texts[1]
        guess = Span(low=shortest, high=longest)
        sizes.append(_size(calls, role="student", who=student.ref, kind=kind, guess_in=guess, guess_out=out))
    return sizes[0], sizes[1]


def teacher_sizes(
    ref: str,
    prompts: Sequence[Prompt],
    task: Task,
    *,
    options: Mapping[str, JsonValue],
    answer_at_most: int | None,
    measured: Iterable[MeasuredCall],
) -> tuple[CallSize, ...]:
    """Return the size of a call by each of a method's prompts.

    What a prompt is given besides the task and a problem is still to be written: an attempt is taken to be as long as
    the student's limit lets it be, and every other input as long as a full reply of the teacher.
    """
    calls = list(measured)
    limit = output_limit(options)
    problems = [_length(problem) for problem in (*task.split("train"), *task.split("val"))]
    known = {
        "task": exactly((len(task.description) + len(task.answer_format)) / CHARACTERS_PER_TOKEN),
        "problem": Span(low=min(problems) / CHARACTERS_PER_TOKEN, high=max(problems) / CHARACTERS_PER_TOKEN),
        "attempt": Span(low=0, high=answer_at_most),
    }
    sizes = []
    for prompt in prompts:
        text = exactly(len(_TEMPLATE_CODE.sub("", prompt.system + prompt.user)) / CHARACTERS_PER_TOKEN)
        inputs = [known.get(name, Span(low=0, high=limit)) for name in prompt.head.inputs]
        own = [call for call in calls if call.model == ref and call.prompt_id == prompt.prompt_id]
        guess = sum(inputs, start=text).model_copy(update={"expected": None})
        out = Span(low=0, high=limit)
        sizes.append(_size(own, role="teacher", who=ref, kind=prompt.prompt_id, guess_in=guess, guess_out=out))
    return tuple(sizes)


def any_of(sizes: Sequence[CallSize], *, expected_calls: Number | None) -> tuple[Span, Span]:
    """Return the tokens in and out of a call of which it is not known to which of some kinds it belongs.

    They lie between those of the smallest and the largest kind. What is expected is the mean over the calls that were
    measured, provided that these are at least half as many as the calls that are expected.
    """
    n = sum(size.n for size in sizes)
    enough = expected_calls is not None and n > 0 and 2 * n >= expected_calls
    return _any([size.tokens_in for size in sizes], sizes, n if enough else 0), _any(
        [size.tokens_out for size in sizes], sizes, n if enough else 0
    )


def output_limit(options: Mapping[str, JsonValue]) -> int | None:
    """Return the most tokens that a reply may have under some sampling options; None when they set no limit."""
    limit = options.get("max_tokens")
    return limit if isinstance(limit, int) and not isinstance(limit, bool) else None


def _size(
    calls: Sequence[MeasuredCall], *, role: str, who: str, kind: str, guess_in: Span, guess_out: Span
) -> CallSize:
    facts = {"role": role, "who": who, "kind": kind, "n": len(calls)}
    if calls:
        guess_in = exactly(fmean(call.tokens_in for call in calls))
        guess_out = exactly(fmean(call.tokens_out for call in calls))
    return CallSize.model_validate({**facts, "tokens_in": guess_in, "tokens_out": guess_out})


def _any(spans: Sequence[Span], sizes: Sequence[CallSize], n: int) -> Span:
    if not spans:
        return Span(low=0, expected=None, high=None)
    measured = [(span.low, size.n) for span, size in zip(spans, sizes, strict=True) if size.n]
    highs = [span.high for span in spans if span.high is not None]
    return Span(
        low=min(span.low for span in spans),
        expected=sum(mean * count for mean, count in measured) / n if n else None,
        high=max(highs) if len(highs) == len(spans) else None,
    )


def _mean_text(student: ModelStudent, problems: Sequence[Problem]) -> float:
    requests = (student.request(problem.question(), ())[0] for problem in problems)
    return fmean(sum(len(message.content) for message in each.messages) for each in requests) / CHARACTERS_PER_TOKEN


def _length(problem: Problem) -> int:
    steps = (step.text for step in problem.steps)
    return sum(map(len, (problem.question().as_text(), problem.gold or "", *steps, *problem.skills)))


def _plus(number: Number, more: Number | None) -> Number | None:
    return None if more is None else number + more

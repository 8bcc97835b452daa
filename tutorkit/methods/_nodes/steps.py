"""Steps: the first wrong one of an attempt, steps done one by one, and whether a text gives the answer away.

Steps are counted from 1 where a teacher or a judge sees them, and from 0 everywhere else.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from pydantic import Field, JsonValue

from tutorkit.canonical import stable_id
from tutorkit.methods._nodes.calculator import Sandbox, redone, stepped
from tutorkit.methods._nodes.views import task_view
from tutorkit.methods.vocabulary import Deps, StudentDesk, TeacherDesk, Wire
from tutorkit.types import Attempt, Diagnosis, Problem, Score

_ANSWER_LINE = re.compile(r"\W*(?:the )?(?:final )?answer\b", re.IGNORECASE)


class Act(Wire):
    """One step of a student that acts."""

    thought: str = Field(max_length=2000, description="One step of reasoning, on one line.")
    action: str | None = Field(default=None, max_length=200, description="What to calculate; null for no action.")
    final_answer: str | None = Field(
        default=None, max_length=400, description="The final answer alone, once it is known; null before that."
    )


async def act_by_steps(
    deps: Deps, problem: Problem, *, begun: Sequence[str], phase: str, most: int, sandbox: Sandbox
) -> Attempt:
    """Have the student do one step after the other, with what came of its actions, until it answers.

    Args:
        deps: the run's participants.
        problem: what is asked.
        begun: the first steps; their actions are done again, and nothing else that was ever done.
        phase: names this round of attempts.
        most: after so many steps without an answer the attempt is unfinished.
        sandbox: the state before the first step.
    """
    steps, call_ids = list(begun), list[str]()
    state = redone(sandbox, begun)
    for _ in range(most):
        said = await deps.student.write(
            "act_once",
            {"task": task_view(deps.task), "question": question_view(problem), "steps": [*steps]},
            Act,
            about=(problem.id,),
        )
        call_ids += said.call_ids
        answer = said.value.final_answer
        text, state = stepped(state, said.value.thought, None if answer is not None else said.value.action)
        steps += [text] if text else []
        if answer is not None:
            return keep_attempt(deps, problem, steps, f"Answer: {answer.strip()}", phase=phase, call_ids=call_ids)
    return keep_attempt(deps, problem, steps, "", phase=phase, call_ids=call_ids, finished=False)


def keep_attempt(
    deps: Deps,
    problem: Problem,
    steps: Sequence[str],
    last_line: str,
    *,
    phase: str,
    call_ids: Sequence[str],
    sample: int = 0,
    finished: bool = True,
    lesson_ids: Sequence[str] = (),
    student: StudentDesk | None = None,
) -> Attempt:
    """Grade what the student wrote in another form than an answer's, and put it into the sink as an attempt."""
    desk = student or deps.student
    raw = "\n".join([*steps, *([last_line] if last_line else [])])
    attempt = Attempt(
        id=stable_id("attempt", deps.run_id, phase, problem.id, sample, desk.ref),
        run_id=deps.run_id,
        phase=phase,
        problem_id=problem.id,
        split=problem.split,
        student=desk.ref,
        lesson_ids=tuple(lesson_ids),
        sample=sample,
        steps=tuple(steps),
        raw=raw,
        grade=deps.scorer.grade(problem, raw, finished=finished),
        call_ids=tuple(call_ids),
    )
    deps.sink.put(attempt)
    return attempt


def keep_first_error(
    deps: Deps,
    attempt: Attempt,
    *,
    desk: TeacherDesk,
    first_wrong_step: int | None,
    cause: str,
    summary: str,
    skill: str | None,
    call_ids: Sequence[str],
) -> Diagnosis:
    """Put into the sink which step was said to be the first wrong one.

    Args:
        deps: the run's participants.
        attempt: the attempt in question.
        desk: who said it.
        first_wrong_step: counted from 1, as it was said; a step that the attempt does not have is none.
        cause: the kind of error.
        summary: what was said of it.
        skill: what is lacking, if it has a name.
        call_ids: the calls that it took.
    """
    known = first_wrong_step is not None and 1 <= first_wrong_step <= len(attempt.steps)
    step = first_wrong_step - 1 if first_wrong_step is not None and known else None
    diagnosis = Diagnosis(
        id=stable_id("diagnosis", attempt.id),
        run_id=deps.run_id,
        attempt_id=attempt.id,
        first_wrong_step=step,
        cause=cause,
        summary=summary,
        skill=skill,
        evidence=attempt.steps[step] if step is not None and attempt.steps[step] in attempt.raw else "",
        source=desk.diagnoses_as,
        call_ids=tuple(call_ids),
    )
    deps.sink.put(diagnosis)
    return diagnosis


def keep_share(deps: Deps, kind: str, found: int, of: int, *, probe_set: str) -> None:
    """Put into the sink how often something was found, as a share; nothing when there was nothing to look at."""
    if of:
        deps.sink.put(
            Score(
                id=stable_id("score", deps.run_id, kind, probe_set),
                run_id=deps.run_id,
                subject_id=deps.run_id,
                kind=kind,
                value=found / of,
                n=of,
                probe_set=probe_set,
            )
        )


def question_view(problem: Problem) -> dict[str, JsonValue]:
    """Return what a student may see of a problem, for a prompt."""
    return {"text": problem.question().as_text(), "item": problem.item}


def unsolved_view(problem: Problem) -> dict[str, JsonValue]:
    """Return a problem without its gold and its worked steps: for whoever must not copy them."""
    return {"id": problem.id, **question_view(problem), "skills": list(problem.skills)}


def working_of(attempt: Attempt) -> tuple[str, ...]:
    """Return the steps without the line that states the answer, which some students write as a step."""
    last = attempt.steps[-1:]
    return attempt.steps[:-1] if last and _ANSWER_LINE.match(last[0]) else attempt.steps


def holds_gold(text: str, problem: Problem) -> bool:
    """Tell whether the problem's gold stands in the text, whole; a short one may stand there by chance."""
    pattern = _gold_pattern(problem)
    return pattern is not None and pattern.search(text) is not None


def without_gold(text: str, problem: Problem) -> str:
    """Return the text with dots in every place where the problem's gold stands in it."""
    pattern = _gold_pattern(problem)
    return pattern.sub("…", text) if pattern else text


def _gold_pattern(problem: Problem) -> re.Pattern[str] | None:
    """Match the gold however it is spaced, with thousands separated or not, and with either minus sign."""
    gold = (problem.gold or "").strip()
    if not gold:
        return None
    parts: list[str] = []
    for index, character in enumerate(gold):
        if character.isspace():
            parts.append(r"\s*")
        elif character in "-−":
            parts.append("[-−]")
        elif character.isdigit() and index and gold[index - 1].isdigit():
            parts.append(f",?{character}")
        else:
            parts.append(re.escape(character))
    return re.compile(rf"(?<![\w.])(?<!\d,){''.join(parts)}(?!\w|[.,]\d)", re.IGNORECASE)

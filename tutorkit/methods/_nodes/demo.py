"""Demo: a solved problem as a lesson that a student sees as an example, checked by the problem's own scorer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import JsonValue

from tutorkit.methods._nodes.author import keep_lesson
from tutorkit.methods._nodes.verify import demo_faults
from tutorkit.methods.vocabulary import Deps
from tutorkit.types import Lesson, Problem


def keep_demo(
    deps: Deps,
    problem: Problem,
    *,
    solution: str,
    answer: str,
    call_ids: Sequence[str],
    sources: Sequence[str] = (),
    skill: str | None = None,
    parent: Lesson | None = None,
    faults: Sequence[str] | None = None,
    data: Mapping[str, JsonValue] | None = None,
    about: str | None = None,
) -> Lesson:
    """Put an example into the sink; it carries its leak family, so that no problem of that family is shown it.

    Args:
        deps: the run's participants.
        problem: what is solved.
        solution: the working, without the answer's line.
        answer: the final answer alone.
        call_ids: the calls that it took.
        sources: the attempts that it was made from.
        skill: what it teaches, if that has a name.
        parent: the lesson of which it is the next version.
        faults: what speaks against it; by default what the problem's scorer finds in its answer.
        data: what else is to be kept with it.
        about: tells it from an example with the same text and sources.
    """
    shown = {"problem": problem.question().as_text(), "solution": solution.strip(), "answer": answer.strip()}
    found = demo_faults(solution, answer, problem, deps.scorer) if faults is None else faults
    return keep_lesson(
        deps,
        kind="demo",
        text="\n".join(f"{part.capitalize()}: {words}" for part, words in shown.items()),
        faults=found,
        call_ids=call_ids,
        skill=skill,
        sources=sources,
        source_split=problem.split,
        parent=parent,
        about=about,
        data={"problem_id": problem.id, "group": problem.group, **shown, **(data or {})},
    )

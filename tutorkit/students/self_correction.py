"""How a simulated student does single steps, corrects itself, and thinks on after a remark.

It corrects nothing by itself: what it believes it writes again. A remark changes its mind where a tag names the skill
that it lacks, as a lesson does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import JsonValue

from tutorkit.errors import DataError
from tutorkit.misconceptions import Malrule, Work, continuation
from tutorkit.students.tags import cues

_LOST = "I do not know how to go on."


def act_once(bugs: Sequence[Malrule], inputs: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """Do the next step in its own way, without an action; after the last one state the answer."""
    work = _work(bugs, inputs, begun=_texts(inputs["steps"]))
    if work is None:
        return {"thought": _LOST, "action": None, "final_answer": ""}
    if work.steps:
        return {"thought": work.steps[0].text, "action": None, "final_answer": None}
    return {"thought": "", "action": None, "final_answer": work.answer}


def student_correct(bugs: Sequence[Malrule], inputs: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """Write the step once more as it believes it to be."""
    work = _work(bugs, inputs, begun=_texts(inputs["done"]))
    own = work.steps[0].text if work is not None and work.steps else str(inputs["step"])
    return {"cause": "I see nothing wrong.", "correction": own, "answer": work.answer if work is not None else ""}


def think_on(bugs: Sequence[Malrule], inputs: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """Work the problem out anew, without the misconceptions about the skills that the remark names."""
    named = cues(str(inputs["remark"]))
    work = _work([bug for bug in bugs if bug.skill not in named], inputs, begun=())
    if work is None:
        return {"steps": [_LOST], "answer": ""}
    return {"steps": [step.text for step in work.steps], "answer": work.answer}


def _work(bugs: Sequence[Malrule], inputs: Mapping[str, JsonValue], *, begun: Sequence[str]) -> Work | None:
    question = inputs["question"]
    item = question.get("item") if isinstance(question, dict) else None
    try:
        return continuation(item if isinstance(item, dict) else {}, [bug.procedure for bug in bugs], begun)
    except DataError:
        return None


def _texts(value: JsonValue) -> list[str]:
    return [str(text) for text in value] if isinstance(value, list) else []

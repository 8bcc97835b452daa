"""A run with rows of fine-tuning data, made by hand."""

from __future__ import annotations

from typing import Any

from tutorkit.store import Store, StoreSink
from tutorkit.types import Attempt, Call, Grade, Message, PreferencePair, Problem, RLExample, Run, SFTExample

RUN = "run-x"


def run(**changes: Any) -> Run:
    fields = {
        "id": RUN,
        "method": "tpd",
        "method_version": "1",
        "fidelity": "variant:by-hand",
        "task": "sums",
        "student": "openai/small",
        "teacher": "openai/large",
        "params": {},
        "seed": 7,
        "data_digest": "d" * 64,
        "prompt_digests": {},
        "versions": {"tutorkit": "0.1.0"},
        "status": "finished",
    }
    return Run.model_validate({**fields, **changes})


def problem(number: int = 1, **changes: Any) -> Problem:
    fields = {
        "id": f"p-{number}",
        "task": "sums",
        "text": f"What is {number} + {number}?",
        "gold": str(2 * number),
        "scorer": "number",
        "split": "val",
        "group": f"g-{number}",
    }
    return Problem.model_validate({**fields, **changes})


def attempt(number: int = 1, **changes: Any) -> Attempt:
    fields = {
        "id": f"a-{number}",
        "run_id": RUN,
        "phase": "val-0",
        "problem_id": f"p-{number}",
        "split": "val",
        "student": "openai/small",
        "lesson_ids": (),
        "steps": (),
        "raw": "Answer: 3",
        "grade": Grade(outcome="wrong", score=0, normalised="3", how="number"),
    }
    return Attempt.model_validate({**fields, **changes})


def call(number: int = 1, **changes: Any) -> Call:
    fields = {
        "id": f"call-{number}",
        "run_id": RUN,
        "role": "teacher",
        "purpose": "write",
        "model": "openai/large",
        "model_served": "large-2026",
        "prompt_id": "tpd/write",
        "prompt_digest": "e" * 64,
        "messages": (),
        "reply": "{}",
        "key": f"k-{number}",
    }
    return Call.model_validate({**fields, **changes})


def _common(number: int, changes: dict[str, Any]) -> dict[str, Any]:
    fields = {
        "run_id": RUN,
        "problem_id": f"p-{number}",
        "split": "val",
        "student": "openai/small",
        "lesson_ids": ("l-1",),
        "source_attempt_ids": (f"a-{number}",),
        "call_ids": ("call-1",),
        "audit": "approved",
        "data": {"answer": str(2 * number)},
    }
    return {**fields, **changes}


def sft(number: int = 1, **changes: Any) -> SFTExample:
    said = (
        Message(role="user", content=f"What is {number} + {number}?"),
        Message(role="assistant", content=f"Add.\nAnswer: {2 * number}"),
    )
    return SFTExample.model_validate({"id": f"sft-{number:03}", "messages": said, **_common(number, changes)})


def pair(number: int = 1, **changes: Any) -> PreferencePair:
    fields = {
        "id": f"pair-{number:03}",
        "prompt": f"What is {number} + {number}?",
        "chosen": f"Answer: {2 * number}",
        "rejected": f"Answer: {number}",
        "unit": "output",
        "margin": 0.5,
        "both_orders": True,
    }
    return PreferencePair.model_validate({**fields, **_common(number, changes)})


def rl(number: int = 1, **changes: Any) -> RLExample:
    asked = (Message(role="user", content=f"What is {number} + {number}?"),)
    fields = {"id": f"rl-{number:03}", "messages": asked, "reward_spec": "answer", "hard": True}
    return RLExample.model_validate({**fields, **_common(number, changes)})


def keep(store: Store, *records: Any) -> None:
    """Put a run, the call that its rows name, and these records."""
    StoreSink(store).put(run(), call(), *records)
    store.flush()


def dozen(make: Any = sft, **changes: Any) -> list[Any]:
    """Twelve rows: more than the ten that OpenAI wants."""
    return [make(number, **changes) for number in range(1, 13)]

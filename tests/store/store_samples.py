"""One record of each noun, with every field set, and makers of the usual ones."""

from __future__ import annotations

from typing import Any

from tutorkit.types import (
    Attempt,
    Call,
    Choice,
    Diagnosis,
    Dialogue,
    Grade,
    Lesson,
    Message,
    PreferencePair,
    Problem,
    Record,
    RLExample,
    Run,
    Score,
    SFTExample,
    SkillState,
    Step,
    Turn,
)


def run(**changes: Any) -> Run:
    fields = {
        "id": "run-1",
        "method": "tpd",
        "method_version": "1",
        "fidelity": "paper",
        "task": "arithmetic",
        "student": "sim/subtraction",
        "teacher": "rules",
        "params": {"k": 3, "mode": "full", "nested": {"x": [1, 2.5, None]}},
        "seed": 2**40,
        "data_digest": "d" * 64,
        "prompt_digests": {"tpd/draft": "e" * 64},
        "versions": {"tutorkit": "0.1.0"},
    }
    return Run.model_validate({**fields, **changes})


def problem(**changes: Any) -> Problem:
    fields = {
        "id": "p-1",
        "task": "arithmetic",
        "text": "52 - 38 = ?",
        "gold": "14",
        "scorer": "number",
        "skills": ("borrow",),
        "split": "val",
        "group": "sub",
        "choices": (Choice(label="A", text="14"),),
        "item": {"a": 52, "b": 38},
        "steps": (Step(text="borrow", result="12", skill="borrow"),),
        "source": "generated",
    }
    return Problem.model_validate({**fields, **changes})


def attempt(**changes: Any) -> Attempt:
    fields = {
        "id": "a-1",
        "run_id": "run-1",
        "phase": "probe",
        "problem_id": "p-1",
        "split": "val",
        "student": "sim/subtraction",
        "lesson_ids": (),
        "sample": 1,
        "steps": ("52 - 38", "26"),
        "raw": "The answer is 26.",
        "grade": Grade(outcome="wrong", score=0.0, normalised="26", how="number"),
        "call_ids": ("c-student",),
    }
    return Attempt.model_validate({**fields, **changes})


def diagnosis(**changes: Any) -> Diagnosis:
    fields = {
        "id": "d-1",
        "run_id": "run-1",
        "attempt_id": "a-1",
        "first_wrong_step": 0,
        "cause": "misconception",
        "summary": "Takes the smaller digit from the larger.",
        "skill": "borrow",
        "misconception_id": "smaller-from-larger",
        "evidence": "26",
        "confidence": 0.75,
        "source": "rule",
        "call_ids": ("c-diagnose",),
    }
    return Diagnosis.model_validate({**fields, **changes})


def lesson(**changes: Any) -> Lesson:
    fields = {
        "id": "l-1",
        "run_id": "run-1",
        "kind": "principle",
        "text": "When the upper digit is smaller, borrow.",
        "skill": "borrow",
        "source_attempt_ids": ("a-1",),
        "source_split": "val",
        "author": "rules",
        "call_ids": ("c-author",),
        "data": {"n": 1},
    }
    return Lesson.model_validate({**fields, **changes})


def call(**changes: Any) -> Call:
    fields = {
        "id": "c-1",
        "run_id": "run-1",
        "node": "draft",
        "role": "teacher",
        "purpose": "draft",
        "model": "openai/gpt",
        "model_served": "gpt-1",
        "prompt_id": "tpd/draft",
        "prompt_digest": "f" * 64,
        "messages": (Message(role="system", content="s"), Message(role="user", content="u")),
        "reply": "{}",
        "key": "k",
        "tokens_in": 10,
        "tokens_out": 5,
        "cost_usd": 0.25,
        "seconds": 1.5,
        "sent": {"temperature": 0.0, "stop": None},
        "about": ("a-1",),
    }
    return Call.model_validate({**fields, **changes})


def every_noun() -> list[Record]:
    turns = (Turn(index=0, role="tutor", text="Why?", move="ask", rung=1, leak=False, edited_by="Ada"),)
    return [
        run(),
        run(id="run-2", parent_id="run-1", models_served=("m",), status="stopped", stop_reason="budget"),
        problem(),
        problem(id="p-2", gold=None, skills=(), choices=(), item=None, steps=(), source=""),
        attempt(),
        diagnosis(),
        diagnosis(id="d-2", first_wrong_step=None, skill=None, misconception_id=None, confidence=None),
        lesson(),
        lesson(id="l-2", version=2, parent_id="l-1", verified=True, checks=("leak",), audit="pending", skill=None),
        Score(id="s-1", run_id="run-1", subject_id="l-1", kind="accuracy", value=0.1, n=9, probe_set="val"),
        Score(
            id="s-2",
            run_id="run-1",
            subject_id="l-1",
            kind="lift",
            value=1,
            n=2**33,
            low=0,
            high=1,
            probe_set="t",
            round=1,
        ),
        PreferencePair(
            id="x-1", run_id="run-1", prompt="p", chosen="c", rejected="r", unit="output", margin=0.5, both_orders=True
        ),
        SFTExample(
            id="x-2",
            run_id="run-1",
            problem_id="p-1",
            split="val",
            student="s",
            lesson_ids=("l-1",),
            source_attempt_ids=("a-1",),
            call_ids=("c-1",),
            round=1,
            flags=("leak",),
            data={"item": {"a": 1}},
            messages=(Message(role="user", content="?"), Message(role="assistant", content="!")),
            weight=0.5,
        ),
        RLExample(
            id="x-3",
            run_id="run-1",
            messages=(Message(role="user", content="?"),),
            prefix_steps=("one",),
            reference_step="two",
            bad_step=None,
            reward_spec="answer",
            hard=True,
        ),
        SkillState(
            id="k-1",
            run_id="run-1",
            student="s",
            skill="borrow",
            p_mastered=0.3,
            n=4,
            last_seen=2,
            model="bkt",
            model_version="1",
        ),
        Dialogue(id="g-1", run_id="run-1", student="s", problem_id="p-1", turns=turns),
        call(),
        call(id="c-2", model_served=None, tokens_in=None, tokens_out=None, cost_usd=None, outcome="error", error="500"),
    ]

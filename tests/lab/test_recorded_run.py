"""Real wrong solutions, diagnosed: GSM8K's recorded students in a run of TPD."""

from __future__ import annotations

import re

import pytest

from tutorkit.lab import Lab, Plan
from tutorkit.store import StoreSink
from tutorkit.types import Attempt, Diagnosis, Lesson, Problem

pytestmark = pytest.mark.data


@pytest.mark.parametrize("model", ["6b_finetuning", "175b_verification"])
def test_a_run_over_recorded_wrong_solutions_stores_diagnoses_with_evidence(model, data_dir, tmp_path):
    plan = Plan(
        method="tpd",
        task="gsm8k/test",
        student=f"recorded/gsm8k:{model}",
        teacher="rules",
        sizes={"train": 5, "val": 100, "test": 60},
        controls="none",
    )
    with Lab(home=tmp_path, data_dir=data_dir) as lab:
        report = lab.teach_plan(plan)
        sink = StoreSink(lab.store)
        attempts = {attempt.id: attempt for attempt in sink.find(Attempt, run_id=report.run_id)}
        diagnoses = sink.find(Diagnosis, run_id=report.run_id)
        lessons = {lesson.id: lesson for lesson in sink.find(Lesson, run_id=report.run_id)}
        problems = {problem.id: problem for problem in sink.find(Problem, task="gsm8k")}
    wrong = [a for a in attempts.values() if a.phase == "val-0" and a.grade.outcome in ("wrong", "invalid")]
    assert len(diagnoses) == len(wrong) > 20
    assert sum(bool(d.evidence) for d in diagnoses) > 0.9 * len(diagnoses)
    for diagnosis in diagnoses:
        attempt = attempts[diagnosis.attempt_id]
        assert diagnosis.evidence in attempt.raw and diagnosis.cause and diagnosis.source == "rule"
        assert diagnosis.first_wrong_step is None or diagnosis.first_wrong_step < len(attempt.steps)
    # A recorded student cannot learn, and the report does not pretend it did.
    assert report.arms[0].gain.value == 0 and not report.simulated
    for attempt in attempts.values():
        for lesson in (lessons[name] for name in attempt.lesson_ids):
            assert lesson.data.get("problem_id") != attempt.problem_id
            if lesson.kind != "demo":
                assert problems[attempt.problem_id].gold not in re.findall(r"\d[\d,.]*", lesson.text)

"""The pack of a run: what its student takes away, with where it came from and what it was measured to gain."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import JsonValue

from tutorkit.lab.report import ArmResult, TeachReport
from tutorkit.packs import build_pack
from tutorkit.retrieval import ALL
from tutorkit.types import Lesson, Pack, Run


def pack_of(run: Run, report: TeachReport, lessons: Sequence[Lesson], *, retrieval: str = ALL) -> Pack:
    """Put a run's lessons together, in the order in which the student reads them; ``retrieval`` chooses of them."""
    provenance: dict[str, JsonValue] = {
        "run_id": run.id,
        "method": run.method,
        "method_version": run.method_version,
        "fidelity": run.fidelity,
        "task": run.task,
        "task_description": report.task_description,
        "answer_format": report.answer_format,
        "data_digest": run.data_digest,
        "student": run.student,
        "teacher": run.teacher,
        "seed": run.seed,
        "params": report.params,
        "prompt_digests": {**run.prompt_digests},
        "models_served": [*run.models_served],
    }
    evidence: dict[str, JsonValue] = {
        "simulated": report.simulated,
        "status": report.status,
        **{f"{arm.name} arm": _figures(arm) for arm in report.arms},
    }
    if report.baseline is not None:
        evidence["constant answer"] = report.baseline.model_dump(mode="json")
    return build_pack(
        name=run.id,
        instruction=instruction_of(lessons),
        lessons=lessons,
        provenance=provenance,
        evidence=evidence,
        retrieval=retrieval,
    )


def _figures(arm: ArmResult) -> dict[str, JsonValue]:
    measured = {
        "untaught": arm.untaught,
        "taught": arm.taught,
        "gain": arm.gain,
        "what the teaching gained beyond it": arm.taught_beyond,
    }
    figures: dict[str, JsonValue] = {
        name: figure.model_dump(mode="json") for name, figure in measured.items() if figure is not None
    }
    return {**figures, "teacher": arm.teacher, "run_id": arm.run_id, "question": arm.question}


def instruction_of(lessons: Sequence[Lesson]) -> str:
    """Return the text of the instruction among the lessons; empty when there is none."""
    return "\n\n".join(lesson.text for lesson in lessons if lesson.kind == "instruction")

"""For a student that is no program, the rule-based teacher and its controls write no tags, in any method."""

from __future__ import annotations

import pytest
from support.bench import SKILLS, bench, rules
from support.fixtures import FIXTURES

from tutorkit.canonical import canonical_json
from tutorkit.methods.registry import method_names
from tutorkit.prompting import PromptLibrary
from tutorkit.tasks import load_task
from tutorkit.teachers.controls import control_teacher
from tutorkit.teachers.rules import RuleTeacher
from tutorkit.types import Call, Lesson, PreferencePair, RLExample, SFTExample

KEPT = (Lesson, SFTExample, PreferencePair, RLExample, Call)


async def written(folder, name, teacher) -> str:
    """Return all that a run has kept, as text. The student is a program here, so that something is kept at all."""
    fixture = FIXTURES[name]
    task = load_task(fixture.task, data_dir=None, seed=0, sizes=fixture.sizes)
    if teacher == "deranged":
        base, live = RuleTeacher(prompts=PromptLibrary(), cues=False), list(SKILLS[:2])
        teacher = control_teacher(
            "deranged", base=base, live=live, skills=list(SKILLS), problems=task.split("val"), seed=0
        )
    made = bench(folder, method=name, task=task, student=fixture.student, teacher=teacher, params=fixture.params)
    await made.run()
    return canonical_json([record.model_dump(mode="json") for kind in KEPT for record in made.records(kind)])


@pytest.mark.parametrize("name", method_names())
async def test_a_teacher_without_cues_leaves_none(name, tmp_path):
    plain = RuleTeacher(prompts=PromptLibrary(), cues=False)
    for place, teacher in enumerate((plain, "deranged")):
        assert "[[skill:" not in await written(tmp_path / str(place), name, teacher)


async def test_a_teacher_with_cues_leaves_some(tmp_path):
    assert "[[skill:" in await written(tmp_path, "tpd", rules())

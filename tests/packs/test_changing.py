"""What tells two packs apart, and what becomes of several that are put together."""

from __future__ import annotations

import pytest
from test_packs import _lesson, _pack

from tutorkit.errors import BadSetting
from tutorkit.packs.changing import diff_packs, merge_packs

TASK = {"task_description": "Add.", "answer_format": "End with the answer."}


def test_a_pack_does_not_differ_from_itself():
    pack = _pack(_lesson(1), _lesson(2))
    found = diff_packs(pack, pack)
    assert (found.same, found.added, found.removed, found.edited, found.reviewed) == (2, (), (), (), ())
    assert not found.moved and found.provenance == found.evidence == {}


def test_lessons_are_compared_by_what_they_say():
    one = _lesson(1, text="Carry  the ten.", audit="pending")
    same = _lesson(7, text="Carry the ten.", audit="approved")
    edited = _lesson(8, text="Borrow from the next column.", parent_id=_lesson(2).id)
    found = diff_packs(_pack(one, _lesson(2), _lesson(3)), _pack(edited, same, _lesson(9, text="New.")))
    assert found.same == 1
    assert [line.text for line in found.added] == ["New."]
    assert [line.id for line in found.removed] == [_lesson(3).id]
    assert [(old.id, new.id) for old, new in found.edited] == [(_lesson(2).id, edited.id)]
    assert [(old.audit, new.audit) for old, new in found.reviewed] == [("pending", "approved")]


def test_another_order_and_other_evidence_are_said():
    first, second = _pack(_lesson(1), _lesson(2)), _pack(_lesson(2), _lesson(1), evidence={"x": 1})
    found = diff_packs(first, second)
    assert found.moved and found.evidence["x"] == (None, 1)


def test_merging_keeps_every_lesson_once_and_one_instruction():
    instruction = _lesson(1, kind="instruction", text="Work from the right.")
    other = _lesson(4, kind="instruction", text="Work from the left.")
    first = _pack(_lesson(2), _lesson(3), instruction="", provenance={**TASK, "student": "a", "seed": 1})
    second = _pack(
        instruction, _lesson(3), instruction=instruction.text, provenance={**TASK, "student": "a", "seed": 2}
    )
    third = _pack(other, _lesson(5), instruction=other.text, provenance={**TASK, "student": "a", "seed": 3})
    merged = merge_packs([first, second, third], name="both")
    assert [lesson.id for lesson in merged.lessons] == [_lesson(n).id for n in (2, 3, 1, 5)]
    assert merged.instruction == "Work from the right." and merged.evidence == {}
    assert merged.provenance["student"] == "a" and "seed" not in merged.provenance
    assert [part["digest"] for part in merged.provenance["merged_from"]] == [first.digest, second.digest, third.digest]


def test_packs_of_different_tasks_are_not_merged():
    other = {**TASK, "answer_format": "End with a letter."}
    with pytest.raises(BadSetting, match="answer format"):
        merge_packs([_pack(provenance=TASK), _pack(provenance=other)], name="x")
    with pytest.raises(BadSetting, match="two packs"):
        merge_packs([_pack(provenance=TASK)], name="x")

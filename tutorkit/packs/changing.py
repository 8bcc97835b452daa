"""Compare two packs, and put several together."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, JsonValue

from tutorkit.errors import BadSetting
from tutorkit.packs.pack import build_pack
from tutorkit.types import Audit, Lesson, LessonKind, Pack


class LessonLine(BaseModel):
    """A lesson, as a comparison names it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    kind: LessonKind
    skill: str | None
    text: str
    audit: Audit


class PackDiff(BaseModel):
    """What tells the second of two packs from the first.

    A lesson is the same when its kind and words are. ``edited`` are lessons of the second that are later versions of
    lessons of the first, each after the one that it comes from; ``reviewed`` those that are the same and were decided
    about differently. ``provenance`` and ``evidence`` hold what differs in them, both values of each.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    first: str
    second: str
    same: int
    added: tuple[LessonLine, ...]
    removed: tuple[LessonLine, ...]
    edited: tuple[tuple[LessonLine, LessonLine], ...]
    reviewed: tuple[tuple[LessonLine, LessonLine], ...]
    moved: bool
    provenance: dict[str, tuple[JsonValue, JsonValue]]
    evidence: dict[str, tuple[JsonValue, JsonValue]]


def diff_packs(first: Pack, second: Pack) -> PackDiff:
    """Say what tells two packs apart."""
    before, after = _by_content(first.lessons), _by_content(second.lessons)
    both = [key for key in before if key in after]
    gone = {key: lesson for key, lesson in before.items() if key not in after}
    new = {key: lesson for key, lesson in after.items() if key not in before}
    origins = {lesson.id: key for key, lesson in gone.items()}
    edited = [(origins[lesson.parent_id], key) for key, lesson in new.items() if lesson.parent_id in origins]
    old_of_edited, new_of_edited = {old for old, _ in edited}, {key for _, key in edited}
    return PackDiff(
        first=first.name,
        second=second.name,
        same=len(both),
        added=tuple(_line(lesson) for key, lesson in new.items() if key not in new_of_edited),
        removed=tuple(_line(lesson) for key, lesson in gone.items() if key not in old_of_edited),
        edited=tuple((_line(gone[old]), _line(new[key])) for old, key in edited),
        reviewed=tuple(
            (_line(before[key]), _line(after[key])) for key in both if before[key].audit != after[key].audit
        ),
        moved=both != [key for key in after if key in before],
        provenance=_differing(first.provenance, second.provenance),
        evidence=_differing(first.evidence, second.evidence),
    )


def merge_packs(packs: Sequence[Pack], *, name: str) -> Pack:
    """Put the lessons of several packs into one, in their order; a lesson that several hold is there once.

    The instruction is that of the first pack that has one: two would contradict each other, and so the others' are left
    out. The whole has been measured by nobody: its evidence is empty, and its provenance names the parts with theirs.

    Raises:
        BadSetting: when there are not at least two packs, or they are for different tasks: what a student is told to do
            would not fit half of its lessons.
    """
    if len(packs) < 2:
        raise BadSetting("To merge takes two packs at least.")
    for field in ("task_description", "answer_format"):
        said = list(dict.fromkeys(str(pack.provenance.get(field, "")) for pack in packs))
        if len(said) > 1:
            raise BadSetting(
                f"The packs are for different tasks: their {field.replace('_', ' ')} is not the same.",
                remedy="Merge packs of one task; a student that has several tasks takes a pack for each.",
                data={field: said},
            )
    leading = next((pack for pack in packs if _has_instruction(pack)), packs[0])
    lessons: dict[tuple[str, str], Lesson] = {}
    for pack in packs:
        for key, lesson in _by_content(pack.lessons).items():
            if lesson.kind != "instruction" or pack is leading:
                lessons.setdefault(key, lesson)
    parts: list[JsonValue] = [
        {"name": pack.name, "digest": pack.digest, "provenance": pack.provenance, "evidence": pack.evidence}
        for pack in packs
    ]
    common = {key: value for key, value in packs[0].provenance.items() if _is_common(key, value, packs)}
    return build_pack(
        name=name,
        instruction=leading.instruction,
        lessons=[*lessons.values()],
        provenance={**common, "merged_from": parts},
        evidence={},
    )


def _has_instruction(pack: Pack) -> bool:
    return bool(pack.instruction) or any(lesson.kind == "instruction" for lesson in pack.lessons)


def _is_common(key: str, value: JsonValue, packs: Sequence[Pack]) -> bool:
    return all(pack.provenance.get(key) == value for pack in packs)


def _by_content(lessons: Sequence[Lesson]) -> dict[tuple[str, str], Lesson]:
    """Index lessons by kind and words; of equal ones within a pack the first counts."""
    found: dict[tuple[str, str], Lesson] = {}
    for lesson in lessons:
        found.setdefault((lesson.kind, " ".join(lesson.text.split())), lesson)
    return found


def _line(lesson: Lesson) -> LessonLine:
    return LessonLine(id=lesson.id, kind=lesson.kind, skill=lesson.skill, text=lesson.text, audit=lesson.audit)


def _differing(first: dict[str, JsonValue], second: dict[str, JsonValue]) -> dict[str, tuple[JsonValue, JsonValue]]:
    names = dict.fromkeys([*first, *second])
    return {name: (first.get(name), second.get(name)) for name in names if first.get(name) != second.get(name)}

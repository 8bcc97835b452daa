"""Makes a pack, and says which of its lessons a student may be given."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from pydantic import JsonValue

from tutorkit.canonical import digest
from tutorkit.errors import BadSetting, NotApproved
from tutorkit.programs import program_of
from tutorkit.retrieval import ALL
from tutorkit.types import Lesson, Pack


def build_pack(
    *,
    name: str,
    instruction: str,
    lessons: Sequence[Lesson],
    provenance: Mapping[str, JsonValue],
    evidence: Mapping[str, JsonValue],
    retrieval: str = ALL,
) -> Pack:
    """Make a pack, named by the digest of its content.

    Args:
        name: what it is called; a folder's name.
        instruction: what the student is told first; may be empty.
        lessons: in the order in which the student gets them. A demo's ``data`` holds its ``problem``, ``solution`` and
            ``answer`` as text.
        provenance: who made it and for whom. The card knows ``task``, ``student``, ``teacher``, ``method``,
            ``fidelity``, ``run_id`` and ``seed``, and shows any other text or number under its own name.
        evidence: what was measured. A mapping with a ``value`` (as ``Interval`` dumps itself) is a measurement, at any
            depth; the keys on the way are its name. A text or number beside them is shown as it is.
        retrieval: which lessons go along with a question, as ``tutorkit.retrieval`` reads it.

    Raises:
        NotCanonical: when something in it has no JSON form.
    """
    unnamed = Pack(
        name=name,
        instruction=instruction,
        lessons=tuple(lessons),
        provenance=dict(provenance),
        retrieval=retrieval,
        evidence=dict(evidence),
        digest="",
    )
    return unnamed.model_copy(update={"digest": content_digest(unnamed)})


def content_digest(pack: Pack) -> str:
    """Return the digest of everything in the pack but its own digest."""
    return digest(pack.model_dump(mode="json", exclude={"digest"}))


def lessons_for_student(pack: Pack, *, unreviewed: bool) -> tuple[Lesson, ...]:
    """Return the lessons that a student is given. What was rejected is in no case among them.

    Args:
        pack: whose lessons.
        unreviewed: give also those that nobody has decided about.

    Raises:
        NotApproved: when there are such lessons and ``unreviewed`` is false. Giving the approved ones alone would be
            another pack than the one that was measured.
    """
    waiting = undecided(pack)
    if waiting and not unreviewed:
        count = sum(waiting.values())
        raise NotApproved(
            f"The pack {pack.name} holds {count} of {len(pack.lessons)} lessons that nobody approved.",
            data={"pack": pack.name, "not_approved": count, "lessons": len(pack.lessons), **waiting},
        )
    return tuple(lesson for lesson in pack.lessons if lesson.audit != "rejected")


def refuse_program(name: str, lessons: Sequence[Lesson], *, to: str) -> None:
    """Refuse to do with another project's whole prompt what takes lessons in ours: it would be another student.

    Raises:
        BadSetting: when one of the lessons carries such a prompt.
    """
    if program_of(lessons):
        raise BadSetting(
            f"The pack {name} holds an optimiser's whole prompt, which cannot be {to}: it asks for replies in a form"
            " of its own.",
            remedy="Measure it with `tutorkit pack apply`; the prompt itself is the lesson's data in pack.json.",
            data={"pack": name},
        )


def undecided(pack: Pack) -> dict[str, int]:
    """Return how many lessons are still ``draft`` or ``pending``, by that state; an empty mapping when none is."""
    return dict(
        sorted(Counter(lesson.audit for lesson in pack.lessons if lesson.audit in ("draft", "pending")).items())
    )

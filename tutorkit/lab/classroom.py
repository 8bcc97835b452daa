"""A simulated class as files: who is in it, what they answered on a worksheet, and the key to what is behind it.

It is for trying out what is meant for real classes, above all diagnosis, where the truth is not known.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tutorkit import __version__
from tutorkit.canonical import canonical_json
from tutorkit.errors import BadSetting
from tutorkit.misconceptions import DOMAINS, Item, malrule, solve
from tutorkit.students.pupils import Pupil, drawn_class, drawn_worksheet
from tutorkit.types import Record

ROSTER, ANSWERS, TRUTH = "roster.csv", "answers.csv", "truth.json"
_NOTE = (
    "The answer key of a simulated class: which misconceptions each simulated pupil holds, and how firmly. "
    "None of these pupils exists. Do not show it to what is being tried out."
)


@dataclass(frozen=True, kw_only=True)
class ClassAnswer:
    """What a simulated pupil wrote for an item; ``answer`` is empty where it wrote nothing, and then not ``right``."""

    pupil: str
    item: Item
    answer: str
    right: bool
    working: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Classroom:
    """A simulated class with its answers to one worksheet."""

    seed: int
    domains: tuple[str, ...]
    pupils: tuple[Pupil, ...]
    worksheet: tuple[Item, ...]
    answers: tuple[ClassAnswer, ...]


class ClassroomReport(Record):
    """Where a simulated class was written, and what is in it.

    ``holding`` counts its pupils by how many misconceptions they hold.
    """

    simulated: bool = True
    folder: str
    files: tuple[str, ...]
    seed: int
    domains: tuple[str, ...]
    pupils: int
    items: int
    answers: int
    right: int
    holding: dict[str, int]


def classroom(size: int = 30, *, seed: int = 0, domains: Sequence[str] | None = None, items: int = 20) -> Classroom:
    """Draw a simulated class, and have it work a worksheet without help. The same seed gives the same class.

    Args:
        size: pupils, from 1 to 1,000.
        seed: of everything that is drawn.
        domains: what the worksheet is about, and what the pupils may have misconceptions in; all if left out.
        items: the length of the worksheet, from 1 to 500.

    Raises:
        BadSetting: for a size or length that cannot be, or no domain.
        UnknownName: for a domain that there is not.
    """
    named = tuple(dict.fromkeys(DOMAINS if domains is None else domains))
    pupils = drawn_class(size, seed=seed, domains=named)
    worksheet = drawn_worksheet(items, seed=seed, domains=named)
    answers = tuple(_answer(pupil, item) for pupil in pupils for item in worksheet)
    return Classroom(seed=seed, domains=named, pupils=pupils, worksheet=worksheet, answers=answers)


def create_classroom(
    size: int = 30,
    *,
    seed: int = 0,
    domains: Sequence[str] | None = None,
    items: int = 20,
    to: Path | str | None = None,
    working: bool = False,
) -> ClassroomReport:
    """Draw a simulated class and write it as ``roster.csv``, ``answers.csv`` and ``truth.json``.

    Args:
        size: as in ``classroom``.
        seed: as in ``classroom``.
        domains: as in ``classroom``.
        items: as in ``classroom``.
        to: the folder; ``simulated-class-SEED`` here if left out. It is made where it is not there.
        working: give ``answers.csv`` a fourth column with the lines of the working.

    Raises:
        BadSetting: as ``classroom`` does; when one of the files is there already, or the folder cannot be written.
        UnknownName: for a domain that there is not.
    """
    room = classroom(size, seed=seed, domains=domains, items=items)
    folder = Path(to) if to is not None else Path(f"simulated-class-{seed}")
    texts = {ROSTER: _roster(room), ANSWERS: _answers(room, working=working), TRUTH: _truth(room)}
    _write(texts, folder)
    counts = [len(pupil.learner.bugs) for pupil in room.pupils]
    return ClassroomReport(
        folder=str(folder),
        files=tuple(texts),
        seed=seed,
        domains=room.domains,
        pupils=len(room.pupils),
        items=len(room.worksheet),
        answers=len(room.answers),
        right=sum(answer.right for answer in room.answers),
        holding={str(count): counts.count(count) for count in sorted(set(counts))},
    )


def _answer(pupil: Pupil, item: Item) -> ClassAnswer:
    tried = pupil.learner.answer(item)
    lines = tuple(step.text for step in tried.steps)
    return ClassAnswer(pupil=pupil.id, item=item, answer=tried.answer or "", right=tried.right, working=lines)


def _roster(room: Classroom) -> str:
    return _csv([("pupil", "name", "simulated"), *((pupil.id, pupil.name, "yes") for pupil in room.pupils)])


def _answers(room: Classroom, *, working: bool) -> str:
    rows = [
        (each.pupil, canonical_json(dict(each.item)), each.answer, *(["\n".join(each.working)] if working else []))
        for each in room.answers
    ]
    return _csv([("pupil", "item", "answer", *(["working"] if working else [])), *rows])


def _truth(room: Classroom) -> str:
    held = sorted({bug for pupil in room.pupils for bug in pupil.learner.bugs})
    facts = {
        "simulated": True,
        "note": _NOTE,
        "tutorkit": __version__,
        "seed": room.seed,
        "domains": list(room.domains),
        "misconceptions": {bug: malrule(bug).title for bug in held},
        "pupils": [_truth_about(pupil) for pupil in room.pupils],
        "worksheet": [{"item": dict(item), "right": solve(item).answer} for item in room.worksheet],
    }
    return json.dumps(facts, indent=2, ensure_ascii=False) + "\n"


def _truth_about(pupil: Pupil) -> dict[str, object]:
    learner = pupil.learner
    return {
        "pupil": pupil.id,
        "misconceptions": {bug: hold.strength for bug, hold in learner.bugs.items()},
        "lacks": list(learner.lacks),
        "slip": learner.slip,
        "guess": learner.guess,
        "persona": learner.persona.name,
        "ref": learner.ref,
    }


def _csv(rows: Sequence[Sequence[str]]) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows(rows)
    return written.getvalue()


def _write(texts: dict[str, str], folder: Path) -> None:
    """Write files that are not there yet: a real class's answers may have the same name."""
    there = [name for name in texts if (folder / name).exists()]
    if there:
        raise BadSetting(
            f"{folder} has {' and '.join(there)} already; nothing was written.",
            remedy="Name another folder with --out, or take these away.",
            data={"folder": str(folder), "files": there},
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (folder / name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise BadSetting(
            f"{folder} cannot be written: {error.strerror or error}.",
            remedy="Name another folder with --out.",
            data={"folder": str(folder)},
        ) from error

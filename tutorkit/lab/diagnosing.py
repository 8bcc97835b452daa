"""Diagnosing a class from a file of its answers, with the laboratory's own malrules, and a teacher for what is left."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from tutorkit.canonical import digest
from tutorkit.errors import UnknownName
from tutorkit.lab.answer_files import AnswerFile, BadLine, PupilAnswers, looks_like_date, read_answers
from tutorkit.lab.home import Home
from tutorkit.lab.hypothesising import Note, diagnosing_run, item_text, keep_calls, note_for, teacher_for
from tutorkit.lab.own_rules import own_malrules
from tutorkit.lab.plan import Limits
from tutorkit.misconceptions import (
    Assumptions,
    ItemAnswer,
    Malrule,
    Opinion,
    Verdicts,
    diagnose,
    malrules,
)
from tutorkit.ports import Teacher
from tutorkit.types import Call, Record

_UNCLEAR = ("unknown_error", "not_yet_clear")


class AnswerLine(Record):
    """One answer as it is told to a teacher; ``line`` is its line in the file."""

    line: int
    item: str
    answer: str
    right: bool | None


class PupilDiagnosis(Record):
    """What one pupil's answers say; places in ``verdicts`` and ``notes`` are places in ``answers``."""

    pupil: str
    answers: tuple[AnswerLine, ...]
    verdicts: Verdicts
    notes: tuple[Note, ...] = ()


class Shared(Record):
    """A misconception that is likely for some pupils of the class."""

    id: str
    title: str
    pupils: tuple[str, ...]


class ClassDiagnosis(Record):
    """What a file of answers says of each pupil, and of the class.

    ``titles`` names the misconceptions that are mentioned, by id. ``bad`` are the lines that could not be used.
    """

    file: str
    pupils: tuple[PupilDiagnosis, ...]
    shared: tuple[Shared, ...]
    titles: dict[str, str]
    bad: tuple[BadLine, ...]


def diagnose_file(
    path: Path | str,
    *,
    home: Home | None = None,
    pupil: str | None = None,
    model: str | None = None,
    opinions: Mapping[str, Mapping[str, Opinion]] = MappingProxyType({}),
    assume: Assumptions | None = None,
    limits: Limits | None = None,
) -> ClassDiagnosis:
    """Say what explains the answers of each pupil in a file.

    Args:
        path: a CSV file; see ``read_answers`` for its forms.
        home: whose own malrules are used, and where calls are kept; the default home otherwise.
        pupil: only this one.
        model: who is asked about answers that nothing explains: ``rules``, ``inbox/FOLDER`` or ``provider/model``;
            nobody by default. Of a pupil it is told the answers, and no name.
        opinions: what teachers said before, by pupil and misconception.
        assume: what is taken for granted about pupils.
        limits: of the calls to ``model``.

    Raises:
        DataError: when the file, or a malrule of the laboratory's own, cannot be read.
        UnknownName: when there is no such pupil or model, or an opinion is about no pupil or misconception.
        ReplyPending, ModelError, BudgetExhausted: as ``model`` does.
    """
    home = home or Home()
    path = Path(path)
    own = own_malrules(home.settings.home)
    file = read_answers(path)
    chosen = _chosen(file, pupil)
    _check_opinions(opinions, file, own)
    found = [
        _diagnosed(each, own=own, opinions=opinions.get(each.pupil, MappingProxyType({})), assume=assume)
        for each in chosen
    ]
    if model is not None:
        found = asyncio.run(_with_notes(chosen, found, own=own, model=model, home=home, limits=limits or Limits()))
    return ClassDiagnosis(
        file=str(path),
        pupils=tuple(found),
        shared=_shared(found, own),
        titles={rule.id: rule.title for rule in (*malrules(), *own) if rule.id in _mentioned(found)},
        bad=file.bad,
    )


def _chosen(file: AnswerFile, pupil: str | None) -> Sequence[PupilAnswers]:
    names = tuple(each.pupil for each in file.pupils)
    if pupil is not None and pupil not in names:
        raise UnknownName("pupil", pupil, names)
    return [each for each in file.pupils if pupil in (None, each.pupil)]


def _check_opinions(opinions: Mapping[str, Mapping[str, Opinion]], file: AnswerFile, own: Sequence[Malrule]) -> None:
    for name in opinions:
        _chosen(file, name)
    known = tuple(rule.id for rule in (*malrules(), *own))
    for name in dict.fromkeys(name for said in opinions.values() for name in said):
        if name not in known:
            raise UnknownName("misconception", name, known)


def _diagnosed(
    given: PupilAnswers, *, own: Sequence[Malrule], opinions: Mapping[str, Opinion], assume: Assumptions | None
) -> PupilDiagnosis:
    verdicts = diagnose(given.answers, own=own, opinions=opinions, assume=assume)
    set_aside = tuple(
        each.model_copy(update={"why": f"{each.why} A spreadsheet may have made a date of a fraction."})
        if looks_like_date(given.answers[each.index].answer)
        else each
        for each in verdicts.set_aside
    )
    unread = {each.index for each in set_aside}
    right = set(verdicts.right)
    return PupilDiagnosis(
        pupil=given.pupil,
        answers=tuple(
            AnswerLine(
                line=line,
                item=item_text(answer),
                answer=answer.answer.strip(),
                right=None if index in unread else index in right,
            )
            for index, (answer, line) in enumerate(zip(given.answers, given.lines, strict=True))
        ),
        verdicts=verdicts.model_copy(update={"set_aside": set_aside}),
    )


async def _with_notes(
    chosen: Sequence[PupilAnswers],
    found: Sequence[PupilDiagnosis],
    *,
    own: Sequence[Malrule],
    model: str,
    home: Home,
    limits: Limits,
) -> list[PupilDiagnosis]:
    """Ask a teacher about what nothing explains, all pupils at once; the gateway sees to it that it is not too much."""
    run = diagnosing_run("answers", model, settings={}, data_digest=digest([each.model_dump() for each in chosen]))
    async with teacher_for(model, run.id, home=home, limits=limits) as teacher:
        noted = await asyncio.gather(
            *(_noted(teacher, each.answers, one.verdicts, own) for each, one in zip(chosen, found, strict=True))
        )
    if calls := [call for _, made in noted for call in made]:
        keep_calls(run, calls, home=home)
    return [one.model_copy(update={"notes": notes}) for one, (notes, _) in zip(found, noted, strict=True)]


async def _noted(
    teacher: Teacher, answers: Sequence[ItemAnswer], verdicts: Verdicts, own: Sequence[Malrule]
) -> tuple[tuple[Note, ...], list[Call]]:
    notes: list[Note] = []
    calls: list[Call] = []
    for verdict in verdicts.domains:
        made = await note_for(teacher, verdict.domain, answers, own=own) if verdict.status in _UNCLEAR else None
        if made is not None:
            notes.append(made[0])
            calls += made[1]
    return tuple(notes), calls


def _mentioned(found: Sequence[PupilDiagnosis]) -> set[str]:
    verdicts = [verdict for one in found for verdict in one.verdicts.domains]
    ranked = [each for verdict in verdicts for each in (*verdict.likely, *verdict.hypotheses)]
    foreseen = [each for verdict in verdicts if verdict.probe for each in verdict.probe.foreseen]
    named = {name for each in ranked for name in each.rules}
    return named | {name for each in foreseen for together in each.hypotheses for name in together.split(" + ")}


def _shared(found: Sequence[PupilDiagnosis], own: Sequence[Malrule]) -> tuple[Shared, ...]:
    """Group the pupils by what is likely for them; the most frequent first."""
    likely = Counter(each.id for one in found for verdict in one.verdicts.domains for each in verdict.likely)
    title = {rule.id: rule.title for rule in (*malrules(), *own)}
    return tuple(
        Shared(
            id=name,
            title=title[name],
            pupils=tuple(
                one.pupil
                for one in found
                if any(each.id == name for verdict in one.verdicts.domains for each in verdict.likely)
            ),
        )
        for name, _ in likely.most_common()
    )

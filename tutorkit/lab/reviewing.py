"""Review: a person decides about lessons, and the run's pack follows."""

from __future__ import annotations

from tutorkit.errors import RecordNotFound, UnknownName
from tutorkit.lab.packing import pack_of
from tutorkit.lab.report import TeachReport
from tutorkit.lab.teaching import END_NODE
from tutorkit.packs import load_pack, save_pack
from tutorkit.settings import Settings
from tutorkit.store import Decision, Store, StoreSink, review, run
from tutorkit.types import Audit, Lesson


def review_lessons(
    record_id: str, *, to: Decision, by: str, why: str, settings: Settings, store: Store
) -> list[Lesson]:
    """Decide about one lesson, or about every lesson of a run that passed its checks.

    What a person has rejected is not approved along with the others, only by its own id.

    Raises:
        RecordNotFound: when there is no such lesson or run.
    """
    lessons = _lessons(record_id, store, but="rejected" if to == "approved" else None)
    decided = [review(store, lesson_id=lesson.id, to=to, by=by, why=why) for lesson in lessons]
    for run_id in {lesson.run_id for lesson in decided}:
        _write_pack_anew(run_id, settings=settings, store=store)
    return decided


def _lessons(record_id: str, store: Store, *, but: Audit | None) -> list[Lesson]:
    sink = StoreSink(store)
    if found := sink.find(Lesson, id=record_id):
        return found
    try:
        run_id = run(store, run_id=record_id).id
    except UnknownName as error:
        raise RecordNotFound(
            f"There is no lesson and no run {record_id!r}.",
            remedy="List what there is with `tutorkit runs` and `tutorkit show RUN --lessons`; rows of fine-tuning "
            "data are decided about with --rows.",
            data={"id": record_id},
        ) from error
    return [lesson for lesson in sink.find(Lesson, run_id=run_id, verified=True) if lesson.audit != but]


def _write_pack_anew(run_id: str, *, settings: Settings, store: Store) -> None:
    """Take the lessons of the pack as they stand now; without a pack there is nothing to do."""
    sink = StoreSink(store)
    report = sink.recall(run_id, END_NODE).get("report")
    folder = settings.home / "packs" / run_id
    if not isinstance(report, dict) or not folder.is_dir():
        return
    old = load_pack(folder)
    lessons = [sink.get(Lesson, lesson.id) for lesson in old.lessons]
    made = TeachReport.model_validate(report)
    save_pack(pack_of(run(store, run_id=run_id), made, lessons, retrieval=old.retrieval), folder)

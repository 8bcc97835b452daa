"""Recordings that travel: an experiment's calls written to a file, and taken from one into the cache."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict

from tutorkit.lab.plan import Plan
from tutorkit.lab.recordings.recording import read_label, recording_of, save_recording
from tutorkit.models import Entry, ReplyCache, keep_takes, read_cassette
from tutorkit.settings import Settings
from tutorkit.store import Store


class CassetteReport(BaseModel):
    """What was written to a cassette, or taken from one.

    ``run_id``, ``plan`` and ``arms`` (their states by name) are None or empty for a cassette that does not say of which
    experiment its calls are. ``new`` counts the calls that the cache did not have; it is None for one that was written.
    ``requests`` tells whether the requests stand in it too, ``rebuilt`` how many raw replies were put together from
    the run's own records.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: str
    calls: int
    new: int | None
    requests: bool
    rebuilt: int
    run_id: str | None
    plan: Plan | None
    arms: dict[str, str]


def export_run_calls(run_id: str, path: Path, *, requests: bool, settings: Settings, store: Store) -> CassetteReport:
    """Write the recorded calls of an experiment, of all its arms, with its plan and the seals of what it made.

    Raises:
        UnknownName: when there is no such run.
        BadSetting: when it is the trial of a pack, or a base URL holds a user name or password.
        DiskFull, StoreUnavailable: when the file cannot be written.
    """
    recording = recording_of(run_id, settings=settings, store=store)
    save_recording(recording, path, requests=requests)
    label = recording.label
    return CassetteReport(
        path=str(path),
        calls=len(recording.takes),
        new=None,
        requests=requests,
        rebuilt=recording.rebuilt,
        run_id=label.run_id,
        plan=label.plan,
        arms={arm.name: arm.status for arm in label.arms},
    )


def import_calls(path: Path, *, settings: Settings) -> CassetteReport:
    """Take the calls of a cassette into the home's cache; those that are there already stay as they are.

    Raises:
        DataNotFound: when there is no such file.
        BadRow: when a line is damaged; nothing is taken over then.
    """
    cassette = read_cassette(path)
    label = read_label(cassette, path)
    with ReplyCache(settings.cache_path) as cache:
        new = keep_takes(cache, cassette.takes)
    entries = [take.what for take in cassette.takes if isinstance(take.what, Entry)]
    return CassetteReport(
        path=str(path),
        calls=len(cassette.takes),
        new=new,
        requests=all(entry.body for entry in entries),
        rebuilt=sum(isinstance(entry.payload, dict) and "rebuilt" in entry.payload for entry in entries),
        run_id=label.run_id if label else None,
        plan=label.plan if label else None,
        arms={arm.name: arm.status for arm in label.arms} if label else {},
    )

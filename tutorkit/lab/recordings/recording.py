"""A stored experiment as what a replay needs: its plan, the replies that each arm heard, and what came of them.

From the database and the cache of a home, or from a cassette that was made of these elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from tutorkit.errors import BadRow, BadSetting
from tutorkit.graphs.review import REVIEW_NODE
from tutorkit.lab.participants import is_offline
from tutorkit.lab.plan import Plan
from tutorkit.lab.recordings.comparing import Made, Seal, made_by, sealed
from tutorkit.lab.report import TeachReport
from tutorkit.lab.teaching import END_NODE
from tutorkit.methods.measure import METHOD as MEASURE
from tutorkit.models import (
    Cassette,
    Entry,
    FailedTry,
    ReplyCache,
    Take,
    cache_key,
    heard_in,
    read_cassette,
    write_cassette,
)
from tutorkit.settings import Settings
from tutorkit.store import Store, StoreSink, calls, export_run, run, runs
from tutorkit.types import Call, Run, RunStatus

INBOX = "inbox"
"""The provider under whose name a person's replies are recorded."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RecordedArm(_Part):
    """One arm as it was recorded: its run, how that ended, and the seals of what it made when it is finished."""

    name: str
    run_id: str
    status: RunStatus
    made: dict[str, Seal]


class Label(_Part):
    """What a recording is of: all that is needed to run the experiment again and to see whether it is the same.

    ``dropped`` is what left the taught arm's state at its review points, by visit.
    """

    run_id: str
    plan: Plan
    method_version: str
    data_digest: str
    prompt_digests: dict[str, str]
    versions: dict[str, str]
    arms: tuple[RecordedArm, ...]
    report: TeachReport | None
    dropped: dict[str, list[str]] = {}


@dataclass(frozen=True, kw_only=True)
class Recording:
    """An experiment, recorded.

    ``made`` holds what each arm made, by run; it is empty when the recording comes from a cassette, which has only the
    seals. ``rebuilt`` counts the replies that the cache no longer holds as they were heard.
    """

    label: Label
    takes: tuple[Take, ...]
    made: Mapping[str, Made] = field(default_factory=dict)
    rebuilt: int = 0

    def heard_by(self, run_id: str) -> list[Take]:
        """Return the replies that a run heard."""
        return [take for take in self.takes if not take.heard_by or run_id in take.heard_by]


def recording_of(run_id: str, *, settings: Settings, store: Store) -> Recording:
    """Gather the recording of an experiment, by the run of any of its arms.

    Raises:
        UnknownName: when there is no such run.
        BadSetting: when it is no experiment but the trial of a pack.
    """
    named = run(store, run_id=run_id)
    main = run(store, run_id=named.parent_id) if named.parent_id else named
    plan = _plan_of(main)
    members = [main, *(each for each in runs(store) if each.parent_id == main.id)]
    made = {each.id: made_by(export_run(store, run_id=each.id)) for each in members if each.status == "finished"}
    takes, rebuilt = _takes(members, settings=settings, store=store)
    sink = StoreSink(store)
    report = sink.recall(main.id, END_NODE).get("report")
    dropped = sink.recall(main.id, REVIEW_NODE)
    label = Label(
        run_id=main.id,
        plan=plan,
        method_version=main.method_version,
        data_digest=main.data_digest,
        prompt_digests=main.prompt_digests,
        versions=main.versions,
        arms=tuple(
            RecordedArm(name=each.arm, run_id=each.id, status=each.status, made=sealed(made.get(each.id, {})))
            for each in members
        ),
        report=None if report is None else TeachReport.model_validate(report),
        dropped={visit: [str(name) for name in names] for visit, names in dropped.items() if isinstance(names, list)},
    )
    return Recording(label=label, takes=takes, made=made, rebuilt=rebuilt)


def save_recording(recording: Recording, path: Path, *, requests: bool) -> None:
    """Write a recording as a cassette.

    Raises:
        BadSetting: when the file has another ending, or a base URL holds a user name or password.
        DiskFull, StoreUnavailable: when the file cannot be written.
    """
    if not is_cassette(path.name):
        raise BadSetting(
            f"{path} is no name of a cassette.", remedy="Let it end in .jsonl, or in .jsonl.gz to have it compressed."
        )
    label = recording.label.model_dump(mode="json")
    write_cassette(path, Cassette(takes=recording.takes, label=label), requests=requests)


def is_cassette(name: str) -> bool:
    """Tell whether a name is that of a cassette and not of a run."""
    return name.endswith((".jsonl", ".jsonl.gz"))


def load_recording(path: Path) -> Recording:
    """Read a recording from a cassette.

    Raises:
        DataNotFound: when there is no such file.
        BadRow: when a line is damaged.
        BadSetting: when the cassette does not say of which experiment its calls are.
    """
    cassette = read_cassette(path)
    label = read_label(cassette, path)
    if label is None:
        raise BadSetting(
            f"The cassette {path} holds calls and does not say of which experiment.",
            remedy="Import it, and run its `tutorkit teach` command with --cache-mode replay.",
            data={"path": str(path)},
        )
    return Recording(label=label, takes=cassette.takes)


def read_label(cassette: Cassette, path: Path) -> Label | None:
    """Return what a cassette says it is of, or None when it says nothing.

    Raises:
        BadRow: when that cannot be read.
    """
    if cassette.label is None:
        return None
    try:
        return Label.model_validate(cassette.label)
    except ValidationError as error:
        fault = error.errors()[0]
        raise BadRow(
            f"Line 1 of the cassette {path} cannot be used: {'.'.join(map(str, fault['loc']))}: {fault['msg']}.",
            remedy="Export the cassette again, or read it with the version of tutorkit that wrote it.",
            data={"path": str(path), "rows": [1]},
        ) from error


def person_key(call: Call) -> tuple[str, dict[str, JsonValue]]:
    """Name a request to a person as a request to a model is named; return the name and the request."""
    said: list[JsonValue] = [message.model_dump(mode="json") for message in call.messages]
    body: dict[str, JsonValue] = {"model": call.model, "messages": said}
    return cache_key(provider=INBOX, base_url="", body=body, sample=call.sample), body


def _plan_of(main: Run) -> Plan:
    if main.method == MEASURE.name:
        raise BadSetting(
            f"The run {main.id} tried a pack; only what `tutorkit teach` made can be replayed or exported.",
            remedy="Choose a run of `tutorkit runs` that taught.",
            data={"run_id": main.id},
        )
    return Plan.model_validate(main.params["plan"])


def _takes(members: list[Run], *, settings: Settings, store: Store) -> tuple[tuple[Take, ...], int]:
    """Gather what each run heard, and count what the cache no longer holds as it was heard."""
    takes: dict[str, list[tuple[Entry | FailedTry, list[str]]]] = {}
    rebuilt: set[str] = set()
    with ExitStack() as stack:
        there = settings.cache_path.exists()
        cache = stack.enter_context(ReplyCache(settings.cache_path)) if there else None
        for each in members:
            made = [_as_said(call) for call in calls(store, run_id=each.id)]
            heard = heard_in([call for call in made if not is_offline(call.model)], cache=cache)
            rebuilt |= heard.rebuilt
            persons = [_person_entry(call) for call in made if call.model.startswith(f"{INBOX}/")]
            every: list[Entry | FailedTry] = [*heard.replies.values(), *heard.declined.values(), *persons]
            for what in every:
                _add(takes.setdefault(what.key, []), what, each.id)
    found = [
        Take(what, heard_by=tuple(by) if len(versions) > 1 else ())
        for versions in takes.values()
        for what, by in versions
    ]
    return tuple(found), len(rebuilt)


def _add(versions: list[tuple[Entry | FailedTry, list[str]]], what: Entry | FailedTry, run_id: str) -> None:
    """Add what a run heard to the replies to that request; where there are several, each says whose it is."""
    said = next((by for known, by in versions if _said(known) == _said(what)), None)
    if said is None:
        versions.append((what, [run_id]))
    elif run_id not in said:
        said.append(run_id)


def _said(what: Entry | FailedTry) -> JsonValue:
    return what.payload if isinstance(what, Entry) else what.error


def _as_said(call: Call) -> Call:
    """Return a call as it went out and came back: a control teacher's record tells it with the words exchanged."""
    sent = dict(call.sent)
    by, said = sent.pop("said_by", None), sent.pop("said", None)
    return call if by is None else call.model_copy(update={"model": by, "reply": said, "sent": sent})


def _person_entry(call: Call) -> Entry:
    key, body = person_key(call)
    return Entry(
        key=key,
        provider=INBOX,
        base_url="",
        model=call.model,
        sample=call.sample,
        body=body,
        payload=call.reply,
        model_served=call.model,
        finish="stop",
        tokens_in=0,
        tokens_out=0,
        cost_usd=0.0,
        paid_by=call.run_id,
    )

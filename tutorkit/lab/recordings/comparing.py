"""Compare what two executions of a run made: what differs, how often, and where first. Bill and clock stand aside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, JsonValue

from tutorkit.canonical import canonical_json, digest
from tutorkit.lab.report import TeachReport
from tutorkit.models import first_difference, leaves

Record = Mapping[str, Any]
Records = Sequence[Record]
Made = Mapping[str, Records]
"""What a run made: its records by kind, as JSON."""

_KINDS = (
    "run",
    "problems",
    "calls",
    "attempts",
    "diagnoses",
    "lessons",
    "scores",
    "sft_examples",
    "preference_pairs",
    "rl_examples",
    "skill_states",
    "dialogues",
)
_REVIEWED = ("lessons", "sft_examples", "preference_pairs", "rl_examples")
_EXAMPLES = 3
_OF_THE_MACHINE = ("versions", "prompt_digests", "parent_id")
"""Of a run's record: what it was made with. A prompt that was used and has changed shows in the calls."""

_MADE_OF_OTHERS = ("id", "prompt_digest", "key", "sent", "call_ids")
"""Fields that differ because others do: what a person wants to read is the other one."""

_NOT_FIGURES = ("arms", "spending", "pack", "notes", "status", "stop_reason", "message")


class Seal(BaseModel):
    """What a file keeps of some records: enough to see whether they were made again."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    count: int
    digest: str


class Mismatch(BaseModel):
    """One kind of record that came out otherwise.

    ``recorded`` and ``now`` count the records; ``differing`` counts those that are other, missing or new, and is None
    where only a cassette tells what was recorded. ``examples`` are the first differences, as a person reads them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    arm: str
    kind: str
    recorded: int
    now: int
    differing: int | None
    examples: tuple[str, ...]


def made_by(export: Record) -> Made:
    """Return what a run made, as ``store.export_run`` gives it, without what two executions need not share.

    Tries that brought no reply belong to the bill. A person's later review changes what is approved, not what was made.
    """
    failed = {call["id"] for call in export["calls"] if call["outcome"] == "error"}
    found: dict[str, Records] = {}
    for kind in _KINDS:
        records = [export["run"]] if kind == "run" else export[kind]
        found[kind] = [_plain(kind, record, failed) for record in records if record["id"] not in failed]
    return found


def sealed(made: Made) -> dict[str, Seal]:
    """Return the seal of every kind of record."""
    return {kind: Seal(count=len(records), digest=digest(_sorted(records))) for kind, records in made.items()}


def compare_made(arm: str, recorded: Made, now: Made) -> list[Mismatch]:
    """Return the kinds of record that differ, the calls before what came of them."""
    found: list[Mismatch] = []
    for kind in _KINDS:
        before, after = recorded.get(kind, ()), now.get(kind, ())
        pairs = list(_pairs(before, after))
        if pairs:
            examples = tuple(_words(*pair) for pair in pairs[:_EXAMPLES])
            counts = {"recorded": len(before), "now": len(after), "differing": len(pairs)}
            found.append(Mismatch(arm=arm, kind=kind, examples=examples, **counts))
    return found


def compare_sealed(arm: str, recorded: Mapping[str, Seal], now: Made) -> list[Mismatch]:
    """Return the kinds of record that are not those under the seals."""
    again = sealed(now)
    return [
        Mismatch(arm=arm, kind=kind, recorded=seal.count, now=again[kind].count, differing=None, examples=())
        for kind, seal in recorded.items()
        if kind in again and seal != again[kind]
    ]


def compare_reports(recorded: TeachReport, now: TeachReport) -> list[Mismatch]:
    """Return the arms whose figures differ, and then whether anything else in the report does."""
    before, after = recorded.model_dump(mode="json"), now.model_dump(mode="json")
    again = {arm["name"]: arm for arm in after["arms"]}
    found: list[Mismatch] = []
    for arm in before["arms"]:
        if arm["name"] in again:
            found += _of_report(arm["name"], arm, again[arm["name"]])
    return found + _of_report("all", _without_arms(before), _without_arms(after))


def _of_report(arm: str, before: Record, after: Record) -> list[Mismatch]:
    flat_before, flat_after = leaves(before), leaves(after)
    paths = [path for path in {**flat_before, **flat_after} if flat_before.get(path) != flat_after.get(path)]
    if not paths:
        return []
    examples = tuple(
        f"{path}: recorded {flat_before.get(path, 'nothing')}, now {flat_after.get(path, 'nothing')}"
        for path in paths[:_EXAMPLES]
    )
    return [Mismatch(arm=arm, kind="report", recorded=1, now=1, differing=1, examples=examples)]


def _without_arms(report: Record) -> dict[str, Any]:
    kept = {name: value for name, value in report.items() if name not in _NOT_FIGURES}
    principles = [{key: part for key, part in line.items() if key != "audit"} for line in kept["principles"]]
    return {**kept, "principles": principles}


def _plain(kind: str, record: Record, failed: set[str]) -> dict[str, Any]:
    left_out = _OF_THE_MACHINE if kind == "run" else ("audit",) if kind in _REVIEWED else ()
    kept = {name: value for name, value in record.items() if name not in left_out}
    if "call_ids" in kept:
        kept["call_ids"] = [name for name in kept["call_ids"] if name not in failed]
    if kind == "run":
        # The arms of one experiment may have been asked for one after another.
        plan = {name: value for name, value in kept["params"]["plan"].items() if name != "controls"}
        kept["params"] = {**kept["params"], "plan": plan}
    return kept


def _pairs(before: Records, after: Records) -> Iterator[tuple[Record | None, Record | None]]:
    """Pair each record that is other, missing or new: equal ids belong together, and then equal places."""
    old, new = ({record["id"]: record for record in records} for records in (before, after))
    yield from ((record, new[name]) for name, record in old.items() if name in new and record != new[name])
    fresh: dict[str, list[Record]] = {}
    for name, record in new.items():
        if name not in old:
            fresh.setdefault(_place(record), []).append(record)
    for name, record in old.items():
        if name not in new:
            partners = fresh.get(_place(record))
            yield record, partners.pop(0) if partners else None
    yield from ((None, record) for records in fresh.values() for record in records)


def _words(before: Record | None, after: Record | None) -> str:
    if before is None or after is None:
        return f"{_title(before or after or {})} {'is new' if before is None else 'was not made again'}"
    for left_out in (_MADE_OF_OTHERS, ()):
        flat = [
            leaves({name: value for name, value in record.items() if name not in left_out})
            for record in (before, after)
        ]
        if flat[0] != flat[1]:
            break
    found = first_difference(flat[0], flat[1])
    return f"{_title(before)}: {found.path}: recorded {found.recorded}, now {found.asked}"


def _place(record: Record) -> str:
    """Say where a call was made: its id changes with its words, its place does not."""
    where: list[JsonValue] = [record.get(name) for name in ("node", "purpose", "about", "sample", "attempt")]
    return canonical_json(where if "node" in record else record["id"])


def _title(record: Record) -> str:
    node, phase = record.get("node"), record.get("phase")
    where = f" of {node} ({record['purpose']})" if node else f" of {phase}" if phase else ""
    return f"{record['id']}{where}"


def _sorted(records: Records) -> list[Record]:
    return sorted(records, key=canonical_json)

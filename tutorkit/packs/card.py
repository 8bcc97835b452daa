"""Writes a pack's card: what it is, what was measured, how to use it, and what it does not show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final, NamedTuple

from pydantic import JsonValue

from tutorkit.packs.pack import undecided
from tutorkit.types import Pack

_KNOWN: Final = {
    "task": "Task",
    "student": "Student",
    "teacher": "Teacher",
    "method": "Method",
    "fidelity": "Fidelity",
    "run_id": "Run",
    "seed": "Seed",
}


class _Measurement(NamedTuple):
    name: str
    value: str
    interval: str
    n: str
    method: str


def render_card(pack: Pack) -> str:
    """Return the card as Markdown. Where the student was simulated, it says so beside every claim."""
    sections = [
        f"# {pack.name}",
        _summary(pack),
        _facts(pack),
        "## What was measured",
        _evidence(pack),
        "## Review",
        _review(pack),
        "## How to use it",
        _use(pack),
        "## Limits",
        _limits(pack),
    ]
    return "\n\n".join(sections) + "\n"


def is_simulated(pack: Pack) -> bool:
    """Whether the student that the pack was made for is a program (``sim/…``)."""
    return str(pack.provenance.get("student", "")).startswith("sim/")


def _student(pack: Pack) -> str:
    return "simulated student" if is_simulated(pack) else "student"


def _summary(pack: Pack) -> str:
    kinds = Counter(lesson.kind for lesson in pack.lessons if lesson.kind != "instruction")
    parts = ["an instruction"] if pack.instruction else []
    parts += [f"{count} {kind}{'s' if count > 1 else ''}" for kind, count in kinds.items()]
    written = f"A teaching pack written for a {_student(pack)}: {', '.join(parts) or 'no lessons'}."
    if not is_simulated(pack):
        return written
    return (
        f"{written}\n\n> The student was **simulated**: a program that answers by fixed rules, some of them wrong on "
        "purpose. Nothing below was seen on a language model or a person."
    )


def _facts(pack: Pack) -> str:
    facts = {**dict.fromkeys(_KNOWN), **pack.provenance}
    rows = [
        (_KNOWN.get(name, name.replace("_", " ")), _plain(value)) for name, value in facts.items() if _is_plain(value)
    ]
    told = [
        f"| {name} | {value}{' (simulated)' if name == 'Student' and is_simulated(pack) else ''} |"
        for name, value in rows
    ]
    return "\n".join(["| | |", "|---|---|", *told, f"| Digest | `{pack.digest}` |"])


def _evidence(pack: Pack) -> str:
    found = list(_measurements(pack.evidence))
    beside = [f"- {name}: {_plain(value)}" for name, value in pack.evidence.items() if _is_plain(value)]
    if not found and not beside:
        return "Nothing: this pack's effect is unknown."
    told = []
    if found:
        table = [f"| {' | '.join(_cell(text) for text in row)} |" for row in found]
        head = [f"| Measure, of the {_student(pack)} | Value | Interval | n | How |", "|---|---|---|---|---|"]
        told.append("\n".join([*head, *table]))
    if beside:
        told.append("\n".join(beside))
    return "\n\n".join(told)


def _measurements(tree: dict[str, JsonValue], *path: str) -> Iterator[_Measurement]:
    for name, branch in tree.items():
        if not isinstance(branch, dict):
            continue
        here = (*path, name)
        value, low, high = branch.get("value"), branch.get("low"), branch.get("high")
        if isinstance(value, int | float):
            interval = f"{_number(low)} to {_number(high)}" if low is not None and high is not None else "not known"
            n, method = branch.get("n"), branch.get("method")
            yield _Measurement(" / ".join(here), _number(value), interval, _plain(n), _plain(method))
        else:
            yield from _measurements(branch, *here)


def _review(pack: Pack) -> str:
    waiting = undecided(pack)
    states = ", ".join(f"{count} {state}" for state, count in waiting.items())
    rejected = sum(lesson.audit == "rejected" for lesson in pack.lessons)
    approved = len(pack.lessons) - rejected - sum(waiting.values())
    told = f"{approved} of {len(pack.lessons)} lessons are approved by a person."
    if waiting:
        told += (
            f" **{sum(waiting.values())} are not** ({states}): nobody has checked them; do not give them to a person."
        )
    if rejected:
        told += f" {rejected} were rejected and are left out of `prompt.md`."
    return told


def _use(pack: Pack) -> str:
    flag = " --unreviewed" if undecided(pack) else ""
    task = pack.provenance.get("task")
    return (
        "- Any model: give it `prompt.md` as its system message, then the problem. The teacher is not needed.\n"
        f"- With tutorkit: `tutorkit pack apply FOLDER --student MODEL --task {_plain(task) or 'TASK'}{flag}`.\n"
        "- `pack.json` holds every lesson with the attempts it came from; `evidence.json` holds the measurements."
    )


def _limits(pack: Pack) -> str:
    limits = [
        f"Measured on one {_student(pack)} and one task; another student or task may gain nothing, or lose.",
        "An interval tells the chance of the draw of problems, not of other models, prompts or seeds.",
    ]
    if is_simulated(pack):
        limits.append(
            "A simulated student learns by rule: its gain says that the loop works, not that people would gain."
        )
    return "\n".join(f"- {limit}" for limit in limits)


def _is_plain(value: JsonValue) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool)


def _plain(value: JsonValue) -> str:
    return _cell(str(value)) if _is_plain(value) else ""


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


def _number(value: JsonValue) -> str:
    return f"{value:.3f}" if isinstance(value, int | float) else "?"

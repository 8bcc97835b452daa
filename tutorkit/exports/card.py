"""The card of an export: what is in the file, where it came from, who approved it, and what it must not be used for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml

from tutorkit.exports.formats import Format
from tutorkit.exports.report import ExportReport
from tutorkit.tasks import task_names
from tutorkit.types import Run

CARD: Final = "README.md"

_MARK: Final = "tutorkit-export"
_SIZES: Final = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))


@dataclass(frozen=True, kw_only=True)
class CardFacts:
    """What the card tells. ``models`` holds role, model asked for and model served, of the calls behind the rows."""

    run: Run
    target: Format
    report: ExportReport
    students: Counter[str]
    models: set[tuple[str, str, str | None]]


def render_card(facts: CardFacts) -> str:
    """Return the card as Markdown, with a head that dataset hubs read."""
    sections = [
        _head(facts),
        f"# {facts.report.rows} {facts.report.kind} rows of {facts.run.id}",
        _summary(facts),
        _facts(facts),
        "## Review",
        _review(facts.report),
        "## What was left out",
        _left_out(facts.report),
        "## Models",
        _models(facts),
        "## Licence",
        _licence(facts.run.task),
        "## Fields",
        _fields(facts),
        *_notes(facts.report),
    ]
    return "\n\n".join(sections) + "\n"


def is_card_of(card: Path, path: Path) -> bool:
    """Tell whether a README.md is the card that an earlier export wrote for this very file."""
    try:
        text = card.read_text(encoding="utf-8")
        head = yaml.safe_load(text.split("---")[1]) if text.startswith("---\n") else None
    except (OSError, UnicodeDecodeError, yaml.YAMLError, IndexError):
        return False
    return isinstance(head, dict) and head.get(_MARK) == path.name


def _head(facts: CardFacts) -> str:
    name = Path(facts.report.path).name
    size = next((words for limit, words in _SIZES if facts.report.rows < limit), "n>1M")
    head = {
        _MARK: name,
        "configs": [{"config_name": "default", "data_files": [{"split": "train", "path": name}]}],
        "license": "other",
        "size_categories": [size],
        "tags": ["tutorkit", *(["simulated"] if facts.report.simulated else [])],
    }
    return f"---\n{yaml.safe_dump(head, sort_keys=False, allow_unicode=True)}---"


def _summary(facts: CardFacts) -> str:
    run = facts.run
    told = (
        f"Fine-tuning data for {facts.target.reader} (`{facts.target.name}`). {run.teacher} taught "
        f"{'the simulated student ' if facts.report.simulated else ''}{run.student} on {run.task} with the method "
        f"{run.method}."
    )
    if not facts.report.simulated:
        return told
    return (
        f"{told}\n\n> The student was **simulated**: a program that answers by fixed rules, some of them wrong on "
        "purpose. What the rows would teach a language model or a person was not seen."
    )


def _facts(facts: CardFacts) -> str:
    run, report = facts.run, facts.report
    rows: Mapping[str, object] = {
        "Rows": report.rows,
        "Run": f"`{run.id}`, {run.status}, arm {run.arm}",
        "Method": f"{run.method} {run.method_version}",
        "Fidelity": run.fidelity,
        "Task": run.task,
        "Task data": f"`{run.data_digest}`",
        "Teacher": run.teacher,
        "Student": f"{run.student}{' (simulated)' if report.simulated else ''}",
        "Made for": _counted(facts.students),
        "Splits": _counted(report.splits),
        "Flags": _counted(report.flags) or "none",
        "Seed": run.seed,
        "tutorkit": run.versions.get("tutorkit", "unknown"),
        "SHA-256": f"`{report.digest}`",
    }
    return "\n".join(["| | |", "|---|---|", *(f"| {name} | {_cell(value)} |" for name, value in rows.items())])


def _review(report: ExportReport) -> str:
    told = f"{report.rows - report.not_approved} of {report.rows} rows are approved by a person."
    if report.not_approved:
        told += f" **{report.not_approved} are not**: nobody has checked them."
    if report.left_out.not_approved:
        told += f" {report.left_out.not_approved} more rows of the run were not approved and are not in the file."
    return told


def _left_out(report: ExportReport) -> str:
    counts = report.left_out
    said = [
        (counts.not_approved, "nobody has approved"),
        (counts.rejected, "a person rejected"),
        *((count, f"are flagged `{flag}`") for flag, count in counts.flagged.items()),
        (counts.held_out, "belong to problems that students are measured on; such rows never go out"),
        (counts.unusable, f"{report.format} would refuse"),
    ]
    lines = [f"- {count} that {words}." for count, words in said if count]
    lines += [f"  - {_cell(example)}" for example in report.examples]
    withheld = "Rows flagged `harmful` go out only when asked for by name."
    if "harmful" in report.flags:
        withheld = f"**{report.flags['harmful']} rows flagged `harmful` are in the file**, since they were asked for."
    return "\n".join([f"Of the run's {report.kind} rows:" if lines else "No row.", *lines]) + f"\n\n{withheld}"


def _models(facts: CardFacts) -> str:
    if not facts.models:
        return "No model call stands behind the rows."
    head = ["| role | asked for | served |", "|---|---|---|"]
    rows = sorted((role, asked, served or "not said") for role, asked, served in facts.models)
    return "\n".join([*head, *(f"| {role} | {_cell(asked)} | {_cell(served)} |" for role, asked, served in rows)])


def _licence(task: str) -> str:
    known = {info.name: info.licence for info in task_names()}
    licence = known.get(task, "the file's owner's" if Path(task).suffix else "unknown")
    return (
        f"The problems of {_cell(task)}: {licence}. The texts that models wrote fall under the terms of whoever serves "
        "these models; some forbid to train competing models on them. Check that before you train or hand on."
    )


def _fields(facts: CardFacts) -> str:
    lines = [f"- `{name}`: {meaning}" for name, meaning in facts.target.fields.items()]
    if facts.report.lineage is not None:
        lines.append(
            f"\n`{Path(facts.report.lineage).name}` says of every line where it came from: the row's id, problem, "
            "split, lessons, source attempts, and the calls with prompt, model asked for and model served."
        )
    return "\n".join(lines)


def _notes(report: ExportReport) -> list[str]:
    return ["## Notes", "\n".join(f"- {note}" for note in report.notes)] if report.notes else []


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))


def _cell(value: object) -> str:
    return " ".join(str(value).replace("|", "\\|").split())

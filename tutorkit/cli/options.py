"""Options that several commands share, and how ``name=value`` pairs are read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, cast, get_args

import typer
from pydantic import JsonValue

from tutorkit.errors import BadSetting
from tutorkit.lab import Controls, Plan
from tutorkit.types import Split

AsJson = Annotated[bool, typer.Option("--json", help="Write the result as JSON.")]
DataDir = Annotated[Path | None, typer.Option("--data", help="Folder of the public datasets (TUTORKIT_DATA_DIR).")]
Student = Annotated[
    str,
    typer.Option(
        "--student",
        help="sim/two-bugs, recorded/gsm8k:MODEL, local/MODEL, provider/model; transformers/MODEL can be trained.",
    ),
]
Task = Annotated[str, typer.Option("--task", help="A task's name (see `tutorkit tasks`) or a file of your own.")]
Seed = Annotated[int, typer.Option("--seed", help="Seed of the problems and of everything random.")]
Val = Annotated[int | None, typer.Option("--val", min=1, help="Problems that the teaching learns from.")]
Test = Annotated[int | None, typer.Option("--test", min=1, help="Held-out problems that it is measured on.")]
Train = Annotated[int | None, typer.Option("--train", min=0, help="Problems for worked examples.")]
Map = Annotated[
    list[str] | None, typer.Option("--map", help="Column of your file: text=QUESTION, gold=ANSWER, id=…, skills=….")
]
Scorer = Annotated[
    str | None, typer.Option("--scorer", help="How answers are graded: number, choice, yes_no, exact, ….")
]
StudentSet = Annotated[
    list[str] | None, typer.Option("--student-set", help="Sampling option of a model student: temperature=0.")
]
Probe = Annotated[int | None, typer.Option("--probe", min=0, help="Problems on which lessons are tried out.")]
Teacher = Annotated[str, typer.Option("--teacher", help="rules, inbox/FOLDER, control/NAME or provider/model.")]
TeacherSet = Annotated[list[str] | None, typer.Option("--teacher-set", help="Sampling option of a model teacher.")]
Judge = Annotated[
    str | None, typer.Option("--judge", help="Who judges what was written, where a method has that; else the teacher.")
]
Panel = Annotated[
    list[str] | None,
    typer.Option("--panel", help="Another student, for methods that look at several; may be repeated."),
]
ControlArms = Annotated[
    str | None, typer.Option("--controls", help="Control arms: all, free (no teacher calls) or none.")
]
MaxCalls = Annotated[int | None, typer.Option("--max-calls", min=0, help="Stop before call N+1, all arms together.")]
MaxUsd = Annotated[float | None, typer.Option("--max-usd", min=0, help="Stop before so much money is passed.")]
Batch = Annotated[
    bool,
    typer.Option("--batch", help="Send calls through the provider's batch API: half the price, within a day."),
]
BatchFolder = Annotated[
    Path | None,
    typer.Option("--batch-folder", help="Write the calls of openai/… models as batch files here (vllm run-batch)."),
]


def pairs(given: Sequence[str] | None, option: str) -> dict[str, JsonValue]:
    """Read ``name=value`` pairs; a value that is JSON is taken as JSON, any other as text.

    Raises:
        BadSetting: for a pair without ``=``.
    """
    found: dict[str, JsonValue] = {}
    for pair in given or ():
        name, equals, value = pair.partition("=")
        if not equals or not name.strip():
            raise BadSetting(f"{option} {pair!r} is no pair.", remedy=f"Write it as {option} name=value.")
        try:
            found[name.strip()] = json.loads(value)
        except ValueError:
            found[name.strip()] = value
    return found


def columns(given: Sequence[str] | None) -> dict[str, str] | None:
    """Read the column mapping; None when there is none."""
    return {name: str(value) for name, value in pairs(given, "--map").items()} or None


def sizes(*, val: int | None, test: int | None, train: int | None, probe: int | None = None) -> dict[Split, int] | None:
    """Return the sizes that were given; None when none was."""
    given: dict[Split, int | None] = {"val": val, "test": test, "train": train, "probe": probe}
    return {split: size for split, size in given.items() if size is not None} or None


def controls(given: str | None, *, teacher: str) -> Controls:
    """Read which control arms are run; what is usual for the teacher when nothing is given.

    Raises:
        BadSetting: for another word.
    """
    if given is None:
        return Plan.default_controls(teacher)
    if given not in get_args(Controls):
        raise BadSetting(f"--controls {given} is not known.", remedy=f"Use one of {', '.join(get_args(Controls))}.")
    return cast(Controls, given)

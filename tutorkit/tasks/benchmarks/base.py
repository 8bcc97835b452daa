"""What the loaders of public sets share: finding the files, checking the rows, dividing them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from tutorkit.canonical import stable_id
from tutorkit.errors import DataNotFound, GoldRejected
from tutorkit.tasks.homes import GITHUB, Home, download
from tutorkit.tasks.rows import Complaints, read_table
from tutorkit.tasks.scorers import TaskScorer
from tutorkit.tasks.splits import ALL_SHARES, LEARNING_SHARES, capped_notes, draw, drop_leaks, split_of
from tutorkit.tasks.task import Task
from tutorkit.types import Problem, Split

Side = Literal["train", "dev", "test"]


class SourceRow(BaseModel):
    """A row of a public file: the fields that we use; others may be there."""

    model_config = ConfigDict(frozen=True, extra="ignore")


RowT = TypeVar("RowT", bound=SourceRow)


@dataclass(frozen=True, kw_only=True)
class Benchmark(Generic[RowT]):
    """A public set. ``files`` maps the names that its files go by to the side that they officially are.

    ``folders`` are where under the data folder the files may stand. ``problem`` turns a row into a problem, whose
    split, and often id, is still to be given. ``regroup``, where there is one, names the leak families in view of a
    file's other rows.
    """

    name: str
    summary: str
    description: str
    answer_format: str
    home: Home
    folders: tuple[str, ...]
    files: Mapping[str, Side]
    row: type[RowT]
    problem: Callable[[RowT], Problem]
    regroup: Callable[[Sequence[Problem]], list[Problem]] | None = None


@dataclass(frozen=True, kw_only=True)
class Places:
    """Where files may come from: the user's folder first, then the cache, then the set's public home."""

    data_dir: Path | None
    cache: Path
    base_url: str = GITHUB


def load_benchmark(
    benchmark: Benchmark[RowT], places: Places, *, seed: int = 0, sizes: Mapping[Split, int] | None = None
) -> Task:
    """Load a public set as a task.

    The official test file is the test side where another file is there too; all else is divided by the hash of the
    leak family. What shares a family with a test problem is left out of the other sides.

    Raises:
        DataNotFound: when its files are neither in the folder nor to be had from their home.
        BadRow: when rows lack what they must hold.
        GoldRejected: when a gold is marked wrong by its own scorer.
        BadSetting: when more is asked for than there is.
    """
    by_side: dict[Side, list[Problem]] = {}
    for path, side in find_files(benchmark, places):
        by_side.setdefault(side, []).extend(_problems(benchmark, path))
    divided = [
        problem.model_copy(update={"split": split_of(problem.group, shares)}) for problem, shares in _divided(by_side)
    ]
    kept, leaks = drop_leaks(_with_ids(divided))
    notes = [f"{leaks} rows left out, since a test problem is of their family."] if leaks else []
    return Task(
        name=benchmark.name,
        description=benchmark.description,
        answer_format=benchmark.answer_format,
        problems=draw(kept, sizes, seed=seed, task=benchmark.name),
        source=f"{GITHUB.replace('raw.githubusercontent', 'github')}/{benchmark.home.repository}",
        revision=benchmark.home.revision,
        licence=benchmark.home.licence,
        notes=(*notes, *capped_notes(kept, sizes)),
    )


def find_files(benchmark: Benchmark[RowT], places: Places) -> list[tuple[Path, Side]]:
    """Return the set's files: those in the user's folder, or all of its home's.

    Raises:
        DataNotFound: when there are none; the remedy names both ways to have them.
    """
    looked = [places.data_dir / folder for folder in benchmark.folders] if places.data_dir else []
    for folder in looked:
        found = [(folder / name, side) for name, side in benchmark.files.items() if (folder / name).is_file()]
        if found:
            return found
    try:
        return [
            (
                download(benchmark.home, file, cache=places.cache, base_url=places.base_url),
                benchmark.files[Path(file).name],
            )
            for file in benchmark.home.files
        ]
    except DataNotFound as error:
        where = (
            f"{benchmark.name} is not in {places.data_dir} ({' or '.join(benchmark.files)})"
            if looked
            else benchmark.name
        )
        raise DataNotFound(
            f"{where}: {error.message}" if not looked else f"{where}, and {error.message}",
            remedy=error.remedy,
            data={**error.data, "looked_in": [str(folder) for folder in looked], "files": list(benchmark.files)},
        ) from error


def _problems(benchmark: Benchmark[RowT], path: Path) -> list[Problem]:
    table = read_table(path)
    complaints = Complaints(path, table.unit)
    rejected = Complaints(path, table.unit)
    grader = TaskScorer()
    problems = []
    for row in table.rows:
        try:
            problem = benchmark.problem(benchmark.row.model_validate(row.values))
        except ValidationError as error:
            complaints.add(row.number, "; ".join(_told(detail) for detail in error.errors()))
            continue
        except ValueError as error:
            complaints.add(row.number, str(error))
            continue
        grade = grader.grade(problem, problem.gold or "")
        if grade.outcome != "right":
            rejected.add(row.number, f"the gold {problem.gold!r} is not accepted by {problem.scorer} ({grade.how})")
        problems.append(problem)
    complaints.raise_if_any()
    rejected.raise_if_any(GoldRejected)
    return benchmark.regroup(problems) if benchmark.regroup else problems


def _told(detail: Mapping[str, object]) -> str:
    location = detail.get("loc")
    where = ".".join(map(str, location)) if isinstance(location, tuple) else ""
    return f"{where}: {detail.get('msg')}"


def _divided(by_side: Mapping[Side, Sequence[Problem]]) -> list[tuple[Problem, Mapping[Split, float]]]:
    """Pair every problem with the shares by which its family's hash places it."""
    only_test: Mapping[Split, float] = {"test": 1.0}
    only_val: Mapping[Split, float] = {"val": 1.0}
    no_val: Mapping[Split, float] = {"train": 0.85, "probe": 0.15}
    train, dev, test = (by_side.get(side, ()) for side in ("train", "dev", "test"))
    if train and dev and test:
        shares: tuple[Mapping[Split, float], ...] = (no_val, only_val, only_test)
    elif test and (train or dev):
        shares = (LEARNING_SHARES, LEARNING_SHARES, only_test)
    elif train and dev:
        shares = (LEARNING_SHARES, only_test, only_test)
    else:
        shares = (ALL_SHARES, ALL_SHARES, ALL_SHARES)
    return [(problem, part) for side, part in zip((train, dev, test), shares, strict=True) for problem in side]


def _with_ids(problems: Sequence[Problem]) -> list[Problem]:
    """Name those that have no id of their own by their content; equal rows are told apart by their count."""
    seen: dict[str, int] = {}
    named = []
    for problem in problems:
        identity = problem.id or stable_id(
            problem.task.replace("/", "-"), problem.text, [choice.text for choice in problem.choices], problem.gold
        )
        seen[identity] = seen.get(identity, 0) + 1
        if seen[identity] > 1:
            identity = f"{identity}-{seen[identity]}"
        named.append(problem.model_copy(update={"id": identity}))
    return named

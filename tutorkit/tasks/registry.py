"""Every task by its name, and the one way to load any of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from platformdirs import user_cache_path

from tutorkit.errors import BadSetting, UnknownName
from tutorkit.tasks import service, strings, writing
from tutorkit.tasks.arithmetic import FAMILIES as ARITHMETIC_FAMILIES
from tutorkit.tasks.arithmetic import arithmetic_problems
from tutorkit.tasks.benchmarks.base import Benchmark, Places, load_benchmark
from tutorkit.tasks.benchmarks.bbh import BBH_TASKS, bbh
from tutorkit.tasks.benchmarks.commonsense import COMMONSENSEQA, STRATEGYQA
from tutorkit.tasks.benchmarks.mathematics import AQUA, GSM8K, GSM8K_TEST, NUMBER_FORMAT, SVAMP
from tutorkit.tasks.chains import chain_problems
from tutorkit.tasks.conventions import OPERATORS, convention_problems
from tutorkit.tasks.homes import GITHUB
from tutorkit.tasks.own import load_own
from tutorkit.tasks.rows import READERS
from tutorkit.tasks.splits import DEFAULT_SIZES
from tutorkit.tasks.sums import sum_problems
from tutorkit.tasks.task import Task, TaskInfo
from tutorkit.types import Problem, Split

OUR_LICENCE = "Apache-2.0"

Maker = Callable[[int, Mapping[Split, int]], list[Problem]]


@dataclass(frozen=True, kw_only=True)
class Generated:
    """A task that our own generator makes."""

    summary: str
    description: str
    answer_format: str
    make: Maker


def load_task(
    name: str,
    *,
    data_dir: Path | None = None,
    seed: int = 0,
    sizes: Mapping[Split, int] | None = None,
    columns: Mapping[str, str] | None = None,
    scorer: str | None = None,
    cache_dir: Path | None = None,
    base_url: str = GITHUB,
) -> Task:
    """Load a task: one of ``task_names()``, or a file of the user's own by its path.

    Args:
        name: the task's name, or a path that ends in .jsonl, .json, .csv, .tsv or .parquet.
        data_dir: the folder with the public sets. What it lacks is downloaded from its home once, and kept.
        seed: which problems are drawn; never on which side of a split a problem stands.
        sizes: how many problems of each split; without it 60 ``val`` and 200 ``test``, or as many as there are.
        columns: for a user's file, which column is what.
        scorer: for a user's file, the scorer.
        cache_dir: where downloads are kept; the user's cache folder when left out.
        base_url: the server of the public sets.

    Raises:
        UnknownName: when there is no such task.
        DataError: one of its kinds, when the data cannot be used as they stand.
        BadSetting: when more problems are asked for than there are, or ``columns`` or ``scorer`` are given for a task
            that is not a user's file.
    """
    if sizes is not None:
        # Problems are drawn split by split: the order in which the sizes were given must not decide which.
        sizes = {split: sizes[split] for split in get_args(Split) if split in sizes}
    if Path(name).suffix.lower() in READERS or (Path(name).suffix and Path(name).is_file()):
        return load_own(Path(name), name=Path(name).stem, seed=seed, sizes=sizes, columns=columns, scorer=scorer)
    if columns or scorer:
        raise BadSetting(
            f"{name} has its own columns and scorer; only a file of your own takes others.",
            remedy="Leave --map and --scorer out.",
            data={"task": name},
        )
    if name in GENERATED:
        return _generate(name, GENERATED[name], seed=seed, sizes=sizes)
    benchmark = _benchmark(name)
    if benchmark is None:
        raise UnknownName("task", name, [info.name for info in task_names()])
    places = Places(data_dir=data_dir, cache=cache_dir or user_cache_path("tutorkit") / "data", base_url=base_url)
    return load_benchmark(benchmark, places, seed=seed, sizes=sizes)


def task_names() -> tuple[TaskInfo, ...]:
    """Return one line for each task, in the order in which they are listed."""
    own = [
        TaskInfo(name=name, summary=made.summary, needs_data=False, licence=OUR_LICENCE)
        for name, made in GENERATED.items()
    ]
    public = [
        TaskInfo(name=found.name, summary=found.summary, needs_data=True, licence=found.home.licence)
        for found in (*BENCHMARKS.values(), *map(bbh, BBH_TASKS))
    ]
    return (*own, *public)


def _generate(name: str, made: Generated, *, seed: int, sizes: Mapping[Split, int] | None) -> Task:
    return Task(
        name=name,
        description=made.description,
        answer_format=made.answer_format,
        problems=tuple(made.make(seed, DEFAULT_SIZES if sizes is None else sizes)),
        source="made by tutorkit",
        revision=f"seed {seed}",
        licence=OUR_LICENCE,
        fresh=True,
    )


def _benchmark(name: str) -> Benchmark[Any] | None:
    if name.startswith("bbh/") and name[4:] in BBH_TASKS:
        return bbh(name[4:])
    return BENCHMARKS.get(name)


BENCHMARKS: Mapping[str, Benchmark[Any]] = {
    found.name: found for found in (GSM8K, GSM8K_TEST, SVAMP, AQUA, COMMONSENSEQA, STRATEGYQA)
}

_ARITHMETIC = {
    "subtraction": "Subtractions of whole numbers, done in columns.",
    "addition": "Additions of whole numbers, done in columns.",
    "fractions": "Additions, subtractions, multiplications and divisions of two fractions.",
    "order": "Expressions of several operations, whose order matters.",
    "percent": "A percentage of an amount, or an amount less a percentage.",
}
_FRACTION_FORMAT = 'End with a line "Answer: " and the number or fraction.'
_RESULTS_FORMAT = 'End with a line "Answer: " and the results in order, separated by commas.'
_BOX_FORMAT = 'End with a line "Answer: " and the name of the box.'
_CONVENTION_FORMAT = 'End with a line "Answer: " and the number, or the name of the box.'


def _arithmetic(families: tuple[str, ...]) -> Maker:
    return lambda seed, sizes: arithmetic_problems(families, seed=seed, sizes=sizes)


def _chains(width: int) -> Maker:
    return lambda seed, sizes: chain_problems(seed=seed, sizes=sizes, width=width)


def _conventions(*families: str) -> Maker:
    return lambda seed, sizes: convention_problems(families, seed=seed, sizes=sizes)


def _sums(*families: str) -> Maker:
    return lambda seed, sizes: sum_problems(families, seed=seed, sizes=sizes)


def _chain_task(width: int) -> Generated:
    parts = "one part" if width == 1 else f"{width} parts"
    return Generated(
        summary=f"chains of {parts}, each of which takes one skill",
        description=f"Problems of {parts}, each a small sum of its own kind.",
        answer_format=_RESULTS_FORMAT,
        make=_chains(width),
    )


GENERATED: Mapping[str, Generated] = {
    "arithmetic": Generated(
        summary="column subtraction and addition, fractions, order of operations, percent",
        description="School arithmetic: whole numbers in columns, fractions, the order of operations, and percentages.",
        answer_format=_FRACTION_FORMAT,
        make=_arithmetic(tuple(ARITHMETIC_FAMILIES)),
    ),
    **{
        f"arithmetic/{family}": Generated(
            summary=f"only {family}" if family != "order" else "only the order of operations",
            description=description,
            answer_format=_FRACTION_FORMAT if family == "fractions" else NUMBER_FORMAT,
            make=_arithmetic((family,)),
        )
        for family, description in _ARITHMETIC.items()
    },
    "chains": _chain_task(2),
    **{f"chains/{width}": _chain_task(width) for width in (1, 2, 3, 4)},
    "conventions": Generated(
        summary="made-up operators and routing rules, which no model can know untaught",
        description="Made-up signs that join two numbers, and things that are put into boxes, by rules of our own.",
        answer_format=_CONVENTION_FORMAT,
        make=_conventions("operators", "routing"),
    ),
    "conventions/operators": Generated(
        summary="only the made-up operators",
        description="Made-up signs that join two small numbers by rules of our own.",
        answer_format=NUMBER_FORMAT,
        make=_conventions("operators"),
    ),
    **{
        f"conventions/{operator.rule}": Generated(
            summary="only one made-up operator",
            description="A made-up sign that joins two small numbers by a rule of our own.",
            answer_format=NUMBER_FORMAT,
            make=_conventions(operator.rule),
        )
        for operator in OPERATORS
    },
    "conventions/routing": Generated(
        summary="only the routing rules",
        description="Everyday things that are put into boxes by rules of our own, each kind of thing into one box.",
        answer_format=_BOX_FORMAT,
        make=_conventions("routing"),
    ),
    "sums": Generated(
        summary="sums in words, of one or two steps",
        description="Short stories with small numbers that take one or two steps of basic arithmetic.",
        answer_format=NUMBER_FORMAT,
        make=_sums("one-step", "two-step"),
    ),
    "sums/one-step": Generated(
        summary="sums in words, of one step",
        description="Short stories with small numbers that take one step of basic arithmetic.",
        answer_format=NUMBER_FORMAT,
        make=_sums("one-step"),
    ),
    "sums/two-step": Generated(
        summary="sums in words, of two steps",
        description="Short stories with small numbers that take two steps of basic arithmetic.",
        answer_format=NUMBER_FORMAT,
        make=_sums("two-step"),
    ),
    "service": Generated(
        summary="a customer's complaint, and what the shop's agent does next by its policy",
        description=service.DESCRIPTION,
        answer_format=service.ANSWER_FORMAT,
        make=lambda seed, sizes: service.service_problems(seed=seed, sizes=sizes),
    ),
    "strings": Generated(
        summary="words with two to four properties, which can be checked by counting",
        description=strings.DESCRIPTION,
        answer_format=strings.ANSWER_FORMAT,
        make=lambda seed, sizes: strings.string_problems(seed=seed, sizes=sizes),
    ),
    "writing": Generated(
        summary="prompts for short witty texts, without gold; graded for simulated writers only",
        description=writing.REMARKS_DESCRIPTION,
        answer_format=writing.REMARKS_FORMAT,
        make=lambda seed, sizes: writing.remark_problems(seed=seed, sizes=sizes),
    ),
    "writing/groups": Generated(
        summary="texts about made-up peoples to practise on, and questions that show a bias",
        description=writing.GROUPS_DESCRIPTION,
        answer_format=writing.GROUPS_FORMAT,
        make=lambda seed, sizes: writing.group_problems(seed=seed, sizes=sizes),
    ),
}

"""CommonsenseQA and StrategyQA: what everybody knows, and how to put it together."""

from __future__ import annotations

from pydantic import Field

from tutorkit.tasks.benchmarks.base import Benchmark, SourceRow
from tutorkit.tasks.benchmarks.mathematics import LETTER_FORMAT
from tutorkit.tasks.homes import HOMES
from tutorkit.tasks.splits import normalised
from tutorkit.types import Choice, Problem, Step

YES_NO_FORMAT = 'End with a line "Answer: " and yes or no.'


class _Stem(SourceRow):
    stem: str = Field(min_length=1)
    choices: list[Choice] = Field(min_length=2)


class CommonsenseRow(SourceRow):
    """A row of CommonsenseQA."""

    id: str = Field(min_length=1)
    answer_key: str = Field(alias="answerKey", min_length=1)
    question: _Stem


class StrategyRow(SourceRow):
    """A row of StrategyQA."""

    qid: str = Field(min_length=1)
    question: str = Field(min_length=1)
    answer: bool
    facts: tuple[str, ...] = ()


def commonsense_problem(row: CommonsenseRow) -> Problem:
    """Make a problem of a CommonsenseQA row.

    Raises:
        ValueError: when the right option is not among the options.
    """
    stem = row.question
    if row.answer_key not in {choice.label for choice in stem.choices}:
        raise ValueError(f"the right option {row.answer_key} is not among the options")
    return Problem(
        id=f"commonsenseqa-{row.id}",
        task="commonsenseqa",
        text=stem.stem.strip(),
        gold=row.answer_key,
        scorer="choice",
        split="test",
        group=normalised(stem.stem),
        choices=tuple(stem.choices),
        source="commonsenseqa",
    )


def strategy_problem(row: StrategyRow) -> Problem:
    """Make a problem of a StrategyQA row; its facts are the steps."""
    return Problem(
        id=f"strategyqa-{row.qid}",
        task="strategyqa",
        text=row.question.strip(),
        gold="yes" if row.answer else "no",
        scorer="yes_no",
        split="test",
        group=normalised(row.question),
        steps=tuple(Step(text=fact.strip()) for fact in row.facts if fact.strip()),
        source="strategyqa",
    )


COMMONSENSEQA = Benchmark(
    name="commonsenseqa",
    summary="everyday knowledge, five options",
    description="Questions about everyday things and situations, with five options of which one fits best.",
    answer_format=LETTER_FORMAT,
    home=HOMES["commonsenseqa"],
    folders=("commonsenseqa", "CommonsenseQA", "."),
    files={"train_rand_split.jsonl": "train", "dev_rand_split.jsonl": "test"},
    row=CommonsenseRow,
    problem=commonsense_problem,
)
STRATEGYQA = Benchmark(
    name="strategyqa",
    summary="yes/no questions that need several facts at once",
    description="Yes-or-no questions whose answer must be put together from several facts that are not told.",
    answer_format=YES_NO_FORMAT,
    home=HOMES["strategyqa"],
    folders=("strategyqa", "strategyqa_dataset", "."),
    files={"train.json": "train", "dev.json": "test"},
    row=StrategyRow,
    problem=strategy_problem,
)

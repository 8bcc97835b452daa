"""GSM8K, SVAMP and AQuA-RAT: word problems."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from pydantic import Field

from tutorkit.tasks.benchmarks.base import Benchmark, SourceRow
from tutorkit.tasks.homes import HOMES
from tutorkit.tasks.scorers.numbers import Number, as_written, parse_number
from tutorkit.tasks.splits import normalised
from tutorkit.types import Choice, Problem, Step

NUMBER_FORMAT = 'End with a line "Answer: " and the number alone.'
LETTER_FORMAT = 'End with a line "Answer: " and the letter of the right option.'

_CALCULATION = re.compile(r"<<([^<>]{0,200})>>")
_OPTION = re.compile(r"\s*\(?([A-E])\s*[).:]\s*")


class GsmRow(SourceRow):
    """A row of GSM8K: the answer is worked lines with ``<<calculation=result>>`` marks and a last line ``#### N``."""

    question: str = Field(min_length=1)
    answer: str = Field(min_length=1)


class SvampRow(SourceRow):
    """A row of SVAMP."""

    id: str = Field(alias="ID")
    body: str = Field(alias="Body", min_length=1)
    question: str = Field(alias="Question", min_length=1)
    equation: str = Field(alias="Equation")
    answer: float = Field(alias="Answer", allow_inf_nan=False)
    type: str = Field(alias="Type")


class AquaRow(SourceRow):
    """A row of AQuA-RAT."""

    question: str = Field(min_length=1)
    options: list[str] = Field(min_length=2)
    rationale: str = ""
    correct: str = Field(pattern="^[A-E]$")


def gsm8k_problem(row: GsmRow) -> Problem:
    """Make a problem of a GSM8K row; the calculator's marks leave the steps and give their results.

    Raises:
        ValueError: when there is no ``####`` line.
    """
    worked, marker, gold = row.answer.rpartition("####")
    number = parse_number(gold)
    if not marker or not isinstance(number, Number):
        raise ValueError("the answer has no line '#### NUMBER'")
    return Problem(
        id="",
        task="gsm8k",
        text=row.question.strip(),
        gold=as_written(number),
        scorer="number",
        split="test",
        group=normalised(row.question),
        steps=tuple(_gsm8k_step(line) for line in worked.splitlines() if line.strip()),
        source="gsm8k",
    )


def _gsm8k_step(line: str) -> Step:
    calculations = _CALCULATION.findall(line)
    result = calculations[-1].rpartition("=")[2].strip() if calculations else None
    return Step(text=_CALCULATION.sub("", line).strip(), result=result or None)


def svamp_problem(row: SvampRow) -> Problem:
    """Make a problem of a SVAMP row; its equation is the one step."""
    gold = f"{row.answer:g}" if not row.answer.is_integer() else str(int(row.answer))
    body = row.body.strip()
    joined = (
        f"{body} {row.question.strip()}"
        if body.endswith((".", "?", "!"))
        else f"{body}, {_lowered(row.question.strip())}"
    )
    return Problem(
        id=f"svamp-{row.id}",
        task="svamp",
        text=joined,
        gold=gold,
        scorer="number",
        skills=(row.type.rpartition("-")[2].lower(),) if row.type else (),
        split="test",
        group=row.body,
        steps=(Step(text=row.equation.replace(".0 ", " ").strip(), result=gold),),
        source="svamp",
    )


def _lowered(text: str) -> str:
    return text[:1].lower() + text[1:]


def svamp_families(problems: Sequence[Problem]) -> list[Problem]:
    """Put SVAMP's variants of one seed problem into one leak family.

    The file does not say which seed a problem came from. Variants share sentences that differ in their numbers and
    their order only, so problems with such a sentence of four words or more in common are one family.
    """
    parent: dict[str, str] = {}

    def root(key: str) -> str:
        while parent.setdefault(key, key) != key:
            key = parent[key]
        return key

    own: dict[str, str] = {}
    for problem in problems:
        keys = [_masked(sentence) for sentence in re.split(r"(?<=[.?!])\s", problem.group)]
        keys = [key for key in keys if key.count(" ") >= 3] or [_masked(problem.group)]
        own[problem.id] = keys[0]
        for key in keys:
            low, high = sorted((root(keys[0]), root(key)))
            parent[high] = low
    return [problem.model_copy(update={"group": f"svamp:{root(own[problem.id])}"}) for problem in problems]


def _masked(sentence: str) -> str:
    words = re.sub(r"\d+(?:\.\d+)?", " # ", sentence.lower())
    return " ".join(sorted(re.findall(r"#|[a-z']+", words)))


def aqua_problem(row: AquaRow) -> Problem:
    """Make a problem of an AQuA-RAT row; the rationale's lines are the steps.

    Raises:
        ValueError: when an option has no letter, or the right one is not among them.
    """
    choices = []
    for option in row.options:
        label = _OPTION.match(option)
        if label is None:
            raise ValueError(f"the option {option!r} does not begin with a letter")
        choices.append(Choice(label=label[1], text=option[label.end() :].strip()))
    if row.correct not in {choice.label for choice in choices}:
        raise ValueError(f"the right option {row.correct} is not among the options")
    return Problem(
        id="",
        task="aqua",
        text=row.question.strip(),
        gold=row.correct,
        scorer="choice",
        split="test",
        group=normalised(row.question),
        choices=tuple(choices),
        steps=tuple(Step(text=line.strip()) for line in row.rationale.splitlines() if line.strip()),
        source="aqua",
    )


GSM8K = Benchmark(
    name="gsm8k",
    summary="grade-school word problems of two to eight steps",
    description="Grade-school mathematics word problems. Each takes two to eight steps of basic arithmetic.",
    answer_format=NUMBER_FORMAT,
    home=HOMES["gsm8k"],
    folders=("gsm8k", "GSM8K", "."),
    files={"train.jsonl": "train", "test.jsonl": "test"},
    row=GsmRow,
    problem=gsm8k_problem,
)
GSM8K_TEST = replace(
    GSM8K,
    name="gsm8k/test",
    summary="GSM8K's official test questions alone, divided anew: those that recorded students answered",
    home=replace(HOMES["gsm8k"], files=("grade_school_math/data/test.jsonl",)),
    files={"test.jsonl": "test"},
)
SVAMP = Benchmark(
    name="svamp",
    summary="one-step word problems with misleading variations",
    description=(
        "Short word problems that take one addition, subtraction, multiplication or division. "
        "Some hold numbers that are not needed, or ask for something else than is usual."
    ),
    answer_format=NUMBER_FORMAT,
    home=HOMES["svamp"],
    folders=("svamp", "SVAMP", "."),
    files={"SVAMP.json": "test"},
    row=SvampRow,
    problem=svamp_problem,
    regroup=svamp_families,
)
AQUA = Benchmark(
    name="aqua",
    summary="algebra word problems with five options",
    description="Algebra word problems of admission tests, with five options of which one is right.",
    answer_format=LETTER_FORMAT,
    home=HOMES["aqua"],
    folders=("aqua_rat", "aqua", "AQuA", "."),
    files={"train.json": "train", "dev.json": "dev", "test.json": "test"},
    row=AquaRow,
    problem=aqua_problem,
)

"""BIG-Bench Hard: 27 tasks that were hard for language models (Suzgun et al. 2022, arXiv 2210.09261).

Each file opens with a canary string that asks for the data to be kept out of training corpora. It is not a problem and
is left in the file; whoever exports training data should see to it that these problems are not in it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pydantic import Field

from tutorkit.tasks.benchmarks.base import Benchmark, SourceRow
from tutorkit.tasks.benchmarks.commonsense import YES_NO_FORMAT
from tutorkit.tasks.benchmarks.mathematics import LETTER_FORMAT, NUMBER_FORMAT
from tutorkit.tasks.homes import HOMES, Home
from tutorkit.types import Choice, Problem

_OPTION = re.compile(r"^\(([A-R])\) ?(.*)$", re.MULTILINE)
_LABEL = re.compile(r"\(([A-R])\)")


class BbhRow(SourceRow):
    """A row of BIG-Bench Hard."""

    input: str = Field(min_length=1)
    target: str = Field(min_length=1)


@dataclass(frozen=True)
class _Kind:
    scorer: str
    answer_format: str


_CHOICE = _Kind("choice", LETTER_FORMAT)
_YES_NO = _Kind("yes_no", YES_NO_FORMAT)
_NUMBER = _Kind("number", NUMBER_FORMAT)
_TRUTH = _Kind("yes_no?labels=True,False", 'End with a line "Answer: " and True or False.')
_VALIDITY = _Kind("yes_no?labels=valid,invalid", 'End with a line "Answer: " and valid or invalid.')
_WORDS = _Kind("list?sep=space", 'End with a line "Answer: " and the words in order, separated by spaces.')
_BRACKETS = _Kind("exact?spaces=ignore", 'End with a line "Answer: " and only the brackets that are still missing.')

_TASKS: Mapping[str, tuple[_Kind, str]] = {
    "boolean_expressions": (_TRUTH, "Expressions of True, False, and, or, not and brackets, to be evaluated."),
    "causal_judgement": (
        _YES_NO,
        "Short stories, and whether a typical person would say that something caused something.",
    ),
    "date_understanding": (_CHOICE, "Dates that must be worked out from what is said about other days."),
    "disambiguation_qa": (_CHOICE, "Sentences with a pronoun: whom or what it stands for, or that it is ambiguous."),
    "dyck_languages": (
        _BRACKETS,
        "Sequences of brackets, of which those that are still open are to be closed in the right order.",
    ),
    "formal_fallacies": (_VALIDITY, "Arguments in words, of which one is to say whether they are deductively valid."),
    "geometric_shapes": (_CHOICE, "Paths of the SVG format, of which one is to say what shape they draw."),
    "hyperbaton": (_CHOICE, "Pairs of phrases, of which one has its adjectives in the order usual in English."),
    "logical_deduction_three_objects": (_CHOICE, "Three objects in an order that follows from clues about them."),
    "logical_deduction_five_objects": (_CHOICE, "Five objects in an order that follows from clues about them."),
    "logical_deduction_seven_objects": (_CHOICE, "Seven objects in an order that follows from clues about them."),
    "movie_recommendation": (_CHOICE, "Lists of films, and the one of the options that people who like them like too."),
    "multistep_arithmetic_two": (_NUMBER, "Expressions of whole numbers, signs and nested brackets, to be evaluated."),
    "navigate": (_YES_NO, "Instructions for walking, and whether they lead back to the starting point."),
    "object_counting": (_NUMBER, "Lists of things one has, and how many there are of a kind."),
    "penguins_in_a_table": (_CHOICE, "A small table of penguins, sometimes changed in words, and questions about it."),
    "reasoning_about_colored_objects": (_CHOICE, "Coloured things in a row or on a surface, and questions about them."),
    "ruin_names": (_CHOICE, "Names of artists or films, and the one-letter edit of them that is funny."),
    "salient_translation_error_detection": (
        _CHOICE,
        "German sentences with a wrong English translation: what kind of error it is.",
    ),
    "snarks": (_CHOICE, "Pairs of nearly equal sentences, of which one is sarcastic."),
    "sports_understanding": (_YES_NO, "Sentences about athletes, and whether they are plausible."),
    "temporal_sequences": (_CHOICE, "What somebody did over a day, and when they can have gone somewhere."),
    "tracking_shuffled_objects_three_objects": (
        _CHOICE,
        "Three people who swap things in turn, and who has what in the end.",
    ),
    "tracking_shuffled_objects_five_objects": (
        _CHOICE,
        "Five people who swap things in turn, and who has what in the end.",
    ),
    "tracking_shuffled_objects_seven_objects": (
        _CHOICE,
        "Seven people who swap things in turn, and who has what in the end.",
    ),
    "web_of_lies": (_YES_NO, "Chains of people who say of each other that they lie or tell the truth."),
    "word_sorting": (_WORDS, "Lists of words, to be sorted alphabetically."),
}
BBH_TASKS: tuple[str, ...] = tuple(_TASKS)


def bbh(task: str) -> Benchmark[BbhRow]:
    """Return one of the 27 tasks by its name; a KeyError for another."""
    kind, description = _TASKS[task]
    home = HOMES["bbh"]
    return Benchmark(
        name=f"bbh/{task}",
        summary=description[0].lower() + description[1:].rstrip("."),
        description=description,
        answer_format=kind.answer_format,
        home=Home(
            repository=home.repository,
            revision=home.revision,
            licence=home.licence,
            files=tuple(file.format(task=task) for file in home.files),
        ),
        folders=("bbh/bbh", "bbh", "BIG-Bench-Hard/bbh", "."),
        files={f"{task}.json": "test"},
        row=BbhRow,
        problem=_maker(task, kind.scorer),
    )


def _maker(task: str, scorer: str) -> Callable[[BbhRow], Problem]:
    def problem(row: BbhRow) -> Problem:
        text, gold, own_scorer = row.input.strip(), row.target.strip(), scorer
        choices: tuple[Choice, ...] = ()
        if scorer == "choice":
            text, choices = _parted(row.input)
            label = _LABEL.fullmatch(gold)
            # A comma inside an option tore some options apart; their gold is the text as it was meant.
            gold, own_scorer = (label[1], scorer) if label else (gold, "exact")
        return Problem(
            id="",
            task=f"bbh/{task}",
            text=text,
            gold=gold,
            scorer=own_scorer,
            skills=(task,),
            split="test",
            group=f"bbh:{_family(task, text, choices)}",
            choices=choices,
            source="bbh",
        )

    return problem


def _parted(text: str) -> tuple[str, tuple[Choice, ...]]:
    question, marker, options = text.partition("\nOptions:\n")
    choices = tuple(Choice(label=label, text=words.strip()) for label, words in _OPTION.findall(options))
    return (question.strip(), choices) if marker and choices else (text.strip(), ())


def _family(task: str, text: str, choices: tuple[Choice, ...]) -> str:
    """Name the puzzle behind a problem: several problems can ask about one, with the options in any order."""
    folded = " ".join(text.casefold().split())
    if task.startswith("logical_deduction"):
        return " ".join(sorted(re.split(r"(?<=[.:])\s", folded)))
    if task.startswith("tracking_shuffled_objects"):
        return folded.rpartition(". ")[0]
    if task == "word_sorting":
        return " ".join(sorted(folded.split()))
    return " | ".join([folded, *sorted(choice.text.casefold() for choice in choices)])

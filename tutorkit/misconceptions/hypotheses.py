"""A hypothesis that a model or a person puts forward about a pupil's errors, and whether the answers bear it out.

A hypothesis counts only by what it predicts: it must reproduce at least two wrong answers. Otherwise it is a note that
nobody has verified, and is shown as such.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from tutorkit.errors import DataError
from tutorkit.misconceptions.catalogue import Malrule
from tutorkit.misconceptions.diagnosis import same_answer
from tutorkit.misconceptions.items import Item, parts_of
from tutorkit.misconceptions.own_rules import OwnRule, compiled, rule_of_line
from tutorkit.misconceptions.performance import solve
from tutorkit.misconceptions.reading import read_answer, read_text, unified
from tutorkit.misconceptions.verdicts import ItemAnswer
from tutorkit.types import Record

LEAST_REPRODUCED = 2


class Prediction(BaseModel):
    """What the pupil will have answered to an item, by the hypothesis; the item as it was worded."""

    model_config = ConfigDict(extra="forbid")

    item: str = Field(max_length=300)
    answer: str = Field(max_length=100)


class Hypothesised(BaseModel):
    """A hypothesis about what a pupil does.

    ``rule`` is the same as a formula, ``item: … ; buggy: …``, where it can be written so; empty where it cannot.
    """

    model_config = ConfigDict(extra="forbid")

    title: str = Field(max_length=120)
    procedure_in_words: str = Field(max_length=1000)
    predicts: list[Prediction] = Field(max_length=40)
    rule: str = Field(max_length=450)


class Verified(Record):
    """Whether a hypothesis was borne out.

    ``reproduced`` and ``contradicted`` are the places of the answers that it predicts and of those where it predicts
    another one; ``why`` says in words what decided. ``rule`` is its formula, where it has one that can be run.
    """

    status: Literal["verified", "unverified"]
    reproduced: tuple[int, ...]
    contradicted: tuple[int, ...]
    why: str
    rule: OwnRule | None = None


def verified(
    hypothesis: Hypothesised,
    answers: Sequence[ItemAnswer],
    *,
    unseen: Collection[int] | None = None,
    among: Collection[int] | None = None,
) -> Verified:
    """Hold a hypothesis against a pupil's wrong answers.

    It is verified when it reproduces at least two of them, for different items, and more than it contradicts. A formula
    is run on every wrong answer. Predictions count only for answers at the places of ``unseen``: whoever was shown an
    answer can repeat it. Right answers prove nothing either way, since no pupil errs on every occasion.

    Args:
        hypothesis: what was put forward.
        answers: all answers of the pupil.
        unseen: places of the answers that its author was not shown; None when the author saw none of them.
        among: places of the answers that it is about; all of them by default.
    """
    rule, fault = _rule_of(hypothesis.rule)
    wrong = {index: each for index, each in enumerate(answers) if (among is None or index in among) and _is_wrong(each)}
    told = _by_predictions(hypothesis.predicts, wrong, unseen)
    run = {} if rule is None else _by_rule(compiled(rule), wrong)
    by_formula = bool(run) and _score(run) >= _score(told)
    found = run if by_formula else told
    reproduced = tuple(index for index, hit in found.items() if hit)
    contradicted = tuple(index for index, hit in found.items() if not hit)
    items = len({_wordings(answers[index].item) for index in reproduced})
    good = items >= LEAST_REPRODUCED and len(reproduced) > len(contradicted)
    by = "its formula" if by_formula else "its predictions"
    why = f"By {by} it reproduces {len(reproduced)} wrong answers and contradicts {len(contradicted)}."
    return Verified(
        status="verified" if good else "unverified",
        reproduced=reproduced,
        contradicted=contradicted,
        why=f"{why} {fault}".strip(),
        rule=rule,
    )


def _score(found: dict[int, bool]) -> int:
    return 2 * sum(found.values()) - len(found)


def _rule_of(line: str) -> tuple[OwnRule | None, str]:
    """Read a formula; one that cannot be read is no rule, and it is said why."""
    if not line.strip():
        return None, ""
    try:
        rule = rule_of_line(line)
        compiled(rule)
    except DataError as error:
        return None, f"Its formula cannot be run. {error.message}"
    return rule, ""


def _is_wrong(given: ItemAnswer) -> bool:
    plain = read_answer(given.answer)
    try:
        return plain is not None and not same_answer(plain, solve(given.item).answer)
    except DataError:
        return False


def _by_rule(rule: Malrule, wrong: dict[int, ItemAnswer]) -> dict[int, bool]:
    return {
        index: same_answer(read_answer(each.answer) or "", rule.run(each.item).answer)
        for index, each in wrong.items()
        if rule.applies(each.item)
    }


def _by_predictions(
    predicts: Sequence[Prediction], wrong: dict[int, ItemAnswer], unseen: Collection[int] | None
) -> dict[int, bool]:
    """Tell for each wrong answer that was predicted whether it came so; the last prediction for an item counts."""
    predicted = {_key(text.item): read_answer(text.answer) or "" for text in predicts}
    found = {}
    for index, each in wrong.items():
        keys = [key for key in _wordings(each.item) if key in predicted]
        if keys and (unseen is None or index in unseen):
            found[index] = same_answer(read_answer(each.answer) or "", predicted[keys[0]])
    return found


def _wordings(item: Item) -> tuple[str, ...]:
    return tuple(_key(part.text) for part in parts_of(item))


def _key(text: str) -> str:
    """Return what stands for an item however it is worded: its own text, if it can be read."""
    try:
        return " ".join(unified(part.text) for part in parts_of(read_text(text)))
    except DataError:
        return unified(text)
